"""Reads Markdown with front matter: id, title, author, source, date, url, caption, language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .source import Refusal, Remark, SourceFile, field_text

SUFFIXES: tuple[str, ...] = (".md", ".markdown")
MEDIA_TYPES: tuple[str, ...] = ("text/markdown", "text/x-markdown")

_MATTER_LENGTH = 10_000  # characters at most; a longer text between two rules is a story
_EMPTY = ("null", "~")  # YAML's words for no value
_WORD = re.compile(r"[^\W_]+")
_LONGEST_FACTOR = 2  # characters between two stars that are no emphasis, as in a*b*c


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The one article of a Markdown file. Raises Refused for one without text, or too long."""
    fields, marked = _split_front_matter(source.read_text())
    source.check_length(marked)  # before it is parsed, which is slow
    heading, paragraphs = _paragraphs(marked)
    optional, remarks = source.optional_fields(fields, source.shown)
    title = optional.get("title")
    if title and heading and _words(heading) != _words(title):
        paragraphs.insert(0, heading)
    article = source.article(
        **{**optional, "title": title or heading},
        id=field_text("id", fields.get("id")),
        text="\n\n".join(paragraphs),
    )
    yield from remarks
    yield article


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Split front matter from Markdown. A text between two rules that is no mapping is Markdown."""
    from frontmatter.default_handlers import YAMLHandler

    text = text.strip()
    try:
        matter, marked = YAMLHandler().split(text) if text.startswith("---") else ("", text)
    except ValueError:
        return {}, text  # a rule without another
    fields = _parse_front_matter(matter) if len(matter) <= _MATTER_LENGTH else None
    if not isinstance(fields, dict):
        return {}, text
    return {name: None if value in _EMPTY else value for name, value in fields.items()}, marked


def _parse_front_matter(matter: str) -> object:
    """Parse front matter as YAML, every value as the words that were written.

    Raises Refused for what is not valid.
    """
    import yaml

    try:
        # Not the safe loader: to it the title "No" is false, and the id 007 a number. Not a loader
        # in C, which crashes the whole process on brackets nested too deeply.
        return yaml.load(matter, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise Refused(f"front matter{line}: {problem}; put the value in quotes") from error
    except RecursionError as error:
        raise Refused("front matter: nested too deeply; write one value a line") from error


def _paragraphs(marked: str) -> tuple[str, list[str]]:
    """The title (the first h1, if nothing is before it), and every paragraph, item and row."""
    from markdown_it import MarkdownIt

    title, paragraphs = "", []
    kind = ""
    row: list[str] = []
    number = ""  # of the item that the next words begin
    tokens = MarkdownIt("commonmark").enable("table").parse(marked)
    numbers = _kept_numbers(tokens)
    for place, token in enumerate(tokens):
        if token.type in ("heading_open", "tr_open"):
            kind, row = token.tag, []
        elif token.type in ("heading_close", "tr_close"):
            paragraphs += [" – ".join(filter(None, row))]
            kind, row = "", []
        elif token.type == "list_item_open":
            number = numbers.get(place, "")
        elif token.type in ("code_block", "fence", "html_block"):
            paragraphs.append(token.content)
        elif token.type == "inline":
            words = number + _inline_text(token.children or [])
            number = ""
            if kind == "h1" and not title and not any(paragraphs):
                title = words
            else:
                (row if kind else paragraphs).append(words)
    return title, paragraphs


def _kept_numbers(tokens: Sequence[Any]) -> dict[int, str]:
    """Numbers that begin items but count none, by the place of their token: "1986. It burned"."""
    kept: dict[int, str] = {}
    lists: list[list[tuple[int, str]]] = []
    for place, token in enumerate(tokens):
        if token.type.endswith("_list_open"):
            lists.append([])
        elif token.type == "list_item_open":
            lists[-1].append((place, f"{token.info}{token.markup} "))
        elif token.type.endswith("_list_close"):
            items = lists.pop()
            if token.type == "ordered_list_close" and not _counts(items):
                kept.update(items)
    return kept


def _counts(items: Sequence[tuple[int, str]]) -> bool:
    """Whether the numbers of items only count them: from 0 or 1, or 1 all along."""
    numbers = [int(_WORD.findall(number)[0]) for _, number in items]
    start = numbers[0]
    return start <= 1 and (
        numbers == list(range(start, start + len(numbers))) or len(set(numbers)) == 1
    )


def _inline_text(children: Sequence[Any]) -> str:
    """The words of a paragraph without its markup, but with stars that multiply."""
    stars = _multiplying(children)
    return "".join(
        stars.get(place) or (" " if child.type in ("softbreak", "hardbreak") else child.content)
        for place, child in enumerate(children)
        if child.type != "image"
    )


def _multiplying(children: Sequence[Any]) -> dict[int, str]:
    """The marks of emphasis that are none, by their place: the stars of 5*3*2."""
    stars: dict[int, str] = {}
    opened: list[int] = []
    for place, child in enumerate(children):
        if child.type in ("em_open", "strong_open"):
            opened.append(place)
        elif child.type in ("em_close", "strong_close"):
            start = opened.pop()
            inner = "".join(each.content for each in children[start + 1 : place])
            if _multiplies(_text_before(children, start), inner, _text_after(children, place)):
                stars[start] = stars[place] = child.markup
    return stars


def _multiplies(before: str, inner: str, after: str) -> bool:
    if not (before and inner and after and before[-1].isalnum() and after[0].isalnum()):
        return False
    near = before[-1], inner[0], inner[-1], after[0]
    return len(inner) <= _LONGEST_FACTOR or any(map(str.isdigit, near))


def _text_before(children: Sequence[Any], place: int) -> str:
    return next((c.content for c in reversed(children[:place]) if c.content), "")


def _text_after(children: Sequence[Any], place: int) -> str:
    return next((c.content for c in children[place + 1 :] if c.content), "")
