"""The one way in for a question: understood, searched for, answered, and told how.

A question passes five steps. What is only polite is taken off. Filters given beside its words are
looked up. Filters in its words are taken out. What it leaves unsaid comes from the exchange before.
Then it is searched for; a filter in words that may as well be what is asked about is given up where
the answer is the worse for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from newsdesk.index.query import currency, languages
from newsdesk.index.query.courtesy import without_courtesy
from newsdesk.index.query.dates import MONTH
from newsdesk.index.query.filters import Narrowing, named, narrow, unheld_outlet
from newsdesk.index.query.followups import Understood, goes_on, lean, understand
from newsdesk.index.query.parts import split_questions
from newsdesk.index.query.periods import Period
from newsdesk.index.settings import Answering
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import (
    Answer,
    Article,
    Filters,
    Hit,
    NoMatch,
    NoMatchKind,
    Passage,
    Query,
    Question,
    Turn,
    Understanding,
)

from . import further
from .answer import compose
from .copies import with_copies
from .engine import Engine
from .fusion import Key

if TYPE_CHECKING:
    from .searcher import Opened, Searcher

_WORSE = 0.05  # probability that a tentative filter may cost
_NO_TERM = "\x00"  # that no article has
_SPARE = 3  # times as many articles are looked at as are shown: some say the same
_ANALYZER = Analyzer()
_TIME = re.compile(rf"\b(?:(?:1\d|20)\d\d|{MONTH})\b", re.IGNORECASE)


def ask(searcher: Searcher, question: Question) -> Answer:
    """Understand a question and answer it, all of it from one state of the library."""
    opened = searcher.opened
    names, unknown = _sources(question.sources, opened.engine.source_names())
    codes, unheld = _languages(question.languages, opened.engine)
    asked = question.text if question.raw else without_courtesy(question.text)
    question = replace(question, text=asked, sources=names, languages=codes)
    asking = _Asking(searcher, opened, question)
    if no_match := unknown or unheld:
        return asking.nothing(Understanding(asking.query(question.text)), no_match)
    if question.raw:
        return asking.of(Understood(question.text), Narrowing(question.text))
    filters = narrow(question.text, question.now, opened.engine.source_names())
    if not question.everything:
        return asking.with_further(asking.narrowed(filters))
    # The words that narrow are no part of the question, unless they were misread.
    texts = dict.fromkeys((filters.question, filters.shorter or question.text, question.text))
    answers = [asking.narrowed(Narrowing(text)) for text in texts]
    return asking.with_further(max(answers, key=lambda each: each.probability))


@dataclass(frozen=True, slots=True)
class _Asking:
    """A question on its way through one state of the library."""

    searcher: Searcher
    opened: Opened
    question: Question

    def query(self, text: str, context: str = "") -> Query:
        """What is searched for without any filter in words."""
        question = self.question
        is_dated = bool(question.since or question.until)  # so today does not count
        is_now = question.now is not None and not question.raw and currency.is_current(text)
        return Query(
            currency.without_now(text) if is_now else text,
            self.searcher.settings.answer.passages if question.k is None else question.k,
            question.since,
            question.until,
            question.sources,
            context,
            None if is_dated or question.now is None else question.now.date(),
            is_now,
            question.languages,
        )

    def narrowed(self, filters: Narrowing) -> Answer:
        """The answer under the filters in words; without those that are no help.

        A source's name that is none is no word of the question, unless that answers better.
        """
        name = filters.unknown or self._no_words(filters.nearly)
        filters = replace(filters, unknown=name)
        bare = filters.without_name(name) if name else filters
        if bare.question == filters.question:
            return self._narrowed(filters)
        answers = [self._narrowed(each) for each in (bare, filters)]
        return max(answers, key=lambda each: each.probability)

    def _narrowed(self, filters: Narrowing) -> Answer:
        words = understand(filters.question, self.question.previous, _ANALYZER)
        if filters.open and words.question == filters.question and not words.context:
            answer = self.newest(words, filters)
            if answer.passages or not filters.tentative:
                return answer
        if not filters.is_doubtful:
            return self.of(self._words(filters), filters)
        return self._tried(filters)

    def _tried(self, filters: Narrowing) -> Answer:
        """The answer under those filters that do it no harm, as many of them as can be."""
        sure = filters.without(time=filters.tentative, sources=filters.is_source_tentative)
        is_dated = bool(filters.since or filters.until)
        wide = self.of(self._words(sure), sure, is_dated)
        for kept in filters.trials():
            answer = self._under(kept, wide, is_dated)
            if answer:
                break
        else:
            kept, answer = sure, wide
        given_up = tuple(said for said in filters.said if said not in kept.said)
        # Not of a time that the answer's passage names: it was asked about.
        is_said = self.opened.engine.period() is None or not _names_time(answer, self.question.text)
        in_vain = self._in_vain(filters, given_up) if is_said else ()
        understood = replace(
            answer.understood,
            given_up=given_up,
            since=filters.since,
            until=filters.until,
            notes=(*answer.understood.notes, *in_vain),
        )
        return replace(answer, understood=understood)

    def _under(self, filters: Narrowing, wide: Answer, is_dated: bool) -> Answer | None:
        """The answer under some filters, if it is none the worse for them."""
        answer = self.of(self._words(filters), filters, is_dated)
        if answer.probability < wide.probability - _WORSE and not _is_of(wide, filters):
            return None
        if filters.is_source_tentative:
            # Compared by the same words, but told without the name, which the source's articles
            # seldom have.
            shorter = replace(filters, question=filters.shorter)
            without = self.of(self._words(shorter), shorter, is_dated)
            answer = without if without.probability >= answer.probability else answer
        return None if answer.verdict == "none" else answer

    def _in_vain(self, filters: Narrowing, given_up: Sequence[str]) -> tuple[str, ...]:
        """What to say where filters in words were given up since no article passes them."""
        if not given_up:
            return ()
        understood = self._understood(Understood(filters.question), filters)
        no_match = self._no_match(understood, filters)
        return (f"{no_match.words} All were searched.",) if no_match else ()

    def _words(self, filters: Narrowing) -> Understood:
        """What to search for: with the exchange before it, where the library holds that it goes on.

        Words alone decide where they can. "Is it raining in Leedham?" and "did they arrest a man?"
        may stand by themselves: the answers of both ways are compared.
        """
        previous = self.question.previous
        words = understand(filters.question, previous, _ANALYZER)
        leaning = lean(filters.question, _ANALYZER) if previous else "certain"
        if leaning == "certain" or previous is None:
            return words
        carried = " ".join(previous.question.split("\n"))
        joined = Understood(filters.question, carried, previous.question)
        alone = Understood(filters.question)
        together = self.of(joined, filters)
        if leaning == "joined":
            apart = self.of(alone, filters)
            is_apart = apart.verdict != "none" and apart.probability >= together.probability
            return alone if is_apart else joined
        return joined if _is_told_there(together, previous) else alone

    def of(self, words: Understood, filters: Narrowing, is_dated: bool = False) -> Answer:
        """The answer to a question under all filters."""
        understood = self._understood(words, filters, is_dated)
        no_match = self._no_match(understood, filters)
        if no_match:
            return self.nothing(understood, no_match)
        answer = self.searcher.answer_query(understood.query, self.opened)
        return self._told(answer, understood)

    def with_further(self, answer: Answer) -> Answer:
        """The answer with the sentences that answer the other questions, of several in one."""
        query = answer.understood.query
        texts = split_questions(query.text)
        if len(texts) == 1 or answer.understood.newest or answer.no_match:
            return answer
        answers = []
        for place, text in enumerate(texts):
            goes = place and goes_on(text, _ANALYZER)
            context = " ".join(filter(None, (texts[0] if goes else "", query.context)))
            part = replace(query, text=text, context=context)
            answers.append(self.searcher.answer_query(part, self.opened))
        return further.joined(answer, answers)

    def newest(self, words: Understood, filters: Narrowing) -> Answer:
        """The newest articles that the filters allow, each by its beginning."""
        understood = replace(self._understood(words, filters), newest=True)
        no_match = self._no_match(understood, filters)
        if no_match:
            return self.nothing(understood, no_match)
        alike = self.searcher.settings.answer.near_duplicate
        day = self.question.now.date() if self.question.now else None
        return self._told(newest(self.opened.engine, understood.query, alike, day), understood)

    def nothing(self, understood: Understanding, no_match: NoMatch) -> Answer:
        """That there is nothing to search in, and why."""
        answer = Answer(understood.query.text, "none", 0.0, None, (), no_match=no_match)
        return self._told(answer, understood)

    def _told(self, answer: Answer, understood: Understanding) -> Answer:
        return replace(answer, understood=understood, collection=self.opened.collection)

    def _understood(
        self, words: Understood, filters: Narrowing, is_dated: bool = False
    ) -> Understanding:
        query = self.query(words.question, words.context)
        is_dated = is_dated or bool(filters.since or filters.until)
        query = replace(
            query,
            since=max(filter(None, (query.since, filters.since)), default=None),
            until=min(filter(None, (query.until, filters.until)), default=None),
            sources=_both(query.sources, filters.sources),
            languages=_both(query.languages, filters.languages),
            asked=None if is_dated else query.asked,
        )
        return Understanding(
            query,
            words.carried,
            filters.said,
            hard=_said(self.question),
            since=filters.since,
            until=filters.until,
            notes=self._misspelt(filters.unknown),
        )

    def _no_words(self, name: str) -> str:
        """What may be the misspelt name of a source, if some of its words stand in no article.

        Those that do may be what is asked about.
        """
        terms = list(dict.fromkeys(_ANALYZER.query_terms(name).words))
        weights = self.opened.engine.weights([*terms, _NO_TERM]) if terms else {}
        return name if any(weights[term] >= weights[_NO_TERM] for term in terms) else ""

    def _misspelt(self, name: str) -> tuple[str, ...]:
        """What to say where a question names a source that there is not."""
        if not name:
            return ()
        held = self.opened.engine.source_names()
        no_match = NoMatch("source", f"from {name}", _nearest(name, held)[:1]).words
        if unheld_outlet(f"from {name}", held):
            no_match = f"There is nothing from {name} here; held are {named(held)}."
        return (f"{no_match} All were searched.",)

    def _no_match(self, understood: Understanding, filters: Narrowing) -> NoMatch | None:
        """The filter that leaves no article, if one does."""
        query, engine = understood.query, self.opened.engine
        excluded = (filters.sources and not query.sources) or (
            filters.languages and not query.languages
        )
        if excluded or (query.since and query.until and query.since > query.until):
            return NoMatch("together", " and ".join((*understood.hard, *understood.kept)))
        if not query.filters or engine.count(query.filters):
            return None
        return _empty(engine, query)


def newest(engine: Engine, query: Query, near_duplicate: float, day: date | None = None) -> Answer:
    """The newest articles that a query allows, each by its beginning, which tells what is new.

    `day` is the day of the question; articles dated after the next come last.

    For a question that asks for no more than that. The verdict is never more than `weak`: they
    are what there is, and nobody can say that one of them is what was meant.
    """
    most = query.k * _SPARE
    allowed = engine.newest(most, replace(query.filters, until=_until(query, day)))
    if len(allowed) < query.k:  # those dated in the future come last, they are not the newest
        known = {article.id for article, _ in allowed}
        others = engine.newest(most, query.filters)
        allowed += [pair for pair in others if pair[0].id not in known]
    told: dict[object, Hit] = {}  # of each story its newest copy
    for article, passage in allowed:
        story = engine.story(article.id)
        told.setdefault(story or article.id, _hit(article, passage, len(told) + 1, story))
    settings = Answering(answered=1.0, weak=0.0, near_duplicate=near_duplicate)
    answer = compose(query, list(told.values()), {}, _ANALYZER, settings)
    return with_copies(answer, engine, query)


def _until(query: Query, day: date | None) -> date | None:
    """The last day of what can be new: the one after the question's, for there are time zones."""
    if day is None:
        return query.until
    tomorrow = day + timedelta(days=1)
    return min(query.until, tomorrow) if query.until else tomorrow


