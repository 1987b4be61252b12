"""Reads Word documents: paragraphs, items and the rows of tables, in their order."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .archive import check_members
from .byline import Head, read_head_line
from .cleaning import CELL, clean_text
from .dates import plausible
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".docx",)
MEDIA_TYPES: tuple[str, ...] = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)

_TITLES = ("title", "heading 1", "titel", "überschrift 1", "titre", "titre 1")  # names of styles
_WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
_HEAD = 4  # paragraphs above the text in which a byline may stand
_DAMAGED = "damaged, or no Word document; save it again as .docx"


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The one article of a Word document. Raises Refused for a damaged one, and without text."""
    document = _opened(source)
    title, head = "", Head()
    blocks: list[str] = []
    for number, (style, words) in enumerate(_blocks(document, source)):
        if not blocks and not title and style.lower() in _TITLES:
            title = words
            continue
        told = read_head_line(words, head) if number < _HEAD and len(words) < 120 else None
        if told is None:
            blocks.append(words)
        else:
            head = told
    facts = document.core_properties
    published = head.published or head.updated
    if published is None and facts.created:
        try:
            published = plausible(facts.created.replace(tzinfo=None))
        except Refused as error:
            yield Remark(source.shown, f"taken without its date: {error}")
    yield source.article(
        text="\n\n".join(blocks),
        cleaned=True,
        title=title or _headline(blocks) or facts.title or "",
        author=head.author or facts.author or "",
        source=head.source,
        published=published,
        language=facts.language or "",
        url=source.url,
    )


def _opened(source: SourceFile) -> Any:
    """The document. Raises Refused for what is none, or unpacks to too much."""
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    data = source.read_whole()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("encrypted, or a .doc of before 2007; save it as .docx without a password")
    check_members(data, source, "save it again as .docx", times=1)
    try:
        return Document(io.BytesIO(data))
    # Of python-docx: its own error for what is no package, lxml's for a part that is no XML,
    # LookupError for a part or a relation that is missing, ValueError and AttributeError for a
    # part that is another than its name says.
    except (OpcError, LxmlError, LookupError, ValueError, AttributeError) as error:
        raise Refused(_DAMAGED) from error
    # Of zipfile and zlib, for entries that are broken or locked.
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise Refused(_DAMAGED) from error


def _blocks(document: Any, source: SourceFile) -> Iterator[tuple[str, str]]:
    """Style and words of each paragraph, and of each row of a table."""
    length = 0
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            parts = [("", row) for row in _rows(block)]
        else:
            parts = [(_style(block), line) for line in block.text.split("\n")]
        for style, words in parts:
            cleaned = clean_text(words)
            length += len(cleaned)
            if length > source.settings.max_characters:
                source.check_length(" " * length)
            if cleaned:
                yield style, cleaned


def _style(paragraph: Any) -> str:
    style = paragraph.style
    return str(style.name or "") if style is not None else ""


def _rows(table: Any) -> Iterator[str]:
    """The rows of a table, a cell that spans several once."""
    for row in table._tbl.tr_lst:
        # Not itertext(): what python-docx makes of an element has its words, and so have its parts.
        cells = [" ".join(part.text or "" for part in cell.iter(_WORDS)) for cell in row.tc_lst]
        yield CELL.join(filter(None, cells))


def _headline(blocks: list[str]) -> str:
    """The first paragraph, where it reads like a headline; it is then no part of the text."""
    if len(blocks) > 1 and len(blocks[0]) < 200 and blocks[0][-1:] not in '.!?:;,”"':
        return blocks.pop(0)
    return ""
