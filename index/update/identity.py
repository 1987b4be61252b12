"""Which article is which: one for each file however it is reached, under the id it was given.

An id that no file names is made from its path, and one of a line from what the line says. Once
given, it stays: when the folder above is indexed too, when another line is deleted, when a text is
corrected.
"""

from __future__ import annotations

import os
import re
import stat
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Set
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from newsdesk.index.library import Library
from newsdesk.index.readers import SourceFile, line_id, title_from_id
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article, file_of, stamp

_LINE = re.compile(r"-[0-9a-f]{10}(?:-[0-9a-f]{10})?")
_OLD_LINE = re.compile(r"-[0-9]+")  # libraries of old have ids made from the line's number
_Holder = Callable[[str, str], str | None]


class FileIdentity:
    """The ids of the articles of one file.

    `stored` are those that the library has already.
    `holder` tells who else has an id, as the path of an article; None if a file may take it.
    """

    def __init__(
        self, library: Library, file: str, root: Path, holder: _Holder, stored: Set[str]
    ) -> None:
        self._library, self._file, self._holder = library, file, holder
        self._root = root
        self._stored = stored
        self._changed: list[Article] = []

    @cached_property
    def _made(self) -> str:
        return SourceFile(Path(self._file), self._root, Readers()).id

    def identified(self, article: Article) -> Iterator[Article]:
        """The article under its id; nothing yet, if only the end of the file tells which it is."""
        if article.id in self._stored or not self._is_made(article):
            yield article
            return
        if not self._stored:
            yield replace(article, id=self._new_id(article.id))
            return
        given = next((name for name in self._candidates(article.id) if name in self._stored), None)
        known = None if given else self._by_content.get(article.id)
        if given:
            yield replace(article, id=given)
        elif known:
            untitled = article.title == title_from_id(self._made)
            yield replace(article, id=known[0], title=known[1] if untitled else article.title)
        elif _told_by(article) in self._by_title:
            self._changed.append(article)
        else:
            yield replace(article, id=self._new_id(article.id))

    def changed(self, seen: Collection[str]) -> Iterator[Article]:
        """The articles whose text was changed, under the ids that no other line has taken."""
        for article in self._changed:
            ids = self._by_title[_told_by(article)]
            left = next((known for known in ids if known not in seen), None)
            yield replace(article, id=left or self._new_id(article.id))

    def _is_made(self, article: Article) -> bool:
        """Whether no file names the id."""
        if article.path == self._file:
            return article.id == self._made
        ending = article.id.removeprefix(self._made)
        return ending != article.id and bool(_LINE.fullmatch(ending))

    def _candidates(self, article_id: str) -> Iterator[str]:
        """The id, and longer ones that begin with the names of the folders above."""
        yield article_id
        folder = self._root if self._root.is_dir() else self._root.parent
        for name in reversed(folder.parts[1:]):
            article_id = f"{name}/{article_id}"
            yield article_id

    def _new_id(self, article_id: str) -> str:
        """The first that nobody has; the id itself if a file beside has it, to be renamed."""
        for candidate in self._candidates(article_id):
            holder = self._holder(candidate, self._file)
            if holder is None:
                return candidate
            if Path(file_of(holder)).parent == Path(self._file).parent:
                break
        return article_id

    @cached_property
    def _old(self) -> list[Article]:
        """Stored articles of lines that name no id."""
        pattern = re.compile(
            rf"(?:.*/)?{re.escape(self._made)}(?:{_LINE.pattern}|{_OLD_LINE.pattern})"
        )
        ids = sorted(filter(pattern.fullmatch, self._stored))
        return [article for name in ids if (article := self._library.article(name))]

    @cached_property
    def _by_content(self) -> dict[str, tuple[str, str]]:
        """Ids and titles of stored articles, by the id that would be made for each today."""
        untitled = title_from_id(self._made)
        return {
            line_id(
                self._made,
                replace(old, title=untitled) if old.title == title_from_id(old.id) else old,
            ): (old.id, old.title)
            for old in self._old
        }

    @cached_property
    def _by_title(self) -> dict[tuple[str, str] | None, list[str]]:
        """Ids of stored articles by title and day."""
        ids: defaultdict[tuple[str, str] | None, list[str]] = defaultdict(list)
        for old in self._old:
            if old.title not in (title_from_id(old.id), title_from_id(self._made)):
                ids[_told_by(old)].append(old.id)
        return dict(ids)


def _told_by(article: Article) -> tuple[str, str]:
    """What stays when the text of an article is corrected."""
    return article.title, stamp(article.published)


def one_road_each(files: Collection[str], stored: Collection[str]) -> dict[str, str]:
    """For each file that is reached by several paths: the path that it is read by.

    `files` are the paths that were found, `stored` those that the library knows. What is known
    goes before what is new, and a file before a link to it.
    """
    others = set(stored).difference(files)
    known = {} if others.issuperset(files) or set(stored).issuperset(files) else _nodes(others)
    roads: dict[str, str] = {}
    for node, paths in _grouped(files).items():
        if node in known and not any(path in stored for path in paths):
            best = known[node]
        else:
            best = min(paths, key=lambda path: (path not in stored, _is_link(path)))
        if best in stored or not _is_link(best):  # links alone may lead out of the folder
            roads |= {path: best for path in paths if path != best}
    return roads


def _grouped(files: Iterable[str]) -> dict[tuple[int, int], list[str]]:
    groups: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for file in files:
        node = _node(file)
        if node:
            groups[node].append(file)
    return groups


def _nodes(files: Iterable[str]) -> dict[tuple[int, int], str]:
    return {node: file for file in files if (node := _node(file))}


def _node(file: str) -> tuple[int, int] | None:
    """The file system's name of a regular file, links followed; None for anything else."""
    try:
        status = os.stat(file)  # noqa: PTH116  # ten thousand times
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _is_link(file: str) -> bool:
    return Path(file).is_symlink()


def is_gone(file: str) -> bool:
    """Whether there is no such file; not, if the system will not tell."""
    try:
        Path(file).stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return True
    except OSError:
        return False
    return False


def is_utf8(text: str) -> bool:
    """Whether a name can be stored: not, if it has bytes that are not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
