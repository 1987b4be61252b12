"""The library in Milvus, asked. It finds and filters; what makes an answer of it stays ours."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from newsdesk.index.errors import StateGone, UsageError
from newsdesk.index.generation import SourceSummary
from newsdesk.index.indexes.bm25 import idf
from newsdesk.index.indexes.dense import Matrix, Model, sentence_cosines
from newsdesk.index.indexes.sentence_terms import heading
from newsdesk.index.indexes.vocabulary import Terms, slips_of
from newsdesk.index.milvus import Client, State, Stories, client_of, newest, newest_number
from newsdesk.index.milvus.client import MOST
from newsdesk.index.milvus.packing import coded_id, coded_term, term_of, unpacked_sentences
from newsdesk.index.milvus.reading import articles_of, sentences_of, term_rows
from newsdesk.index.milvus.schema import UNDATED, article_of, collections, passage_key
from newsdesk.index.milvus.state import SourceRow
from newsdesk.index.milvus.weights import asked
from newsdesk.index.settings import Settings
from newsdesk.index.text.analyzer import Analyzer, QueryTerms
from newsdesk.index.types import Article, Filters, Passage, by_language

from .engine import ALL, Copy, EngineQuery, LoadedPassage, PassageSentences
from .fusion import Candidate, Key
from .source_mentions import SourceNames

_LOOK = 1.0  # seconds to see whether there is a newer state; the open one answers meanwhile
_EF = 200  # candidates that HNSW keeps at least
_KEPT_TERMS, _KEPT_ARTICLES = 10_000, 64
_ABSENT = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Row:
    """A passage's row: its keys, and what candidates are weighed by."""

    key: int
    article: int
    article_id: str
    ordinal: int
    day: int
    source: int

    @property
    def name(self) -> str:
        """Its key for others: in the order of the local indexes, by articles' ids."""
        return f"{self.article_id}\0{self.ordinal:07d}\0{self.key}"


