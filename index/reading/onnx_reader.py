"""The reader that comes with the project: MiniLM, taught to read, in int8, by ONNX Runtime.

`reader.onnx` holds the layers and the heads. What it is given are the embeddings of the tokens,
which it shares with the packaged embedding model: they are looked up in that one's weights, which
are mapped and not read, so that the file here stays small. One passage is read at a time:
the scale of an int8 product depends on all that is in it, so in a batch a passage's score would
depend on the others.
"""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np

from newsdesk.index.errors import ModelError
from newsdesk.index.indexes.dense.models import DEFAULT_MODEL, Matrix, graph_threads
from newsdesk.index.indexes.dense.token_tables import mapped
from newsdesk.index.types import Reading

from .reader import Text
from .tokens import Range, Tokens, tokenizer_of, tokens

PACKAGED = Path(__file__).parent
GRAPH, CARD = "reader.onnx", "reader.json"
VERSION = 1  # of the card, and of what the graph is given and gives
EMBEDDINGS, ANSWERS, TOKENS = "embeddings", "answers", "tokens"  # given; gives; gives
START, END, EVIDENCE = range(3)  # the columns of TOKENS; the first two are only trained
LEAST = -20.0  # log probability of a sentence that was cut off, or is all but impossible


def is_reader(folder: Path) -> bool:
    """Whether a folder holds a reader of ours."""
    return (folder / CARD).is_file()


class OnnxReader:
    """A reader in a folder, opened when it first reads. Safe to use from several threads."""

    def __init__(self, folder: Path, minilm: Path | None) -> None:
        """`minilm` is the folder of the model that it was begun from, see `token_tables`."""
        self._folder, self._minilm = folder, minilm
        self._opening = threading.Lock()
        self._opened: _Opened | None = None

    def read(self, question: str, passage: Text) -> Reading:
        """See `Reader`. Raises ModelError if the files are not what the card says."""
        if self._opened is None:
            with self._opening:
                self._opened = self._opened or _Opened(self._folder, self._minilm)
        return self._opened.read(question, passage)


class _Opened:
    """The tokenizer, the graph and the embeddings."""

    def __init__(self, folder: Path, minilm: Path | None) -> None:
        if minilm is None:
            raise ModelError(
                f"{folder}: reads by the embeddings of {DEFAULT_MODEL}, which are not here; index "
                "where the whole of Newsdesk is installed, or set NEWSDESK_READER_MODEL=none"
            )
        try:
            card = json.loads((folder / CARD).read_bytes())
            graph = (folder / GRAPH).read_bytes()
            if card["version"] != VERSION or hashlib.sha256(graph).hexdigest() != card["sha256"]:
                raise ValueError("another version, or cut off")
            self._session = _session(graph)
            self._embeddings = Embeddings(minilm)
            self._tokenizer = tokenizer_of(minilm)
        except Exception as error:  # onnxruntime and tokenizers raise their own kinds, all unlisted
            raise ModelError(
                f"{folder}: the reader is damaged or missing ({error}); install newsdesk again, or "
                "set NEWSDESK_READER_MODEL=none"
            ) from error

    def read(self, question: str, passage: Text) -> Reading:
        coded = tokens(self._tokenizer, question, passage)
        feed = {EMBEDDINGS: self._embeddings.of(coded)}
        answers, found = self._session.run([ANSWERS, TOKENS], feed)
        return reading(float(answers[0]), found[0], coded)


class Embeddings:
    """What MiniLM begins with: a token's vector, and those of its place and of its part, summed."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds the packaged model or its export. Raises OSError, ValueError, KeyError."""
        self._words, self._places, self._types = mapped(folder)

    def of(self, coded: Tokens) -> Matrix:
        """The sums, shape (1, tokens, 384) float32, before they are normalised."""
        places = self._places[: len(coded.ids)]
        summed: Matrix = self._words[coded.ids] + places + self._types[coded.types]
        return summed[None]


def reading(answers: float, found: Matrix, coded: Tokens) -> Reading:
    """What the graph's logits say: `found` is of shape (tokens, 3), see EVIDENCE.

    A sentence's evidence is the log of the share that its tokens have of all the passage's, by
    softmax; at least LEAST. The title's is that of its share in the title's and the passage's. No
    title was marked in training: that it is found nevertheless is measured, see RESULTS.md.
    """
    first, behind = coded.passage
    if first == behind:
        return Reading(answers, (LEAST,) * len(coded.sentences))
    logits = found[:, EVIDENCE].astype(np.float64)

    def mass(own: Range) -> float:
        return float(np.logaddexp.reduce(logits[slice(*own)], initial=-np.inf))

    whole, title = mass(coded.passage), mass(coded.title)
    shares = tuple(max(LEAST, mass(own) - whole) for own in coded.sentences)
    return Reading(answers, shares, max(LEAST, title - float(np.logaddexp(title, whole))))


def _session(graph: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Optimised once, when it was packed.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.intra_op_num_threads = graph_threads()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
