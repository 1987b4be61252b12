"""An article's text to passages: whole sentences, about a hundred words, at exact offsets.

`text[start:end] == passage.text` holds for every text, whatever is in it. Where the sentences
end is sentencex's judgement, mended where it leaves a closing mark behind. Which sentences go
together is chosen for the article as a whole: the cut that lies nearest to the wished length
everywhere, rather near a paragraph's end than within one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import sentencex

from .analyzer import count_words
from .types import Passage, Span

VERSION = "1"  # of the splitting; a library split by another version is split anew

_PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029\x0b\x0c\x85]+")
_CLOSING = re.compile(r"[\s\"'”’»)\]}]+")
_CLAUSE = re.compile(r"[;:,—–](?=\s)|\s[—–-](?=\s)")
_WORD_END = re.compile(r"\S(?=\s)")
_CHARACTERS_A_WORD = 10  # a passage's limit in characters, for text that has no words
_UNITS_AT_MOST = 80  # sentences in one passage, for text that has sentences without words
_WITHIN_PARAGRAPH = 0.03  # what a cut inside a paragraph costs, beside a squared relative length
_JOINERS = ("\u200d", "\ufe0e", "\ufe0f")


class _Unit(NamedTuple):
    start: int
    end: int
    words: int
    closes: bool  # the last of its paragraph


def split(
    article_id: str, text: str, language: str = "en", words: int = 100, most: int = 150
) -> list[Passage]:
    """Cut `text` into passages of about `words` words and never more than `most`.

    Every character that is not white space is in exactly one passage. A sentence of more than
    `most` words is cut at a clause, then at a space, then between characters.
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
    """Where the sentences of `text` stand, without the white space around them."""
    return [
        span for paragraph in _paragraphs(text) for span in _sentences(text, paragraph, language)
    ]


def paragraph_at(text: str, offset: int) -> int:
    """The number of the paragraph that `offset` stands in, 1 for the first."""
    return sum(1 for span in _paragraphs(text[:offset])) or 1 if offset else 1


def paragraphs(text: str) -> list[Span]:
    """The paragraphs of `text`: its lines that are not blank, without white space around."""
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


def _sentences(text: str, paragraph: Span, language: str) -> Iterator[Span]:
    piece = paragraph.of(text)
    ends = [found["end_index"] for found in sentencex.get_sentence_boundaries(language, piece)]
    start = 0
    for end in [*_mended(piece, ends), len(piece)]:
        span = _trim(piece, start, end)
        if span:
            yield Span(paragraph.start + span.start, paragraph.start + span.end)
        start = end


def _mended(piece: str, ends: list[int]) -> Iterator[int]:
    """The ends in order, each moved behind closing marks that were cut off from their sentence."""
    behind = 0
    for end in ends:
        if not behind < end < len(piece):
            continue
        closing = _CLOSING.match(piece, end)
        if closing and not piece[end - 1].isspace() and closing.group().strip():
            behind = closing.end()
        else:
            behind = end
        yield behind


def _units(text: str, paragraph: Span, language: str, most: int) -> Iterator[_Unit]:
    pieces = [
        (piece, words)
        for sentence in _sentences(text, paragraph, language)
        for piece, words in _pieces(text, sentence, most)
    ]
    for number, (piece, words) in enumerate(pieces, start=1):
        yield _Unit(piece.start, piece.end, words, closes=number == len(pieces))


def _pieces(text: str, sentence: Span, most: int) -> Iterator[tuple[Span, int]]:
    start = sentence.start
    while True:
        window = _window(text, start, sentence.end, most)
        if window >= sentence.end:
            words = count_words(text[start : sentence.end])
            if words <= most:
                yield Span(start, sentence.end), words
                return
        cut = _cut(text, start, min(window, sentence.end), most)
        span = _trim(text, start, cut)
        if span:
            yield span, count_words(span.of(text))
        start = cut
        while start < sentence.end and text[start].isspace():
            start += 1
        if start >= sentence.end:
            return


def _window(text: str, start: int, end: int, most: int) -> int:
    return min(end, start + most * _CHARACTERS_A_WORD)


def _cut(text: str, start: int, end: int, most: int) -> int:
    """Where to cut a sentence that is too long: the last clause, space or character that fits."""
    while count_words(text[start:end]) > most:
        end = start + max(1, (end - start) * most // count_words(text[start:end]))
    middle = start + (end - start) // 2
    for mark in (_CLAUSE, _WORD_END):
        found = [match.end() for match in mark.finditer(text, middle, end)]
        if found:
            return found[-1]
    return _between_characters(text, start, end)


def _between_characters(text: str, start: int, end: int) -> int:
    """The last place up to `end` that does not part a character from what belongs to it."""
    cut = end
    while cut > start + 1 and cut < len(text) and _belongs(text[cut - 1], text[cut]):
        cut -= 1
    return cut if cut > start + 1 else end


def _belongs(before: str, after: str) -> bool:
    return before == "\u200d" or after in _JOINERS or "\u0300" <= after <= "\u036f"


def _group(units: list[_Unit], words: int, most: int) -> list[tuple[int, int]]:
    """Runs of units, first and last inclusive, at the least total cost (dynamic programming)."""
    best = [0.0]
    cuts = [0]
    for last, unit in enumerate(units):
        length, cheapest, cut = 0, float("inf"), last
        penalty = 0.0 if unit.closes else _WITHIN_PARAGRAPH
        for first in range(last, max(-1, last - _UNITS_AT_MOST), -1):
            length += units[first].words
            wide = unit.end - units[first].start > most * _CHARACTERS_A_WORD
            if first < last and (length > most or wide):
                break
            cost = best[first] + ((length - words) / words) ** 2 + penalty
            if cost < cheapest:
                cheapest, cut = cost, first
        best.append(cheapest)
        cuts.append(cut)
    groups = []
    last = len(units) - 1
    while last >= 0:
        groups.append((cuts[last + 1], last))
        last = cuts[last + 1] - 1
    return groups[::-1]
