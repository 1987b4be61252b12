"""Questions that ask how things are now: "the latest rate", "the current mayor", "who owns it now".

Of the articles that answer such a question the newest is meant, not the one that has the word
"latest" or fits it best. Some ask for it without a word: "who is the mayor of Elmby?".
"""

from __future__ import annotations

import re

_NEWEST = (
    r"latest|newest|most recent(?:ly)?|currently|current(?! (?:in|of|is|was|and|or)\b)(?= \w)"
    r"|up[- ]to[- ]date|present[- ]day|incumbent|today['’]s|today|right now|just now|now(?! that\b)"
    r"|at the moment|at present|nowadays|these days|as of (?:now|today)"
    r"|still|so far(?! (?:from|as|behind|ahead|away|out|off|apart)\b)|yet(?=\W*$)"
)
# In small letters or at the beginning, for "Apocalypse Now" and "USA Today" are names.
_WORDS = re.compile(rf"(?:(?<!\w)(?<!until )(?<!['’-])(?:{_NEWEST})|^\W*(?i:{_NEWEST}))\b(?!-)")
_NEWS = re.compile(r"\b(?:the )?(?:latest|newest)(?= (?:on|about|in|from|with|of)\b)")
_TOLD = re.compile(
    r"^\W*(?:(?:what(?:['’]?s| is) )?(?:the )?(?:latest|newest|news|updates?) (?:on|about|from|of)"
    r"|what(?:['’]?s| is) (?:going on|happening|new|up) (?:with|in|at|about)"
    r"|any (?:news|updates?))\b",
    re.IGNORECASE,
)
_ROLE = (
    r"(?:(?:prime |foreign |finance |defence |interior )?minister|mayor|president|premier"
    r"|chancellor|leader|head|chief|boss|king|queen|coach|captain|champion|record holder|owner"
    r"|director|ceo|governor|speaker|chair(?:man|woman|person)?|manager|secretary(?: general)?"
    r"|ambassador|editor|commander|bishop|pope)"
)
_FIGURE = (
    r"(?:rate|price|cost|population|level|record|share|temperature|death toll|toll|wage|salary|rent"
    r"|fare|tax|fee|limit|budget|debt|value|inflation|unemployment|interest)"
)
_OFFICE = re.compile(
    rf"\W*(?:(?:and|so) )?(?:(?:who(?:['’]s| is)) (?:the |[\w.'’-]+['’]s? )(?:[\w-]+ )?{_ROLE}\b"
    r"|who (?:leads|runs|heads|owns|governs|rules|coaches|chairs)\b)",
    re.IGNORECASE,
)
_CHANGING = re.compile(
    r"\W*(?:(?:and|so) )?(?:what(?:['’]s| is) (?:the |[\w.'’-]+['’]s? )"
    rf"(?:[\w-]+ ){{0,2}}{_FIGURE}\b"
    r"|how much (?:is|are|does|do)\b.*\b(?:cost|costs|worth|earn|pay|ticket|fare)\b)",
    re.IGNORECASE,
)


def is_current(question: str) -> bool:
    """Whether a question asks how things are now, with a word for it or without.

    >>> is_current("who is the current mayor?"), is_current("who was the mayor?")
    (True, False)
    """
    return bool(_WORDS.search(question)) or asks_office(question) or asks_figure(question)


def asks_news(question: str) -> bool:
    """Whether a question asks for what there is to tell, and for no one thing.

    >>> asks_news("latest on the port strike"), asks_news("what is the latest price of oil?")
    (True, False)
    """
    return bool(_TOLD.match(question))


def asks_office(question: str) -> bool:
    """Whether a question asks who holds an office.

    >>> asks_office("who is the mayor of Elmby?"), asks_office("who is in the B9?")
    (True, False)
    """
    return bool(_OFFICE.match(question))


def asks_figure(question: str) -> bool:
    """Whether a question asks for a figure that changes with time.

    >>> asks_figure("what is the price of bread?"), asks_figure("what is a metaverse?")
    (True, False)
    """
    return bool(_CHANGING.match(question))


def without_now(question: str) -> str:
    """A question without the words that ask for what is newest; whole where nothing is left.

    >>> without_now("what is the latest unemployment rate in Norland now?")
    'what is the unemployment rate in Norland?'
    """
    rest = _WORDS.sub(" ", _NEWS.sub("the news", question))
    rest = re.sub(r"\s+(?=[?!.,;:)])", "", " ".join(rest.split()))
    return rest if len(re.findall(r"\w+", rest)) > 1 else question
