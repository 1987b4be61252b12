"""Questions that a library answers, to show to someone who does not know what to ask.

Made of names that its newest articles speak of again and again, and asked before they are shown.
"""

from __future__ import annotations

import re
from collections import Counter

from newsdesk.index.types import Article, Question

from .searcher import Searcher

_TRIED = 12  # questions asked, at most
_LONGEST = 40  # characters of a name
_LEAST = 2  # times that an article has a name that it is about
# A name of several words inside a sentence: at its beginning, any word has a capital.
_NAME = re.compile(
    r"(?<=[a-z,] )((?:[A-Z][\w’'-]*\w|[A-Z])(?: (?:(?:of|the|de|la) )?[A-Z0-9][\w-]*)+)"
)
_TITLES = re.compile(r"^(?:(?:Mr|Ms|Mrs|President|Chancellor|Prime|Foreign|Minister|Secretary) )+")
_FORM = "What happened with {name}?"
_THE = re.compile(r"\bthe $", re.IGNORECASE)


def examples(searcher: Searcher, n: int = 3) -> list[str]:
    """Up to n questions, each out of another article: the newest that are answered, then others.

    Of the others it can only be said which passage is the closest.
    """
    found: list[str] = []
    close: list[str] = []
    tried = 0
    for article, _ in searcher.engine.newest(60):
        if len(found) == n or tried == _TRIED:
            break
        name = _name(article)
        if name and not any(name in one or one in name for one in (*found, *close)):
            tried += 1
            question = _FORM.format(name=name)
            answer = searcher.ask(Question(question, now=None))
            if answer.verdict != "none":
                (found if answer.verdict == "answered" else close).append(question)
    return [*found, *close][:n]


def _name(article: Article) -> str:
    """The name of several words that an article has most often, with "the" where it has that."""
    seen: Counter[str] = Counter()
    for match in _NAME.finditer(article.text):
        the = "the " if _THE.search(article.text, 0, match.start()) else ""
        name = _TITLES.sub("", match[1])
        if " " in name and len(name) <= _LONGEST:
            seen[the + name] = article.text.count(name) + article.title.count(name)
    best = [name for name, times in seen.most_common(1) if times >= _LEAST]
    return best[0] if best else ""
