"""Opening a generation, and what can be read in it."""

from __future__ import annotations

import builtins
import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.errors import LibraryDamaged, LibraryMissing, LibraryOutdated
from newsdesk.index.indexes.article_bm25 import ArticleBM25
from newsdesk.index.indexes.bm25 import PostingsBM25
from newsdesk.index.indexes.dense import Lists, Model, PackedVectors
from newsdesk.index.indexes.merged_bm25 import Changes, MergedBM25
from newsdesk.index.indexes.sentence_terms import SentenceTerms
from newsdesk.index.library import settle, unstamp
from newsdesk.index.text import analyzer
from newsdesk.index.types import Article, Filters, Passage, Span, by_language

from .columns import CHANGES, LEXICAL, LISTS, NAMES, PACKED, READ, Rows, mapped
from .copies import Copies
from .integrity import damaged, unreadable
from .merging import Layout, layout_of, merged

FORMAT = 6  # of these files
CURRENT = "CURRENT"
FOLDER = "generations"
MANIFEST = "manifest.json"
NAME = re.compile(r"\d{6,}-[0-9a-f]{12}")
UNDATED = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was made of."""

    format: int
    analyzer: str
    revision: int  # of the library
    model: Model
    created: str
    updated: str  # the library's newest change
    articles: int
    passages: int
    sources: list[str]  # by number; one with articles in several languages has several
    languages: list[str]  # of each of `sources`, see `Article.said_language`
    columns: dict[str, dict[str, Any]]  # name -> dtype, shape, bytes, sha256, changed
    base: str = ""  # folder of the generation that this one holds the changes since

    @property
    def outlets(self) -> list[tuple[str, str]]:
        """Each source with a language, by its number."""
        return list(zip(self.sources, self.languages, strict=True))


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A source with how many articles it has, and the days of its first and last dated one."""

    name: str
    articles: int
    first: date | None
    last: date | None


