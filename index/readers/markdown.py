"""Reads Markdown with front matter: id, title, author, source, date, url, caption, language."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .records import known_fields
from .source import Refusal, Remark, SourceFile, field_text

SUFFIXES: tuple[str, ...] = (".md", ".markdown")
MEDIA_TYPES: tuple[str, ...] = ("text/markdown", "text/x-markdown")

_MATTER_LENGTH = 10_000  # characters at most; a longer text between two rules is a story
_EMPTY = ("null", "~")  # YAML's words for no value
_MONTH = re.compile(  # behind the number of a day, in languages that write a full stop there
    r"(?:jan|jän|feb|mär|mars|mart|apr|mai|maj|máj|jun|jul|aug|sep|okt|nov|dez|dec|des|led|únor|břez"
    r"|dub|květ|červ|srp|září|říj|listop|pros|stycz|lut|marc|kwie|czerw|lip|sierp|wrze|paź|grud"
    r"|\w{4,6}kuuta)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_FIELD = re.compile(r"(?P<name>[^\W\d][\w.-]*)\s*:(?!//)[ \t]*(?P<value>\S.*)")
_TABS = re.compile(r"^\t+", re.MULTILINE)
_BLOCK = re.compile(r"[|>][+-]?\d?[+-]?\s*(?:#.*)?")
_REFERENCE = re.compile(r"!!|&[\w-]+\s|\*[\w-]+\Z")
_COMMENT = re.compile(r"(?:\A|\s)#\s.*")  # not "#1" and "#MeToo"
_OTHER_NAMES = frozenset({"title", "author", "source", "date", "language"})
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(?P<matter>.{0,10000}?)\n\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
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
    if text.startswith("+++"):
        return _split_toml(text)
    try:
        matter, marked = YAMLHandler().split(text) if text.startswith("---") else ("", text)
    except ValueError:
        return {}, text  # a rule without another
    fields = _parse_front_matter(matter) if len(matter) <= _MATTER_LENGTH else None
    if not isinstance(fields, dict):
        return {}, text
    return _named(
        {name: None if value in _EMPTY else value for name, value in fields.items()}
    ), marked


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields by our names, whatever their capitals; "authors" and "published" too."""
    lower = {str(name).strip().lower(): value for name, value in fields.items()}
    others = {name: value for name, value in known_fields(lower).items() if name in _OTHER_NAMES}
    return {**others, **lower}


def _split_toml(text: str) -> tuple[dict[str, Any], str]:
    """Split front matter that is written as TOML, between lines of three plus signs."""
    match = _TOML.match(text)
    try:
        fields = tomllib.loads(match["matter"]) if match else {}
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refused(f"front matter: {error}; put the value in quotes") from error
    return (_named(fields), text[match.end() :]) if match and fields else ({}, text)


def _parse_front_matter(matter: str) -> object:
    """Parse front matter as YAML, every value as the words that were written.

    Raises Refused for what is not valid.
    """
    import yaml

    try:
        # Not the safe loader: to it the title "No" is false, and the id 007 a number. Not a loader
        # in C, which crashes the whole process on brackets nested too deeply.
        return yaml.load(_quoted(matter), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise Refused(f"front matter{line}: {problem}; put the value in quotes") from error
    except RecursionError as error:
        raise Refused("front matter: nested too deeply; write one value a line") from error


def _quoted(matter: str) -> str:
    """Front matter whose values of one line stand in quotes, so that YAML takes them as they are.

    To it "title: Ferry: the end" is no value, "Ferry #1 stops" is "Ferry", and "*" a reference.
    """
    lines = _TABS.sub(lambda tabs: "  " * len(tabs[0]), matter).split("\n")
    ends = [*lines[1:], ""]
    return "\n".join(map(_quoted_line, lines, ends))


def _quoted_line(line: str, following: str) -> str:
    match = _FIELD.fullmatch(line)
    if match is None or following[:1] in (" ", "\t") or _is_yaml(match["value"]):
        return line
    value = _COMMENT.sub("", match["value"]).strip()
    return f"{match['name']}: {json.dumps(value, ensure_ascii=False)}" if value else line


def _is_yaml(value: str) -> bool:
    """Whether a value is more than words: quoted, a list, a mapping, the begin of a block."""
    import yaml

    if _REFERENCE.match(value) or _BLOCK.fullmatch(value):
        return True
    if value[0] not in "\"'[{":
        return False
    try:
        list(
            yaml.parse(value, Loader=yaml.BaseLoader)
        )  # not loaded: what it refers to is not there
    except yaml.YAMLError:
        return False
    except RecursionError:
        pass  # said where all of it is parsed
    return True


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
            if token.type == "ordered_list_close" and not (
                _counts(items) and not _is_day(items, tokens)
            ):
                kept.update(items)
    return kept


def _is_day(items: Sequence[tuple[int, str]], tokens: Sequence[Any]) -> bool:
    """Whether an item that stands alone begins with a day: "1. Mai ist Feiertag"."""
    text = next((each.content for each in tokens[items[0][0] :] if each.type == "inline"), "")
    return len(items) == 1 and bool(_MONTH.match(text))


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
    if not (before and inner and after) or not _are_joined(before[-1], after[0]):
        return False
    near = before[-1], inner[0], inner[-1], after[0]
    return len(inner) <= _LONGEST_FACTOR or " " in inner or any(map(str.isdigit, near))


def _are_joined(before: str, after: str) -> bool:
    """Whether what stands beside two stars goes on without a blank: 2*3*4, (1+2)*3*4."""
    return (before.isalnum() or before in ")]") and (after.isalnum() or after in "([")


def _text_before(children: Sequence[Any], place: int) -> str:
    return next((c.content for c in reversed(children[:place]) if c.content), "")


def _text_after(children: Sequence[Any], place: int) -> str:
    return next((c.content for c in children[place + 1 :] if c.content), "")