def _is_of(answer: Answer, filters: Narrowing) -> bool:
    """Whether the first passage of an answer is of the sources that are named, and no time is."""
    if filters.since or filters.until or not answer.passages:
        return False
    return answer.passages[0].citation.article.source in filters.sources


def _names_time(answer: Answer, question: str) -> bool:
    """Whether the passage that answers has a year or a month of the question's."""
    if not answer.sentence:
        return False
    passage = answer.passages[answer.sentence.passage - 1].hit.passage.text
    asked = {words.casefold()[:4] for words in _TIME.findall(question)}
    return bool(asked & {words.casefold()[:4] for words in _TIME.findall(passage)})


def _is_told_there(answer: Answer, previous: Turn) -> bool:
    """Whether the article of the last answer holds all words of a question that may go on."""
    if answer.verdict == "none" or not answer.sentence or not previous.title:
        return False
    shown = answer.passages[answer.sentence.passage - 1]
    asked = set(_ANALYZER.query_terms(answer.question).words)
    held = _ANALYZER.terms(f"{shown.citation.article.title} {shown.citation.article.text}")
    return shown.citation.article.title == previous.title and asked <= set(held)


def _hit(article: Article, passage: Passage, rank: int, story: tuple[Key, ...]) -> Hit:
    """A passage that was compared with no question: the newer it is the better, and its first
    sentence best."""
    nearness = (1.0, *(0.0 for _ in passage.sentences[1:]))
    signals = {"bm25": 0.0, "dense": 0.0}
    return Hit(passage, article, rank, 1 / rank, signals, nearness, story=story)


