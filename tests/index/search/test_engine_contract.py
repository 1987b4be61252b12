"""What any engine does, asked of each: the indexes in this process, and Milvus.

What is expected is computed here from the articles, term by term and vector by vector.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec import structs

from newsdesk.index.errors import LibraryMissing
from newsdesk.index.generation import open_current
from newsdesk.index.indexes.sentence_terms import heading
from newsdesk.index.search.engine import Engine, EngineQuery, Mode
from newsdesk.index.search.opening import open_engine
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Article, Filters, Passage, Query
from newsdesk.index.update import forget, update
from tests.helpers.milvus import articles, in_milvus, missing
from tests.helpers.support import SmallAsking, SmallEncoder, hashed, small

ENGINES = ["local", "milvus"]
WORDS = (
    "harbour ferry lighthouse keeper storm bakery mill wheel museum map cheese goat prize council "
    "bridge tunnel river flood school teacher strike wage budget vote mayor station train delay"
).split()
SOURCES = ["Coast Post", "Harbour Times", "Aran’s “Daily” \\ News", ""]
analyzer = Analyzer()


def made_up(number: int) -> tuple[str, str, str]:
    """A day, a source and a text of some passages, always the same for a number."""
    chance = random.Random(number)
    sentences = [
        " ".join(chance.choices(WORDS, k=chance.randint(5, 14))).capitalize() + "."
        for _ in range(chance.randint(2, 24))
    ]
    day = f"2021-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}" if number % 7 else ""
    return day, SOURCES[number % 4], " ".join(sentences)


MADE_UP = {f"made-{number:02d}": made_up(number) for number in range(18)}
LANGUAGES = dict(zip(MADE_UP, ["en", "de-AT", "", "EN_gb", "de"] * 4, strict=False))
CODES = {"en": "en", "de-AT": "de", "": "", "EN_gb": "en", "de": "de"}


@pytest.fixture(scope="module", params=ENGINES)
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a library of 18 articles that is asked in one engine. Not to be changed."""
    place = tmp_path_factory.mktemp(request.param)
    chosen = chosen_for(request.param, place)
    update(chosen, [articles(place / "news", MADE_UP, LANGUAGES)], load=SmallEncoder)
    return chosen


def chosen_for(name: str, place: Path) -> Settings:
    if name == "local":
        return small(place / "home")
    if missing():
        pytest.skip(missing())
    return in_milvus(place / "home", str(place / "milvus.db"))


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Engine:
    return open_engine(settings)


@pytest.fixture(scope="module")
def passages(settings: Settings) -> list[tuple[Article, Passage]]:
    """All passages with their articles, in order, as the generation has them."""
    opened = open_current(settings.home)
    found = []
    for row, number in enumerate(opened.column("passage_article").tolist()):
        article = opened.article(number)
        found.append((article, opened.passage(row, article)))
    return found


# What is expected


def terms_of(article: Article, passage: Passage) -> list[str]:
    return analyzer.terms(article.title) + analyzer.terms(passage.text)


def bm25(asked: tuple[str, ...], texts: list[list[str]]) -> list[float]:
    """By the formula, with k1 = 1.5 and b = 0.75."""
    mean = sum(map(len, texts)) / len(texts)
    counts = [Counter(text) for text in texts]
    scores = []
    for text, count in zip(texts, counts, strict=True):
        score = 0.0
        for term in asked:
            having = sum(term in other for other in counts)
            weight = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
            norm = 1.5 * (1 - 0.75 + 0.75 * len(text) / mean)
            score += weight * count[term] * 2.5 / (count[term] + norm)
        scores.append(score)
    return scores


def is_allowed(article: Article, filters: Filters) -> bool:
    day, since, until = article.published, filters.since, filters.until
    if (since or until) and day is None:
        return False
    if day and not ((since or date.min) <= day <= (until or date.max)):
        return False
    if filters.languages and CODES[article.language] not in filters.languages:
        return False
    wanted = {source.casefold() for source in filters.sources}
    return not wanted or article.source.casefold() in wanted


def asked(words: str, depth: int = 1000, mode: Mode = "hybrid", **more: Any) -> EngineQuery:
    return EngineQuery(tuple(analyzer.query_terms(words).words), hashed(words), depth, mode, **more)


