"""Reads PDF: the paragraphs of all pages, and where in the text each page begins.

By PDFium, the engine of Chrome. A PDF holds lines at places, no paragraphs: those are told from the
gaps between lines, from indents and from how lines end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import median
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .byline import Head, read_head_line
from .cleaning import clean_text
from .dates import plausible
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".pdf",)
MEDIA_TYPES: tuple[str, ...] = ("application/pdf", "application/x-pdf")

_PASSWORD = 4  # PDFium's code for a document that asks for one
_EDGE = 2  # lines at the top and the bottom of a page that may be on all of them
_REPEATED = 3  # pages at least on which a line stands that is no part of the text
_GAP = 1.3  # times the usual distance of lines: more divides paragraphs
_LEADING = 1.5  # times a line's height, that lines are apart at most within a paragraph
_INDENT = 0.8  # of a line's height, from which a line begins a paragraph
_SHORT = 0.8  # of a column's width: a shorter line with a full stop ends a paragraph
_TITLE_SIZE = 1.15  # times the usual height of lines: the headline is at least so high
_TITLE_LINES, _TITLE_LENGTH = 4, 250
_ENDS = (".", "!", "?", ":", "”", '"', "。", "…")
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?:\W*(?:page|seite|p\.|s\.)?\W*)\d{1,4}(?:\s*(?:/|of|von|de)\s*\d{1,4})?\W*", re.I
)
_NO_TITLE = re.compile(
    r"untitled.*|.*\.(?:docx?|indd|qxd|pdf|pages|odt|xlsx?|rtf)|microsoft word.*|\W*", re.I
)
_CREATED = re.compile(r"D:(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d))?")
_DIVIDED = re.compile(r"[\x02\ufffe\u00ad]")  # what PDFium puts where a word was divided


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page: its words and its place, in points from the bottom left."""

    words: str
    left: float
    right: float
    bottom: float
    height: float


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The one article of a PDF. Raises Refused for one that is damaged, locked, or a scan."""
    pages, facts = _pages(source)
    title, pages = _title(pages, facts.get("Title", ""))
    head, paragraphs = _without_head(_paragraphs(_without_edges(pages)))
    text, starts = _joined(paragraphs, len(pages))
    if not text:
        raise Refused(_no_text(len(pages)))
    published, remarks = _published(head, facts.get("CreationDate", ""), source.shown)
    yield from remarks
    yield source.article(
        text=text,
        cleaned=True,
        title=title,
        author=head.author or facts.get("Author", ""),
        source=head.source,
        published=published,
        url=source.url,
        pages=starts,
    )


def _no_text(pages: int) -> str:
    what = "page is a picture" if pages == 1 else f"{pages} pages are pictures"
    return (
        f"a scan: its {what} without text; recognise the text with an OCR program such as ocrmypdf"
    )


def _pages(source: SourceFile) -> tuple[list[list[_Line]], dict[str, str]]:
    """The lines of each page, and what the document says of itself."""
    import pypdfium2

    data = source.read_whole()
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused(_why(error)) from error
    pages: list[list[_Line]] = []
    length = 0
    try:
        for number in range(len(document)):
            pages.append(_lines(document, number))
            length += sum(len(line.words) for line in pages[-1])
            if length > source.settings.max_characters:
                raise Refused(
                    f"{len(document):,} pages are too much for one article: its limit of "
                    f"{source.settings.max_characters:,} characters is reached on page {number + 1}"
                    "; split it, or raise NEWSDESK_READERS_MAX_CHARACTERS"
                )
        facts = {name: clean_text(value) for name, value in document.get_metadata_dict().items()}
    finally:
        document.close()
    return pages, facts


def _why(error: Any) -> str:
    if getattr(error, "err_code", None) == _PASSWORD:
        return "encrypted: it opens with a password only; save it without one"
    return "damaged, or no PDF; fetch it again, or print it into a new PDF"


def _lines(document: Any, number: int) -> list[_Line]:
    """The lines of a page, as they follow each other; none for a page that cannot be loaded."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return []
    text = page.get_textpage()
    try:
        lines: list[_Line] = []
        place = 0
        for words in text.get_text_range(errors="replace").split("\n"):
            line = _line(text, words, place)
            place += len(words) + 1 + sum(character > "\uffff" for character in words)
            if line:
                lines.append(line)
        return lines
    finally:
        text.close()
        page.close()


def _line(text: Any, words: str, place: int) -> _Line | None:
    kept = words.strip()
    if not _DIVIDED.sub("", kept):
        return None
    first = place + len(words) - len(words.lstrip())
    last = first + len(kept) - 1
    count = text.count_chars()
    if last >= count:
        return _Line(_DIVIDED.sub("", kept), 0, 0, 0, 0)
    left, bottom, _, top = text.get_charbox(first, loose=True)
    right = text.get_charbox(last, loose=True)[2]
    return _Line(_DIVIDED.sub("", kept), left, right, bottom, top - bottom)


def _title(pages: list[list[_Line]], told: str) -> tuple[str, list[list[_Line]]]:
    """The headline: lines at the top of page one that are higher than others; else as told."""
    first = next((page for page in pages if page), [])
    usual = median([line.height for page in pages for line in page] or [0])
    top = 0
    while top < min(_EDGE, len(first)) and first[top].height < usual * _TITLE_SIZE:
        top += 1  # the running head above it
    high = 0
    for line in first[top : top + _TITLE_LINES]:
        if line.height < usual * _TITLE_SIZE or line.height < first[top].height * 0.9:
            break
        high += 1
    title = clean_text(" ".join(line.words for line in first[top : top + high]))
    if high and len(title) <= _TITLE_LENGTH and high < len(first):
        left = first[:top] + first[top + high :]
        return title, [left if page is first else page for page in pages]
    return "" if _NO_TITLE.fullmatch(told) else told, pages


