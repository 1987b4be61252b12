"""Storing an article: split into passages, each with the key of its vector."""

from __future__ import annotations

from newsdesk.index.library import Library, vector_key
from newsdesk.index.settings import Settings
from newsdesk.index.text import passages
from newsdesk.index.types import Article


class Storing:
    """Stores articles in a library; `model` is the hash of the model that will encode them."""

    def __init__(self, settings: Settings, library: Library, model: str) -> None:
        self._settings, self._library, self._model = settings, library, model
        size = settings.passages
        rules = (passages.VERSION, size.words, size.most, settings.readers.language, model)
        self.split = ":".join(map(str, rules))

    def put(self, article: Article) -> None:
        """Store an article; within a transaction."""
        size = self._settings.passages
        language = article.language or self._settings.readers.language
        split = passages.split(article.id, article.text, language, size.words, size.most)
        keyed = [(passage, vector_key(self._model, article, passage)) for passage in split]
        self._library.put(article, keyed, self.split)
