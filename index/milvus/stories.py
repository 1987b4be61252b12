"""The copies in a state of a library in Milvus, by the numbers of their articles' rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.generation.copies import Copies
from newsdesk.index.types import Filters

from .schema import UNDATED
from .state import CopyRow


class Stories:
    """Which articles are searched for their stories, as `generation.copies` has it."""

    def __init__(self, stories: Sequence[Sequence[CopyRow]]) -> None:
        """`stories` are the copies of each, that which speaks for it first."""
        rows = [(row.article, row.day, row.source) for story in stories for row in story]
        columns = np.asarray(rows, dtype=np.int64).reshape(-1, 3).T
        self._articles, self._days, self._sources = columns
        self._places = {int(article): place for place, article in enumerate(self._articles)}
        numbers = np.repeat(np.arange(1, len(stories) + 1), list(map(len, stories)) or 0)
        # All as long, and each a day after the one before: they keep the order that they are in.
        alike = np.zeros(len(rows), dtype=np.int32)
        self._copies = Copies(numbers, alike, np.arange(len(rows), dtype=np.int64))
        self._behind = frozenset(self._unsearched(None, None))

    def of(self, article: int) -> tuple[int, ...]:
        """The articles of an article's story, in order; empty for one without copies."""
        place = self._places.get(article)
        if place is None:
            return ()
        return tuple(int(self._articles[each]) for each in self._copies.of(place))

    def allowed(
        self,
        articles: Iterable[int],
        filters: Filters,
        sources: Collection[int] | None,
    ) -> list[int]:
        """Those of some articles with copies that the filters allow, see `hidden`; in order."""
        mask = self._allowed(filters, sources)
        places = ((article, self._places.get(article)) for article in articles)
        return [a for a, place in places if place is not None and (mask is None or mask[place])]

    def hidden(
        self,
        filters: Filters,
        sources: Collection[int] | None,
        named: Collection[int],
    ) -> Collection[int]:
        """The articles that are not searched, since a copy of them is that the filters allow.

        `sources` are the numbers of those that they allow, None for all; of a source that is
        `named` the first copy is searched.
        """
        allowed = self._allowed(filters, sources)
        preferred = np.isin(self._sources, list(named)) if named and self._copies else None
        if allowed is None and preferred is None:
            return self._behind
        return set(self._unsearched(allowed, preferred))

    def _unsearched(
        self, allowed: NDArray[np.bool_] | None, preferred: NDArray[np.bool_] | None
    ) -> list[int]:
        searched = self._copies.searched(allowed, preferred)
        found: list[int] = [] if searched is None else self._articles[~searched].tolist()
        return found

    def _allowed(
        self, filters: Filters, sources: Collection[int] | None
    ) -> NDArray[np.bool_] | None:
        since, until = filters.since, filters.until
        if not (since or until) and sources is None:
            return None
        allowed = np.ones(len(self._articles), dtype=bool)
        if since or until:
            allowed &= self._days != UNDATED
        if since:
            allowed &= self._days >= since.toordinal()
        if until:
            allowed &= self._days <= until.toordinal()
        if sources is not None:
            allowed &= np.isin(self._sources, list(sources))
        return allowed
