"""Links that scroll to the cited words, by text fragments.

A browser marks the first place that fits a fragment, which is not the cited one where two
paragraphs begin alike. So the specification's search is simulated over the article's text, and
the shortest fragment is taken whose first match is the cited place: more words, then a prefix and
a suffix from around it. See https://wicg.github.io/scroll-to-text-fragment/.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from newsdesk.index.types import Article, Span, file_of

_FEW = 4  # words at either end of a fragment, where these do
_CONTEXT = (3, 6, 12, 24)  # words of a prefix or a suffix that are tried
_WHOLE = 60  # words; longer ones are named by their two ends only
# Words that a prefix or a suffix costs besides its own: one of another paragraph most, since a page
# may have a picture in between.
_NEARBY, _ELSEWHERE = 10, 40
_FALSE_STARTS = 200  # that a search may have, so that a hostile text costs no more
# Marks that a browser's search overlooks: it compares base characters.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)


class TextDirective(NamedTuple):
    """What a fragment says: `[prefix-,]start[,end][,-suffix]`.

    >>> str(TextDirective("The first-born", prefix="said:"))
    'said%3A-,The%20first%2Dborn'
    """

    start: str
    end: str = ""
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        prefix = f"{_escaped(self.prefix)}-," if self.prefix else ""
        end = f",{_escaped(self.end)}" if self.end else ""
        suffix = f",-{_escaped(self.suffix)}" if self.suffix else ""
        return f"{prefix}{_escaped(self.start)}{end}{suffix}"

    @property
    def words(self) -> int:
        """How many words it names."""
        return sum(len(part.split()) for part in self)


def link(article: Article, words: str, start: int) -> str:
    """The article's page, scrolled to `words` by a text fragment; else its file.

    `words` begin at code point `start` of the article's text. They must lie in one paragraph, or
    begin and end in paragraphs that hold the first and the last of them.
    """
    page = article.page_at(start)
    paged = f"#page={page}" if page else ""  # as readers of PDF take it
    if not article.url.lower().startswith(("http://", "https://")):
        return Path(file_of(article.path)).absolute().as_uri() + paged
    if page:
        return article.url.partition("#")[0] + paged
    joint = "" if "#" in article.url else "#"
    made = directive(article.text, Span(start, start + len(words)), article.title)
    return f"{article.url}{joint}:~:text={made}"


def directive(text: str, span: Span, title: str = "") -> TextDirective:
    """The shortest directive whose first match in a text, below its title, is a span.

    Where there is none, since all that is around the words is said again, the one that a search
    from the top takes to the words' first place.

    >>> text = "He said yes. She said no. He said yes."
    >>> directive(text, Span(26, 38))
    TextDirective(start='He said yes.', end='', prefix='She said no.', suffix='')
    """
    page = _page(f"{title}\n{text}")
    words = span.of(text)
    size = len(_folded(words.strip()))
    bodies = _bodies(words)
    shortest = next(bodies)
    asked = TextDirective(*map(_folded, shortest))
    match = first_match(page, asked)
    # Mostly its first words stand in one place only, which then is the cited one.
    if match and match.end - match.start == size and page.find(asked.start, match.start + 1) < 0:
        return shortest
    start = len(_folded(f"{title}\n{text[: span.end - len(words.lstrip())]}"))
    place = Span(start, start + size)

    def fits(candidate: TextDirective) -> bool:
        return first_match(page, TextDirective(*map(_folded, candidate))) == place

    ways = _candidates(text, span, [shortest, *bodies])  # of equal cost the earlier goes first
    ordered = (body._replace(prefix=prefix, suffix=suffix) for _, body, prefix, suffix in ways)
    return next(filter(fits, ordered), shortest)


def first_match(page: str, wanted: TextDirective) -> Span | None:
    """The first place that a directive matches, or None: "find a range from a text directive".

    Not the specification's word boundaries, nor its blocks: without them more places match, so
    that what is the first of these is the first of the page as well.
    """
    at = 0
    for _ in range(_FALSE_STARTS):
        start = page.find(wanted.prefix or wanted.start, at)
        if start < 0:
            return None
        at = start + 1
        if wanted.prefix:
            start = _after_spaces(page, start + len(wanted.prefix))
            if not page.startswith(wanted.start, start):
                continue
        ends = _ends(page, start + len(wanted.start), wanted.end)
        end = next((e for e in ends if _is_followed(page, e, wanted.suffix)), None)
        if end is not None:
            return Span(start, end)
        if wanted.end:
            return None
    return None


def _ends(page: str, start: int, end: str) -> Iterator[int]:
    """Where a match may end whose first words end at `start`."""
    if not end:
        yield start
        return
    for _ in range(_FALSE_STARTS):
        place = page.find(end, start)
        if place < 0:
            return
        start = place + len(end)
        yield start


def _is_followed(page: str, end: int, suffix: str) -> bool:
    return not suffix or page.startswith(suffix, _after_spaces(page, end))


def _after_spaces(page: str, start: int) -> int:
    while start < len(page) and page[start].isspace():
        start += 1
    return start


def _candidates(
    text: str, span: Span, bodies: Sequence[TextDirective]
) -> list[tuple[int, TextDirective, str, str]]:
    """Directives that match a span: the cost of each, what it names, and the words around that.

    The cheapest first. In parts: hundreds are weighed for one that is made.
    """
    found = []
    before, near = _context(text[: span.start], last=True)
    after, nigh = _context(text[span.end :], last=False)
    prefixes = {"": 0} | {" ".join(before[-n:]): near for n in _CONTEXT if before}
    suffixes = {"": 0} | {" ".join(after[:n]): nigh for n in _CONTEXT if after}
    for costs in (prefixes, suffixes):
        costs |= {words: cost + len(words.split()) for words, cost in costs.items()}
    for body in bodies:
        named = body.words
        for prefix, cost in prefixes.items():
            for suffix, further in suffixes.items():
                # Not a suffix behind an end: a longer end does as well, and is read alike by all.
                if not (suffix and body.end):
                    found.append((named + cost + further, body, prefix, suffix))
    return sorted(found, key=itemgetter(0))


def _bodies(words: str) -> Iterator[TextDirective]:
    """Ways to name some words, shortest first: by all of them, or by their first and last ones.

    Neither end goes beyond its line, since no match does.
    """
    lines = [line.split() for line in words.strip().split("\n")]
    head, tail = lines[0], lines[-1]
    if len(lines) == 1 and len(head) <= 2 * _FEW:
        yield TextDirective(" ".join(head))
        return
    for first in _sizes(head):
        for last in _sizes(tail):
            if len(lines) > 1 or first + last <= len(head):
                yield TextDirective(" ".join(head[:first]), " ".join(tail[-last:]))
    if len(lines) == 1 and len(head) <= _WHOLE:
        yield TextDirective(" ".join(head))


def _sizes(words: list[str]) -> list[int]:
    return [*dict.fromkeys(min(size, len(words)) for size in (4, 5, 6, 8, 12, 16, 24))]


def _context(text: str, *, last: bool) -> tuple[list[str], int]:
    """The words of the last (else the first) line that has any, and what they cost."""
    lines = text.split("\n")[:: -1 if last else 1]
    if words := lines[0].split():
        return words, _NEARBY
    return next((words for line in lines if (words := line.split())), []), _ELSEWHERE


def _escaped(words: str) -> str:
    return quote(words, safe="").replace("-", "%2D")  # a hyphen is syntax there


@lru_cache(maxsize=16)
def _page(text: str) -> str:
    return _folded(text)


def _folded(text: str) -> str:
    """A text as a browser's search compares it at its loosest, white space being one blank."""
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    plain = text.casefold()
    # By words, which is quicker than by a regular expression.
    first, last = plain[:1].isspace(), plain[-1:].isspace() and not plain.isspace()
    return f"{' ' * first}{' '.join(plain.split())}{' ' * last}"
