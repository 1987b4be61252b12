"""The two indexes in this process, over one generation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.generation import Generation
from newsdesk.index.indexes.bm25 import best, idf
from newsdesk.index.indexes.dense import Vectors, sentence_cosines, sentence_nearness
from newsdesk.index.settings import Settings
from newsdesk.index.text.analyzer import QueryTerms
from newsdesk.index.types import Article

from .engine import Found, Request, Sentences
from .fusion import Candidate, Key
from .sentence_match import heading
from .source_mentions import Sources

_REMEMBERED = 10_000  # misspelt terms
_AT_HAND = 64  # articles: those of one question are read up to three times


class LocalEngine:
    """BM25 and nearest neighbours by numpy; filters are exact masks."""

    def __init__(self, generation: Generation, settings: Settings) -> None:
        self._generation = generation
        self._lexical = generation.lexical(settings.lexical.k1, settings.lexical.b)
        self._articles = generation.of_articles(self._lexical)
        self._dense = Vectors(
            generation.column("vectors"),
            generation.column("codes"),
            settings.dense.exact_up_to,
            settings.dense.rescore,
        )
        self._closest = lru_cache(_REMEMBERED)(self._lexical.vocabulary.closest)
        self._article = lru_cache(_AT_HAND)(generation.article)
        self._sources = Sources(generation.manifest.sources)
        self._article_id = lru_cache(maxsize=None)(lambda number: generation.article(number).id)

    def candidates(self, request: Request) -> list[Candidate]:
        """See `Engine`."""
        among = self._generation.among(request.since, request.until, request.sources)
        scores = self._lexical.get_scores(request.terms)
        cosines: dict[int, float] = {}
        rows: list[int] = []
        if request.mode != "lexical":
            cosines = dict(self._dense.nearest(request.vector, request.depth, among))
            rows += cosines
        if request.mode != "dense":
            rows += [row for row in best(scores, request.depth, among) if row not in cosines]
        missing = rows[len(cosines) :]
        cosines.update(zip(missing, self._dense.cosines(request.vector, missing), strict=True))
        articles = self._generation.column("passage_article")[np.asarray(rows, dtype=np.int64)]
        of_articles = self._articles.scores(request.terms, articles)
        ages = self._generation.ages(articles, request.asked)
        own = self._of_named(request.text, articles)
        return [
            Candidate(row, float(scores[row]), cosines[row], float(of_article), age, is_named)
            for row, of_article, age, is_named in zip(rows, of_articles, ages, own, strict=True)
        ]

    def load(self, request: Request, keys: Sequence[Key]) -> list[Found]:
        """See `Engine`."""
        generation, rows = self._generation, [int(key) for key in keys]
        vector = request.vector if request.nearness is None else request.nearness
        nearness = sentence_nearness(vector, [generation.sentence_vectors(r) for r in rows])
        found = []
        for row, (cosines, contrasts) in zip(rows, nearness, strict=True):
            article = self._article_of(row)
            passage = generation.passage(row, article)
            matched = self._lexical.parts(request.terms, row)
            found.append(Found(passage, article, cosines, contrasts, matched))
        return found

    def sentences(self, request: Request, keys: Sequence[Key]) -> list[Sentences]:
        """See `Engine`."""
        generation, rows = self._generation, [int(key) for key in keys]
        vectors = [generation.sentence_vectors(row) for row in rows]
        near = request.vector if request.nearness is None else request.nearness
        found = []
        for row, cosines in zip(rows, sentence_cosines(near, vectors), strict=True):
            article = self._article_of(row)
            texts = generation.sentences(row, article)
            found.append(Sentences(heading(article), texts, cosines))
        return found

    def article_ids(self, keys: Sequence[Key]) -> list[str]:
        """See `Engine`."""
        numbers = self._generation.column("passage_article")[np.asarray(keys, dtype=np.int64)]
        return [self._article_id(number) for number in numbers.tolist()]

    def spell(self, terms: QueryTerms) -> list[str]:
        """See `Engine`."""
        vocabulary = self._lexical.vocabulary
        joined = [term for term in terms.joined if term in vocabulary]
        meant = [
            term if term in vocabulary else self._closest(term) or term for term in terms.words
        ]
        return list(dict.fromkeys([*meant, *joined]))

    def weights(self, terms: Sequence[str]) -> dict[str, float]:
        """See `Engine`."""
        unknown = float(idf(self._lexical.corpus_size, np.zeros(1))[0])
        return {term: self._lexical.idf.get(term, unknown) for term in terms}

    def _article_of(self, row: int) -> Article:
        return self._article(int(self._generation.column("passage_article")[row]))

    def _of_named(self, question: str, articles: NDArray[np.int64]) -> list[bool]:
        """Whether each of some articles is of a source that the question names."""
        numbers = self._sources.named(question)
        if not numbers:
            return [False] * len(articles)
        return [one in numbers for one in self._generation.column("source")[articles].tolist()]
