"""Markdown with front matter: id, title, author, source, date, url, caption, language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from .dates import read_date
from .source import Refusal, SourceFile, field_text

SUFFIXES: tuple[str, ...] = (".md", ".markdown")

_MATTER_AT_MOST = 10_000  # characters; what is longer is a story between two rules

_TEXTS = ("id", "title", "author", "source", "url", "caption", "language")


def read(source: SourceFile) -> Iterator[Article | Refusal]:
    """The one article of a Markdown file."""
    fields, marked = _split_front_matter(source.read_text())
    source.check_length(marked)  # before it is parsed, which takes some 10 s a million characters
    title, paragraphs = _paragraphs(marked)
    given = {name: field_text(name, fields.get(name)) for name in _TEXTS}
    yield source.article(
        **{**given, "title": given["title"] or title},
        text="\n\n".join(paragraphs),
        published=read_date(fields.get("date")),
    )


def _split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Front matter and Markdown. What stands between two rules but is no mapping is Markdown."""
    from frontmatter.default_handlers import YAMLHandler

    text = text.strip()
    try:
        matter, marked = YAMLHandler().split(text) if text.startswith("---") else ("", text)
    except ValueError:
        return {}, text  # a rule without another
    fields = _parse_front_matter(matter) if len(matter) <= _MATTER_AT_MOST else None
    return (fields, marked) if isinstance(fields, dict) else ({}, text)


def _parse_front_matter(matter: str) -> object:
    import yaml

    try:
        # Not the loader in C, which crashes the whole process on brackets nested too deeply.
        return yaml.load(matter, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise Refused(f"front matter{line}: {problem}; put the value in quotes") from error
    except RecursionError as error:
        raise Refused("front matter: nested too deeply; write one value a line") from error
    except ValueError as error:  # such as a 13th month
        raise Refused(f"front matter: {error}; mend the value") from error


def _paragraphs(marked: str) -> tuple[str, list[str]]:
    """The first heading of the first level, and every paragraph, item, heading and row."""
    from markdown_it import MarkdownIt

    title, paragraphs = "", []
    kind = ""
    row: list[str] = []
    for token in MarkdownIt("commonmark").enable("table").parse(marked):
        if token.type in ("heading_open", "tr_open"):
            kind, row = token.tag, []
        elif token.type in ("heading_close", "tr_close"):
            paragraphs += [" – ".join(filter(None, row))]
            kind, row = "", []
        elif token.type in ("code_block", "fence", "html_block"):
            paragraphs.append(token.content)
        elif token.type == "inline":
            words = _inline_text(token.children or [])
            if kind == "h1" and not title and not any(paragraphs):
                title = words
            else:
                (row if kind else paragraphs).append(words)
    return title, paragraphs


def _inline_text(children: Sequence[Any]) -> str:
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in children
        if child.type != "image"
    )
