"""A question's vector by ONNX Runtime: in a hundredth of the time that importing torch takes."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from .exported_model import ASKING, GRAPH, VECTOR, ExportedModel
from .models import Matrix, unit


class Asking(Protocol):
    """What a question's vector is made by; `QuestionEncoder` is the one there is."""

    hash: str  # of the model, see `models.fingerprint`

    def encode(self, text: str, /) -> Matrix:
        """A question's vector, shape (d,) float32, of length 1."""


class QuestionEncoder:
    """An exported model. Never imports torch. Raises ModelError if the export is not one."""

    def __init__(self, folder: Path) -> None:
        # Not every model has one, nor what an earlier version exported.
        graph = ASKING if (folder / ASKING).is_file() else GRAPH
        self._model = ExportedModel(folder, 1, graph)  # a question is too little work for two
        self._prefix = str(self._model.settings.get("prefix", ""))
        self.hash = self._model.hash

    def encode(self, text: str) -> Matrix:
        """A question's vector, shape (d,) float32, of length 1."""
        (vectors,) = self._model.run(self._model.tokenized([self._prefix + text]), VECTOR)
        return unit(vectors[0])
