"""Candidates to an order: scores become one, then sentences of the first passages are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from newsdesk.index.settings import Settings
from newsdesk.index.text.analyzer import Analyzer

from . import fusion, sentence_match
from .engine import Engine, EngineQuery, Mode, PassageSentences
from .fusion import Candidate
from .rerank import CrossEncoderReranker, Reranker

_CURRENT_DAYS = 365.0  # `recency_days` of what is asked of how things are now
Ranked = list[tuple[Candidate, float]]  # with their scores, best first


class Ranking:
    """Ranks what an engine finds, as the settings say."""

    def __init__(
        self, settings: Settings, mode: Mode, analyzer: Analyzer, reranker: Reranker | None = None
    ) -> None:
        """Without a reranker, one is made if `rerank.model` is set; may raise ModelError."""
        self._fusion, self._rerank, self._mode = settings.fusion, settings.rerank, mode
        # Analysing sentences was half of what a question costs, and the first passages of many
        # questions are the same.
        self._terms = lru_cache(8_192)(lambda text: frozenset(analyzer.terms(text)))  # about 15 MB
        wanted = settings.rerank.model
        self._reranker = reranker or (CrossEncoderReranker(wanted) if wanted else None)

    def rank(self, engine: Engine, query: EngineQuery) -> Ranked:
        """All candidates, best first; of equals the one with the lower key."""
        ranked = self._fused(engine.candidates(query), query)
        if self._mode == "hybrid" and self._fusion.method == "sum":
            ranked = self._match_sentences(engine, query, ranked)
        return self._rerank_first(engine, query, ranked)

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
        weights, words, given = engine.weights(terms), self._terms, self._fusion
        return [
            sentence_match.best_sentence(
                [words(text) for text in passage.texts],
                passage.cosines,
                words(passage.heading),
                weights,
                given.sentence,
                given.words,
            )
            for passage in passages
        ]

    def _rerank_first(self, engine: Engine, query: EngineQuery, ranked: Ranked) -> Ranked:
        """The ranking with the first `rerank.depth` in the order of the reranker, if there is one.

        Their scores, scaled to 0..1, stand above all that it has not read.
        """
        depth = self._rerank.depth
        if self._reranker is None or not ranked:
            return ranked
        first = ranked[:depth]
        loaded = engine.load(query, [candidate.key for candidate, _ in first])
        texts = [f"{hit.article.title}. {hit.passage.text}".lstrip(". ") for hit in loaded]
        scores = fusion.scaled(self._reranker.scores(query.text, texts))
        above = max(score for _, score in ranked)
        order = sorted(range(len(first)), key=lambda i: (-scores[i], i))
        return [(first[i][0], above + scores[i]) for i in order] + ranked[depth:]


def _in_order(scored: Iterable[tuple[Candidate, float]]) -> Ranked:
    """Best first; of equals the one with the lower key."""
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].key))
