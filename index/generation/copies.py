"""Which articles are copies of one story, and which of them speaks for all.

Found when the library is changed (`update/copies.py`) and written into the generation; a search
only leaves out the copies that do not speak, so that its cost does not grow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_UNDATED = np.iinfo(np.int64).min  # as `published` has it
_AS_LONG = 10  # a copy that is shorter than the longest by less than a tenth is as long


class Copies:
    """The articles of a generation that have copies.

    The longest copy speaks for its story, since the others were cut; of those about as long the
    first that came out; else that with the lowest number. Where a filter leaves it out, the next.
    """

    def __init__(
        self, stories: NDArray[np.int64], lengths: NDArray[np.int32], days: NDArray[np.int64]
    ) -> None:
        """Each is of all articles, shape (articles,).

        `stories` are their stories' numbers, 0 where that is not known, `lengths` how many terms
        they have, and `days` when they were published, as the column of that name has it.
        """
        self._articles = len(stories)
        known, places, counts = np.unique(stories, return_inverse=True, return_counts=True)
        numbers = np.flatnonzero((counts[places] > 1) & (known[places] != 0))
        own = places[numbers]
        longest = np.zeros(len(known), dtype=np.int64)
        np.maximum.at(longest, own, lengths[numbers])
        shortness = _AS_LONG * (longest[own] - lengths[numbers]) // np.maximum(longest[own], 1)
        came_out = np.where(days[numbers] == _UNDATED, np.iinfo(np.int64).max, days[numbers])
        order = np.lexsort((numbers, came_out, shortness, own))
        self._numbers: NDArray[np.int64] = numbers[order]
        self._groups: NDArray[np.int64] = own[order]
        self._places = np.argsort(self._numbers)
        self._sorted = self._numbers[self._places]
        self._whole = self._without_later(np.ones(self._articles, dtype=bool))

    def __bool__(self) -> bool:
        return bool(len(self._numbers))

    def stories(self) -> list[list[int]]:
        """The articles of each story, in the order in which they would speak for it."""
        ends = np.flatnonzero(np.diff(self._groups)) + 1
        return [own.tolist() for own in np.split(self._numbers, ends) if len(own)]

    def searched(
        self,
        allowed: NDArray[np.bool_] | None,
        preferred: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.bool_] | None:
        """Which of some articles are searched, shape (articles,): of each story one.

        None for `allowed` stands for all, given or returned. Where some of a story are
        `preferred`, the first of these is searched.
        """
        if not self:
            return allowed
        if allowed is None and preferred is None:
            return self._whole
        whole = np.ones(self._articles, dtype=bool) if allowed is None else allowed.copy()
        return self._without_later(whole, preferred)

    def _without_later(
        self, allowed: NDArray[np.bool_], preferred: NDArray[np.bool_] | None = None
    ) -> NDArray[np.bool_]:
        left = np.flatnonzero(allowed[self._numbers])
        if preferred is not None:
            behind = ~preferred[self._numbers[left]]
            left = left[np.lexsort((left, behind, self._groups[left]))]
        _, firsts = np.unique(self._groups[left], return_index=True)
        allowed[self._numbers[np.delete(left, firsts)]] = False
        return allowed

    def of(self, number: int) -> list[int]:
        """The articles of an article's story, in the order in which they would speak for it.

        Empty for one without copies.
        """
        place = int(np.searchsorted(self._sorted, number))
        if place == len(self._sorted) or self._sorted[place] != number:
            return []
        group = self._groups[self._places[place]]
        first, last = np.searchsorted(self._groups, [group, group + 1])
        same: list[int] = self._numbers[first:last].tolist()
        return same
