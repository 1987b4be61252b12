"""An article's text to passages: whole sentences, about a hundred words, at exact offsets.

`text[start:end] == passage.text` holds for every text, whatever is in it. Where the sentences
end is sentencex's judgement on a copy of the text, as long as the text itself, in which the full
stops that it misreads are others. Which sentences go together is chosen for the article as a
whole: the cut that lies nearest to the wished length everywhere, rather near a paragraph's end
than within one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

import sentencex

from newsdesk.index.types import Passage, Span

from .analyzer import count_words, end_of_words

VERSION = "3"  # of the splitting; a library split by another version is split anew

_PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029\x0b\x0c\x85]+")
_CLOSING = re.compile(r"[\s\"'”’»)\]}]+")
_OPENING = re.compile(r"(?<=\s)[\"'“‘„«(\[{]+\Z")
_UNFIT = re.compile(r"[\W_]*+(?:\d{1,2}[.)]\W*+)?")  # an item's number, or marks: no sentence
_QUOTES = str.maketrans(dict.fromkeys('"“”„«»', " "))
_CLAUSE = re.compile(r"[;:,—–](?=\s)|\s[—–-](?=\s)")
_WORD_END = re.compile(r"\S(?=\s)")

_ZONE = r"(?:[ECMPA][SD]?T|GMT|UTC|BST|CES?T|EES?T|MSK|IST|JST|AE[SD]T|HST|AKDT)\b"
_DAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Tues?|Wed|Thur?s?|Fri|Sat|Sun)\.)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_NO_END = re.compile(  # a full stop that only shortens, for what follows belongs to it
    r"\b(?:M[rsx]|Mrs|Messrs|Mme|Mlle|Dr|Prof|Sens?|Reps?|Govs?|Gens?|Lt|Col|Sgt|Capt|Cmdr|Maj|Adm"
    r"|Brig|Rev|Pres|Amb|Ft|Mt)\.(?=\s+[^\W\d_])"
    r"|\b(?:[Vv]ol|[Cc]h|[Nn]os?|[Pp]p?|[Ff]ig|[Aa]rt|[Ss]ec|[Oo]p)\.(?=\s+\d)"
    rf"|\b[AaPp]\.[Mm]\.(?=\s+(?:{_ZONE}|{_DAY}|{_MONTH}|[A-Z]\w+ time\b))"
)
_NO_ABBREVIATION = re.compile(  # in this spelling, before a name
    r"\b(?:no|may|me|art|miss|ill|fed|ore|con|ok|May|DC|LA|SEC|ID|OK|CA|PA)(?=\.\W+[A-Z])"
)
_TRAILING_OFF = re.compile(r"…(?=[\"'”’)\]]*\s+[\"'“‘(\[]*([^\W\d_]))")
_NESTED = re.compile(r"([.!?…])(['’])(?=[\"”])")  # the end of a quotation within another
_ASIDE = re.compile(r"((?:^|[.!?…][\"'”’]?\s)[(\[][^()\[\]]{0,400}?)([.!?…])([)\]])(?=\s)")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WINDOW = 3_000  # characters; sentencex takes the square of the length in some scripts
_CHARACTERS_A_WORD = 10  # a passage's limit in characters, for text that has no words
_UNITS_AT_MOST = 50  # sentences in one passage, for text that has sentences without words
_WITHIN_PARAGRAPH = 0.03  # what a cut inside a paragraph costs
_BEHIND_HEADING = 0.3  # and what one costs that parts a heading from what it is about
_HEADING_WORDS = 12  # a heading has that many at most, and ends like one
_JOINERS = ("\u200d", "\ufe0e", "\ufe0f")


class _Unit(NamedTuple):
    start: int
    end: int
    words: int
    cut: float  # what a cut behind it costs, beside a squared relative length


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
    before = takewhile(lambda span: span.start <= offset, _paragraphs(text))
    return max(1, sum(1 for _ in before))


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


def _sentences(text: str, piece: Span, language: str, quoted: bool = False) -> Iterator[Span]:
    """The sentences of a piece without line ends; those in quotation marks too, if `quoted`."""
    words = piece.of(text)
    start = behind = 0
    for end in [*_ends(words, language, quoted), len(words)]:
        alone, behind = not _UNFIT.fullmatch(words, behind, end), end
        span = _trim(words, start, end) if alone or end == len(words) else None
        if span:
            yield Span(piece.start + span.start, piece.start + span.end)
            start = end


def _ends(piece: str, language: str, quoted: bool) -> Iterator[int]:
    """The ends within `piece`, in order."""
    behind = 0
    for judged in _sentencex_ends(_masked(piece.translate(_QUOTES) if quoted else piece), language):
        end = _past_marks(piece, judged)
        if behind < end < len(piece):
            yield end
            behind = end


def _past_marks(piece: str, end: int) -> int:
    """An end moved so that quotation marks and brackets stay with the word that they touch."""
    opening = _OPENING.search(piece, max(0, end - 4), end)
    if opening and not piece[end].isspace():
        return opening.start()
    closing = None if piece[end - 1].isspace() else _CLOSING.match(piece, end)
    return closing.end() if closing and closing.group().strip() else end


def _masked(piece: str) -> str:
    """A copy as long as `piece`, without the full stops and ellipses that sentencex misreads."""
    piece = _SURROGATE.sub("\ufffd", piece)  # which Rust does not take
    piece = _NO_END.sub(lambda match: match.group().replace(".", ","), piece)
    piece = _NO_ABBREVIATION.sub(lambda match: "x" * len(match.group()), piece)
    piece = _TRAILING_OFF.sub(lambda match: "…" if match[1].islower() else ".", piece)
    piece = _NESTED.sub(r"\2\1", piece)
    return _ASIDE.sub(r"\1\3\2", piece)


def _sentencex_ends(piece: str, language: str) -> Iterator[int]:
    """sentencex's ends within `piece`, asked for one window after the other."""
    start = 0
    while start < len(piece):
        window = piece[start : start + _WINDOW]
        last = start + len(window) == len(piece)
        ends = [
            boundary["end_index"]
            for boundary in sentencex.get_sentence_boundaries(language, window)
        ]
        # The window's own end is none, and near it a quotation may look as if it never closed.
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
    """What a cut behind a paragraph costs: it should not be the heading of the next."""
    short = paragraph[-1].isalnum() and count_words(paragraph) <= _HEADING_WORDS
    return _BEHIND_HEADING if short or paragraph.endswith(":") else 0.0


def _split_long(text: str, sentence: Span, language: str, most: int) -> Iterator[tuple[Span, int]]:
    """A sentence with its number of words; in pieces if it is too long for a passage."""
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
    """Where to cut what is too long: the last clause in its second half, or space, or character."""
    middle = start + (end - start) // 2
    for mark in (_CLAUSE, _WORD_END):
        ends = [match.end() for match in mark.finditer(text, middle, end)]
        if ends:
            return ends[-1]
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
    starts, lengths = [unit.start for unit in units], [unit.words for unit in units]
    costs = [(length / words - 1.0) ** 2 for length in range(min(most, sum(lengths)) + 1)]
    best, cuts = [0.0], [0]
    for last, unit in enumerate(units):
        length, cheapest, cut = 0, float("inf"), last
        widest = unit.end - most * _CHARACTERS_A_WORD
        for first in range(last, max(-1, last - _UNITS_AT_MOST), -1):
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
