"""Bringing a generation's library to Milvus: what it lacks is written, then published at once.

Killed at any moment, a run leaves the last state answering. The next one finds the rows that are
there, keeps those that are still right, and goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
import numpy as np

from newsdesk.index.errors import EngineRefused, LibraryMissing, UsageError
from newsdesk.index.generation import Generation
from newsdesk.index.generation.generation import UNDATED as NO_DAY
from newsdesk.index.settings import Lexical, Milvus
from newsdesk.index.text import analyzer
from newsdesk.index.types import Article

from . import state as states
from .client import Client, client_of
from .packing import coded_id, coded_term, packed_article, packed_sentences
from .reading import STRONG, articles_of, live_rows, spans_of, term_rows
from .schema import (
    FORMAT,
    UNDATED,
    collections,
    drop_epoch,
    make_epoch,
    make_states,
    passage_key,
)
from .state import Basis, CopyRow, Plan, SourceRow, State
from .weights import weights

_DRIFT = 0.01  # by which the mean length may differ from the one that weights were made with
_MOST_DROPPED = 10_000  # articles that one state may leave out; for more, all is written anew
_ARTICLES, _PASSAGES, _TERMS = 64, 256, 1_000  # rows that are written together, at most
_AT_ONCE = 500  # terms that are looked up together

Progress = Callable[[int, int], None]  # passages done, of how many


@dataclass(frozen=True, slots=True)
class Moved:
    """What a run did."""

    state: int  # the number of the state that is published now
    articles: int  # in it
    passages: int
    added: int  # articles that it has and the one before had not, or otherwise
    dropped: int  # articles of the one before that it has no more
    written: int  # articles whose rows were written by this run; of `added`, the rest was there


def move(
    given: Milvus,
    generation: Generation,
    library: str,
    lexical: Lexical,
    progress: Progress = lambda *_: None,
) -> Moved:
    """Have Milvus answer from what a generation holds; returns what was done.

    `library` is the identity of the library that the generation is of: rows of another one are
    not touched. Counts, and of each new row its article's state, are read back before the new
    state is published. Raises UsageError, EngineAway, EngineRefused or LibraryDamaged.
    """
    client = client_of(given)
    make_states(client)
    return _Move(client, generation, library, lexical, progress).run()


def withdraw(given: Milvus, library: str) -> None:
    """Have nothing of a library in Milvus any more. Raises UsageError if it is another's."""
    client = client_of(given)
    make_states(client)
    _, past = _newest(client, library)
    states.drop_before(client, past.number + 1)
    states.drop_plan(client)
    for epoch in (past.epoch, past.epoch + 1):
        drop_epoch(client, epoch)


