"""Whether two articles are copies of one text, as outlets print the same agency's story.

A copy may have another title and another beginning of its line, be cut, have its paragraphs in
another order and words changed here and there. No copies are a follow-up, which tells more or
something else, and what was put into the same frame, such as the weather of another day: there the
figures and names differ where the words are the same.

Few pairs of many articles have to be compared: those that share a band of their MinHash signature
(Broder, 1997; Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3). Limits
were chosen by `python -m tests.benchmarks.same_story`; see RESULTS.md, "The same story".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import repeat
from operator import itemgetter
from struct import pack, unpack

_VERSION = "1"  # of `bands` and `is_copy`: raise it when what they say changes
BANDS = 64  # of a signature, with two hashes each: texts that share 0.3 of it share 6 of these
LEAST_BANDS = 2  # that copies share; two different texts hardly ever do
LEAST_WORDS = 20  # of a text; below, "Read more in the app" would be a story

_CHARACTERS = 60_000  # of a text that are compared
_COVERED = 0.5  # of the pairs of words of a sentence, that stand in the other text
_LEAST_COVERED = 0.85  # of the words of the shorter text, in sentences that are covered
_BEGINNING = 60  # words that tell what is new
_LEAST_OF_BEGINNING = 0.4  # of these words: the first sentence may have been left out
_MOST_FIGURES = 0.15  # of the sentences with figures in both, where these are others
_MOST_NAMES = 0.3  # of the sentences that are in both, where figures or names are others
_LOOKED_AT = 30  # sentences, evenly from all, of which names are compared
_SHORT = 80  # words; in a text of fewer any word may be what tells it from others in its frame
_TITLES = frozenset("mr mrs ms miss dr sir prof president minister".split())
# Each begins with its rare signs, so that `re` leaps from one to the next: a fourth of the time.
_SENTENCE = re.compile(r"[.!?…。！？\n](?:(?<=[.!?…])[\"'”’»)]*\s+|(?<=[。！？])|(?<=\n)\n*)")
_THOUSANDS = re.compile(r",(?<=\d,)(?=\d{3}\b)")
_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")  # of a script that has no spaces
_WORD_OR_SIGN = re.compile(rf"{_SIGN.pattern}|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_SPACES = bytes(n if chr(n).isalnum() or chr(n) == "_" else 0x20 for n in range(256))  # for signs
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), start=2
    )
}
_NUMBER_WORDS = frozenset(_NUMBERS)


class Sentence:
    """The words of a sentence, and what of it tells one instance of a frame from another."""

    # Not cached_property where it is asked for often: its lock costs more than what it keeps.
    __slots__ = ("_figures", "_pairs", "_text", "_word", "words")

    def __init__(self, text: str, word: re.Pattern[str] = _WORD) -> None:
        self._text, self._word = text, word
        low = text.casefold()
        if low.isascii():  # as most are: the same words in a third of the time
            words = low.encode().translate(_SPACES).decode().split()
        else:
            words = word.findall(low)
        if not _NUMBER_WORDS.isdisjoint(words):
            words = [_NUMBERS.get(each, each) for each in words]
        self.words: list[str] = words
        self._pairs: list[str] | None = None
        self._figures: frozenset[str] | None = None

    @property
    def pairs(self) -> list[str]:
        """The pairs of neighbouring words, each as one string.

        Not as tuples: Python's garbage collector looks at each of these again and again, which
        took half of the time.
        """
        if self._pairs is None:
            self._pairs = list(map(" ".join, zip(self.words, self.words[1:], strict=False)))
        return self._pairs

    @property
    def all(self) -> frozenset[str]:
        """The words, each once."""
        return frozenset(self.words)

    @property
    def figures(self) -> frozenset[str]:
        """The words with digits, and numbers in words."""
        if self._figures is None:
            has_none = "".join(self.words).isalpha()
            given = () if has_none else (word for word in self.words if not word.isalpha())
            self._figures = frozenset(given)
        return self._figures

    @property
    def names(self) -> frozenset[str]:
        """The words with a capital, but the first and titles."""
        words = self._word.findall(self._text)[1:]
        return frozenset(word.casefold() for word in words if word[0].isupper()) - _TITLES


class Text:
    """A text as it is compared. The same one may be compared many times.

    >>> Text("Rain fell. It stopped at 9.").words
    6
    """

    def __init__(self, text: str) -> None:
        text = _joined(text[:_CHARACTERS])
        word = _WORD_OR_SIGN if not text.isascii() and _SIGN.search(text) else _WORD
        given = (Sentence(part, word) for part in _SENTENCE.split(text))
        self.sentences = [sentence for sentence in given if sentence.words]
        self.words = sum(len(sentence.words) for sentence in self.sentences)

    @cached_property
    def places(self) -> dict[str, int]:
        """In which sentence each pair of neighbouring words stands first."""
        places: dict[str, int] = {}
        for number in range(len(self.sentences) - 1, -1, -1):
            places.update(zip(self.sentences[number].pairs, repeat(number)))
        return places

    @cached_property
    def beginning(self) -> list[Sentence]:
        """The first sentences, of `_BEGINNING` words together or a little more."""
        sentences, words = list[Sentence](), 0
        for sentence in self.sentences:
            sentences.append(sentence)
            words += len(sentence.words)
            if words >= _BEGINNING:
                break
        return sentences

    @cached_property
    def whole(self) -> dict[str, int]:
        """The numbers of the sentences, by their words."""
        return {" ".join(each.words): number for number, each in enumerate(self.sentences)}


def _joined(text: str) -> str:
    """A text with its thousands as other desks write them: "1,200" is "1200"."""
    return _THOUSANDS.sub("", text)


def version() -> str:
    """Names the rules by which copies are found: those found by others are looked for anew."""
    from rensa import RMinHash

    return f"{_VERSION}:{RMinHash.ALGORITHM_VERSION}"


def bands(text: Text) -> list[int]:
    """What a text is found by: two that are alike share some of these, each a signed 64-bit number.

    Empty for a text of less than `LEAST_WORDS` words.

    >>> rain = "The rain that had fallen on the valley for a week stopped on Monday, and people "
    >>> rain += "went back to their houses to see what was left of them."
    >>> len(set(bands(Text(rain))) & set(bands(Text(f"Kelby. {rain}")))) > 40
    True
    """
    from rensa import RMinHash

    if text.words < LEAST_WORDS:
        return []
    words = [word for sentence in text.sentences for word in sentence.words]
    hashes = RMinHash(num_perm=2 * BANDS, seed=1)
    hashes.update(list(map(" ".join, zip(words, words[1:], words[2:], strict=False))))
    packed = pack(f">{2 * BANDS}I", *hashes.digest())
    return list(unpack(f">{BANDS}q", packed))


def is_copy(one: Text, other: Text) -> bool:
    """Whether two texts are copies of one.

    >>> frame = "Rain fell on the city of {} on Monday. In all {} millimetres were measured."
    >>> is_copy(Text(frame.format("Kelby", 12)), Text(frame.format("Kelby", 12).upper()))
    True
    >>> is_copy(Text(frame.format("Kelby", 12)), Text(frame.format("Marrow", 31)))
    False
    """
    shorter, longer = sorted((one, other), key=lambda text: text.words)
    if not shorter.words:
        return False
    matches = list[tuple[float, int | None]]()
    uncovered, most = 0, (1 - _LEAST_COVERED) * shorter.words
    for sentence in shorter.sentences:
        matches.append(_match(sentence, longer))
        uncovered += len(sentence.words) * (matches[-1][0] < _COVERED)
        if uncovered > most:
            return False
    # Not by what most of them is: a list of results may be longer than the reports above it.
    if not (_has_beginning(longer, shorter) and _has_beginning(shorter, longer)):
        return False
    return _tells_the_same(shorter, longer, matches)


def stands_in(sentence: str, text: Text) -> bool:
    """Whether a sentence stands in a text, but for a word here and there.

    >>> stands_in("It rained on Monday.", Text("It rained hard. It rained on Monday, they said."))
    True
    """
    own = Text(sentence)
    return bool(own.words) and all(_match(each, text)[0] >= _COVERED for each in own.sentences)


def _match(sentence: Sentence, text: Text) -> tuple[float, int | None]:
    """What share of the pairs of a sentence a text has, and which of its sentences most of them.

    The sentence is None where that one has less than half.
    """
    same = text.whole.get(" ".join(sentence.words))  # quicker, and right where a frame comes again
    if same is not None or not sentence.pairs:
        return float(same is not None), same
    votes = Counter(map(text.places.get, sentence.pairs))
    share = 1 - votes.pop(None, 0) / len(sentence.pairs)
    if share < _COVERED:
        return share, None
    best, most = max(votes.items(), key=itemgetter(1))
    return share, best if most >= _COVERED * len(sentence.pairs) else None


def _has_beginning(one: Text, other: Text) -> bool:
    """Whether much of the first sentences of a text is in the other."""
    sentences = one.beginning
    words = sum(len(sentence.words) for sentence in sentences)
    found = sum(len(s.words) for s in sentences if _match(s, other)[0] >= _COVERED)
    return found >= _LEAST_OF_BEGINNING * words


def _tells_the_same(
    shorter: Text, longer: Text, matches: Sequence[tuple[float, int | None]]
) -> bool:
    """Whether figures and names are the same where the words are; in a short text all words."""
    pairs = [
        (sentence, longer.sentences[number])
        for sentence, (_, number) in zip(shorter.sentences, matches, strict=True)
        if number is not None
    ]
    if not pairs:
        return False
    counted = [(a, b) for a, b in pairs if a.figures and b.figures]
    figures = sum(_differ(a.figures, b.figures) for a, b in counted)
    if figures > _MOST_FIGURES * len(counted):
        return False
    beginning = set(map(id, shorter.beginning))
    if any(_differ(a.figures, b.figures) for a, b in pairs if id(a) in beginning):
        return False
    some = pairs[:: 1 + len(pairs) // _LOOKED_AT]
    others = [(a, b) for a, b in some if a.words != b.words]  # the rest need not be looked at
    is_short = shorter.words < _SHORT
    names = sum(
        _differ(a.figures, b.figures)
        or (_differ(a.all, b.all) if is_short else _differ(a.names, b.names))
        for a, b in others
    )
    return names <= _MOST_NAMES * len(some)


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether each has something that the other has not: not where one merely says less."""
    return bool(one - other) and bool(other - one)
