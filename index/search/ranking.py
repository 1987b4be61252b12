"""Candidates to an order: scores become one, then the first passages are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from newsdesk.index.linear_model import logistic
from newsdesk.index.reading import Reader, Text
from newsdesk.index.settings import Settings
from newsdesk.index.types import Span

from . import fusion, sentence_match
from .engine import Engine, EngineQuery, LoadedPassage, Mode, PassageSentences
from .fusion import Candidate

_ALWAYS = 2  # passages that are read in any case: the first may tell the opposite
_CURRENT = 2  # times as many are read where the newest is looked for
_CURRENT_DAYS = 365.0  # `recency_days` of what is asked of how things are now
Ranked = list[tuple[Candidate, float]]  # with their scores, best first


class Loaded(NamedTuple):
    """A candidate with its score and its passage."""

    candidate: Candidate
    score: float
    own: LoadedPassage


class Ranking:
    """Ranks what an engine finds, as the settings say."""

    def __init__(self, settings: Settings, mode: Mode, reader: Reader | None) -> None:
        self._fusion, self._reading, self._mode = settings.fusion, settings.reader, mode
        self._reader = reader

    def rank(self, engine: Engine, query: EngineQuery) -> Ranked:
        """All candidates, best first; of equals the one with the lower key."""
        ranked = self._matched(engine, query)
        first = self._read(engine, query, ranked, 0)
        return [(candidate, score) for candidate, score, _ in first] + ranked[len(first) :]

    def best(self, engine: Engine, query: EngineQuery, k: int) -> list[Loaded]:
        """The first k of `rank`, each loaded once, be it read or not."""
        return self._read(engine, query, self._matched(engine, query), k)[:k]

    def _matched(self, engine: Engine, query: EngineQuery) -> Ranked:
        """The ranking before any is read."""
        ranked = self._fused(engine.candidates(query), query)
        if self._mode == "hybrid" and self._fusion.method == "sum":
            ranked = self._match_sentences(engine, query, ranked)
        return ranked

    def _fused(self, candidates: list[Candidate], query: EngineQuery) -> Ranked:
        if self._mode == "lexical":
            scores = [candidate.bm25 for candidate in candidates]
        elif self._mode == "dense":
            scores = [candidate.dense for candidate in candidates]
        elif self._fusion.method == "rrf":
            scores = fusion.reciprocal_rank(candidates)
        else:
            scores = self._summed(candidates, query)
        return _in_order(zip(candidates, scores, strict=True))

    def _summed(self, candidates: list[Candidate], query: EngineQuery) -> list[float]:
        """Both scores, what a named source adds, and what being new on the day of the question."""
        given = self._fusion
        scores = fusion.weighted_sum(candidates, given.weight, given.article)
        if any(candidate.named for candidate in candidates):
            pairs = zip(scores, candidates, strict=True)
            scores = [score + given.source * candidate.named for score, candidate in pairs]
        if not query.asked:
            return scores
        for days in (given.recency_days, *((_CURRENT_DAYS,) if query.current else ())):
            near = fusion.recency(candidates, days)
            scores = [score + given.recency * new for score, new in zip(scores, near, strict=True)]
        return scores

    def _match_sentences(self, engine: Engine, query: EngineQuery, ranked: Ranked) -> Ranked:
        """The ranking after the first `fusion.read` have gained what their best sentence adds."""
        first, rest = ranked[: self._fusion.read], ranked[self._fusion.read :]
        passages = engine.sentences(query, [candidate.key for candidate, _ in first])
        fits = self._fits(passages, engine, query.terms)
        matched = [
            (replace(candidate, sentence=fit), score + fit)
            for (candidate, score), fit in zip(first, fits, strict=True)
        ]
        return _in_order(matched) + rest

    def _fits(
        self, passages: Sequence[PassageSentences], engine: Engine, terms: Sequence[str]
    ) -> list[float]:
        weights, given = engine.weights(terms), self._fusion
        return [
            sentence_match.best_sentence(
                own.held, own.cosines, own.heading, weights, given.sentence, given.words
            )
            for own in passages
        ]

    def _read(self, engine: Engine, query: EngineQuery, ranked: Ranked, k: int) -> list[Loaded]:
        """The first of a ranking, at least k, after some have gained what the reader says.

        No reader lowers a score, so that what is read stays before the rest.
        """
        count = self._how_many(query, ranked)
        first = ranked[: max(count, k)]
        owns = engine.load(query, [candidate.key for candidate, _ in first]) if first else []
        loaded = [Loaded(*pair, own) for pair, own in zip(first, owns, strict=True)]
        read = [self._gained(each, query) for each in loaded[:count]]
        read.sort(key=lambda each: (-each.score, each.candidate.key))
        return read + loaded[count:]

    def _how_many(self, query: EngineQuery, ranked: Ranked) -> int:
        """How many are read.

        Those that are far below the first seldom come to be it, and reading is what costs most.
        """
        if self._reader is None or not ranked:
            return 0
        if query.current:
            return min(len(ranked), _CURRENT * self._reading.passages)
        least = ranked[0][1] - self._reading.margin
        near = ranked[: self._reading.passages]
        return sum(n < _ALWAYS or score >= least for n, (_, score) in enumerate(near))

    def _gained(self, each: Loaded, query: EngineQuery) -> Loaded:
        """With its reading, and what that adds to its score; a word alone asks nothing."""
        if self._reader is None:
            return each
        reading = self._reader.read(query.new, _text(each.own))
        weight = self._reading.weight if len(query.new.split()) > 1 else 0.0
        score = each.score + weight * logistic(reading.answers)
        return Loaded(replace(each.candidate, reading=reading), score, each.own)


def _text(loaded: LoadedPassage) -> Text:
    passage = loaded.passage
    at = passage.start
    spans = tuple(Span(span.start - at, span.end - at) for span in passage.sentences)
    return Text(loaded.article.title, passage.text, spans)


def _in_order(scored: Iterable[tuple[Candidate, float]]) -> Ranked:
    """Best first; of equals the one with the lower key."""
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].key))
