"""Hits to an `Answer`: the sentence that answers, the verdict, the citations, what is lit up.

Nothing is written here. A sentence is chosen, by its span, among those of the passages shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from newsdesk.index.settings import Answering
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.text.passages import paragraph_at
from newsdesk.index.types import (
    Answer,
    Article,
    Citation,
    Hit,
    Query,
    Sentence,
    Shown,
    Span,
    Understanding,
    Verdict,
    file_of,
)

from . import answerability, sentence_selection
from .sentence_selection import SentenceCandidate

# A question that goes on leaves its subject unsaid, and its verdict is made of what it says. Of the
# 35 in tests/conversations*.jsonl 5 were refused with the right passage at hand, with this 2.
_GOES_ON = 0.75  # of the threshold
_AMONG = 3  # passages in which the answering sentence is looked for
_FRAGMENT_WORDS = 4  # at either end of a text fragment
_COSINES_APART = 0.1  # of the question to two near-identical passages, at most
_SIZE_RATIO = 0.5  # passages more different in length are not near-identical


class AnswerParts(NamedTuple):
    """What an answer is made of, before it is judged."""

    groups: list[list[Hit]]  # the passages to show; the rest of a group says nearly the same
    candidates: list[SentenceCandidate]  # sentences of the first groups' leading hits


def compose(
    query: Query,
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    analyzer: Analyzer,
    settings: Answering,
) -> Answer:
    """Make the answer to a question of its hits, best first; at most `query.k` passages.

    `weights` are the idf of the question's terms.
    """
    groups, candidates = read(query, hits, weights, analyzer, settings)
    if not candidates:
        return Answer(query.text, "none", 0.0, None, (), understood=Understanding(query))
    chosen = max(candidates, key=lambda one: one.merit)
    leads = [group[0] for group in groups]
    found = answerability.signals(hits, weights, chosen, leads, analyzer)
    probable = answerability.probability(found)
    judged = _judge(probable, settings, settings.weak * (_GOES_ON if query.context else 1))
    sentence = None if judged == "none" else _sentence(leads[chosen.hit], chosen)
    shown = tuple(
        _show(number, group, sentence, set(weights), analyzer)
        for number, group in enumerate(groups, start=1)
    )
    return Answer(query.text, judged, probable, sentence, shown, found, Understanding(query))


def read(
    query: Query,
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    analyzer: Analyzer,
    settings: Answering,
) -> AnswerParts:
    """Choose the passages to show, and what sentences of theirs may answer."""
    groups = _without_duplicates(hits, query.k, settings.near_duplicate, analyzer)
    leads = [group[0] for group in groups[:_AMONG]]
    return AnswerParts(groups, sentence_selection.candidates(query.text, leads, weights, analyzer))


def _judge(probable: float, settings: Answering, weak: float) -> Verdict:
    if probable >= settings.answered:
        return "answered"
    return "weak" if probable >= weak else "none"


def highlights(text: str, start: int, terms: set[str], analyzer: Analyzer) -> tuple[Span, ...]:
    """Where the words of `text` stand that have one of the terms, moved by `start`."""
    return tuple(
        Span(start + token.start, start + token.end)
        for token in analyzer.tokens(text)
        if not terms.isdisjoint(token.terms)
    )


def link(article: Article, words: str) -> str:
    """The article's page, scrolled to `words` by a text fragment; else its file.

    See https://wicg.github.io/scroll-to-text-fragment/. `words` must lie in one paragraph, or
    begin and end in paragraphs that hold the first and the last of them.
    """
    if not article.url.lower().startswith(("http://", "https://")):
        return Path(file_of(article.path)).absolute().as_uri()
    joint = "" if "#" in article.url else "#"
    return f"{article.url}{joint}:~:text={_fragment(words)}"


def _fragment(words: str) -> str:
    split = words.split()
    if len(split) <= 2 * _FRAGMENT_WORDS:
        return _escaped(split)
    return f"{_escaped(split[:_FRAGMENT_WORDS])},{_escaped(split[-_FRAGMENT_WORDS:])}"


def _escaped(words: Sequence[str]) -> str:
    return quote(" ".join(words), safe="").replace("-", "%2D")  # a hyphen is syntax there


def _without_duplicates(
    hits: Sequence[Hit], k: int, limit: float, analyzer: Analyzer
) -> list[list[Hit]]:
    """At most k groups of hits, each led by its best; the rest of a group says nearly the same."""
    groups: list[list[Hit]] = []
    known: dict[str, set[tuple[str, str]]] = {}

    def pairs(hit: Hit) -> set[tuple[str, str]]:
        if hit.passage.id not in known:
            known[hit.passage.id] = set(pairwise(analyzer.terms(hit.passage.text)))
        return known[hit.passage.id]

    for hit in hits:
        for group in groups:
            if _resemble(hit, group[0]) and _same(pairs(hit), pairs(group[0]), limit):
                if all(one.article.id != hit.article.id for one in group):
                    group.append(hit)
                break
        else:
            if len(groups) < k:
                groups.append([hit])
    return groups


def _resemble(one: Hit, other: Hit) -> bool:
    """Whether two passages may be near-identical; spares comparing the words of most."""
    smaller, larger = sorted((len(one.passage.text), len(other.passage.text)))
    apart = abs(one.signals["dense"] - other.signals["dense"])
    return smaller >= _SIZE_RATIO * larger and apart <= _COSINES_APART


def _same(one: set[tuple[str, str]], other: set[tuple[str, str]], limit: float) -> bool:
    smaller, larger = sorted((len(one), len(other)))
    if not smaller or smaller < _SIZE_RATIO * larger:
        return False
    return len(one & other) >= limit * smaller


def _sentence(hit: Hit, chosen: SentenceCandidate) -> Sentence:
    text, span = hit.article.text, chosen.span
    return Sentence(
        span.of(text), chosen.hit + 1, span.start, span.end, paragraph_at(text, span.start)
    )


def _show(
    number: int,
    group: Sequence[Hit],
    sentence: Sentence | None,
    terms: set[str],
    analyzer: Analyzer,
) -> Shown:
    hit = group[0]
    lit = sentence.text if sentence and sentence.passage == number else hit.passage.text
    return Shown(
        hit=replace(hit, rank=number),
        citation=_cite(number, hit, lit),
        also=tuple(_cite(number, other, other.passage.text) for other in group[1:]),
        highlights=highlights(hit.passage.text, hit.passage.start, terms, analyzer),
    )


def _cite(number: int, hit: Hit, words: str) -> Citation:
    passage, article = hit.passage, hit.article
    return Citation(
        number=number,
        article=article,
        start=passage.start,
        end=passage.end,
        paragraph=paragraph_at(article.text, passage.start),
        link=link(article, words),
    )
