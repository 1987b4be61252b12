"""Off-topic questions for a dataset: those of another dataset that are about nothing in it.

A name is a word that a collection writes with a capital letter and nowhere without one. A question
of the other dataset is foreign if it asks about a name of its own collection that this one never
mentions, has no word that is a name here, and none of its articles stands here as well. Words are
compared in lower case and without accents, as people type them. A question without any name is
never taken: "how many people died in the flood?" may be asked of any collection.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from pathlib import Path

from newsdesk.index import readers
from newsdesk.index.library import Library
from newsdesk.index.settings import Settings
from newsdesk.index.text.analyzer import fold
from newsdesk.index.types import Article

from .datasets import Dataset, JudgedQuestion

MOST = 100  # questions
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a collection, folded.

    >>> words = Vocabulary.of([Article("a", "Mayor", "The mayor of Łódź left the city.", "a.txt")])
    >>> sorted(words.names), "mayor" in words.mentioned
    (['lodz'], True)
    """

    names: Set[str]
    mentioned: Set[str]

    @classmethod
    def of(cls, articles: Iterable[Article]) -> Vocabulary:
        """Count the words of some articles. Headlines tell no names: their words have capitals."""
        capital: set[str] = set()
        small: set[str] = set()
        titles: set[str] = set()
        for article in articles:
            for word in set(_WORD.findall(article.text)):
                (capital if word[0].isupper() else small).add(fold(word))
            titles |= _words(article.title)
        return cls(capital - small, capital | small | titles)


def off_topic_questions(
    settings: Settings, other: Dataset, most: int = MOST
) -> tuple[JudgedQuestion, ...]:
    """At most `most` questions of another dataset that are about nothing in a dataset's library.

    `settings` are those that `index` gave for the dataset. Which questions are taken is by a hash
    of their words, so always the same; their ids begin with the other dataset's name. Raises what
    opening the library raises.
    """
    with Library(settings.home) as library:
        here = Vocabulary.of(library.articles())
        copies = {(article.title, article.text) for article in library.articles()}
    theirs = list(_articles(other, settings))
    there = Vocabulary.of(theirs)
    shared = {article.id for article in theirs if (article.title, article.text) in copies}
    foreign = [
        question
        for question in other.questions
        if shared.isdisjoint((*question.relevant, question.about))
        and _is_foreign(question.text, here, there)
    ]
    foreign.sort(key=lambda question: hashlib.sha256(question.text.encode()).digest())
    return tuple(_off_topic(question, other) for question in foreign[:most])


def other_dataset(dataset: Dataset) -> Path | None:
    """The dataset whose questions are off-topic for one, by default; None if there is none.

    For `seeds/` it is `tests/week/` beside it, and the reverse; others have none.

    >>> other_dataset(load_dataset(Path("seeds"))).name
    'week'
    """
    corpus = dataset.corpus.resolve()
    beside = {"seeds": corpus.parent / "tests" / "week", "week": corpus.parent.parent / "seeds"}
    folder = beside.get(corpus.name)
    return folder if folder and (folder / "questions.jsonl").is_file() else None


def _is_foreign(text: str, here: Vocabulary, there: Vocabulary) -> bool:
    words = _words(text)
    return words.isdisjoint(here.names) and not (words & there.names) <= here.mentioned


def _off_topic(question: JudgedQuestion, other: Dataset) -> JudgedQuestion:
    """A question without what its own collection says to it."""
    return replace(
        question,
        id=f"{other.name}/{question.id}",
        relevant={},
        answers=(),
        sentences=(),
        unanswerable=True,
        off_topic=True,
        about="",
        kind="off_topic",
    )


def _articles(dataset: Dataset, settings: Settings) -> Iterator[Article]:
    """The articles of a dataset that has no library."""
    for place in dataset.articles:
        root = place if place.is_dir() else place.parent
        for file in readers.find(place):
            for article in readers.read(file, root, settings.readers):
                if isinstance(article, Article):
                    yield article


def _words(text: str) -> set[str]:
    return {fold(word) for word in _WORD.findall(text)}
