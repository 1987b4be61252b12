"""What the benchmarks share: made-up text, times taken in turns, and plain tables."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any, TypeVar

import numpy as np

Asked = TypeVar("Asked")
Result = TypeVar("Result")

HEAD = ("median ms", "90 % below", "processor ms")

# The commonest words of English, the commonest first: they stand in most passages, and are what
# makes a plain BM25 slow and wrong.
COMMONEST = tuple(
    "the of and to in a is that was for on with as it he by at be from his are have had not but "
    "this they which an or were she we been has their who would its when there her if no will "
    "more what so about can him into do than could some them these i my our where how why "
    "did".split()
)
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
_WORDS = 300_000  # that the made-up language has
_FLATTENING = 2.7  # Mandelbrot's: the first ranks of a real language are nearer to each other
_KERNEL = 8_000  # from this rank on, words grow rarer faster (Ferrer i Cancho and Solé, 2001)


class Language:
    """A zipfian language: the n-th commonest word stands about 1 / n times as often as the first.

    Real stop words are its commonest; the others are syllables. As in real texts, some hundred
    thousand passages hold some hundred thousand different words.
    """

    def __init__(self, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        self.words = [*COMMONEST, *(_made_up(n) for n in range(_WORDS - len(COMMONEST)))]
        rank = np.arange(_WORDS) + 1 + _FLATTENING
        self._reached = np.cumsum(1 / rank * np.minimum(1, _KERNEL / rank))

    def passages(self, count: int, least: int = 80, most: int = 120) -> Iterator[list[str]]:
        """Passages of `least` to `most` words."""
        for size in self._random.integers(least, most + 1, count).tolist():
            yield self._some(size)

    def questions(self, count: int, stop_words: int = 3, others: int = 3) -> list[list[str]]:
        """Questions of six words: as many that carry no subject as others, in any order."""
        return [self._question(stop_words, others) for _ in range(count)]

    def _question(self, stop_words: int, others: int) -> list[str]:
        words: list[str] = []
        wanted = {True: stop_words, False: others}
        while any(wanted.values()):
            (word,) = self._some(1)
            if wanted[word in COMMONEST] and word not in words:
                wanted[word in COMMONEST] -= 1
                words.append(word)
        return words

    def _some(self, count: int) -> list[str]:
        drawn = self._random.random(count) * self._reached[-1]
        return [self.words[place] for place in np.searchsorted(self._reached, drawn).tolist()]


class Taken:
    """Milliseconds that something took each time, by the clock and of the processors.

    The second are what the first would be on a quiet machine, if there is but one thread.
    """

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def time(self, step: Callable[[], Result]) -> Result:
        """Take the step, and note what it took."""
        begun, used = time.perf_counter(), _cpu()
        found = step()
        self.wall.append(1000 * (time.perf_counter() - begun))
        self.cpu.append(1000 * (_cpu() - used))
        return found

    def warm(self, first: int) -> Taken:
        """All but the first times."""
        rest = Taken()
        rest.wall, rest.cpu = self.wall[first:], self.cpu[first:]
        return rest

    @property
    def median(self) -> float:
        """By the clock."""
        return median(self.wall)

    def row(self, name: str) -> list[str]:
        """A line of a table, see `HEAD`."""
        found = (self.median, float(np.percentile(self.wall, 90)), median(self.cpu))
        return [name, *(f"{value:.2f}" for value in found)]


def in_turns(
    contenders: Mapping[str, Callable[[Asked], Any]], questions: Sequence[Asked], warm: int
) -> dict[str, Taken]:
    """What each contender takes for each question but the first few, one after the other.

    Whatever else the machine is doing then slows all of them.
    """
    taken = {name: Taken() for name in contenders}
    for question in questions:
        for name, contender in contenders.items():
            taken[name].time(partial(contender, question))
    return {name: one.warm(warm) for name, one in taken.items()}


def show(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for line in (head, *rows):
        first, *others = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join([first, *(cell.strip().rjust(len(cell)) for cell in others)]).rstrip())
    print(flush=True)


def verdict(what: str, value: float, bound: float, at_least: bool = False) -> bool:
    """Say whether a bound that the project sets is kept."""
    kept = value >= bound if at_least else value <= bound
    word = "at least" if at_least else "at most"
    print(f"{'kept  ' if kept else 'MISSED'}  {what}: {value:.3g}, {word} {bound:g}", flush=True)
    return kept


def _cpu() -> float:
    """Seconds that processors worked for this process and those it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _made_up(number: int) -> str:
    """The word with this number: three syllables, and no two words alike."""
    count = len(_SYLLABLES)
    return "".join(_SYLLABLES[number // count**place % count] for place in range(3))