def _sources(given: Sequence[str], names: Sequence[str]) -> tuple[tuple[str, ...], NoMatch | None]:
    """The names of sources as the library has them, or the first that it has not."""
    spelt: dict[str, list[str]] = {}
    for name in names:
        spelt.setdefault(_key(name), []).append(name)
    for source in given:
        if _key(source) not in spelt:
            return (), NoMatch("source", f"from {source}", _nearest(source, names))
    return tuple(dict.fromkeys(name for source in given for name in spelt[_key(source)])), None


def _languages(given: Sequence[str], engine: Engine) -> tuple[tuple[str, ...], NoMatch | None]:
    """The codes of languages, or the first that no article says it is in."""
    codes = tuple(dict.fromkeys(map(languages.code_of, given)))
    held = engine.languages() if codes else {}
    unheld = next((code for code in codes if code not in held), None)
    if unheld is None:
        return codes, None
    return (), NoMatch("language", languages.named([unheld]), _held(engine))


def _held(engine: Engine) -> tuple[str, ...]:
    """The names of the languages that articles say they are in, most articles first."""
    return tuple(map(languages.name_of, engine.languages()))


def _both(hard: tuple[str, ...], said: tuple[str, ...]) -> tuple[str, ...]:
    """What filters beside a question's words and in them leave, each empty for all."""
    return tuple(one for one in said if one in hard) if hard and said else hard or said