class MilvusEngine:
    """One state of a library in Milvus. See `Engine`.

    Safe to use from several threads. Whatever asks Milvus raises EngineAway where it does not
    answer within `milvus.wait` seconds, and StateGone where this state was replaced meanwhile.
    """

    def __init__(self, client: Client, state: State) -> None:
        self._client, self._state = client, state
        self._articles, self._passages, self._terms = collections(client.given.name, state.epoch)
        numbered = [row.name if row.articles else "" for row in state.sources]
        self._named = SourceNames(numbered)
        held = (row.name for row in state.sources if row.articles)
        self._source_names = list(dict.fromkeys(held))
        self._stories = Stories(state.copies)
        self._known: dict[str, tuple[int, int, int]] = {}  # number, passages, articles of terms
        self._bodies: dict[int, Article] = {}
        self._keeping = threading.Lock()
        self._closest = lru_cache(maxsize=_KEPT_TERMS)(_Vocabulary(client, state).closest)
        self._analyzer = Analyzer()

    @property
    def state(self) -> str:
        """The name of the generation that this is the copy of."""
        return self._state.generation

    @property
    def model(self) -> Model:
        """The embedding model that its vectors were made by."""
        return self._state.model

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return self._state.passages

    def check(self) -> None:
        """Nothing to do: what Milvus has lost is told by what is asked next."""

    def is_newest(self) -> bool:
        """Whether no newer state was published. Raises EngineAway, after a short wait."""
        return newest_number(self._client, wait=_LOOK) == self._state.number

    def count(self, filters: Filters = ALL) -> int:
        """How many articles the filters allow."""
        if not filters:
            return self._state.articles
        condition = self._condition(filters)
        return self._client.count(self._articles, condition) if condition else 0

    def period(self) -> tuple[date, date] | None:
        """The days of the first and the last article that has one; None if none has."""
        dated = [row for row in self._state.sources if row.last != UNDATED]
        if not dated:
            return None
        first, last = min(row.first for row in dated), max(row.last for row in dated)
        return date.fromordinal(first), date.fromordinal(last)

    def source_names(self) -> Sequence[str]:
        """The names of all sources, as the articles write them; "" where one names none."""
        return self._source_names

    def sources(self) -> list[SourceSummary]:
        """Every source with its articles and period, the one with most articles first."""
        held: dict[str, list[SourceRow]] = {}
        for row in self._state.sources:
            if row.articles:
                held.setdefault(row.name, []).append(row)
        summaries = [_summary(name, rows) for name, rows in held.items()]
        return sorted(summaries, key=lambda summary: (-summary.articles, summary.name))

    def languages(self) -> dict[str, int]:
        """How many articles say that they are in a language, by its code; most first."""
        return by_language((row.language, row.articles) for row in self._state.sources)

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        number = self._number(article_id)
        return None if number is None else self._whole([number])[number]

    def newest(self, n: int, filters: Filters = ALL) -> list[tuple[Article, Passage]]:
        """The n articles published last that the filters allow, each with its first passage."""
        condition = self._condition(filters)
        fields = ["article", "id", "day"]
        if n < 1 or not condition:
            return []
        found = self._client.nearest(self._articles, "recent", [1.0, 0.0], n, condition, fields)
        if not found:
            return []
        # Of the last day that is reached, which ones Milvus gives is chance.
        last = min(int(row["day"]) for _, _, row in found)
        rows = [row for _, _, row in found if int(row["day"]) > last]
        rows += self._client.rows(self._articles, f"{condition} and day == {last}", fields)
        rows.sort(key=lambda row: (int(row["day"]), row["id"].encode()), reverse=True)
        numbers = [int(row["article"]) for row in rows[:n]]
        whole = self._whole(numbers)
        firsts = self._loaded([passage_key(number, 0) for number in numbers])
        return [
            (whole[number], _passage(whole[number], row, self.model.dimensions)[0])
            for number, row in zip(numbers, firsts, strict=True)
        ]

    # Search

    def candidates(self, query: EngineQuery) -> list[Candidate]:
        """The best passages of each index, each once, with both scores; in no order."""
        condition = self._condition(query.filters)
        if not condition:
            return []
        words = self._asked(query.terms, 1)
        named = self._named.named(query.text)
        sources = self._sources_of(query.filters)
        hidden = self._stories.hidden(query.filters, sources, named)
        rows: dict[int, _Row] = {}
        cosines: dict[int, float] = {}
        scores: dict[int, float] = {}
        if query.mode != "lexical":
            cosines = self._near(query.vector, query.depth, condition, rows, hidden)
        if query.mode != "dense":
            scores = self._matching(words, query.depth, condition, rows, hidden)
        cosines |= self._near(query.vector, 0, _among(rows.keys() - cosines.keys()), rows)
        scores |= self._matching(words, 0, _among(rows.keys() - scores.keys()), rows)
        self._refuse_gone(rows, cosines)
        of_articles = self._of_articles(query.terms, {row.article for row in rows.values()})
        return [
            Candidate(
                row.name,
                scores.get(key, 0.0),
                cosines[key],
                of_articles.get(row.article, 0.0),
                _age(query.asked, row.day),
                row.source in named,
            )
            for key, row in rows.items()
        ]

    def load(self, query: EngineQuery, keys: Sequence[Key]) -> list[LoadedPassage]:
        """The passages of some candidates, in the order asked."""
        vector = query.vector if query.nearness is None else query.nearness
        passages = self._with_articles(keys)
        nearness = sentence_cosines(vector, [vectors for _, _, vectors in passages])
        return [
            LoadedPassage(
                passage,
                article,
                cosines,
                self._parts(query.terms, article, passage),
                self._stories.of(article_of(_row_key(key))),
            )
            for key, (article, passage, _), cosines in zip(keys, passages, nearness, strict=True)
        ]

    def sentences(self, query: EngineQuery, keys: Sequence[Key]) -> list[PassageSentences]:
        """The sentences of some candidates, in the order asked; cheaper than `load`."""
        vector = query.vector if query.nearness is None else query.nearness
        passages = self._with_articles(keys)
        cosines = sentence_cosines(vector, [vectors for _, _, vectors in passages])
        terms, asked_for = self._analyzer.term_set, set(query.terms)
        return [
            PassageSentences(
                terms(heading(article)) & asked_for,
                [terms(span.of(article.text)) & asked_for for span in passage.sentences],
                near,
            )
            for (article, passage, _), near in zip(passages, cosines, strict=True)
        ]

    def story(self, article_id: str) -> tuple[Key, ...]:
        """Keys of the articles of a story, one and its copies; empty if it has none."""
        if not self._state.copies:
            return ()
        number = self._number(article_id)
        return () if number is None else self._stories.of(number)

    def load_copies(self, story: Sequence[Key], filters: Filters = ALL) -> list[Copy]:
        """The articles of a story that the filters allow, in order."""
        numbers = self._stories.allowed(map(int, story), filters, self._sources_of(filters))
        whole = self._whole(numbers)
        spans = sentences_of(self._client, self._passages, numbers, self.model.dimensions)
        return [Copy(whole[number], spans[number]) for number in numbers]

    def article_ids(self, keys: Sequence[Key]) -> list[str]:
        """The ids of the articles that some candidates belong to, in the order asked."""
        return [str(key).rsplit("\0", 2)[0] for key in keys]

    # Terms

    def spell(self, terms: QueryTerms) -> list[str]:
        """The words as some passage spells them, and those joined forms that some passage has."""
        known = self._looked_up([*terms.words, *terms.joined])
        joined = [term for term in terms.joined if known[term][1]]
        meant = [term if known[term][1] else self._closest(term) or term for term in terms.words]
        return list(dict.fromkeys([*meant, *joined]))

    def weights(self, terms: Sequence[str]) -> dict[str, float]:
        """The idf of each term; that of a term no passage has is the highest of all."""
        known = self._looked_up(terms)
        return {term: _idf(self._state.passages, known[term][1]) for term in terms}

    # Inside

    def _number(self, article_id: str) -> int | None:
        """The number of an article's row."""
        condition = f'code == "{coded_id(article_id)}" and {self._state.articles_shown}'
        rows = self._client.rows(self._articles, condition, ["article"])
        return int(rows[0]["article"]) if rows else None

    def _sources_of(self, filters: Filters) -> list[int] | None:
        """The numbers of the sources and languages that are allowed; None for all."""
        found = filters.places((row.name, row.language) for row in self._state.sources)
        return found and [place for place in found if self._state.sources[place].articles]

    def _condition(self, filters: Filters) -> str | None:
        """What a row meets that the filters allow; None where none can."""
        since, until = filters.since, filters.until
        parts = [self._state.articles_shown]
        if since or until:
            parts.append(f"day > {UNDATED}")
        if since:
            parts.append(f"day >= {since.toordinal()}")
        if until:
            parts.append(f"day <= {until.toordinal()}")
        numbers = self._sources_of(filters)
        if numbers == []:
            return None
        if numbers:
            parts.append(f"source in {numbers}")
        return " and ".join(parts)

    def _near(
        self,
        vector: Matrix,
        depth: int,
        condition: str | Sequence[int],
        rows: dict[int, _Row],
        hidden: Collection[int] = (),
    ) -> dict[int, float]:
        """Cosines of the nearest passages, or of some, by their keys; adds their rows."""
        return self._search(
            "vector", np.asarray(vector, np.float32), depth, condition, rows, hidden
        )

    def _matching(
        self,
        words: Mapping[int, float],
        depth: int,
        condition: str | Sequence[int],
        rows: dict[int, _Row],
        hidden: Collection[int] = (),
    ) -> dict[int, float]:
        """BM25 of the best passages, or of some, by their keys; adds their rows."""
        found = self._search("weights", words, depth, condition, rows, hidden) if words else {}
        return {key: score for key, score in found.items() if score > 0}

    def _search(
        self,
        field: str,
        vector: Any,
        depth: int,
        condition: str | Sequence[int],
        rows: dict[int, _Row],
        hidden: Collection[int],
    ) -> dict[int, float]:
        if not isinstance(condition, str):
            depth, condition = len(condition), f"key in {list(condition)}"
        found = self._nearest(field, vector, depth, condition, hidden)
        for key, score, row in found:
            if score > 0 or field == "vector":
                numbers = (int(row[name]) for name in ("ordinal", "day", "source"))
                rows.setdefault(key, _Row(key, int(row["article"]), row["id"], *numbers))
        return {key: score for key, score, _ in found}

    def _nearest(
        self, field: str, vector: Any, depth: int, condition: str, hidden: Collection[int]
    ) -> list[tuple[int, float, Mapping[str, Any]]]:
        """The nearest rows of articles that are not hidden.

        Hidden ones are found and left out: a condition that names a million articles would be
        longer than what is searched for.
        """
        fields = ["article", "id", "ordinal", "day", "source"]
        wanted = depth + min(depth, len(hidden))
        while True:
            more = {}
            if field == "vector" and self._client.given.index == "HNSW":
                more = {"search_params": {"params": {"ef": max(_EF, wanted)}}}
            found = self._client.nearest(
                self._passages, field, vector, wanted, condition, fields, **more
            )
            shown = [hit for hit in found if int(hit[2]["article"]) not in hidden]
            if len(shown) >= depth or len(found) < wanted or wanted >= MOST:
                return shown[:depth]
            wanted = min(2 * wanted, MOST)

    def _of_articles(self, terms: Sequence[str], numbers: set[int]) -> dict[int, float]:
        """BM25 of whole articles, by their numbers; those that share no term are left out."""
        words = self._asked(terms, 2)
        if not (words and numbers):
            return {}
        condition = f"article in {sorted(numbers)}"
        found = self._client.nearest(self._articles, "weights", words, len(numbers), condition)
        return {number: score for number, score, _ in found if score > 0}

    def _asked(self, terms: Sequence[str], place: int) -> dict[int, float]:
        """A question's terms with their idf, among passages (place 1) or articles (place 2)."""
        known = self._looked_up(terms)
        total = self._state.passages if place == 1 else self._state.articles
        there = {term: counts for term, counts in known.items() if counts[1]}
        numbers = {term: counts[0] for term, counts in there.items()}
        return asked(terms, numbers, {t: _idf(total, counts[place]) for t, counts in there.items()})

    def _parts(self, terms: Sequence[str], article: Article, passage: Passage) -> dict[str, float]:
        """What each term adds to a passage's score, for those that stand in it."""
        basis, words = self._state.basis, self._analyzer.terms
        held = words(article.title) + words(passage.text)
        norm = basis.k1 * (1 - basis.b + basis.b * (len(held) / basis.mean if basis.mean else 0.0))
        idfs = self.weights(terms)
        parts: dict[str, float] = {}
        for term in terms:
            count = held.count(term)
            if count:
                gain = idfs[term] * count * (basis.k1 + 1) / (count + norm)
                parts[term] = parts.get(term, 0.0) + gain
        return parts

    def _looked_up(self, terms: Iterable[str]) -> dict[str, tuple[int, int, int]]:
        """Number, passages and articles of each term; zeros for one that no passage has."""
        wanted, known = dict.fromkeys(terms), self._known
        found = {term: known[term] for term in wanted if term in known}
        missing = [term for term in wanted if term not in found]
        if missing:
            read = dict.fromkeys(missing, _ABSENT) | self._read_terms(missing)
            # Not changed in place: other threads read it.
            self._known = read if len(known) > _KEPT_TERMS else known | read
            found |= read
        return found

    def _read_terms(self, terms: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        codes = {coded_term(term): term for term in terms}
        quoted = ", ".join(f'"{code}"' for code in codes)
        condition = f"term in [{quoted}] and born <= {self._state.number}"
        fields = ["term", "born", "number", "passages", "articles"]
        born: dict[str, int] = {}
        found: dict[str, tuple[int, int, int]] = {}
        for row in self._client.rows(self._terms, condition, fields):
            term = codes[row["term"]]
            if int(row["born"]) > born.get(term, 0):
                born[term] = int(row["born"])
                found[term] = (int(row["number"]), int(row["passages"]), int(row["articles"]))
        return found

    def _with_articles(self, keys: Sequence[Key]) -> list[tuple[Article, Passage, Any]]:
        """Passages by their keys, with their articles and their sentences' vectors."""
        rows = self._loaded([_row_key(key) for key in keys])
        whole = self._whole([int(row["article"]) for row in rows])
        found = []
        for row in rows:
            article = whole[int(row["article"])]
            found.append((article, *_passage(article, row, self.model.dimensions)))
        return found

    def _loaded(self, keys: Sequence[int]) -> list[Mapping[str, Any]]:
        """Rows of passages, in the order asked."""
        if not keys:
            return []
        fields = ["key", "article", "ordinal", "start", "end", "sentences"]
        rows = self._client.rows(self._passages, f"key in {list(keys)}", fields)
        found = {int(row["key"]): row for row in rows}
        self._refuse_gone(keys, found)
        return [found[key] for key in keys]

    def _whole(self, numbers: Sequence[int]) -> dict[int, Article]:
        """Articles by their numbers; those of the last questions are kept."""
        kept = dict(self._bodies)
        missing = [number for number in dict.fromkeys(numbers) if number not in kept]
        read = articles_of(self._client, self._articles, missing) if missing else {}
        found = {number: article for number, article in (kept | read).items() if number in numbers}
        self._refuse_gone(numbers, found)
        with self._keeping:
            self._bodies = dict(list((self._bodies | found).items())[-_KEPT_ARTICLES:])
        return found

    def _refuse_gone(self, wanted: Iterable[int], found: Mapping[int, Any]) -> None:
        if any(key not in found for key in wanted):
            raise StateGone(
                f"{self._client.given.uri}: a row of the library is there no more; ask again, and "
                "if it stays, run `newsdesk check` where the library is written"
            )


class _Vocabulary(Terms):
    """The terms of a library in Milvus, as far as a misspelt one may be meant."""

    def __init__(self, client: Client, state: State) -> None:
        self._client, self._state = client, state
        self._place = collections(client.given.name, state.epoch)[2]

    def __getitem__(self, term: str) -> int:
        raise KeyError(term)  # numbers are looked up by the engine, many at once

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0

    def between(self, first: str, last: str) -> list[str]:
        """Never called: `near` asks Milvus for what this would be needed for."""
        raise NotImplementedError

    def near(self, term: str) -> list[str]:
        """The terms with the first letter of one, and about as long, in order."""
        slips = slips_of(term)
        condition = (
            f'term like "{coded_term(term[0])}%" and born <= {self._state.number} '
            f"and letters >= {len(term) - slips} and letters <= {len(term) + slips}"
        )
        rows = sorted(term_rows(self._client, self._place, condition), key=_born)
        counts = {row["term"]: int(row["passages"]) for row in rows}  # the newest of each stays
        terms = {term_of(code) for code, passages in counts.items() if passages}
        return sorted(filter(None, terms), key=lambda each: each.encode("utf-8", "surrogatepass"))


def _born(row: Mapping[str, Any]) -> int:
    return int(row["born"])


def open_milvus(settings: Settings) -> MilvusEngine:
    """Open the newest state in Milvus. Raises UsageError, LibraryMissing, EngineAway and more."""
    client = client_of(settings.milvus)
    state, given = newest(client), settings.lexical
    if (state.basis.k1, state.basis.b) != (given.k1, given.b):
        raise UsageError(
            f"{client.given.uri}: written with lexical.k1 = {state.basis.k1} and lexical.b = "
            f"{state.basis.b}; set these, or run `newsdesk index --engine milvus` with yours"
        )
    return MilvusEngine(client, state)


def _row_key(key: Key) -> int:
    """The key of a passage's row, of what others know it by."""
    return int(str(key).rpartition("\0")[2])


def _among(keys: Iterable[int]) -> list[int]:
    return sorted(keys)


def _passage(article: Article, row: Mapping[str, Any], dimensions: int) -> tuple[Passage, Any]:
    """A passage of its row, and its sentences' vectors."""
    start, end = int(row["start"]), int(row["end"])
    spans, vectors = unpacked_sentences(row["sentences"], dimensions)
    text = article.text[start:end]
    return Passage(article.id, int(row["ordinal"]), start, end, text, spans), vectors


def _summary(name: str, rows: Sequence[SourceRow]) -> SourceSummary:
    """A source, of its rows."""
    dated = [row for row in rows if row.last != UNDATED]
    first = min((row.first for row in dated), default=UNDATED)
    last = max((row.last for row in dated), default=UNDATED)
    return SourceSummary(name, sum(row.articles for row in rows), _day(first), _day(last))


def _day(day: int) -> date | None:
    return None if day == UNDATED else date.fromordinal(day)


def _age(asked_on: date | None, day: int) -> float | None:
    return None if asked_on is None or day == UNDATED else float(asked_on.toordinal() - day)


def _idf(total: int, containing: int) -> float:
    return float(idf(total, np.asarray([containing]))[0])
