"""The two indexes in this process, over one generation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.generation import Generation, SourceSummary, current, open_current
from newsdesk.index.indexes.bm25 import best, idf
from newsdesk.index.indexes.dense import Model, Vectors, sentence_cosines
from newsdesk.index.indexes.sentence_terms import held
from newsdesk.index.settings import Settings
from newsdesk.index.text.analyzer import QueryTerms
from newsdesk.index.types import Article, Filters, Passage

from .engine import ALL, Copy, EngineQuery, LoadedPassage, PassageSentences
from .fusion import Candidate, Key
from .source_mentions import SourceNames

# Of so many passages one is compared exactly: the more there are, the more lie as near as the
# fiftieth. See RESULTS.md, "A million passages".
ONE_OF = 250


def open_local(settings: Settings) -> LocalEngine:
    """Open the newest generation in `settings.home`. Raises LibraryMissing or LibraryDamaged."""
    return LocalEngine(open_current(settings.home), settings)


class LocalEngine:
    """BM25 and nearest neighbours by numpy; filters are exact masks. See `Engine`."""

    def __init__(self, generation: Generation, settings: Settings) -> None:
        self.generation = generation
        self._home = settings.home
        self._lexical = generation.lexical(settings.lexical.k1, settings.lexical.b)
        self._articles = generation.of_articles(self._lexical)
        self._dense = Vectors(
            generation.column("vectors"),
            generation.column("codes"),
            settings.dense.exact_up_to,
            max(settings.dense.rescore, self.passages // ONE_OF),
            generation.lists(),
        )
        self._closest = lru_cache(maxsize=10_000)(self._lexical.vocabulary.closest)
        # Those of one question are read up to three times.
        self._article = lru_cache(maxsize=64)(generation.article)
        self._sources = SourceNames(generation.manifest.sources)
        self._source_names = list(dict.fromkeys(generation.manifest.sources))
        self._article_id = lru_cache(maxsize=None)(lambda number: generation.article(number).id)

    @property
    def state(self) -> str:
        """The generation's name."""
        return self.generation.name

    @property
    def model(self) -> Model:
        """The embedding model that its vectors were made by."""
        return self.generation.model

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return self.generation.manifest.passages

    def check(self) -> None:
        """Raise LibraryDamaged if a file of the generation was cut since it was opened."""
        self.generation.check()

    def is_newest(self) -> bool:
        """Whether CURRENT still names this generation. Raises LibraryError."""
        return current(self._home) == self.generation.name

    def count(self, filters: Filters = ALL) -> int:
        """How many articles the filters allow."""
        allowed = self.generation.allowed(filters)
        return self.generation.manifest.articles if allowed is None else int(allowed.sum())

    def period(self) -> tuple[date, date] | None:
        """The days of the first and the last article that has one; None if none has."""
        return self.generation.period()

    def source_names(self) -> Sequence[str]:
        """The names of all sources, as the articles write them; "" where one names none."""
        return self._source_names

    def sources(self) -> list[SourceSummary]:
        """Every source with its articles and period, the one with most articles first."""
        return self.generation.sources()

    def languages(self) -> dict[str, int]:
        """How many articles say that they are in a language, by its code; most first."""
        return self.generation.languages()

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        return self.generation.find(article_id)

    def newest(self, n: int, filters: Filters = ALL) -> list[tuple[Article, Passage]]:
        """The n articles published last that the filters allow, each with its first passage."""
        generation = self.generation
        allowed = generation.allowed(filters)
        numbers = (i for i in generation.newest() if allowed is None or allowed[i])
        firsts = generation.column("first_passage")
        articles = ((i, generation.article(i)) for i in islice(numbers, max(n, 0)))
        return [(article, generation.passage(int(firsts[i]), article)) for i, article in articles]

    def candidates(self, query: EngineQuery) -> list[Candidate]:
        """The best passages of each index, each once, with both scores; in no order."""
        named = self._sources.named(query.text)
        among = self.generation.among(query.filters, named)
        cosines: dict[int, float] = {}
        if query.mode != "lexical":
            cosines = dict(self._dense.nearest(query.vector, query.depth, among))
        rows = list(cosines)
        if query.mode == "dense":
            own = self._lexical.scores_of(query.terms, np.asarray(rows, dtype=np.int64))
            scores: list[float] = own.tolist()
        else:
            of_all = self._lexical.get_scores(query.terms)
            rows += [row for row in best(of_all, query.depth, among) if row not in cosines]
            scores = of_all[rows].tolist()
        missing = rows[len(cosines) :]
        cosines.update(zip(missing, self._dense.cosines(query.vector, missing), strict=True))
        places = np.asarray(rows, dtype=np.int64)
        articles = self.generation.column("passage_article")[places]
        of_articles = self._articles.scores(query.terms, articles).tolist()
        ages = self.generation.ages(articles, query.asked)
        of_named = self._of_named(named, articles)
        return [
            Candidate(row, score, cosines[row], of_article, age, is_named)
            for row, score, of_article, age, is_named in zip(
                rows, scores, of_articles, ages, of_named, strict=True
            )
        ]

    def load(self, query: EngineQuery, keys: Sequence[Key]) -> list[LoadedPassage]:
        """The passages of some candidates, in the order asked."""
        rows = [int(key) for key in keys]
        vector = query.vector if query.nearness is None else query.nearness
        vectors = [self.generation.sentence_vectors(row) for row in rows]
        matched = self._lexical.parts(query.terms, np.asarray(rows, dtype=np.int64))
        cosines = sentence_cosines(vector, vectors)
        return [self._loaded(*each) for each in zip(rows, cosines, matched, strict=True)]

    def sentences(self, query: EngineQuery, keys: Sequence[Key]) -> list[PassageSentences]:
        """The sentences of some candidates, in the order asked; cheaper than `load`."""
        rows = [int(key) for key in keys]
        vector = query.vector if query.nearness is None else query.nearness
        cosines = sentence_cosines(vector, [self.generation.sentence_vectors(row) for row in rows])
        terms = held([self.generation.sentence_terms(row) for row in rows], query.terms)
        return [
            PassageSentences(about, own, near)
            for (about, *own), near in zip(terms, cosines, strict=True)
        ]

    def article_ids(self, keys: Sequence[Key]) -> list[str]:
        """The ids of the articles that some candidates belong to, in the order asked."""
        numbers = self.generation.column("passage_article")[np.asarray(keys, dtype=np.int64)]
        return [self._article_id(number) for number in numbers.tolist()]

    def story(self, article_id: str) -> tuple[Key, ...]:
        """Keys of the articles of a story, one and its copies; empty if it has none."""
        number = self.generation.number(article_id) if self.generation.copies else None
        return () if number is None else tuple(self.generation.copies.of(number))

    def load_copies(self, story: Sequence[Key], filters: Filters = ALL) -> list[Copy]:
        """The articles of a story that the filters allow, in order."""
        allowed = self.generation.allowed(filters)
        return [
            Copy(self._article(number), self.generation.sentence_spans(number))
            for number in map(int, story)
            if allowed is None or allowed[number]
        ]

    def spell(self, terms: QueryTerms) -> list[str]:
        """The words as some passage spells them, and those joined forms that some passage has."""
        vocabulary = self._lexical.vocabulary
        joined = [term for term in terms.joined if term in vocabulary]
        meant = [
            term if term in vocabulary else self._closest(term) or term for term in terms.words
        ]
        return list(dict.fromkeys([*meant, *joined]))

    def weights(self, terms: Sequence[str]) -> dict[str, float]:
        """The idf of each term; that of a term no passage has is the highest of all."""
        unknown = float(idf(self._lexical.corpus_size, np.zeros(1))[0])
        return {term: self._lexical.idf.get(term, unknown) for term in terms}

    def _loaded(
        self, row: int, cosines: tuple[float, ...], matched: Mapping[str, float]
    ) -> LoadedPassage:
        number = int(self.generation.column("passage_article")[row])
        article = self._article(number)
        passage = self.generation.passage(row, article)
        story = tuple(self.generation.copies.of(number))
        return LoadedPassage(passage, article, cosines, matched, story)

    def _of_named(self, numbers: Collection[int], articles: NDArray[np.int64]) -> list[bool]:
        """Whether each of some articles is of a source that the question names."""
        if not numbers:
            return [False] * len(articles)
        sources = self.generation.column("source")[articles].tolist()
        return [source in numbers for source in sources]
