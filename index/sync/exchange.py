"""`export` and `import`: a whole library as lines of JSON, and back, with the very same texts.

articles.jsonl   an article a line, as it is now
versions.jsonl   states of articles that were replaced or removed
sources.jsonl    where they come from, and which entries were read
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from newsdesk.index.errors import NewsdeskError, UsageError
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import IN_ONE_TRANSACTION, Entry, Library, unstamp
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article, stamp
from newsdesk.index.update import Progress, Storing

from .removing import changing

_ARTICLES, _VERSIONS, _SOURCES = "articles.jsonl", "versions.jsonl", "sources.jsonl"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """How much was written or taken."""

    articles: int
    versions: int
    sources: int


def export(settings: Settings, folder: Path, progress: Progress = lambda *_: None) -> Exchanged:
    """Write all of a library into a folder that is empty or not there.

    Raises UsageError for a folder that cannot be used, LibraryMissing or LibraryDamaged.
    """
    with Library(settings.home) as library:
        _prepare(folder)
        total, _ = library.counts()
        articles = _counted(library.articles(), total, progress)
        return Exchanged(
            _write(folder / _ARTICLES, (_packed(article) for article in articles)),
            _write(folder / _VERSIONS, _versions(library)),
            _write(folder / _SOURCES, _sources(library)) - 1,  # the first line is of no source
        )


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder}: not empty; name a new folder")
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}; name another folder") from error


def _counted(articles: Iterable[Article], total: int, progress: Progress) -> Iterator[Article]:
    for number, article in enumerate(articles, start=1):
        yield article
        progress("exporting", number, total)


def _write(file: Path, objects: Iterable[Mapping[str, Any]]) -> int:
    """Write lines, and wait until the disk has them. Raises UsageError."""
    count = 0
    try:
        with file.open("w", encoding="utf-8", newline="\n") as stream:
            for each in objects:
                # Not as UTF-8: a text may hold half of a surrogate pair, which that cannot.
                stream.write(json.dumps(each) + "\n")
                count += 1
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}; free some space or name another") from error
    return count


def _packed(article: Article) -> dict[str, Any]:
    return {
        **asdict(article),
        "published": stamp(article.published) or None,
        "digest": article.digest,
    }


def _versions(library: Library) -> Iterator[dict[str, Any]]:
    rows = library.rows("SELECT DISTINCT article_id FROM versions ORDER BY article_id")
    for (article_id,) in list(rows):
        for version in reversed(library.versions(article_id)):
            yield {**_packed(version.article), "replaced": version.replaced}


def _sources(library: Library) -> Iterator[dict[str, Any]]:
    yield {"roots": library.roots(), "withdrawn": sorted(library.withdrawn())}
    for source in library.sources.all():
        entries = library.sources.entries(source.id).values()
        yield {**asdict(source), "entries": [asdict(entry) for entry in entries]}


def import_(
    settings: Settings,
    folder: Path,
    *,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
) -> Exchanged:
    """Take what `export` wrote into the library in `settings.home`, which is made if need be.

    What is there already under the same id is replaced. The other arguments are those of `sync`.
    Raises UsageError for a folder that was not written so, and what `remove` raises.
    """
    if not (folder / _ARTICLES).is_file():
        raise UsageError(f"{folder}: no {_ARTICLES} there; name a folder of `newsdesk export`")
    Library(settings.home, create=True).close()
    with changing(settings, progress, waiting, models, load) as (library, loader):
        storing = Storing(settings, library, loader.hash)
        articles = 0
        for batch in _batches(_articles(folder / _ARTICLES)):
            with library.transaction():
                for article, _ in batch:
                    storing.put(article)
            articles += len(batch)
            progress("importing", articles, 0)
        versions = list(_articles(folder / _VERSIONS))
        with library.transaction():
            for article, replaced in versions:
                library.put_version(article, replaced)
            sources = _take_sources(library, _lines(folder / _SOURCES))
    return Exchanged(articles, len(versions), sources)


def _batches(
    items: Iterable[tuple[Article, float]],
) -> Iterator[list[tuple[Article, float]]]:
    batch: list[tuple[Article, float]] = []
    for item in items:
        batch.append(item)
        if len(batch) == IN_ONE_TRANSACTION:
            yield batch
            batch = []
    yield batch


def _articles(file: Path) -> Iterator[tuple[Article, float]]:
    """The articles of a file, each with when it was replaced. Raises UsageError."""
    for number, given in enumerate(_lines(file), start=1):
        try:
            digest, replaced = given.pop("digest"), float(given.pop("replaced", 0.0))
            published = unstamp(given.pop("published") or "")
            pages = tuple(given.pop("pages", ()))
            article = Article(**given, published=published, pages=pages)
        except (KeyError, TypeError, ValueError) as error:
            raise _amiss(file, number, error) from error
        if article.digest != digest:
            raise UsageError(f"{file}, line {number}: not as it was written; export it again")
        yield article, replaced


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    if not file.is_file():  # of an export by hand, of articles alone
        return
    with file.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                given = json.loads(line)
                yield dict(given)
            except (ValueError, TypeError) as error:
                raise _amiss(file, number, error) from error


def _amiss(file: Path, number: int, error: Exception) -> NewsdeskError:
    return UsageError(f"{file}, line {number}: {error}; export it again")


def _take_sources(library: Library, lines: Iterable[dict[str, Any]]) -> int:
    count = 0
    for given in lines:
        for root in given.get("roots", ()):
            library.add_root(root)
        for article_id in given.get("withdrawn", ()):
            library.withdraw(article_id)
        if "place" not in given:
            continue
        entries = given.pop("entries")
        del given["id"]
        source = library.sources.add(given.pop("kind"), given.pop("place"), given["added"])
        library.sources.update(source.id, given)
        for entry in entries:
            library.sources.put_entry(source.id, Entry(**entry))
        count += 1
    return count
