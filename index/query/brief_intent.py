"""Recognises questions that ask for a briefing: "what did I miss?", "what's new on Ukraine?".

Other questions must get an answer, so the rules are strict: one of a few phrases that ask for
news, followed by nothing but a time, sources, languages and "on TOPIC".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .brief_request import EDGES, BriefRequest, is_everything, parse_brief_request, split_request

__all__ = ["BriefRequest", "detect_brief_request", "parse_brief_request"]

_LENGTH = 300  # characters at most
_TOPIC_WORDS = 12  # at most
_RECENT = timedelta(days=62)  # "what happened since" an earlier day asks about history
_AWAY = timedelta(days=366)  # "what is new since" an earlier day is no request for a briefing
_POLITE = (
    r"(?:(?:hi|hello|hey|ok(?:ay)?|so|and|well|please|good (?:morning|afternoon|evening))\b"
    r"[ ,!.]*)*(?:(?:can|could|would|will) you (?:please )?)?"
    r"(?:i(?:['’]?d| would) like |i (?:want|need) )?(?:to (?:know|hear|see) )?(?:please )?"
    r"(?:(?:tell|show|give|send|get) (?:me|us) )?"
)
_WHAT_IS = r"what(?:['’]?s| is| are)"
_WE_HAVE = r"(?:i|we)(?: have|['’]?ve)?"
_GOT = r"(?:(?:is|are) there |(?:do you |have you |you )?(?:have|got) |have you )?"
_SOME = r"(?:(?:a|an|any|some|all|the|all the|today['’]s|my) )?"
_FRESH = r"(?:(?:latest|newest|recent|new|top|main|breaking|more|daily|other) )"
_NEWS = r"(?:news|headlines|updates?)"  # "articles about …" looks for articles, of any time
_STORIES = r"(?:stories|articles|reports|coverage)"
_ME = r"(?:me|us)"
_MISSED = (
    rf"what (?:else |all )?(?:did (?:i|we) miss|have (?:i|we) missed|{_WE_HAVE} missed)"
    r"|what['’]ve (?:i|we) missed"
    r"|(?:did|have) (?:i|we) miss(?:ed)? (?:anything|something|much)"
    rf"|(?:is there |was there )?(?:anything|something)(?: that)? {_WE_HAVE} missed"
)
_NEW = (
    rf"(?:{_WHAT_IS}|what) (?:else )?new|what else is new"
    rf"|{_GOT}(?:anything|something) (?:else )?new"
    rf"|{_WHAT_IS} (?:all )?the (?:{_FRESH}?{_NEWS}|{_FRESH}{_STORIES})"
    rf"|{_GOT}{_SOME}(?:{_FRESH}*(?:{_NEWS}|briefing)|{_FRESH}{_STORIES})"
    rf"|(?:{_WHAT_IS} )?the latest|latest"
)
_TELL = (
    rf"(?:brief|update) {_ME}|catch {_ME} up|fill {_ME} in|catch up"
    rf"|(?:bring|get) {_ME} up to (?:speed|date)|(?:summari[sz]e|sum up|recap) (?:all )?the news"
)
_HAPPENED = (
    r"what(?:['’]?s| is| has|['’]?ve| have)? (?:else |all )?"
    r"(?:happened|(?:been )?happening|(?:been )?going on|gone on)"
)
_WISH = re.compile(
    rf"{_POLITE}(?:(?P<happened>{_HAPPENED})|{_MISSED}|{_TELL}|{_NEW})", re.IGNORECASE
)
_NEWS_OF = re.compile(  # "any bird flu news?"
    rf"{_POLITE}(?:{_WHAT_IS} )?{_GOT}(?:any|(?:the )?latest)"
    r" (?P<topic>(?!(?:good|bad|fake|big|other|more|new|of|on|in)\b)\w[^\s?!.]*"
    r"(?: [^\s?!.]+){0,3}) news\W*",
    re.IGNORECASE,
)
_TRAILING = re.compile(  # words at the end that add nothing
    r"(?:^| )(?:please|pls|thanks|thank you|so far|lately|recently|now|right now|at the moment"
    r"|again|currently|these days|out there|for me|in the news"
    r"|since (?:(?:my|our|the) )?last (?:time|visit|briefing|message)"
    r"|(?:while|when|since) (?:i|we)(?: was| were|['’]ve been| have been)? (?:away|asleep|sleeping"
    r"|gone|out|off|offline|left|slept|on holiday|on vacation|in bed))$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:on|about|regarding|concerning|with|from(?! \d)) (?P<topic>\S.*)", re.IGNORECASE
)
_PLACE = re.compile(  # "in the treaty of 2014" asks for what stands in it
    r"(?:in|around|across) (?P<topic>(?:the (?=(?-i:[A-Z])|(?:uk|us|usa|eu|world|middle east)\b))?"
    r"(?!(?:the|an?|this|that|these|those|my|our|your|his|her|its|their)\b)"
    r"(?:(?!(?:of|by|for|from|to|when|while|after|before|since|that|who)\b)[^\s\d]+(?: |$)){1,4})",
    re.IGNORECASE,
)
_ANY_OF_THEM = frozenset("it that this them him her these those there they he she me you".split())


def detect_brief_request(
    text: str, now: datetime, sources: Sequence[str], languages: Sequence[str] = ()
) -> BriefRequest | None:
    """Parse a question that asks for a briefing; None for a question that wants an answer.

    `now` is in the time zone of the person who asks. `sources` and `languages` (codes) are
    those of the library; only they are recognised.

    >>> from datetime import UTC
    >>> now = datetime(2021, 12, 29, 8, tzinfo=UTC)
    >>> detect_brief_request("What's new on Ukraine?", now, []).topic
    'Ukraine'
    >>> detect_brief_request("Who is Brittney Griner?", now, []) is None
    True
    """
    words = " ".join(text.split())
    if len(words) > _LENGTH or "\n" in text.strip():
        return None
    match = _WISH.match(words)
    rest = _strip_trailing(words[match.end() :]) if match else None
    if match and rest is not None:
        request = split_request(rest, now, sources, languages, only_hard=True)
        detected = _with_topic(request, now, bool(match["happened"]))
        if detected:
            return detected
    named = _NEWS_OF.fullmatch(words)
    return BriefRequest(topic=named["topic"]) if named else None


def _strip_trailing(words: str) -> str | None:
    """Words without a trailing "please" and the like; None if another sentence follows."""
    words = words.rstrip("?!. ")
    if re.search(r"[?!]|\. ", words):
        return None
    while rest := _TRAILING.search(words):
        words = words[: rest.start()].rstrip(EDGES)
    return words.strip(EDGES)


def _with_topic(request: BriefRequest, now: datetime, happened: bool) -> BriefRequest | None:
    """The request with its topic freed of "on"; None if the words ask for more than news."""
    ago = now - request.since if request.since else None
    if (happened and ago is None) or (ago and ago > (_RECENT if happened else _AWAY)):
        return None
    if is_everything(request.topic):
        return replace(request, topic="")
    behind = _BEHIND.fullmatch(request.topic) or _PLACE.fullmatch(request.topic)
    topic = behind["topic"].strip(EDGES) if behind else ""
    if not topic or topic.casefold() in _ANY_OF_THEM or len(topic.split()) > _TOPIC_WORDS:
        return None
    return replace(request, topic="" if is_everything(topic) else topic)