# Search


def test_candidates_are_scored_by_the_formula(
    engine: Engine, passages: list[tuple[Article, Passage]]
) -> None:
    query = asked("harbour ferry strike ferry zeppelin", asked=date(2021, 6, 1))
    texts = [terms_of(*each) for each in passages]
    whole: dict[str, list[str]] = {}
    for (article, _), text in zip(passages, texts, strict=True):
        whole.setdefault(article.id, []).extend(text)
    scores = dict(zip(whole, bm25(query.terms, list(whole.values())), strict=True))
    titles = [article.title for article, _ in passages]
    found = engine.candidates(query)
    loaded = engine.load(query, [candidate.key for candidate in found])
    by_id = {hit.passage.id: (one, hit) for one, hit in zip(found, loaded, strict=True)}
    assert len(by_id) == len(found) == len(passages)
    expected = zip(passages, bm25(query.terms, texts), titles, strict=True)
    for (article, passage), score, title in expected:
        candidate, hit = by_id[passage.id]
        vector = hashed(f"{title} {passage.text}")
        assert (hit.passage, hit.article) == (passage, article)
        assert candidate.bm25 == pytest.approx(score, rel=2e-6)
        assert sum(hit.matched.values()) == pytest.approx(score, rel=2e-6)
        assert candidate.article == pytest.approx(scores[article.id], rel=2e-6)
        assert candidate.dense == pytest.approx(float(vector @ query.vector), abs=0.02)
        age = article.published and float((date(2021, 6, 1) - article.published).days)
        assert candidate.age == age
        assert len(hit.sentence_cosines) == len(passage.sentences)


@pytest.mark.parametrize("mode", ["lexical", "dense", "hybrid"])
def test_each_index_proposes_its_best(engine: Engine, mode: Mode) -> None:
    every = engine.candidates(asked("river flood"))
    found = engine.candidates(asked("river flood", 3, mode))
    best = set()
    if mode != "dense":
        best |= {one.key for one in sorted(every, key=lambda one: -one.bm25)[:3]}
    if mode != "lexical":
        best |= {one.key for one in sorted(every, key=lambda one: -one.dense)[:3]}
    assert {one.key for one in found} == best
    scored = {one.key: (one.bm25, one.dense, one.article) for one in every}
    for one in found:
        assert (one.bm25, one.dense, one.article) == pytest.approx(scored[one.key], rel=1e-5)


days = st.one_of(st.none(), st.dates(date(2020, 12, 1), date(2022, 1, 31)))
names = st.lists(st.sampled_from([*SOURCES[:3], "COAST post", 'no "such" one\\']), max_size=2)


@hypothesis_settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    since=days,
    until=days,
    sources=names,
    languages=st.lists(st.sampled_from(["en", "de", "ro"]), max_size=2),
    words=st.lists(st.sampled_from(WORDS), max_size=4),
)
def test_filters_lose_nothing_and_let_nothing_through(
    engine: Engine,
    passages: list[tuple[Article, Passage]],
    since: date | None,
    until: date | None,
    sources: list[str],
    languages: list[str],
    words: list[str],
) -> None:
    filters = Filters(since, until, tuple(sources), tuple(languages))
    allowed = {p.id: article for article, p in passages if is_allowed(article, filters)}
    query = asked(" ".join(words), filters=filters)
    found = engine.candidates(query)
    loaded = engine.load(query, [candidate.key for candidate in found])
    assert {hit.passage.id for hit in loaded} == set(allowed)
    ids = {article.id for article in allowed.values()}
    assert engine.count(filters) == len(ids)
    newest = [article for article, _ in engine.newest(100, filters)]
    assert {article.id for article in newest} == ids
    order = [(article.published or date.min, article.id) for article in newest]
    assert order == sorted(order, reverse=True)
    few = engine.newest(2, filters)
    assert [article.id for article, _ in few] == [article.id for article in newest[:2]]


