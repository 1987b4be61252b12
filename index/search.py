"""`Searcher`: open a library, search it, ask it. Everything that asks comes in here."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import TracebackType

from . import answer, fusion
from .analyzer import Analyzer
from .dense import Asking, QuestionEncoder
from .engines import Engine, Mode, Request
from .engines.local import LocalEngine
from .errors import ModelMismatch
from .generation import Generation, current, open_current
from .settings import Settings
from .types import Answer, Article, Hit, Query

MODELS = "models"
_DEEPER = 10  # candidates of each index for every article wanted, when `articles` runs short
_REMEMBERED = 256  # questions whose vectors are kept
_SPARE = 3  # times k are loaded, so that k are left when duplicates are one


class Searcher:
    """Asks one generation of a library, until `refresh` moves it to the newest.

    Safe to use from several threads: nothing it holds changes while a question is answered.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        mode: Mode = "hybrid",
        models: Path | None = None,
        load: Callable[[Path], Asking] = QuestionEncoder,
    ) -> None:
        """Open the newest generation in `settings.home`.

        `models` is where exported models lie, by default `home/models`, and `load` opens the one
        in a folder of it. Raises LibraryMissing,
        LibraryDamaged, ModelMismatch or ModelError.
        """
        self.settings = settings or Settings()
        self.mode: Mode = mode
        self._load = load
        self._models = models or self.settings.home / MODELS
        self._analyzer = Analyzer()
        self._encoder: Asking | None = None
        self._open(open_current(self.settings.home))

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
        """Let go of the generation; its files are unmapped when nothing uses them any more."""
        del self._engine, self._generation

    @property
    def generation(self) -> Generation:
        """The generation that is asked."""
        return self._generation

    def refresh(self) -> bool:
        """Move to the newest generation, if there is a newer one; says whether it moved."""
        if current(self.settings.home) == self._generation.name:
            return False
        self._open(open_current(self.settings.home))
        return True

    def search(self, query: Query, depth: int | None = None) -> list[Hit]:
        """The k best passages, best first; `depth` candidates of each index, else as set."""
        request = self._request(query, depth)
        return self._hits(request, query.k)

    def ask(self, query: Query) -> Answer:
        """The k best passages, the sentence that answers, and how sure that is."""
        hits, weights = self.consider(query)
        return answer.compose(query, hits, weights, self._analyzer, self.settings.answer)

    def consider(self, query: Query) -> tuple[list[Hit], dict[str, float]]:
        """What `ask` makes its answer of: hits, best first, and the idf of the question's terms."""
        request = self._request(query, None)
        hits = self._hits(request, query.k * _SPARE)
        return hits, self._engine.weights(request.terms)

    def articles(self, query: Query, n: int) -> list[tuple[str, float]]:
        """The n best articles, each by its best passage: ids and fused scores, best first.

        In the order that `search` gives; where its candidates hold fewer than n articles, those
        of a deeper search follow.
        """
        found: dict[str, float] = {}
        for depth in (None, _DEEPER * n):
            ranked = self._ranked(self._request(query, depth))
            ids = self._engine.article_ids([candidate.key for candidate, _ in ranked])
            last = min(found.values(), default=float("inf"))
            for article_id, (_, score) in zip(ids, ranked, strict=True):
                found.setdefault(article_id, min(score, last))
            if len(found) >= n:
                break
        return list(found.items())[:n]

    def article(self, article_id: str) -> Article | None:
        """An article of this generation, or None."""
        return self._generation.find(article_id)

    def _open(self, generation: Generation) -> None:
        model, wanted = generation.model, self.settings.model
        if model.name != wanted:
            raise ModelMismatch(
                f"{self.settings.home}: indexed with model {model.name}, but {wanted} is set; "
                "run `newsdesk index` to encode it anew, or set NEWSDESK_MODEL back"
            )
        encoder = self._encoder
        if encoder is None or encoder.hash != model.hash:
            encoder = self._load(self._models / model.id)
        engine: Engine = LocalEngine(generation, self.settings)
        self._encode = lru_cache(_REMEMBERED)(encoder.encode)
        self._encoder, self._engine, self._generation = encoder, engine, generation

    def _request(self, query: Query, depth: int | None) -> Request:
        return Request(
            terms=tuple(self._engine.spell(self._analyzer.query_terms(query.text))),
            vector=self._encode(query.text),
            depth=max(depth or self.settings.fusion.depth, query.k),
            mode=self.mode,
            since=query.since,
            until=query.until,
            sources=query.sources,
        )

    def _hits(self, request: Request, k: int) -> list[Hit]:
        ranked = self._ranked(request)[:k]
        found = self._engine.load(request, [candidate.key for candidate, _ in ranked])
        return [
            Hit(
                passage=one.passage,
                article=one.article,
                rank=rank,
                score=score,
                signals={"bm25": candidate.bm25, "dense": candidate.dense},
                sentence_cosines=one.sentence_cosines,
                matched=one.matched,
            )
            for rank, ((candidate, score), one) in enumerate(
                zip(ranked, found, strict=True), start=1
            )
        ]

    def _ranked(self, request: Request) -> list[tuple[fusion.Candidate, float]]:
        candidates = self._engine.candidates(request)
        if self.mode == "lexical":
            scores = [one.bm25 for one in candidates]
        elif self.mode == "dense":
            scores = [one.dense for one in candidates]
        elif self.settings.fusion.method == "rrf":
            scores = fusion.reciprocal_rank(candidates)
        else:
            scores = fusion.weighted_sum(candidates, self.settings.fusion.weight)
        order = sorted(range(len(candidates)), key=lambda i: (-scores[i], candidates[i].key))
        return [(candidates[i], scores[i]) for i in order]
