"""A second look at the first passages by a model that reads question and passage together.

Off unless `rerank.model` names one: a directory, or a cross-encoder of sentence-transformers. No
package carries the weights of one, and it takes torch, whose import costs seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from newsdesk.index.errors import ModelError


class Reranker(Protocol):
    """Says how well passages answer a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One score for each text, the higher the better; on whatever scale."""


class CrossEncoderReranker:
    """The adapter for a cross-encoder of sentence-transformers, by name or directory."""

    def __init__(self, model: str) -> None:
        """Load the model. Raises ModelError if that cannot be."""
        try:
            from sentence_transformers import CrossEncoder

            self._model = CrossEncoder(model, device="cpu")
        except Exception as error:  # whatever a hub, a file or torch may raise
            raise ModelError(
                f"rerank.model {model}: cannot be loaded ({' '.join(str(error).split())[:200]}); "
                "name a directory with a cross-encoder, or leave it empty"
            ) from error

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """See `Reranker`."""
        pairs = [(question, text) for text in texts]
        found: list[float] = self._model.predict(pairs, show_progress_bar=False).tolist()
        return found
