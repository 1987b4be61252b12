"""A cross-encoder of sentence-transformers as a reader: it scores a passage, and each sentence.

It takes torch, whose import costs seconds, and no package carries the weights of one: this is for
a model of one's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from newsdesk.index.errors import ModelError
from newsdesk.index.types import Reading

from .reader import Text


class CrossEncoderReader:
    """A cross-encoder by name or directory. Raises ModelError if it cannot be loaded."""

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import CrossEncoder

            self._model = CrossEncoder(model, device="cpu")
        except Exception as error:  # whatever a hub, a file or torch may raise
            raise ModelError(
                f"reader.model {model}: cannot be loaded ({' '.join(str(error).split())[:200]}); "
                "name a directory with a reader or a cross-encoder, or set it to default or none"
            ) from error

    def read(self, question: str, passage: Text) -> Reading:
        """See `Reader`. A sentence's evidence is the log-softmax of its score among them all."""
        about = f"{passage.title}. {passage.text}".lstrip(". ")
        sentences = [span.of(passage.text) for span in passage.sentences]
        answers, *scores = self._scores(question, [about, *sentences])
        return Reading(answers, tuple(score - _log_sum(scores) for score in scores))

    def _scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One by one: in a batch, a score would depend on how long the others are."""
        return [
            float(self._model.predict([(question, text)], show_progress_bar=False)[0])
            for text in texts
        ]


def _log_sum(scores: Sequence[float]) -> float:
    """log(sum(exp(scores))), computed so that nothing overflows."""
    most = max(scores, default=0.0)
    return most + math.log(sum(math.exp(score - most) for score in scores) or 1.0)
