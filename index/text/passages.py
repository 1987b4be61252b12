"""Splits an article's text into passages: whole sentences, about a hundred words, exact offsets.

`text[start:end] == passage.text` holds for every text. Sentence boundaries are sentencex's, found
in a copy of the same length in which the full stops that it misreads are masked. Sentences are
grouped for the article as a whole, by dynamic programming: passages come as near as possible to
the target length everywhere, and rather end with a paragraph than within one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import sentencex

from newsdesk.index.types import Passage, Span

from .analyzer import count_words, end_of_words
from .full_stops import masked

VERSION = "4"  # of the splitting: a library split by another version is split again

_PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029\x0b\x0c\x85]+")
_CLOSING = re.compile(r"[\s\"'”’»)\]}]+")
_OPENING = re.compile(r"(?<=\s)[\"'“‘„«(\[{]+\Z")
_UNFIT = re.compile(r"[\W_]*+(?:\d{1,2}[.)]\W*+)?")  # a list number, or punctuation: no sentence
_QUOTES = str.maketrans(dict.fromkeys('"“”„«»', " "))
_CLAUSE = re.compile(r"[;:,—–](?=\s)|\s[—–-](?=\s)")
_WORD_END = re.compile(r"\S(?=\s)")

_WINDOW = 3_000  # characters at a time: sentencex's time is quadratic in some scripts
_CHARACTERS_A_WORD = 10  # limit of a passage's length, for text without words
_PASSAGE_UNITS = 50  # limit of its sentences, for sentences without words
_WITHIN_PARAGRAPH = 0.03  # cost of a cut inside a paragraph
_BEHIND_HEADING = 0.3  # cost of a cut between a heading and its text
_HEADING_WORDS = 12  # at most in a heading
_JOINERS = ("\u200d", "\ufe0e", "\ufe0f")


class _Unit(NamedTuple):
    """A sentence, or a piece of one that is too long for a passage."""

    start: int
    end: int
    words: int
    cut: float  # cost of a cut behind it, in the unit of squared relative deviation from the target


def split(
    article_id: str, text: str, language: str = "en", words: int = 100, most: int = 150
) -> list[Passage]:
    """Split `text` into passages of about `words` words and at most `most`.

    `language` is an ISO 639 code. Every character that is not white space is in exactly one
    passage. A sentence of more than `most` words is cut at a clause, else at a space, else
    between characters.

    >>> [passage.text for passage in split("a", "It rained. It snowed.", words=2, most=3)]
    ['It rained.', 'It snowed.']
    """
    units = [
        unit for paragraph in _paragraphs(text) for unit in _units(text, paragraph, language, most)
    ]
    passages = []
    for ordinal, (first, last) in enumerate(_group(units, words, most)):
        start, end = units[first].start, units[last].end
        spans = tuple(Span(unit.start, unit.end) for unit in units[first : last + 1])
        passages.append(Passage(article_id, ordinal, start, end, text[start:end], spans))
    return passages


def sentences(text: str, language: str = "en") -> list[Span]:
    """The sentences of `text` as spans, without the white space around them.

    >>> text = "Mr. Lee left. He was late."
    >>> [span.of(text) for span in sentences(text)]
    ['Mr. Lee left.', 'He was late.']
    """
    return [
        span for paragraph in _paragraphs(text) for span in _sentences(text, paragraph, language)
    ]


def paragraph_at(text: str, offset: int) -> int:
    """The number of the paragraph that contains `offset` (in code points), 1 for the first.

    >>> paragraph_at("One.\\n\\nTwo.", 6)
    2
    """
    # Only counted, since each citation needs it: what is not blank by the offset has begun there.
    begun = _PARAGRAPH.findall(text, 0, offset + 1)
    return max(1, len(begun) - sum(map(str.isspace, begun)))


def paragraphs(text: str) -> list[Span]:
    """The paragraphs of `text` as spans: its lines that are not blank, trimmed."""
    return list(_paragraphs(text))


def _paragraphs(text: str) -> Iterator[Span]:
    for match in _PARAGRAPH.finditer(text):
        span = _trim(text, match.start(), match.end())
        if span:
            yield span


def _trim(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return Span(start, end) if start < end else None


def _sentences(text: str, piece: Span, language: str, quoted: bool = False) -> Iterator[Span]:
    """The sentences of a piece without line ends; with `quoted`, also those inside quotations."""
    words = piece.of(text)
    start = behind = 0
    for end in [*_ends(words, language, quoted), len(words)]:
        alone, behind = not _UNFIT.fullmatch(words, behind, end), end
        span = _trim(words, start, end) if alone or end == len(words) else None
        if span:
            yield Span(piece.start + span.start, piece.start + span.end)
            start = end


def _ends(piece: str, language: str, quoted: bool) -> Iterator[int]:
    """The offsets inside `piece` where a sentence ends, ascending."""
    unquoted = piece.translate(_QUOTES) if quoted else piece
    behind = 0
    for judged in _sentencex_ends(masked(unquoted, language), language):
        end = _past_marks(piece, judged)
        if behind < end < len(piece):
            yield end
            behind = end


def _past_marks(piece: str, end: int) -> int:
    """Move an end so that quotation marks and brackets stay with the word that they touch."""
    opening = _OPENING.search(piece, max(0, end - 4), end)
    if opening and not piece[end].isspace():
        return opening.start()
    closing = None if piece[end - 1].isspace() else _CLOSING.match(piece, end)
    return closing.end() if closing and closing.group().strip() else end


def _sentencex_ends(piece: str, language: str) -> Iterator[int]:
    """Sentence ends inside `piece` by sentencex, window by window."""
    start = 0
    while start < len(piece):
        window = piece[start : start + _WINDOW]
        last = start + len(window) == len(piece)
        ends = [
            boundary["end_index"]
            for boundary in sentencex.get_sentence_boundaries(language, window)
        ]
        # Not ends near the window's own: a quotation there may look as if it never closed.
        sure = [end for end in ends if end < len(window) * (1 if last else 0.75)]
        sure = sure or [end for end in ends if end < len(window)]
        yield from (start + end for end in sure)
        start += sure[-1] if sure and not last else len(window)


def _units(text: str, paragraph: Span, language: str, most: int) -> Iterator[_Unit]:
    pieces = [
        piece
        for sentence in _sentences(text, paragraph, language)
        for piece in _split_long(text, sentence, language, most)
    ]
    for number, (piece, words) in enumerate(pieces, start=1):
        cost = _WITHIN_PARAGRAPH if number < len(pieces) else _cost_behind(paragraph.of(text))
        yield _Unit(piece.start, piece.end, words, cost)


def _cost_behind(paragraph: str) -> float:
    """The cost of a cut behind a paragraph: high if it looks like the heading of the next."""
    short = paragraph[-1].isalnum() and count_words(paragraph) <= _HEADING_WORDS
    return _BEHIND_HEADING if short or paragraph.endswith(":") else 0.0


def _split_long(text: str, sentence: Span, language: str, most: int) -> Iterator[tuple[Span, int]]:
    """A sentence with its number of words, in pieces if it is too long for a passage."""
    words = count_words(sentence.of(text))
    if words <= most and sentence.end - sentence.start <= most * _CHARACTERS_A_WORD:
        yield sentence, words
        return
    for inner in _sentences(text, sentence, language, quoted=True):
        yield from _cut_long(text, inner, most)


def _cut_long(text: str, sentence: Span, most: int) -> Iterator[tuple[Span, int]]:
    start = sentence.start
    while start < sentence.end:
        window = min(sentence.end, start + most * _CHARACTERS_A_WORD)
        fits = start + end_of_words(text[start:window], most)
        cut = fits if fits == sentence.end else _cut(text, start, fits)
        span = _trim(text, start, cut)
        if span:
            yield span, count_words(span.of(text))
        start = cut


def _cut(text: str, start: int, end: int) -> int:
    """The offset to cut at: the last clause in the second half, else space, else character."""
    middle = start + (end - start) // 2
    for mark in (_CLAUSE, _WORD_END):
        ends = [match.end() for match in mark.finditer(text, middle, end)]
        if ends:
            return ends[-1]
    return _between_characters(text, start, end)


def _between_characters(text: str, start: int, end: int) -> int:
    """The last offset up to `end` that does not separate a character from its combining marks."""
    cut = end
    while cut > start + 1 and cut < len(text) and _belongs(text[cut - 1], text[cut]):
        cut -= 1
    return cut if cut > start + 1 else end


def _belongs(before: str, after: str) -> bool:
    return before == "\u200d" or after in _JOINERS or "\u0300" <= after <= "\u036f"


def _group(units: list[_Unit], words: int, most: int) -> list[tuple[int, int]]:
    """Group units into passages at the least total cost, by dynamic programming.

    Returns (first, last) positions of units, inclusive. A passage costs the squared relative
    deviation of its length from `words`, plus the cost of the cut behind it.
    """
    starts, lengths = [unit.start for unit in units], [unit.words for unit in units]
    costs = [(length / words - 1.0) ** 2 for length in range(min(most, sum(lengths)) + 1)]
    best, cuts = [0.0], [0]
    for last, unit in enumerate(units):
        length, cheapest, cut = 0, float("inf"), last
        widest = unit.end - most * _CHARACTERS_A_WORD
        for first in range(last, max(-1, last - _PASSAGE_UNITS), -1):
            length += lengths[first]
            if length > most or (starts[first] < widest and first < last):
                break
            cost = best[first] + costs[length]
            if cost < cheapest:
                cheapest, cut = cost, first
        best.append(cheapest + unit.cut)
        cuts.append(cut)
    groups = []
    last = len(units) - 1
    while last >= 0:
        groups.append((cuts[last + 1], last))
        last = cuts[last + 1] - 1
    return groups[::-1]
