"""Which sentence tells how things are now: of those that answer, the newest article's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from newsdesk.index.query import currency
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Article, Hit, Query

from .sentences import SentenceCandidate

# What a newer sentence must have of the best one's cosine and of its words of the question, to
# answer as well. Who holds an office is asked without "now" too: there all the words.
_AS_NEAR, _AS_COVERED = 0.8, 0.5
# What the reader says of it may be less by this: the logit that its passage answers, and the log of
# its share in that.
_AS_GOOD = 1.5
_ANSWERS = 0.5  # or it is at least this: then the reader holds that it answers
_AS_TELLING = 3.0  # where it is asked for news: the newest article need not say again what went on
_AHEAD = timedelta(days=1)  # of the day of a question, in some time zone; later is misdated
_NAMES = re.compile(r"(?<=\s)[A-Z][\w’'-]*")
_DIGIT = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half|third)\b", re.IGNORECASE
)


def newest_as_good(
    query: Query,
    best: SentenceCandidate,
    candidates: Sequence[SentenceCandidate],
    leads: Sequence[Hit],
    analyzer: Analyzer,
) -> SentenceCandidate:
    """The best sentence of the newest article that answers as well as the best of all."""

    def published(candidate: SentenceCandidate) -> date:
        return _day(leads[candidate.hit].article) or date.min

    last = query.asked + _AHEAD if query.asked else date.max
    first = published(best) if published(best) <= last else date.min
    names = frozenset(analyzer.terms(" ".join(_NAMES.findall(query.text))))
    asked = frozenset(analyzer.query_terms(query.text).words)
    hits = {each.hit for each in candidates}
    held = {hit: asked & _near(leads[hit], analyzer) for hit in hits}
    is_told = currency.asks_news(query.text)
    least = len(held[best.hit]) * (1 if currency.asks_office(query.text) else _AS_COVERED)
    as_good = [
        candidate
        for candidate in candidates
        if first < published(candidate) <= last
        and _is_as_near(candidate, best, is_told)
        and names & held[best.hit] <= held[candidate.hit]
        and len(held[candidate.hit]) >= least
        and (not currency.asks_figure(query.text) or _DIGIT.search(_text(candidate, leads)))
    ]
    # News is told by what an article begins with; a question is answered by what fits it best.
    if is_told:
        return max(as_good, key=lambda each: (published(each), -each.span.start), default=best)
    return max(as_good, key=lambda each: (published(each), each.merit), default=best)


def _text(candidate: SentenceCandidate, leads: Sequence[Hit]) -> str:
    return candidate.span.of(leads[candidate.hit].article.text)


def _near(lead: Hit, analyzer: Analyzer) -> frozenset[str]:
    """The terms of a passage and of its article's title."""
    return analyzer.term_set(lead.article.title) | analyzer.term_set(lead.passage.text)


def _is_as_near(candidate: SentenceCandidate, best: SentenceCandidate, is_told: bool) -> bool:
    """Whether a sentence tells of the same as another, and answers nearly as well.

    Where news `is_told`, its passage need but tell of it.
    """
    own, other = candidate.features, best.features
    if own["cosine"] < _AS_NEAR * other["cosine"]:
        return False
    if "answers" not in own:
        return True
    if is_told:
        return bool(own["answers"] >= other["answers"] - _AS_TELLING)
    said = own["answers"] + own["evidence"]
    return bool(said >= min(_ANSWERS, other["answers"] + other["evidence"] - _AS_GOOD))


def _day(article: Article) -> date | None:
    day = article.published
    return day.date() if isinstance(day, datetime) else day