def test_passages_are_read_in_the_order_asked(engine: Engine) -> None:
    query = asked("school teacher")
    keys = [candidate.key for candidate in engine.candidates(query)]
    random.Random(1).shuffle(keys)
    keys = keys[:7]
    loaded, read = engine.load(query, keys), engine.sentences(query, keys)
    words, told = Analyzer(), set[str]()
    assert engine.article_ids(keys) == [hit.article.id for hit in loaded]
    for hit, sentences in zip(loaded, read, strict=True):
        texts = [span.of(hit.article.text) for span in hit.passage.sentences]
        own = [set(query.terms) & set(words.terms(text)) for text in texts]
        assert list(map(set, sentences.held)) == own
        assert sentences.cosines == pytest.approx(hit.sentence_cosines)
        about = words.terms(heading(hit.article))
        assert set(sentences.heading) == set(query.terms) & set(about)
        told |= set(sentences.heading).union(*own)
    assert told == set(query.terms)
    assert engine.load(query, []) == []
    assert engine.sentences(query, []) == []


def test_keys_order_equals_as_articles_and_passages_are_ordered(
    engine: Engine, passages: list[tuple[Article, Passage]]
) -> None:
    query = asked("mayor")
    keys = sorted(candidate.key for candidate in engine.candidates(query))
    in_order = [hit.passage.id for hit in engine.load(query, keys)]
    assert in_order == [passage.id for _, passage in passages]


# Copies of a story

