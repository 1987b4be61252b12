"""Which articles that came are copies of others: found once, when they come."""

from __future__ import annotations

from functools import lru_cache

from newsdesk.index.library import Library
from newsdesk.index.text import copies

from .reading import Progress

_MOST_COMPARED = 6  # articles that one is compared with, those first that share most
_REMEMBERED = 256  # texts that are kept as they are compared
# Articles noted in one transaction, a second or two. What is found by lies all over its table, so
# that each transaction writes most of the table's pages: few large ones write far less.
_IN_ONE_TRANSACTION = 500
_KEPT = 64  # MiB of the library's pages: what 40,000 articles are found by


def find_copies(library: Library, progress: Progress = lambda *_: None) -> int:
    """Look for copies of each article that is new or was changed. Returns how many have one.

    What is done is kept in the library, a batch in a transaction; a run that is killed goes on.
    """
    library.stories.use(copies.version())
    ids = library.stories.missing()
    library.keep_pages(_KEPT)
    finder = _Finder(library)
    found = 0
    for start in range(0, len(ids), _IN_ONE_TRANSACTION):
        progress("comparing", start, len(ids))
        with library.transaction():
            batch = ids[start : start + _IN_ONE_TRANSACTION]
            found += sum(finder.note(article_id) for article_id in batch)
            library.note_change()
    if ids:
        progress("comparing", len(ids), len(ids))
    return found


class _Finder:
    def __init__(self, library: Library) -> None:
        self._library = library
        self._text = lru_cache(_REMEMBERED)(self._read)

    def _read(self, article_id: str) -> copies.Text:
        return copies.Text(self._library.text(article_id) or "")

    def note(self, article_id: str) -> bool:
        """Note an article with the stories that it is of; whether there are any."""
        text = self._read(article_id)  # not remembered: what is asked for again and again is
        bands = copies.bands(text)
        stories = self._stories_of(text, bands)
        self._library.stories.put(article_id, bands, sorted(stories))
        return bool(stories)

    def _stories_of(self, text: copies.Text, bands: list[int]) -> set[int]:
        near = self._library.stories.near(bands, copies.LEAST_BANDS, _MOST_COMPARED)
        stories = set[int]()
        for other_id, story in near:
            if story not in stories and copies.is_copy(text, self._text(other_id)):
                stories.add(story)
        return stories
