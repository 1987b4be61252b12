"""Comparing what Milvus holds with the generation that it is the copy of, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from newsdesk.index.errors import LibraryError
from newsdesk.index.generation import Generation
from newsdesk.index.settings import Milvus

from . import state as states
from .client import Client, client_of
from .packing import coded_term, unpacked_sentences
from .reading import articles_of, live_rows, term_rows
from .schema import collections, passage_key
from .state import State

_ARTICLES = 64  # compared together


def check_moved(
    given: Milvus, generation: Generation, progress: Callable[[int, int], None] = lambda *_: None
) -> Iterator[str]:
    """What differs, each in a line: counts, articles' digests, spans, vectors, counts of terms.

    Raises EngineAway where Milvus does not answer.
    """
    client = client_of(given)
    try:
        state = states.newest(client)
    except LibraryError as error:
        yield str(error)
        return
    if state.generation != generation.name:
        yield f"{given.uri}: holds another state than the library's, {state.generation}"
        return
    articles, passages, terms = collections(given.name, state.epoch)
    for place, counted in ((articles, state.articles), (passages, state.passages)):
        found = client.count(place, state.articles_shown, consistency_level="Strong")
        if found != counted:
            yield f"{given.uri}: {place} has {found} rows, not {counted}"
    yield from _articles(client, state, generation, (articles, passages), progress)
    yield from _copies(client, state, generation, articles)
    yield from _terms(client, state, generation, terms)


def _articles(
    client: Client,
    state: State,
    generation: Generation,
    places: tuple[str, str],
    progress: Callable[[int, int], None],
) -> Iterator[str]:
    rows = live_rows(client, places[0])
    numbers = {
        row[0]: number
        for number, row in rows.items()
        if number <= state.last and number not in state.dropped
    }
    total = generation.manifest.articles
    for start in range(0, total, _ARTICLES):
        wanted = {n: generation.article(n) for n in range(start, min(start + _ARTICLES, total))}
        keys = [numbers[article.id] for article in wanted.values() if article.id in numbers]
        found = articles_of(client, places[0], keys)
        for number, article in wanted.items():
            key = numbers.get(article.id, 0)
            if found.get(key) != article:
                yield f"{client.given.uri}: article {article.id!r} is otherwise there, or missing"
            elif not _passages_are_same(client, places[1], key, generation, number):
                yield f"{client.given.uri}: a passage of article {article.id!r} is otherwise there"
        progress(min(start + _ARTICLES, total), total)


def _copies(client: Client, state: State, generation: Generation, place: str) -> Iterator[str]:
    """That the copies of each story are those of the generation, in its order."""
    ids = {number: row[0] for number, row in live_rows(client, place).items()}
    found = {tuple(ids.get(row.article, "") for row in story) for story in state.copies}
    stories = generation.copies.stories()
    expected = {tuple(generation.article(number).id for number in story) for story in stories}
    wrong = len(found ^ expected)
    if wrong:
        yield f"{client.given.uri}: {wrong} stories have other copies than in the library"


def _passages_are_same(
    client: Client, place: str, key: int, generation: Generation, number: int
) -> bool:
    """Whether an article's passages have the spans, sentences and vectors of the generation."""
    fields = ["key", "start", "end", "sentences", "vector"]
    rows = {int(row["key"]): row for row in client.rows(place, f"article == {key}", fields)}
    first, last = generation.column("first_passage")[number : number + 2].tolist()
    if len(rows) != last - first:
        return False
    article = generation.article(number)
    for ordinal, place_of_row in enumerate(range(first, last)):
        row = rows.get(passage_key(key, ordinal))
        passage = generation.passage(place_of_row, article)
        if row is None or (row["start"], row["end"]) != (passage.start, passage.end):
            return False
        spans, vectors = unpacked_sentences(row["sentences"], generation.model.dimensions)
        vector = np.asarray(row["vector"], dtype=np.float32)
        same = (
            spans == passage.sentences
            and np.array_equal(vectors, generation.sentence_vectors(place_of_row))
            and np.array_equal(vector, generation.column("vectors")[place_of_row])
        )
        if not same:
            return False
    return True


def _terms(client: Client, state: State, generation: Generation, place: str) -> Iterator[str]:
    """That each term is counted as the generation counts it."""
    newest: dict[str, tuple[int, int, int]] = {}
    for row in term_rows(client, place):
        if row["born"] <= state.number:
            told = (int(row["born"]), int(row["passages"]), int(row["articles"]))
            newest[row["term"]] = max(told, newest.get(row["term"], (0, 0, 0)))
    lexical = generation.lexical(state.basis.k1, state.basis.b)
    counts = generation.column("article_counts")
    expected = {
        coded_term(term): (len(lexical.posting(number)[0]), int(counts[number]))
        for term, number in lexical.vocabulary.items()
    }
    found = {code: told[1:] for code, told in newest.items() if told[1]}
    wrong = len(found.items() ^ expected.items())
    if wrong:
        yield f"{client.given.uri}: {place} counts {wrong} terms otherwise than the library"