STORY = [made_up(number)[2] for number in (100, 101, 102)]
COPIES = {
    "a-cut": ("2021-03-01", "Coast Post", STORY[0][: 4 * len(STORY[0]) // 5].rpartition(".")[0]),
    "b-whole": ("2021-03-03", "Harbour Times", STORY[0]),
    "c-later": ("2021-03-05", "Moor Mail", f"(Agency) - {STORY[0]}"),
    "d-alone": ("2021-03-05", "Moor Mail", STORY[1]),
    "e-undated": ("", "", STORY[2]),
    "f-dated": ("2021-03-04", "Coast Post", STORY[2]),
}
OF_COPIES = {"a-cut": "de-AT", "c-later": "en", "f-dated": "en_US"}


@pytest.fixture(scope="module", params=ENGINES)
def joined(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a library with copies, one of which came later. Not to be changed."""
    place = tmp_path_factory.mktemp(f"joined-{request.param}")
    chosen = chosen_for(request.param, place)
    first = {name: COPIES[name] for name in COPIES if name != "b-whole"}
    for files in (first, COPIES):
        update(chosen, [articles(place / "news", files, OF_COPIES)], load=SmallEncoder)
    return chosen


def ids_of(engine: Engine, query: EngineQuery) -> set[str]:
    return set(engine.article_ids([one.key for one in engine.candidates(query)]))


@pytest.mark.parametrize(
    ("text", "filters", "expected"),
    [
        ("", Filters(), {"b-whole", "d-alone", "f-dated"}),
        ("what does the Moor Mail say?", Filters(), {"c-later", "d-alone", "f-dated"}),
        ("", Filters(since=date(2021, 3, 4)), {"c-later", "d-alone", "f-dated"}),
        ("said the Coast Post", Filters(until=date(2021, 3, 3)), {"a-cut"}),
        ("", Filters(until=date(2021, 3, 3)), {"b-whole"}),
        ("", Filters(sources=("coast post", "")), {"a-cut", "f-dated"}),
        ("", Filters(sources=("",)), {"e-undated"}),
        ("", Filters(sources=("nobody",)), set()),
        ("", Filters(languages=("de",)), {"a-cut"}),
        ("", Filters(languages=("en", "de")), {"c-later", "f-dated"}),
        ("", Filters(languages=("fi",)), set()),
    ],
)
def test_of_copies_one_is_searched(
    joined: Settings, text: str, filters: Filters, expected: set[str]
) -> None:
    query = asked("harbour ferry council", text=text, filters=filters)
    assert ids_of(open_engine(joined), query) == expected


@pytest.mark.parametrize("mode", ["lexical", "dense"])
def test_copies_do_not_take_the_places_of_others(joined: Settings, mode: Mode) -> None:
    engine = open_engine(joined)
    every = engine.candidates(asked("harbour ferry council river mayor", mode=mode))
    by = "bm25" if mode == "lexical" else "dense"
    order = sorted((getattr(one, by) for one in every), reverse=True)
    for depth in range(1, len(every) + 1):
        few = engine.candidates(asked("harbour ferry council river mayor", depth, mode))
        found = sorted((getattr(one, by) for one in few), reverse=True)
        assert found == pytest.approx(order[:depth], rel=1e-5)


def test_the_copies_of_a_story_are_read_in_their_order(joined: Settings) -> None:
    engine = open_engine(joined)
    story = engine.story("a-cut")
    assert story == engine.story("b-whole") == engine.story("c-later")
    assert engine.story("d-alone") == engine.story("no such") == ()
    copies = engine.load_copies(story)
    assert [copy.article.id for copy in copies] == ["b-whole", "c-later", "a-cut"]
    for copy in copies:
        assert copy.article == engine.article(copy.article.id)
        sentences = [span.of(copy.article.text) for span in copy.sentences]
        assert "".join("".join(sentences).split()) == "".join(copy.article.text.split())
    since = engine.load_copies(story, Filters(since=date(2021, 3, 3)))
    assert [copy.article.id for copy in since] == ["b-whole", "c-later"]
    own = engine.load_copies(story, Filters(until=date(2021, 3, 4), sources=("COAST post",)))
    assert [copy.article.id for copy in own] == ["a-cut"]
    assert engine.load_copies(story, Filters(sources=("nobody",))) == []
    query = asked("harbour")
    keys = [one.key for one in engine.candidates(query)]
    for hit in engine.load(query, keys):
        assert hit.story == engine.story(hit.article.id)


def test_all_outlets_are_cited_until_a_copy_goes(changing: tuple[Settings, Path]) -> None:
    settings, folder = changing
    articles(folder, COPIES)
    update(settings, load=SmallEncoder)
    with Searcher(settings, load=SmallAsking) as searcher:
        question = Query(STORY[0][:200])
        (first, *_) = searcher.answer_query(question).passages
        assert first.citation.article.id == "b-whole"
        assert {cited.article.id for cited in first.also} >= {"c-later"}
        (folder / "b-whole.md").unlink()
        update(settings, load=SmallEncoder)
        searcher.refresh()
        (first, *_) = searcher.answer_query(question).passages
        assert first.citation.article.id == "c-later"
        assert len(searcher.engine.story("c-later")) == 2


# Terms, and what is known of the whole


def test_misspelt_words_are_mended_and_rare_ones_weigh_more(
    engine: Engine, passages: list[tuple[Article, Passage]]
) -> None:
    lighthouse, harbour = analyzer.terms("lighthouse harbour")
    misspelt = analyzer.query_terms("lighthuose harbor goat zeppelin")
    assert engine.spell(misspelt)[0] == lighthouse
    assert harbour in engine.spell(analyzer.query_terms("harbuor"))
    assert "zeppelin" in engine.spell(misspelt)
    weights = engine.weights([harbour, "zeppelin", "goat"])
    total = len(passages)
    for term, weight in weights.items():
        having = sum(term in terms_of(*each) for each in passages)
        assert weight == pytest.approx(math.log(1 + (total - having + 0.5) / (having + 0.5)))


def test_the_library_is_told_as_a_whole(
    engine: Engine, settings: Settings, passages: list[tuple[Article, Passage]]
) -> None:
    whole = {article.id: article for article, _ in passages}
    dated = [article.published for article in whole.values() if article.published]
    assert engine.state == open_current(settings.home).name
    assert engine.is_newest()
    assert engine.passages == len(passages)
    assert engine.count() == len(whole) == sum(one.articles for one in engine.sources())
    assert engine.period() == (min(dated), max(dated))
    assert sorted(engine.source_names()) == sorted({one.source for one in whole.values()})
    assert engine.sources() == sorted(engine.sources(), key=lambda one: (-one.articles, one.name))
    assert len({one.name for one in engine.sources()}) == len(engine.sources())
    said = Counter(filter(None, (CODES[article.language] for article in whole.values())))
    assert engine.languages() == said
    assert list(engine.languages().values()) == sorted(said.values(), reverse=True)
    for article in whole.values():
        assert engine.article(article.id) == article
    assert engine.article('no "such" \\ one') is None


# Changes


@pytest.fixture(params=ENGINES)
def changing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Settings, Path]]:
    """Settings of a library of three articles in one engine, and their folder."""
    chosen = chosen_for(request.param, tmp_path)
    few = {name: MADE_UP[name] for name in list(MADE_UP)[:3]}
    folder = articles(tmp_path / "news", few)
    update(chosen, [folder], load=SmallEncoder)
    yield chosen, folder


def first(searcher: Searcher, text: str) -> str:
    return next((hit.article.id for hit in searcher.search(Query(text, k=1))), "")


def test_what_changes_is_asked_of_at_once(changing: tuple[Settings, Path]) -> None:
    settings, folder = changing
    with Searcher(settings, load=SmallAsking) as searcher:
        assert not searcher.refresh()
        states = [searcher.engine.state]
        articles(folder, {"new": ("2021-12-30", "Coast Post", "A zeppelin landed on the pier.")})
        assert update(settings, load=SmallEncoder).added == ["new"]
        assert searcher.refresh()
        states.append(searcher.engine.state)
        assert first(searcher, "zeppelin pier") == "new"
        assert [article.id for article, _ in searcher.engine.newest(1)] == ["new"]
        articles(folder, {"new": ("2020-01-02", "Moor Mail", "A balloon rose over the moor.")})
        update(settings, load=SmallEncoder)
        assert searcher.refresh()
        states.append(searcher.engine.state)
        assert searcher.engine.spell(analyzer.query_terms("zeppelin")) == ["zeppelin"]
        assert searcher.engine.weights(["zeppelin"])["zeppelin"] > 2
        assert first(searcher, "balloon moor") == "new"
        assert "Moor Mail" in searcher.engine.source_names()
        period = searcher.engine.period()
        assert period is not None
        assert period[0] == date(2020, 1, 2)
        (folder / "new.md").unlink()
        assert update(settings, load=SmallEncoder).removed == ["new"]
        assert searcher.refresh()
        states.append(searcher.engine.state)
        assert searcher.engine.article("new") is None
        assert "Moor Mail" not in searcher.engine.source_names()
        assert searcher.collection.articles == 3
        assert first(searcher, "balloon moor") != "new"
    assert len(set(states)) == 4


def test_the_last_article_can_go(changing: tuple[Settings, Path]) -> None:
    settings, folder = changing
    forget(settings, folder)
    with pytest.raises(LibraryMissing, match="newsdesk index"):
        Searcher(settings, load=SmallAsking)


@pytest.mark.parametrize("joined", ["milvus"], indirect=True)
def test_both_engines_join_copies_alike(joined: Settings) -> None:
    with (
        Searcher(joined, load=SmallAsking) as there,
        Searcher(structs.replace(joined, engine="local"), load=SmallAsking) as here,
    ):
        for number in range(12):
            text = " ".join(random.Random(number).choices(WORDS, k=3))
            for query in (Query(text), Query(text, sources=("Coast Post", "Moor Mail"))):
                one, other = there.answer_query(query), here.answer_query(query)
                assert [shown.citation for shown in one.passages] == (
                    [shown.citation for shown in other.passages]
                )
                assert [shown.also for shown in one.passages] == (
                    [shown.also for shown in other.passages]
                )
                listed = [name for name, _ in there.articles(query, 9)]
                assert listed == [name for name, _ in here.articles(query, 9)]


@pytest.mark.parametrize("settings", ["milvus"], indirect=True)
def test_both_engines_answer_alike(settings: Settings) -> None:
    with (
        Searcher(settings, load=SmallAsking) as there,
        Searcher(structs.replace(settings, engine="local"), load=SmallAsking) as here,
    ):
        for number in range(30):
            text = " ".join(random.Random(number).choices(WORDS, k=3))
            for query in (Query(text), Query(text, since=date(2021, 5, 1), asked=date(2021, 7, 1))):
                one, other = there.search(query), here.search(query)
                assert [hit.passage for hit in one] == [hit.passage for hit in other]
                assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other])
                assert there.answer_query(query).sentence == here.answer_query(query).sentence
        assert there.ask("which bridge?").verdict == here.ask("which bridge?").verdict
