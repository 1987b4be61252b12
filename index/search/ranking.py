"""Candidates to an order: scores become one, then the first passages are looked at closer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from newsdesk.index.settings import Settings
from newsdesk.index.text.analyzer import Analyzer

from . import fusion, sentence_match
from .engine import Engine, EngineQuery, Mode, PassageSentences
from .fusion import Candidate
from .rerank import CrossEncoderReranker, Reranker

Ranked = list[tuple[Candidate, float]]  # with their scores, best first


class Ranking:
    """Ranks what an engine finds, as the settings say."""

    def __init__(
        self, settings: Settings, mode: Mode, analyzer: Analyzer, reranker: Reranker | None = None
    ) -> None:
        """Without a reranker, one is made if `rerank.model` is set; may raise ModelError."""
        self._fusion, self._rerank, self._mode = settings.fusion, settings.rerank, mode
        self._analyzer = analyzer
        wanted = settings.rerank.model
        self._reranker = reranker or (CrossEncoderReranker(wanted) if wanted else None)

    def rank(self, engine: Engine, request: EngineQuery) -> Ranked:
        """All candidates, best first; of equals the one with the lower key."""
        ranked = self._fused(engine.candidates(request), request)
        if self._mode == "hybrid" and self._fusion.method == "sum":
            ranked = self._looked_at(engine, request, ranked)
        return self._reread(engine, request, ranked)

    def _fused(self, candidates: list[Candidate], request: EngineQuery) -> Ranked:
        if self._mode == "lexical":
            scores = [one.bm25 for one in candidates]
        elif self._mode == "dense":
            scores = [one.dense for one in candidates]
        elif self._fusion.method == "rrf":
            scores = fusion.reciprocal_rank(candidates)
        else:
            scores = self._summed(candidates, request)
        return _in_order(zip(candidates, scores, strict=True))

    def _summed(self, candidates: list[Candidate], request: EngineQuery) -> list[float]:
        given = self._fusion
        scores = fusion.weighted_sum(candidates, given.weight, given.article)
        if any(one.named for one in candidates):
            pairs = zip(scores, candidates, strict=True)
            scores = [score + given.source * one.named for score, one in pairs]
        if request.asked:
            near = fusion.recency(candidates, given.recency_days)
            scores = [one + given.recency * new for one, new in zip(scores, near, strict=True)]
        return scores

    def _looked_at(self, engine: Engine, request: EngineQuery, ranked: Ranked) -> Ranked:
        """The same, the first of them with what their best sentence adds, in their new order."""
        first, rest = ranked[: self._fusion.read], ranked[self._fusion.read :]
        found = engine.sentences(request, [one.key for one, _ in first])
        fits = self._fits(found, engine, request.terms)
        looked = [
            (replace(one, sentence=fit), score + fit)
            for (one, score), fit in zip(first, fits, strict=True)
        ]
        return _in_order(looked) + rest

    def _fits(
        self, found: Sequence[PassageSentences], engine: Engine, terms: Sequence[str]
    ) -> list[float]:
        weights, words, given = engine.weights(terms), self._analyzer.terms, self._fusion
        return [
            sentence_match.best_sentence(
                [set(words(text)) for text in one.texts],
                one.cosines,
                set(words(one.heading)),
                weights,
                given.sentence,
                given.words,
            )
            for one in found
        ]

    def _reread(self, engine: Engine, request: EngineQuery, ranked: Ranked) -> Ranked:
        """The same, the first of them in the order that the reranker gives, if there is one.

        Their scores, scaled to 0..1, stand above all that it has not read.
        """
        depth = self._rerank.depth
        if self._reranker is None or not ranked:
            return ranked
        first = ranked[:depth]
        found = engine.load(request, [candidate.key for candidate, _ in first])
        texts = [f"{one.article.title}. {one.passage.text}".lstrip(". ") for one in found]
        scores = fusion.scaled(self._reranker.scores(request.text, texts))
        above = max(score for _, score in ranked)
        order = sorted(range(len(first)), key=lambda i: (-scores[i], i))
        return [(first[i][0], above + scores[i]) for i in order] + ranked[depth:]


def _in_order(scored: Iterable[tuple[Candidate, float]]) -> Ranked:
    """Best first; of equals the one with the lower key."""
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].key))
