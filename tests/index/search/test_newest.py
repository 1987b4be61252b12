"""Which sentence tells how things are now, by what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from newsdesk.index.search.newest import newest_as_good
from newsdesk.index.search.sentences import SentenceCandidate
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.text.passages import split
from newsdesk.index.types import Article, Hit, Query

OLD = "Tram drivers began a strike in Marlow on Monday. Nobody came."
NEW = "The tram strike in Marlow goes on for a week. Of all drivers, 83 per cent were for that."


def hit(name: str, text: str, day: date) -> Hit:
    (passage,) = split(name, text)
    article = Article(name, "Trams", text, f"/{name}", day)
    return Hit(passage, article, 1, 1.0, {"bm25": 1.0, "dense": 0.5})


def chosen(question: str, told: Sequence[Sequence[float]]) -> str:
    """The sentence of two in each of two articles, of which the first is the best.

    `told` has of each sentence its cosine, its passage's logit and its evidence.
    """
    leads = [hit("old", OLD, date(2026, 11, 23)), hit("new", NEW, date(2026, 11, 27))]
    spans = [(place, span) for place, lead in enumerate(leads) for span in lead.passage.sentences]
    known = [
        {"cosine": cosine, "answers": logit, "evidence": evidence, "near": 0.0, "score": 1.0}
        for cosine, logit, evidence in told
    ]
    candidates = [
        SentenceCandidate(place, span, features)
        for (place, span), features in zip(spans, known, strict=True)
    ]
    query = Query(question, asked=date(2026, 11, 28), current=True)
    found = newest_as_good(query, candidates[0], candidates, leads, Analyzer())
    return found.span.of(leads[found.hit].article.text)


@pytest.mark.parametrize(
    ("question", "logit", "begins"),
    [
        ("what's going on with the tram strike in Marlow", 0.5, "The tram strike"),
        ("the news on the tram strike in Marlow", 0.5, "The tram strike"),
        ("the news on the tram strike in Marlow", -1.5, "Tram drivers"),  # tells of something else
        ("when did the tram strike in Marlow begin", 0.2, "Tram drivers"),
        ("when did the tram strike in Marlow begin", 1.9, "Of all drivers"),
    ],
)
def test_news_is_what_the_newest_passage_that_tells_of_it_begins_with(
    question: str, logit: float, begins: str
) -> None:
    told = [(0.7, 2.0, -0.1), (0.1, 2.0, -3.0), (0.7, logit, -3.0), (0.6, logit, -0.1)]
    assert chosen(question, told).startswith(begins)
