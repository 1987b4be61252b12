"""Pairs whose passage does not answer: most of what a reader learns its verdict from.

Three kinds are made here; passages of the same text that lack the answer come with `pairs`.
Ranked: the passages that BM25 ranks first for the question, without its answers. Exchanged: a name
or a number of the question gives way to another of the passage. Turned: a word of the question
gives way to its opposite.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from newsdesk.index.indexes.bm25 import PostingsBM25, best
from newsdesk.index.indexes.postings import postings
from newsdesk.index.text.analyzer import Analyzer

from .pairs import Pair

DEPTH = 8  # of the ranking from which a negative is taken
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: (?:of |the |de |van )?[A-Z][\w’'-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_OPPOSITES = (
    "first/last before/after largest/smallest biggest/smallest highest/lowest most/least "
    "won/lost win/lose increase/decrease increased/decreased rise/fall rose/fell north/south "
    "east/west oldest/youngest older/younger longest/shortest more/fewer maximum/minimum "
    "best/worst begin/end began/ended start/finish started/finished open/close opened/closed "
    "buy/sell bought/sold accept/refuse accepted/refused support/oppose supported/opposed "
    "born/died arrive/leave arrived/left join/leave joined/left created/destroyed early/late "
    "earliest/latest above/below male/female men/women husband/wife father/mother son/daughter "
    "king/queen legal/illegal allowed/forbidden common/rare strongest/weakest fastest/slowest "
    "majority/minority founded/dissolved victory/defeat attack/defend attacked/defended "
    "failed/succeeded did/did+not was/was+not is/is+not does/does+not can/cannot were/were+not "
    "has/has+not"
)


def _turns() -> dict[str, str]:
    pairs = [pair.replace("+", " ").split("/") for pair in _OPPOSITES.split()]
    there = {pair[0]: pair[1] for pair in pairs}
    return there | {right: left for left, right in pairs if " " not in right}


TURNS = _turns()


def ranked(pairs: Sequence[Pair], seed: int = 0) -> Iterator[Pair]:
    """For each pair that answers, one of the first passages of BM25 that hold none of its answers.

    The passages are those of all `pairs`.
    """
    analyzer, chance = Analyzer(), random.Random(seed)
    passages = list({pair.text: pair for pair in pairs}.values())
    bm25 = PostingsBM25(postings(analyzer.terms(each.text) for each in passages))
    for pair in pairs:
        if not pair.answers:
            continue
        terms = [*analyzer.query_terms(pair.question).words]
        places = best(bm25.get_scores(terms), 4 * DEPTH)
        fit = [passages[place] for place in places if _is_foreign(passages[place], pair)]
        if fit:
            other = fit[min(int(chance.expovariate(0.5)), len(fit[:DEPTH]) - 1)]
            yield _negative(pair, pair.question, other, "ranked")


def _is_foreign(other: Pair, pair: Pair) -> bool:
    text = other.text.lower()
    if other.text == pair.text or (not pair.strings and other.title == pair.title):
        return False
    return not any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text) for each in pair.strings)


def changed(pairs: Sequence[Pair], seed: int = 0) -> Iterator[Pair]:
    """Pairs that answer, with questions that they do not answer: exchanged and turned."""
    chance = random.Random(seed)
    for pair in pairs:
        if not pair.answers:
            continue
        for make, kind in ((_exchanged, "exchanged"), (_turned, "turned")):
            question = make(pair, chance)
            if question:
                yield _negative(pair, question, pair, kind)


def _exchanged(pair: Pair, chance: random.Random) -> str:
    """The question with a name or number of it exchanged for another of the passage, or ""."""
    starts = {span.start for span in pair.sentences}
    for pattern in chance.sample((_NAME, _NUMBER), 2):
        asked = [match for match in pattern.finditer(pair.question) if match.start() > 0]
        fit = sorted(
            {
                match.group()
                for match in pattern.finditer(pair.text)
                if match.start() not in starts  # a capital there makes no name
                and match.group() not in pair.question
                and match.group().lower() not in pair.strings
            }
        )
        if asked and fit:
            gone = chance.choice(asked)
            like = [each for each in fit if _likeness(each) == _likeness(gone.group())]
            come = chance.choice(like or fit)
            return pair.question[: gone.start()] + come + pair.question[gone.end() :]
    return ""


def _likeness(text: str) -> tuple[bool, int, bool]:
    """Years are exchanged for years, names of two words for such, where there are any."""
    return text.isdigit(), len(text) if text.isdigit() else text.count(" "), "," in text


def _turned(pair: Pair, chance: random.Random) -> str:
    """The question with a word of it turned into its opposite, or "".

    Not of questions for yes or no: the passage settles the opposite too.
    """
    if not pair.strings:
        return ""
    words = pair.question.split(" ")
    at = [i for i, word in enumerate(words) if word.strip("?") in TURNS]
    at = [i for i in at if words[i + 1 : i + 2] != ["name"]]
    plain = [i for i in at if " " not in TURNS[words[i].strip("?")]]
    if not plain and chance.random() < 0.7:
        return ""  # one verb in three: they would be most of what is turned
    at = plain or at[:1]
    if not at:
        return ""
    i = chance.choice(at)
    mark = "?" if words[i].endswith("?") else ""
    words[i] = TURNS[words[i].strip("?")] + mark
    return " ".join(words)


def _negative(pair: Pair, question: str, other: Pair, kind: str) -> Pair:
    return replace(
        other,
        question=question,
        source=f"{pair.source} {kind}",
        answers=False,
        gold=(),
        answer=None,
        strings=pair.strings,
    )
