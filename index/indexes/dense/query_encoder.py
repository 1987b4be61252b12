"""A question's vector by ONNX Runtime: in a hundredth of the time that importing torch takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

import numpy as np

from newsdesk.index.errors import ModelError

from .models import Matrix, unit

EXPORT = "export.json"
EXPORT_VERSION = 2  # of the folder that `model_export.write` writes
_INPUTS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}


class Asking(Protocol):
    """What a question's vector is made by; `QuestionEncoder` is the one there is."""

    hash: str  # of the model, see `models.fingerprint`

    def encode(self, text: str, /) -> Matrix:
        """A question's vector, shape (d,) float32, of length 1."""


class QuestionEncoder:
    """An exported model. Never imports torch. Raises ModelError if the export is not one."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            settings = json.loads((folder / EXPORT).read_text("utf-8"))
            options = onnxruntime.SessionOptions()
            # Optimised once, when it was exported; doing it again would cost every start 0.1 s.
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            options.log_severity_level = 3
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._inputs = {given.name: _INPUTS[given.name] for given in self._session.get_inputs()}
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._prefix = str(settings["prefix"])
            self.hash = str(settings["hash"])
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(int(settings["tokens"]))
            sound = settings["version"] == EXPORT_VERSION
        except Exception as error:  # onnxruntime and tokenizers raise their own kinds, all unlisted
            raise _damaged(folder) from error
        if not sound:
            raise _damaged(folder)

    def encode(self, text: str) -> Matrix:
        """A question's vector, shape (d,) float32, of length 1."""
        whole = text.encode("utf-8", "replace").decode()  # what no terminal could decode becomes ?
        tokens = self._tokenizer.encode(self._prefix + whole)
        feed = {
            name: np.asarray([getattr(tokens, column)], dtype=np.int64)
            for name, column in self._inputs.items()
        }
        (vectors,) = self._session.run(["vector"], feed)
        return unit(vectors[0])


def _damaged(folder: Path) -> ModelError:
    return ModelError(
        f"{folder}: the exported model is damaged or missing; run `newsdesk index` to export it "
        "again"
    )
