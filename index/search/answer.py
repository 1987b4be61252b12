"""Hits to an `Answer`: the sentence that answers, the verdict, the citations, the highlights.

Nothing is written here. A sentence is chosen, by its span, among those of the passages shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from newsdesk.index.settings import Answering
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.text.passages import paragraph_at
from newsdesk.index.types import (
    Answer,
    Citation,
    Hit,
    Query,
    Sentence,
    Shown,
    Span,
    Understanding,
    Verdict,
)

from . import newest, opposites, sentences, verdicts
from .sentences import SentenceCandidate
from .text_fragment import link

# A question that goes on leaves its subject unsaid, and its verdict is made of what it says.
_GOES_ON = 0.75  # of the threshold; see RESULTS.md, "Follow-ups"
_READ = 3  # passages in which the answering sentence is looked for
_READ_CURRENT = 5  # where the newest is looked for
_HEADLINE = -0.51  # of the log of a headline's share, from where on it answers: 0.6
_OPPOSED = 12.0  # of merit: what a sentence loses that tells of those who did not
# Near-identical passages differ by no more in their cosine to the question, and in length.
_COSINES_APART, _SIZE_RATIO = 0.1, 0.5
# Of what two passages must share of their pairs of terms, the part that their words must share as
# they are written: an inflection more or less makes them no other passage.
_WORDS_ALIKE = 0.6

Pairs = frozenset[tuple[str, str]]


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
    passages: int = 0,
) -> Answer:
    """Make the answer to a query of its hits, best first; at most `query.k` passages.

    `weights` are the idf of the question's terms, `passages` how many the collection has.
    """
    groups, candidates = read(query, hits, weights, analyzer, settings)
    if not candidates:
        return Answer(query.text, "none", 0.0, None, (), understood=Understanding(query))
    leads = [group[0] for group in groups]
    chosen = _best(query, candidates, leads, weights, analyzer)
    signals = verdicts.signals(hits, weights, chosen, candidates, leads, analyzer)
    found = verdicts.probabilities(signals, passages)
    judged = _judge(found, settings, settings.weak * (_GOES_ON if query.context else 1))
    if query.current:
        chosen = newest.newest_as_good(query, chosen, candidates, leads, analyzer)
    sentence = None if judged == "none" else _sentence(leads[chosen.hit], chosen)
    # Of what nothing here is about, even less: it lies below all that is shown as answered.
    probable = found.answered * (found.about if judged == "none" else 1)
    shown = tuple(
        _show(number, group, sentence, set(weights), analyzer)
        for number, group in enumerate(groups, start=1)
    )
    return Answer(query.text, judged, probable, sentence, shown, signals, Understanding(query))


def read(
    query: Query,
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    analyzer: Analyzer,
    settings: Answering,
) -> AnswerParts:
    """Choose the passages to show, and what sentences of theirs may answer."""
    groups = _without_duplicates(hits, query.k, settings.near_duplicate, analyzer)
    leads = [group[0] for group in groups[: _READ_CURRENT if query.current else _READ]]
    return AnswerParts(groups, sentences.candidates(leads, weights, analyzer))


def _best(
    query: Query,
    candidates: Sequence[SentenceCandidate],
    leads: Sequence[Hit],
    weights: Mapping[str, float],
    analyzer: Analyzer,
) -> SentenceCandidate:
    """The sentence of the highest merit; of those who did, if it is asked who did."""
    merits = [candidate.merit for candidate in candidates]
    if opposites.asks_who(query.text) and not opposites.is_negative(query.text):
        texts = [each.span.of(leads[each.hit].article.text) for each in candidates]
        opposed = [opposites.denies(text, weights.keys(), analyzer) for text in texts]
        merits = [merit - _OPPOSED * each for merit, each in zip(merits, opposed, strict=True)]
    return candidates[merits.index(max(merits))]


def _judge(found: verdicts.Probabilities, settings: Answering, weak: float) -> Verdict:
    if found.about < weak:
        return "none"
    return "answered" if found.answered >= settings.answered else "weak"


def highlights(text: str, start: int, terms: set[str], analyzer: Analyzer) -> tuple[Span, ...]:
    """Where the words of `text` stand that have one of the terms, moved by `start`."""
    places = analyzer.places(text, terms)
    return tuple(Span(start + place.start, start + place.end) for place in places)


def _without_duplicates(
    hits: Sequence[Hit], k: int, limit: float, analyzer: Analyzer
) -> list[list[Hit]]:
    """At most k groups of hits, each led by its best; the rest of a group says nearly the same."""
    groups: list[list[Hit]] = []
    pairs = analyzer.term_pairs
    for hit in hits:
        for group in groups:
            lead = group[0]
            if _resemble(hit, lead, limit, analyzer) and _same(
                pairs(hit.passage.text), pairs(lead.passage.text), limit
            ):
                if all(other.article.id != hit.article.id for other in group):
                    group.append(hit)
                break
        else:
            if len(groups) < k:
                groups.append([hit])
    return groups


def _resemble(hit: Hit, other: Hit, limit: float, analyzer: Analyzer) -> bool:
    """Whether two passages may be near-identical; spares comparing the terms of most."""
    smaller, larger = sorted((len(hit.passage.text), len(other.passage.text)))
    apart = abs(hit.signals["dense"] - other.signals["dense"])
    if smaller < _SIZE_RATIO * larger or apart > _COSINES_APART:
        return False
    words, others = (analyzer.written(one.passage.text) for one in (hit, other))
    least = _WORDS_ALIKE * limit * min(len(words), len(others))
    return len(words & others) >= least


def _same(pairs: Pairs, others: Pairs, limit: float) -> bool:
    """Whether two passages share so many of their pairs of neighbouring terms."""
    smaller, larger = sorted((len(pairs), len(others)))
    if not smaller or smaller < _SIZE_RATIO * larger:
        return False
    return len(pairs & others) >= limit * smaller


def _sentence(hit: Hit, chosen: SentenceCandidate) -> Sentence:
    """The chosen sentence; or the headline of its article, where that answers better."""
    title = hit.article.title
    if title and hit.reading and hit.reading.title >= _HEADLINE:
        return Sentence(title, chosen.hit + 1, 0, len(title), 0, in_title=True)
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
    whole = Span(hit.passage.start, hit.passage.end)
    has_sentence = sentence and sentence.passage == number
    is_lit = sentence and has_sentence and not sentence.in_title
    lit = Span(sentence.start, sentence.end) if sentence and is_lit else whole
    return Shown(
        hit=replace(hit, rank=number),
        citation=_cite(number, hit, lit),
        also=tuple(
            _cite(number, other, Span(other.passage.start, other.passage.end))
            for other in group[1:]
        ),
        highlights=highlights(hit.passage.text, hit.passage.start, terms, analyzer),
    )


def _cite(number: int, hit: Hit, lit: Span) -> Citation:
    """The citation of a hit's passage, whose link scrolls to a span of the article."""
    passage, article = hit.passage, hit.article
    return Citation(
        number=number,
        article=article,
        start=passage.start,
        end=passage.end,
        paragraph=paragraph_at(article.text, passage.start),
        link=link(article, lit.of(article.text), lit.start),
    )