def _key(name: str) -> str:
    """A name as it is compared: whatever its case, its spaces and how its accents are encoded."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _nearest(source: str, names: Sequence[str]) -> tuple[str, ...]:
    from rapidfuzz import fuzz, process

    keys = {name: _key(name) for name in names if name.strip()}
    ranked = process.extract(_key(source), keys, scorer=fuzz.WRatio, limit=3)
    return tuple(name for _, _, name in ranked)


def _said(given: Question | Query) -> tuple[str, ...]:
    """The filters beside a question's words, each as it follows "only articles"."""
    spoken = (languages.named(given.languages),) if given.languages else ()
    return (*_dates(given.since, given.until), *_from(given.sources), *spoken)


def _dates(since: date | None, until: date | None) -> tuple[str, ...]:
    return (Period(0, 0, since, until, tentative=False).said,) if since or until else ()


def _from(sources: Sequence[str]) -> tuple[str, ...]:
    return (f"from {' or '.join(sources)}",) if sources else ()


def _empty(engine: Engine, query: Query) -> NoMatch:
    """What to say of filters that leave no article."""
    said = _said(query)
    beside = replace(query.filters, since=None, until=None)
    if query.languages and not engine.count(beside):
        of_sources = engine.count(replace(beside, languages=())) if query.sources else 0
        if of_sources and engine.count(Filters(languages=query.languages)):
            return NoMatch("together", " and ".join(said[-2:]))
        return NoMatch("language", said[-1], _held(engine))
    kind: NoMatchKind = "period"
    if query.since and not engine.count(replace(beside, since=query.since)):
        kind = "since"
    elif query.until and not engine.count(replace(beside, until=query.until)):
        kind = "until"
    oldest, newest = _reach(engine, query.sources)
    return NoMatch(kind, ", ".join(said), oldest=oldest, newest=newest)


def _reach(engine: Engine, sources: Sequence[str]) -> tuple[date | None, date | None]:
    """The days of the first and the last article of some sources, or of all."""
    if not sources:
        return engine.period() or (None, None)
    own = [summary for summary in engine.sources() if summary.name in sources]
    firsts = [summary.first for summary in own if summary.first]
    lasts = [summary.last for summary in own if summary.last]
    return min(firsts, default=None), max(lasts, default=None)