def _without_edges(pages: Sequence[Sequence[_Line]]) -> list[list[_Line]]:
    """The pages without page numbers, and without what stands at the edge of most of them."""
    long = [page for page in pages if len(page) > 2 * _EDGE]
    edges = Counter(key for page in long for key in {_key(line) for line in _edge(page)})
    most = max(2, min(_REPEATED, len(long)), len(pages) // 3)
    return [
        [
            line
            for line in page
            if not (_is_edge(line, page) and (edges[_key(line)] >= most or _is_number(line)))
        ]
        for page in pages
    ]


def _edge(page: Sequence[_Line]) -> list[_Line]:
    return [*page[:_EDGE], *page[-_EDGE:]]


def _is_edge(line: _Line, page: Sequence[_Line]) -> bool:
    return any(line is each for each in _edge(page))


def _key(line: _Line) -> str:
    return _DIGITS.sub("0", line.words)


def _is_number(line: _Line) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(line.words))


def _paragraphs(pages: Sequence[Sequence[_Line]]) -> list[list[tuple[int, str]]]:
    """Paragraphs as lines with the numbers of their pages, counted from 0."""
    paragraphs: list[list[tuple[int, str]]] = []
    before: _Line | None = None
    for number, page in enumerate(pages):
        usual = _distance(page)
        width = max((line.right for line in page), default=0)
        for line in page:
            if before is None or _begins(line, before, usual, width, number, paragraphs):
                paragraphs.append([])
            paragraphs[-1].append((number, line.words))
            before = line
    return paragraphs


def _distance(page: Sequence[_Line]) -> float:
    """How far apart lines of a page usually are."""
    gaps = [upper.bottom - line.bottom for upper, line in pairwise(page)]
    gap = median([gap for gap in gaps if gap > 0] or [0])
    return min(gap, _LEADING * median([line.height for line in page] or [0]))


def _begins(
    line: _Line,
    before: _Line,
    usual: float,
    width: float,
    number: int,
    paragraphs: Sequence[Sequence[tuple[int, str]]],
) -> bool:
    """Whether a line begins a paragraph."""
    gap = before.bottom - line.bottom
    same_page = paragraphs[-1][-1][0] == number
    if not same_page or gap < 0:  # the next page, or the next column
        return before.words.endswith(_ENDS)
    if gap > _GAP * usual or abs(line.height - before.height) > 0.2 * before.height:
        return True
    ends = before.words.endswith(_ENDS)
    if line.left - before.left > _INDENT * line.height and ends:
        return True
    return ends and before.right < before.left + _SHORT * (width - before.left)


def _without_head(
    paragraphs: list[list[tuple[int, str]]],
) -> tuple[Head, list[list[tuple[int, str]]]]:
    """What a byline above the text says, and the paragraphs below it."""
    head = Head()
    kept: list[list[tuple[int, str]]] = []
    for place, paragraph in enumerate(paragraphs):
        words = " ".join(line for _, line in paragraph)
        told = read_head_line(words, head) if place < 3 and len(words) < 120 else None
        if told is None:
            kept.append(paragraph)
        else:
            head = told
    return head, kept


def _joined(
    paragraphs: Sequence[Sequence[tuple[int, str]]], pages: int
) -> tuple[str, tuple[int, ...]]:
    """The text, and the offset at which each page begins in it."""
    text = ""
    parts: list[str] = []
    length = 0
    starts: dict[int, int] = {}

    def put(words: str) -> None:
        nonlocal length
        parts.append(words)
        length += len(words)

    for paragraph in paragraphs:
        if parts:
            put("\n\n")
        for place, (number, words) in enumerate(paragraph):
            hyphen = place > 0 and _ends_in_hyphen(parts[-1], words)
            if hyphen:
                length -= 1
                parts[-1] = parts[-1][:-1]
            elif place:
                put(" ")
            starts.setdefault(number, length)
            put(clean_text(words))
    text = "".join(parts)
    return text, _all_starts(starts, pages, len(text))


def _ends_in_hyphen(before: str, words: str) -> bool:
    """Whether a word was divided at the end of a line."""
    return before.endswith("-") and len(before) > 1 and before[-2].isalpha() and words[:1].islower()


def _all_starts(starts: dict[int, int], pages: int, end: int) -> tuple[int, ...]:
    """A start for every page: one without text begins where the next does."""
    all_: list[int] = []
    following = end
    for number in reversed(range(pages)):
        following = starts.get(number, following)
        all_.append(following)
    return tuple(reversed(all_))


def _published(head: Head, created: str, shown: str) -> tuple[date | None, list[Remark]]:
    """When it came out: by its dateline, else when the document was made."""
    if head.published or head.updated:
        return head.published or head.updated, []
    match = _CREATED.match(created)
    if match is None:
        return None, []
    try:
        year, month, day = (int(part) for part in match.groups()[:3])
        if match[4]:
            made: date = datetime(year, month, day, int(match[4]), int(match[5]))
        else:
            made = date(year, month, day)
        return plausible(made), []
    except (ValueError, Refused):
        return None, [
            Remark(shown, f"taken without its date: {created[:30]!r} is no date; it stays")
        ]