class Generation:
    """An open generation; its columns are attributes of `column`. Raises LibraryDamaged.

    One that holds only what changed since another, its base, reads as one that holds all.
    """

    def __init__(self, folder: Path, verify: bool = False) -> None:
        self.folder = folder
        self.manifest = _read_manifest(folder)
        self.model = self.manifest.model
        self.base: Generation | None = None
        given = self.manifest.columns
        opened = {n: mapped(folder / n, given[n], verify) for n in given if n not in READ}
        self._read = {name: Rows(folder / name, given[name], verify) for name in READ}
        self._mappings = [mapping for _, mapping in opened.values() if mapping]
        self.own: dict[str, Any] = {name: rows for name, (rows, _) in opened.items()}
        if set(PACKED) <= self.own.keys():
            self.own["vectors"] = PackedVectors(*(self.own[name] for name in PACKED))
        self._columns = dict(self.own)
        if self.manifest.base:
            self._merge(Generation(folder / self.manifest.base, verify))

        self.copies = Copies(
            self._columns["story"], self._columns["article_lengths"], self._columns["published"]
        )

    def _merge(self, base: Generation) -> None:
        """Read as one with the base."""
        self.base = base
        self._layout = layout_of(base.own, self.own)
        places = {outlet: number for number, outlet in enumerate(self.manifest.outlets)}
        renumbered = [
            [places.get(outlet, 0) for outlet in base.manifest.outlets],
            list(range(len(places))),
        ]
        self._columns = merged(base.own, self.own, self._layout, renumbered)
        counts = self._merged_lexical(base, 1.0, 0.0).merged_counts(
            base.own["article_counts"],
            self.own["article_counts"],
            self.own["dropped_article_counts"],
        )
        self._columns["article_counts"] = counts

    @cached_property
    def _places(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Where the passages of the base and of the changes stand among all, see `_inverse`."""
        old = len(self.base.own["spans"]) if self.base else 0
        return _inverse(self._layout, old, len(self.own["spans"]))

    def _merged_lexical(self, base: Generation, k1: float, b: float) -> MergedBM25:
        own = self.own
        changes = Changes(own["shared"], own["dropped"], own["dropped_counts"], *self._places)
        return MergedBM25(base.own, own, changes, self._columns["lengths"], k1, b)

    def check(self) -> None:
        """Raise LibraryDamaged if a file of it was cut since it was opened; takes microseconds."""
        for mapping in self._mappings:
            mapping.check()
        for column in self._read.values():
            column.check()
        if self.base:
            self.base.check()

    @property
    def name(self) -> str:
        """Its name, as CURRENT has it."""
        return self.folder.name

    @property
    def bytes(self) -> int:
        """The size of its columns."""
        own = sum(int(given["bytes"]) for given in self.manifest.columns.values())
        return own + (self.base.bytes if self.base else 0)

    def column(self, name: str) -> NDArray[Any]:
        """One column, read-only and memory-mapped; or what reads like it, see `Pieces`."""
        column: NDArray[Any] = self._columns[name]
        return column

    def of_articles(self, passages: PostingsBM25) -> ArticleBM25:
        """BM25 over whole articles, beside that of their passages."""
        return ArticleBM25(passages, self._columns)

    def lexical(self, k1: float, b: float) -> PostingsBM25:
        """BM25 over the passages and their titles."""
        if self.base:
            return self._merged_lexical(self.base, k1, b)
        return PostingsBM25({name: self._columns[name] for name in LEXICAL}, k1, b)

    def lists(self) -> Lists | None:
        """The passages in lists of near ones; None if they are too few for that."""
        whole = self.base or self
        if not set(LISTS) <= whole.own.keys():
            return None
        centres, starts, rows, codes = (whole.own[name] for name in LISTS)
        if whole is self:
            return Lists(centres, starts, rows, codes, rows[:0], codes[:0], is_whole=True)
        old_rows, new_rows = self._places
        return Lists(centres, starts, old_rows[rows], codes, new_rows, self.own["codes"])

    def article(self, number: int) -> Article:
        """The article with this number."""
        given = json.loads(self._packed(number))
        pages = tuple(given.get("pages", ()))  # not in generations of before there were pages
        return Article(**{**given, "published": unstamp(given["published"]), "pages": pages})

    def _packed(self, number: int) -> builtins.bytes:
        if self.base:
            row = int(self._layout.articles[number])
            if row >= 0:
                return self.base._packed(row)
            number = -1 - row
        return self._read["articles"].raw(*self.own["article_ends"][number : number + 2].tolist())

    def find(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        number = self.number(article_id)
        return None if number is None else self.article(number)

    def number(self, article_id: str) -> int | None:
        """The number of the article with this id, or None; by bisection: they lie in order."""
        count = self.manifest.articles
        number = bisect_left(range(count), article_id, key=lambda i: self.article(i).id)
        return number if number < count and self.article(number).id == article_id else None

    def passage(self, number: int, article: Article) -> Passage:
        """The passage with this number, which belongs to `article`."""
        start, end = self.column("spans")[number].tolist()
        spans = tuple(Span(*pair) for pair in self.spans(number).tolist())
        of_article = int(self.column("passage_article")[number])
        ordinal = number - int(self.column("first_passage")[of_article])
        return Passage(article.id, ordinal, start, end, article.text[start:end], spans)

    def sentences(self, number: int, article: Article) -> tuple[str, ...]:
        """The sentences of a passage, which belongs to `article`."""
        return tuple(article.text[start:end] for start, end in self.spans(number).tolist())

    def sentence_spans(self, number: int) -> tuple[Span, ...]:
        """Where the sentences of the article with this number stand in its text."""
        first, last = self.column("first_passage")[number : number + 2].tolist()
        passages = (self.spans(passage).tolist() for passage in range(first, last))
        return tuple(Span(*pair) for spans in passages for pair in spans)

    def sentence_vectors(self, number: int) -> NDArray[np.int8]:
        """The vectors of a passage's sentences, shape (n, d) int8, see `dense.Encoded`."""
        return self._of_sentences("sentence_vectors", number)

    def spans(self, number: int) -> NDArray[np.int32]:
        """Where a passage's sentences stand in its article's text, shape (n, 2)."""
        return self._of_sentences("sentence_spans", number)

    def sentence_terms(self, number: int) -> SentenceTerms:
        """The terms of a passage's heading and of its sentences."""
        holder, row = self._holder(number)
        first, last = holder.own["hash_ends"][row : row + 2].tolist()
        hashes = holder._read["sentence_hashes"].rows(first, last)
        first, last = holder.own["sentence_ends"][row : row + 2].tolist()
        # Of each passage there is a count more than sentences: that of its heading.
        counts = holder._read["hash_counts"].rows(first + row, last + row + 1)
        return SentenceTerms(hashes, counts)

    def _of_sentences(self, name: str, passage: int) -> NDArray[Any]:
        """The rows of a passage's sentences."""
        holder, row = self._holder(passage)
        first, last = holder.own["sentence_ends"][row : row + 2].tolist()
        return holder._read[name].rows(first, last)

    def _holder(self, passage: int) -> tuple[Generation, int]:
        """The generation that has a passage, and the passage's row in that."""
        if not self.base:
            return self, passage
        row = int(self._layout.passages[passage])
        return (self.base, row) if row >= 0 else (self, -1 - row)

    def period(self) -> tuple[date, date] | None:
        """The days of the first and the last article that has one; None if none has."""
        days = self.column("published")
        days = days[days != UNDATED]
        if not len(days):
            return None
        return date.fromordinal(int(days.min())), date.fromordinal(int(days.max()))

    def sources(self) -> list[SourceSummary]:
        """Every source, the one with most articles first."""
        numbers = {name: number for number, name in enumerate(dict.fromkeys(self.manifest.sources))}
        by_name = np.array([numbers[name] for name in self.manifest.sources], dtype=np.int64)
        summaries = _summaries(list(numbers), by_name[self.column("source")], self._days)
        return sorted(summaries, key=lambda summary: (-summary.articles, summary.name))

    @property
    def _days(self) -> NDArray[np.int64]:
        return self.column("published")

    def outlets(self) -> dict[tuple[str, str], SourceSummary]:
        """Every source with a language, and its articles in that."""
        summaries = _summaries(self.manifest.sources, self.column("source"), self._days)
        return dict(zip(self.manifest.outlets, summaries, strict=True))

    def languages(self) -> dict[str, int]:
        """How many articles say that they are in a language, by its code; most first."""
        counts = np.bincount(self.column("source"), minlength=len(self.manifest.sources))
        return by_language(zip(self.manifest.languages, counts.tolist(), strict=True))

    def newest(self) -> list[int]:
        """The numbers of all articles, those published last first; undated ones come last."""
        order: NDArray[np.int64] = np.argsort(self.column("published"), kind="stable")[::-1]
        numbers: list[int] = order.tolist()
        return numbers

    def ages(self, articles: NDArray[np.int64], day: date | None) -> list[float | None]:
        """How many days before `day` each of some articles was published; None if not known."""
        if day is None:
            return [None] * len(articles)
        today, days = day.toordinal(), self.column("published")[articles].tolist()
        return [None if published == UNDATED else float(today - published) for published in days]

    def among(
        self,
        filters: Filters,
        named: Collection[int] = (),
    ) -> NDArray[np.bool_] | None:
        """Which passages are searched, shape (passages,); None for all.

        Those that the filters allow, of each story those of one copy: of one of the sources whose
        numbers are `named`, if there is one.
        """
        preferred = np.isin(self.column("source"), list(named)) if named and self.copies else None
        allowed = self.allowed(filters)
        if allowed is None and preferred is None:
            return self._unfiltered
        searched = self.copies.searched(allowed, preferred)
        return None if searched is None else searched[self.column("passage_article")]

    @cached_property
    def _unfiltered(self) -> NDArray[np.bool_] | None:
        """Which passages are searched where nothing filters; of most questions."""
        searched = self.copies.searched(None)
        return None if searched is None else searched[self.column("passage_article")]

    def allowed(self, filters: Filters) -> NDArray[np.bool_] | None:
        """Which articles the filters allow, shape (articles,); None for all."""
        if not filters:
            return None
        since, until = filters.since, filters.until
        allowed = np.ones(self.manifest.articles, dtype=bool)
        days = self.column("published")
        if since or until:
            allowed &= days != UNDATED
        if since:
            allowed &= days >= since.toordinal()
        if until:
            allowed &= days <= until.toordinal()
        numbers = filters.places(self.manifest.outlets)
        if numbers is not None:
            allowed &= np.isin(self.column("source"), numbers)
        return allowed


def _inverse(layout: Layout, old: int, new: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The places among all of the passages of a base, -1 for none, and of the changes."""
    places = np.arange(len(layout.passages), dtype=np.int32)
    of_base = layout.passages >= 0
    old_rows, new_rows = np.full(old, -1, dtype=np.int32), np.full(new, -1, dtype=np.int32)
    old_rows[layout.passages[of_base]] = places[of_base]
    new_rows[-1 - layout.passages[~of_base]] = places[~of_base]
    return old_rows, new_rows


def _summaries(
    names: Sequence[str], of: NDArray[np.integer[Any]], days: NDArray[np.int64]
) -> list[SourceSummary]:
    """Of each name its articles: whose numbers are `of`, and who were published on `days`."""
    dated = days != UNDATED
    firsts = np.full(len(names), np.iinfo(np.int64).max)
    lasts = np.full(len(names), UNDATED)
    np.minimum.at(firsts, of[dated], days[dated])
    np.maximum.at(lasts, of[dated], days[dated])
    counts = np.bincount(of, minlength=len(names))
    return [
        SourceSummary(
            name,
            count,
            None if last == UNDATED else date.fromordinal(first),
            None if last == UNDATED else date.fromordinal(last),
        )
        for name, count, first, last in zip(
            names, counts.tolist(), firsts.tolist(), lasts.tolist(), strict=True
        )
    ]


def current(home: Path) -> str:
    """The name of the newest generation. Raises LibraryMissing if nothing was published."""
    settle(home)
    try:
        return (home / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        raise LibraryMissing(f"{home}: nothing indexed here; run `newsdesk index FOLDER`") from None
    except UnicodeDecodeError as error:
        raise damaged(home / CURRENT, str(error)) from error
    except OSError as error:
        raise unreadable(home / CURRENT, error) from error


def open_current(home: Path, verify: bool = False) -> Generation:
    """Open the newest generation; looks again if that is gone, since another may be out."""
    name = current(home)
    while True:
        folder = home / FOLDER / name
        try:
            if not NAME.fullmatch(name) or not folder.is_dir():
                raise damaged(home / CURRENT, f"it names {name[:60]!r}, which is not there")
            return Generation(folder, verify)
        except LibraryDamaged:
            newest = current(home)
            if newest == name:
                raise
            name = newest


def _read_manifest(folder: Path) -> Manifest:
    file = folder / MANIFEST
    try:
        packed = file.read_bytes()
        if not folder.name.endswith(f"-{hashlib.sha256(packed).hexdigest()[:12]}"):
            raise damaged(file, "its content was changed")
        given = json.loads(packed)
        _check_version(file, given)
        manifest = Manifest(**{**given, "model": Model(**given["model"])})
    except OSError as error:
        raise unreadable(file, error) from error
    except (ValueError, TypeError, KeyError) as error:
        raise damaged(file, str(error)) from error
    wanted = NAMES | set(CHANGES) if manifest.base else NAMES
    if set(PACKED) <= manifest.columns.keys():
        wanted = wanted - {"vectors"} | set(PACKED)
    if set(manifest.columns) - set(LISTS) != wanted:
        raise damaged(file, "it names other columns")
    return manifest


def _check_version(file: Path, given: Mapping[str, Any]) -> None:
    """Raise LibraryOutdated for what another version wrote; LibraryDamaged where that is newer."""
    if given["format"] > FORMAT:
        raise damaged(file, "written by a newer version of Newsdesk; update this one")
    if (given["format"], given["analyzer"]) != (FORMAT, analyzer.VERSION):
        raise LibraryOutdated(
            f"{file}: written by another version of Newsdesk; run `newsdesk index` to build it anew"
        )
