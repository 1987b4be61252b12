"""Markdown with front matter: id, title, author, source, date, url, caption, language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Refused
from ..types import Article
from .source import Refusal, Source, read_date

SUFFIXES: tuple[str, ...] = (".md", ".markdown")


def read(source: Source) -> Iterator[Article | Refusal]:
    """The one article of a Markdown file."""
    import frontmatter
    import yaml

    try:
        fields, marked = frontmatter.parse(source.one_article())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 2}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise Refused(f"front matter{line}: {problem}; put the value in quotes") from error
    title, paragraphs = _paragraphs(marked)
    given = {name: str(fields[name]) for name in _NAMES if fields.get(name) is not None}
    yield source.article(
        **{"title": title, **given},
        text="\n\n".join(paragraphs),
        published=read_date(fields.get("date")),
    )


_NAMES = ("id", "title", "author", "source", "url", "caption", "language")


def _paragraphs(marked: str) -> tuple[str, list[str]]:
    """The first heading of the first level, and every paragraph, item, heading and row."""
    from markdown_it import MarkdownIt

    title, found = "", []
    kind = ""
    for token in MarkdownIt("commonmark").enable("table").parse(marked):
        if token.type == "heading_open":
            kind = token.tag
        elif token.type == "heading_close":
            kind = ""
        elif token.type in ("code_block", "fence", "html_block"):
            found.append(token.content)
        elif token.type == "inline":
            words = _words(token.children or [])
            if kind == "h1" and not title and not found:
                title = words
            else:
                found.append(words)
    return title, found


def _words(children: list[Any]) -> str:
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in children
        if child.type != "image"
    )
