"""A model as `model_export.write` left it, run by ONNX Runtime. Never imports torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.errors import ModelError

EXPORT, WEIGHTS = "export.json", "weights.bin"
GRAPH, ASKING = "model.onnx", "asking.onnx"  # in float32; for questions, see `question_graph`
EMBEDDINGS = "embeddings"  # in EXPORT: where the tables of tokens lie in WEIGHTS
EXPORT_VERSION = 3  # of the folder that `model_export.write` writes
VECTOR, TOKENS = "vector", "tokens"  # what the graph gives: of a text, of each of its tokens
_INPUTS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}


class ExportedModel:
    """Tokenizer, graph and settings in a folder. Raises ModelError if they are not sound.

    `threads` is how many run one graph; 0 for as many as there are cores. `graph` is its file.
    """

    def __init__(self, folder: Path, threads: int, graph: str = GRAPH) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            self.settings = json.loads((folder / EXPORT).read_text("utf-8"))
            options = onnxruntime.SessionOptions()
            # Optimised once, when it was exported; doing it again would cost every start 0.1 s.
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            options.log_severity_level = 3
            options.intra_op_num_threads = threads
            # Not waiting in a loop for the next step: that takes the processor from all others.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self._session = onnxruntime.InferenceSession(
                str(folder / graph), options, providers=["CPUExecutionProvider"]
            )
            self._inputs = {given.name: _INPUTS[given.name] for given in self._session.get_inputs()}
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self.hash = str(self.settings["hash"])
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(int(self.settings["tokens"]))
            sound = self.settings["version"] == EXPORT_VERSION
        except Exception as error:  # onnxruntime and tokenizers raise their own kinds, all unlisted
            raise _damaged(folder) from error
        if not sound:
            raise _damaged(folder)

    def tokenized(self, texts: Sequence[str]) -> list[Any]:
        """The tokens of texts, a `tokenizers.Encoding` each."""
        # What no terminal could decode becomes a question mark.
        whole = [text.encode("utf-8", "replace").decode() for text in texts]
        encodings: list[Any] = self._tokenizer.encode_batch(whole)
        return encodings

    def run(self, encodings: Sequence[Any], *outputs: str) -> list[NDArray[np.float32]]:
        """Some outputs of the graph, each of a row a text; shorter texts are padded."""
        longest = max(len(encoding) for encoding in encodings)
        feed = {name: np.zeros((len(encodings), longest), np.int64) for name in self._inputs}
        for name, column in self._inputs.items():
            for row, encoding in enumerate(encodings):
                feed[name][row, : len(encoding)] = getattr(encoding, column)
        found: list[NDArray[np.float32]] = self._session.run(outputs, feed)
        return found


def is_outdated(folder: Path) -> bool:
    """Whether a folder holds an export of another version. Raises OSError."""
    try:
        settings = json.loads((folder / EXPORT).read_text("utf-8"))
    except ValueError:
        return False  # no export of ours; whoever opens it says what is wrong with it
    return isinstance(settings, dict) and settings.get("version") != EXPORT_VERSION


def _damaged(folder: Path) -> ModelError:
    return ModelError(
        f"{folder}: the exported model is damaged or missing; run `newsdesk index` to export it "
        "again"
    )
