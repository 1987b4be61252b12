"""`Searcher`: open a library, search it, ask it. Everything that asks comes in here."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType

from newsdesk.index.errors import LibraryDamaged, LibraryMissing, ModelMismatch, StateGone
from newsdesk.index.generation import model_files
from newsdesk.index.indexes.dense import Asking, Matrix, QuestionEncoder, unit
from newsdesk.index.reading import Reader, open_reader
from newsdesk.index.settings import Answering, Settings
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Answer, Article, Collection, Hit, Query, Question

from .answer import compose
from .ask import ask
from .copies import copies_of, with_copies
from .engine import Engine, EngineQuery, Mode
from .opening import open_engine as open_chosen
from .ranking import Ranking

MODELS = model_files.MODELS
_CARRIED = 0.3  # of its idf: what a term counts for an answer that only the context has
# Questions: Python runs one thread at a time, and twenty hinder each other.
# See RESULTS.md, "A million passages".
_AT_ONCE = 2
_TRIES = 3  # of a question whose state of the library was replaced while it was asked
_SPARE = 3  # times k are loaded, so that k are left when duplicates are one


def _names_another_year(query: Query) -> bool:
    """Whether a question is about another year than the one it is asked in."""
    years = re.findall(r"\b(?:19|20)\d\d\b", query.text)
    return bool(years) and query.asked is not None and str(query.asked.year) not in years


@dataclass(frozen=True, slots=True)
class Opened:
    """All that answers a question, taken at once, so that none gets two states of the library."""

    engine: Engine
    encode: Callable[[str], Matrix]  # by the engine's model: a question's vector, shape (d,)
    collection: Collection


def _is_whole(engine: Engine) -> bool:
    """Whether nothing that is searched was cut since it was opened."""
    try:
        engine.check()
    except LibraryDamaged:
        return False
    return True


def _collection(engine: Engine) -> Collection:
    return Collection(engine.count(), engine.period(), engine.state, engine.model.name)


class Searcher:
    """Asks one state of a library, until `refresh` moves it to the newest.

    Safe to use from several threads: a question keeps the state it began with. Two are searched for
    at once, the others wait for their turn.

    >>> with Searcher(load_settings()) as searcher:
    ...     answer = searcher.ask("who is in the B9, from Newsdesk World?")
    ...     searcher.ask(Question("NATO?", sources=("Newsdesk Wrld",))).no_match.nearest[0]
    'Newsdesk World'
    >>> answer.verdict, answer.understood.query.sources
    ('answered', ('Newsdesk World',))
    """

    def __init__(
        self,
        settings: Settings | None = None,
        mode: Mode = "hybrid",
        models: Path | None = None,
        load: Callable[[Path], Asking] = QuestionEncoder,
        reader: Reader | None = None,
        open_engine: Callable[[Settings], Engine] = open_chosen,
    ) -> None:
        """Open the newest state of the library.

        `models` is where exported models lie, by default `home/models`, and `load` opens the one
        in a folder of it. `reader` reads the first passages, by default the one that is set.
        `open_engine` opens what is searched, by default what `settings.engine` names: the newest
        generation in `settings.home`, or the newest state in Milvus. Raises LibraryMissing,
        LibraryDamaged, ModelMismatch, ModelError or EngineAway.
        """
        self.settings = settings or Settings()
        self.mode: Mode = mode
        self._load, self._open_engine = load, open_engine
        self._models = models or self.settings.home / MODELS
        self._analyzer = Analyzer()
        reader = reader or open_reader(self.settings.reader, self._models)
        self._ranking = Ranking(self.settings, mode, reader)
        self._refreshing = threading.Lock()
        # Who asks Milvus mostly waits for it, and is not to wait for others who do.
        is_here = self.settings.engine == "local"
        self._turns = threading.BoundedSemaphore(_AT_ONCE) if is_here else contextlib.nullcontext()
        self._opened: Opened | None = None
        self._opened = self._open()

    def __enter__(self) -> Searcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of what is searched; files are unmapped when nothing uses them any more."""
        self._opened = None

    @property
    def opened(self) -> Opened:
        """All that a question is asked of, taken at once."""
        return self._now()

    @property
    def engine(self) -> Engine:
        """What is searched; the one of `opened` where several things must fit together."""
        return self._now().engine

    @property
    def collection(self) -> Collection:
        """What is asked: how many articles, of which days, in which state."""
        return self._taken().collection

    @property
    def source_names(self) -> Sequence[str]:
        """The names of all sources, as the articles write them; "" where one names none."""
        return self._taken().engine.source_names()

    def refresh(self) -> bool:
        """Move to the newest state of the library, if there is a newer one; says whether it moved.

        Opens the same one again where its files were cut. Raises what opening one raises; the
        Searcher goes on with the one it has, and is asked in vain while that is cut.
        """
        with self._refreshing:
            engine = self._taken().engine
            if engine.is_newest() and _is_whole(engine):
                return False
            self._opened = self._open()
            return True

    def search(self, query: Query, depth: int | None = None) -> list[Hit]:
        """The k best passages, best first; `depth` candidates of each index, else as set."""
        opened = self._now()
        return self._hits(opened, self._engine_query(opened, query, depth), query.k)

    def ask(self, question: Question | str) -> Answer:
        """Understand a question as a person put it, and answer it.

        The way in for every question, whoever asks: the command line, the bot, measuring and
        Python. A text is asked now, with nothing before it and no filters but those in its words.
        The answer tells how it was understood. Raises LibraryMissing once closed, and
        LibraryDamaged where a file of the library was cut before or meanwhile.
        """
        question = Question(question) if isinstance(question, str) else question
        for _ in range(_TRIES - 1):
            with contextlib.suppress(StateGone):
                return self._ask(question)
            self.refresh()
        return self._ask(question)

    def _ask(self, question: Question) -> Answer:
        opened = self._now()
        with self._turns:
            answer = ask(self, question)
        opened.engine.check()  # what is cut off reads as nothing up to the page's end
        return answer

    def answer_query(self, query: Query, opened: Opened | None = None) -> Answer:
        """The answer to a query that is understood already; for `ask`, and measuring its parts."""
        opened = opened or self._now()
        hits, weights = self.consider(query, opened)
        size = opened.engine.passages
        answer = compose(query, hits, weights, self._analyzer, self.settings.answer, size)
        return with_copies(answer, opened.engine, query)

    def consider(
        self, query: Query, opened: Opened | None = None
    ) -> tuple[list[Hit], dict[str, float]]:
        """What an answer is made of: hits, best first, and the idf of the query's terms."""
        opened = opened or self._now()
        engine_query = self._engine_query(opened, query, None)
        weights = opened.engine.weights(engine_query.terms)
        if query.context:
            weights = self._of_the_new(opened, query, weights)
        k = max(query.k, Answering().passages)  # what is weighed is the same however few are shown
        return self._hits(opened, engine_query, k * _SPARE), weights

    def articles(self, query: Query, n: int) -> list[tuple[str, float]]:
        """The n best articles, each by its best passage: ids and fused scores, best first.

        In the order that `search` gives, each with its copies behind it; where its candidates hold
        fewer than n articles, those of a deeper search follow.
        """
        opened = self._now()
        n = min(n, opened.collection.articles)  # no deeper search for more than there are
        best: dict[str, float] = {}
        for depth in (None, 10 * n):  # of each index
            engine_query = self._engine_query(opened, query, depth)
            ranked = self._ranking.rank(opened.engine, engine_query)
            ids = opened.engine.article_ids([candidate.key for candidate, _ in ranked])
            last = min(best.values(), default=float("inf"))
            for article_id, (_, score) in zip(ids, ranked, strict=True):
                if article_id not in best:
                    for each in (article_id, *copies_of(opened.engine, article_id, query)):
                        best.setdefault(each, min(score, last))
            if len(best) >= n:
                break
        return list(best.items())[:n]

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        return self._now().engine.article(article_id)

    def _now(self) -> Opened:
        """What a question is asked of, from its beginning to its end; not cut just now."""
        opened = self._taken()
        opened.engine.check()
        return opened

    def _taken(self) -> Opened:
        """What is open, be it cut or not."""
        opened = self._opened
        if opened is None:
            raise LibraryMissing(f"{self.settings.home}: closed; open a Searcher anew")
        return opened

    def _open(self) -> Opened:
        engine = self._open_engine(self.settings)
        model, wanted = engine.model, self.settings.model
        if model.name != wanted:
            raise ModelMismatch(
                f"{self.settings.home}: indexed with model {model.name}, but {wanted} is set; "
                "run `newsdesk index` to encode it anew, or set NEWSDESK_MODEL back"
            )
        before = self._opened
        if before and before.engine.model == model:
            return Opened(engine, before.encode, _collection(engine))
        encoder = self._load(model_files.find(self._models, model))
        if encoder.hash != model.hash:
            raise ModelMismatch(
                f"{self._models / model.id}: exported from other weights than {model.name}'s in "
                f"{self.settings.home}; remove that folder and run `newsdesk index`"
            )
        encode = lru_cache(maxsize=256)(encoder.encode)  # questions are asked again
        return Opened(engine, encode, _collection(engine))

    def _of_the_new(
        self, opened: Opened, query: Query, weights: dict[str, float]
    ) -> dict[str, float]:
        """What the terms of a question that goes on from another count for its answer.

        Passages are found by both; but the sentence is to answer the new one, and the old one's
        answer lies nearest to the old one. See RESULTS.md, "Follow-ups".
        """
        own = set(opened.engine.spell(self._analyzer.query_terms(query.text)))
        return {term: w if term in own else _CARRIED * w for term, w in weights.items()}

    def _engine_query(self, opened: Opened, query: Query, depth: int | None) -> EngineQuery:
        words = f"{query.text} {query.context}".strip() if query.context else query.text
        vector = opened.encode(words)
        return EngineQuery(
            terms=tuple(opened.engine.spell(self._analyzer.query_terms(words))),
            vector=vector,
            # The sentence is to answer the new question, not the old one again.
            nearness=unit(opened.encode(query.text) + vector) if query.context else None,
            depth=max(depth or self.settings.fusion.depth, query.k),
            mode=self.mode,
            filters=query.filters,
            text=words,
            new=query.text,
            asked=None if _names_another_year(query) else query.asked,
            current=query.current and not _names_another_year(query),
        )

    def _hits(self, opened: Opened, engine_query: EngineQuery, k: int) -> list[Hit]:
        best = self._ranking.best(opened.engine, engine_query, k)
        return [
            Hit(
                passage=own.passage,
                article=own.article,
                rank=rank,
                score=score,
                signals={
                    "bm25": candidate.bm25,
                    "dense": candidate.dense,
                    "sentence": candidate.sentence,
                },
                sentence_cosines=own.sentence_cosines,
                matched=own.matched,
                reading=candidate.reading,
                story=own.story,
            )
            for rank, (candidate, score, own) in enumerate(best, start=1)
        ]