class _Move:
    """One run."""

    def __init__(
        self,
        client: Client,
        generation: Generation,
        library: str,
        lexical: Lexical,
        progress: Progress,
    ) -> None:
        self._client, self._generation, self._progress = client, generation, progress
        self._words = analyzer.Analyzer()
        self._lexical = generation.lexical(lexical.k1, lexical.b)
        self._old, self._past = _newest(client, library)
        self._basis = _basis(generation, library, lexical, client.given.index)
        keys = generation.column("keys")
        self._wanted: dict[str, tuple[int, str]] = {
            generation.article(number).id: (number, keys[number].tobytes().hex())
            for number in range(generation.manifest.articles)
        }

    def run(self) -> Moved:
        """Write, verify, publish, clear away."""
        if self._old:
            self._clear(self._old)
        dropped = self._begin()
        if self._old and not dropped and self._is_there(self._old):
            return self._told(self._old, 0, 0)
        wanted = list(self._terms(dropped))
        terms = self._write_terms(wanted)
        written = self._write_articles()
        state = self._state(dropped, terms)
        self._verify(state)
        states.publish(self._client, state)
        if dropped or 0 < self._past.epoch < self._epoch:
            time.sleep(self._client.given.grace)
        self._clear(state)
        if not self._fresh:
            self._clear_terms(wanted)
        return self._told(state, len(dropped), written)

    def _is_there(self, old: State) -> bool:
        """Whether nothing is to be written, and no killed run has left anything."""
        is_same = old.generation == self._generation.name and not (self._added or self._fresh)
        is_whole = not any(number > old.last for number in self._rows)
        return is_same and is_whole and old.copies == self._copies()

    def _told(self, state: State, dropped: int, written: int) -> Moved:
        added = len(self._added)
        return Moved(state.number, state.articles, state.passages, added, dropped, written)

    def _begin(self) -> list[int]:
        """Choose the epoch, and see what it has. Returns the numbers of what is to be dropped."""
        old, self._fresh = self._old, False
        if old and _fits(old.basis, self._basis) and self._is_whole(old):
            self._take(old.epoch, old.basis)
            shown = {n: r for n, r in self._rows.items() if n <= old.last and n not in old.dropped}
            self._keys = right = {r[0]: n for n, r in shown.items() if self._is_wanted(r)}
            dropped = [number for number in shown if right.get(shown[number][0]) != number]
            if len(dropped) <= _MOST_DROPPED:
                self._added = [each for each in self._wanted if each not in right]
                return dropped
        self._fresh, self._keys = True, {}
        begun, last = states.plan(self._client), self._past.epoch
        if begun is None or begun.epoch <= last or not _fits(begun.basis, self._basis):
            drop_epoch(self._client, last + 1)
            begun = Plan(last + 1, self._basis)
            states.put_plan(self._client, begun)
        make_epoch(self._client, begun.epoch, self._basis.dimensions, self._client.given.index)
        self._take(begun.epoch, begun.basis)
        self._added = list(self._wanted)
        return []

    def _is_whole(self, old: State) -> bool:
        """Whether what was published is there yet; else all is written anew."""
        places = collections(self._client.given.name, old.epoch)
        for place, expected in zip(places, (old.articles, old.passages), strict=False):
            if not self._client.call("has_collection", place):
                return False
            found = self._client.count(place, old.articles_shown, consistency_level=STRONG)
            if found != expected:
                return False
        return True

    def _take(self, epoch: int, basis: Basis) -> None:
        self._epoch, self._basis, self._number = epoch, basis, self._past.number + 1
        self._places = collections(self._client.given.name, epoch)
        self._rows = live_rows(self._client, self._places[0])

    def _is_wanted(self, row: tuple[str, str]) -> bool:
        article_id, state = row
        wanted: str = self._wanted.get(article_id, (0, ""))[1]
        return wanted == state

    # Terms

    def _write_terms(self, wanted: list[str]) -> int:
        """Give each term a number, and note how often it is there. Returns the highest number."""
        self._numbers: dict[str, int] = {}
        known, last, later = self._known_terms(wanted)
        for chunk in _chunks(iter(wanted), _TERMS):
            rows = []
            for term in chunk:
                number = known.get(coded_term(term))
                if number is None:
                    last = number = last + 1
                self._numbers[term] = number
                rows.append(self._term_row(term, number))
            self._client.call("upsert", self._places[2], rows)
        stale = later - {f"{coded_term(term)}@{self._number}" for term in wanted}
        for chunk in _chunks(iter(stale), _AT_ONCE):
            self._client.call("delete", self._places[2], ids=chunk)
        return last

    def _terms(self, dropped: list[int]) -> Iterator[str]:
        """The terms whose counts may have changed: of what is added, and of what is dropped."""
        if self._fresh:
            yield from self._lexical.vocabulary
            return
        seen: set[str] = set()
        for article_id in self._added:
            for _, terms in self._passage_terms(self._wanted[article_id][0]):
                seen.update(terms)
        for article, texts in self._dropped_texts(dropped):
            seen.update(self._words.terms(article.title))
            for text in texts:
                seen.update(self._words.terms(text))
        yield from sorted(seen)

    def _dropped_texts(self, dropped: list[int]) -> Iterator[tuple[Article, list[str]]]:
        for chunk in _chunks(iter(dropped), _ARTICLES):
            spans = spans_of(self._client, self._places[1], chunk)
            for number, article in articles_of(self._client, self._places[0], chunk).items():
                yield article, [article.text[start:end] for start, end in spans.get(number, ())]

    def _known_terms(self, wanted: list[str]) -> tuple[dict[str, int], int, set[str]]:
        """Numbers of terms by their codes, the highest, and keys that no state has yet."""
        later = f"born >= {self._number}"
        if self._fresh:
            rows = list(term_rows(self._client, self._places[2]))
        else:
            codes = (coded_term(term) for term in wanted)
            rows = [
                row
                for chunk in _chunks(codes, _AT_ONCE)
                for row in term_rows(self._client, self._places[2], f"term in {_quoted(chunk)}")
            ]
            rows += term_rows(self._client, self._places[2], later)
        last = self._old.terms if self._old and not self._fresh else 0
        return (
            {row["term"]: int(row["number"]) for row in rows},
            max([last, *(int(row["number"]) for row in rows)]),
            {row["key"] for row in rows if self._fresh or row["born"] >= self._number},
        )

    def _clear_terms(self, wanted: list[str]) -> None:
        """Delete counts that were replaced."""
        for chunk in _chunks((coded_term(term) for term in wanted), _AT_ONCE):
            condition = f"born < {self._number} and term in {_quoted(chunk)}"
            self._client.call("delete", self._places[2], filter=condition)

    def _term_row(self, term: str, number: int) -> dict[str, Any]:
        place = self._lexical.vocabulary.get(term)
        docs = 0 if place is None else len(self._lexical.posting(place)[0])
        counts = self._generation.column("article_counts")
        code = coded_term(term)
        return {
            "key": f"{code}@{self._number}",
            "term": code,
            "born": self._number,
            "letters": len(term),
            "number": number,
            "passages": docs,
            "articles": 0 if place is None else int(counts[place]),
            "nothing": [0.0, 0.0],
        }

    # Articles

    def _write_articles(self) -> int:
        """Write what is not there. Returns how many articles that was."""
        last = self._old.last if self._old and not self._fresh else 0
        there = {row[0]: n for n, row in self._rows.items() if n > last and self._is_wanted(row)}
        self._keys |= there
        stray = [n for n, row in self._rows.items() if n > last and there.get(row[0]) != n]
        self._last = top = max([last, *self._rows])
        self._delete(stray)
        # Passages come before their article: of a run that was killed in between, they are alone.
        self._client.call("delete", self._places[1], filter=f"article > {top}")
        missing = [article_id for article_id in self._added if article_id not in there]
        firsts = self._generation.column("first_passage")
        total = sum(self._size(self._wanted[each][0], firsts) for each in self._added)
        done = total - sum(self._size(self._wanted[each][0], firsts) for each in missing)
        for chunk in self._batches(missing, firsts):
            self._progress(done, total)
            done += self._write_batch(chunk)
            self._progress(done, total)
        return len(missing)

    def _size(self, number: int, firsts: Any) -> int:
        return int(firsts[number + 1] - firsts[number])

    def _batches(self, ids: list[str], firsts: Any) -> Iterator[list[str]]:
        """Articles that are written together: few, and of few passages, but at least one."""
        batch: list[str] = []
        passages = 0
        for article_id in ids:
            size = self._size(self._wanted[article_id][0], firsts)
            if batch and (len(batch) == _ARTICLES or passages + size > _PASSAGES):
                yield batch
                batch, passages = [], 0
            batch.append(article_id)
            passages += size
        if batch:
            yield batch

    def _write_batch(self, ids: list[str]) -> int:
        """Write some articles: their passages first, so that an article's row says all is there."""
        articles: list[dict[str, Any]] = []
        passages: list[dict[str, Any]] = []
        for article_id in ids:
            self._last += 1
            self._keys[article_id] = self._last
            article, rows = self._article_rows(self._last, article_id)
            articles.append(article)
            passages += rows
        for chunk in _chunks(iter(passages), _PASSAGES):
            self._client.call("upsert", self._places[1], chunk)
        self._client.call("upsert", self._places[0], articles)
        return len(passages)

    def _article_rows(
        self, key: int, article_id: str
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        generation, basis = self._generation, self._basis
        number, state = self._wanted[article_id]
        article = generation.article(number)
        day = int(generation.column("published")[number])
        shared = {
            "article": key,
            "id": article_id,
            "day": UNDATED if day == NO_DAY else day,
            "source": self._source_numbers[article.source, article.said_language],
        }
        passages: list[dict[str, Any]] = []
        of_all: list[str] = []
        for ordinal, (row, terms) in enumerate(self._passage_terms(number)):
            of_all += terms
            given = weights(terms, self._numbers, basis.mean, basis.k1, basis.b)
            passages.append(shared | self._passage_row(key, ordinal, row) | {"weights": given})
        return {
            **shared,
            "code": coded_id(article_id),
            "state": state,
            "body": packed_article(article),
            "passages": len(passages),
            "weights": weights(of_all, self._numbers, basis.article_mean, basis.k1, basis.b),
            "recent": [float(UNDATED if day == NO_DAY else day), 0.0],
        }, passages

    def _passage_row(self, article: int, ordinal: int, row: int) -> dict[str, Any]:
        generation = self._generation
        start, end = generation.column("spans")[row].tolist()
        spans = generation.spans(row)
        return {
            "key": passage_key(article, ordinal),
            "ordinal": ordinal,
            "start": start,
            "end": end,
            "sentences": packed_sentences(spans, np.asarray(generation.sentence_vectors(row))),
            "vector": np.asarray(generation.column("vectors")[row], dtype=np.float32),
        }

    def _passage_terms(self, number: int) -> Iterator[tuple[int, list[str]]]:
        """The rows of an article's passages, and the terms of each, as `generation` counts them."""
        article = self._generation.article(number)
        first, last = self._generation.column("first_passage")[number : number + 2].tolist()
        title = self._words.terms(article.title)
        for row in range(first, last):
            text = self._generation.passage(row, article).text
            yield row, title + self._words.terms(text)

    def _delete(self, numbers: list[int]) -> None:
        for chunk in _chunks(iter(numbers), _TERMS):
            for place in self._places[1], self._places[0]:
                self._client.call("delete", place, filter=f"article in {chunk}")

    # The state

    @property
    def _source_numbers(self) -> Mapping[tuple[str, str], int]:
        if not hasattr(self, "_numbered"):
            old = [(row.name, row.language) for row in self._old.sources] if self._old else []
            outlets = dict.fromkeys([*old, *self._generation.manifest.outlets])
            self._numbered = {outlet: number for number, outlet in enumerate(outlets)}
        return self._numbered

    def _sources(self) -> tuple[SourceRow, ...]:
        found = self._generation.outlets()
        rows = []
        for name, language in self._source_numbers:
            source = found.get((name, language))
            first, last = (source.first, source.last) if source else (None, None)
            count = source.articles if source else 0
            days = [day.toordinal() if day else UNDATED for day in (first, last)]
            rows.append(SourceRow(name, language, count, *days))
        return tuple(rows)

    def _copies(self) -> tuple[tuple[CopyRow, ...], ...]:
        stories = self._generation.copies.stories()
        return tuple(tuple(map(self._copy_row, story)) for story in stories)

    def _copy_row(self, number: int) -> CopyRow:
        generation = self._generation
        day, source = (int(generation.column(name)[number]) for name in ("published", "source"))
        key = self._keys[generation.article(number).id]
        place = self._source_numbers[generation.manifest.outlets[source]]
        return CopyRow(key, UNDATED if day == NO_DAY else day, place)

    def _state(self, dropped: list[int], terms: int) -> State:
        manifest = self._generation.manifest
        return State(
            number=self._number,
            epoch=self._epoch,
            basis=self._basis,
            generation=self._generation.name,
            last=self._last,
            dropped=tuple(sorted(dropped)),  # the former ones are deleted, see `run`
            terms=terms,
            articles=manifest.articles,
            passages=manifest.passages,
            sources=self._sources(),
            copies=self._copies(),
        )

    def _verify(self, state: State) -> None:
        """See that all is there before it is published."""
        counts = [
            self._client.count(place, state.articles_shown, consistency_level=STRONG)
            for place in self._places[:2]
        ]
        rows = live_rows(self._client, self._places[0])
        shown = {r for n, r in rows.items() if n <= state.last and n not in state.dropped}
        wanted = {(article_id, key) for article_id, (_, key) in self._wanted.items()}
        if counts != [state.articles, state.passages] or shown != wanted:
            self._write_off(state)
            raise EngineRefused(
                f"{self._client.given.uri}: has {counts[0]} articles and {counts[1]} passages of "
                f"{state.articles} and {state.passages} that were written; the state before still "
                "answers: run `newsdesk index --engine milvus` again"
            )

    def _write_off(self, state: State) -> None:
        """Delete what this run has written, so that the next writes it anew."""
        if self._fresh:
            drop_epoch(self._client, state.epoch)
            return
        last = self._old.last if self._old else 0
        for place in self._places[:2]:
            self._client.call("delete", place, filter=f"article > {last}")

    def _clear(self, state: State) -> None:
        """Delete what a published state does without; what is left of it harms nobody."""
        places = collections(self._client.given.name, state.epoch)
        for chunk in _chunks(iter(state.dropped), _TERMS):
            for place in places[1], places[0]:
                self._client.call("delete", place, filter=f"article in {chunk}")
        states.drop_before(self._client, state.number)
        if state.epoch > 1:  # epochs are counted without gaps
            drop_epoch(self._client, state.epoch - 1)
        begun = states.plan(self._client)
        if begun and begun.epoch <= state.epoch:
            states.drop_plan(self._client)


@dataclass(frozen=True, slots=True)
class _Past:
    """How far numbers have come, be what was published readable or not."""

    number: int
    epoch: int


def _newest(client: Client, library: str) -> tuple[State | None, _Past]:
    """The state that is published, None if all is to be written anew. Raises UsageError."""
    try:
        old = states.newest(client)
    except LibraryMissing:
        return None, _Past(0, 0)
    except states.Outdated as error:
        return None, _Past(error.number, error.epoch)
    if old.basis.library != library:
        raise UsageError(
            f"{client.given.uri}: {client.given.name!r} is the copy of another library; set "
            "NEWSDESK_MILVUS_NAME to a name of this one's own"
        )
    return old, _Past(old.number, old.epoch)


def _quoted(codes: list[str]) -> str:
    """A list as Milvus' conditions have it; codes need no quoting within."""
    return "[" + ", ".join(f'"{code}"' for code in codes) + "]"


def _basis(generation: Generation, library: str, lexical: Lexical, index: str) -> Basis:
    model = generation.model
    lengths = [generation.column(name) for name in ("lengths", "article_lengths")]
    mean, article_mean = (float(np.mean(each)) if len(each) else 0.0 for each in lengths)
    return Basis(
        FORMAT, library, analyzer.VERSION, model.name, model.hash, model.dimensions,
        lexical.k1, lexical.b, index, mean, article_mean,
    )  # fmt: skip


def _fits(written: Basis, now: Basis) -> bool:
    """Whether rows that were written with one basis do for another: but for a drift of means."""
    if (
        msgspec.structs.replace(now, mean=written.mean, article_mean=written.article_mean)
        != written
    ):
        return False
    pairs = ((written.mean, now.mean), (written.article_mean, now.article_mean))
    return all(abs(own - other) <= _DRIFT * own for own, other in pairs)


def _chunks(values: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while chunk := list(islice(values, size)):
        yield chunk
