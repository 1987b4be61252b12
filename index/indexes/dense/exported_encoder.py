"""Passages to vectors by ONNX Runtime, once the model is exported.

The same vectors as by sentence-transformers, sooner, and without importing torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from newsdesk.index.types import Span

from .encoder import AT_ONCE, Encoded, heads_of, packed, sentence_means
from .exported_model import TOKENS, VECTOR, ExportedModel
from .models import Model, graph_threads, unit


class ExportedPassageEncoder:
    """An exported model that is fit for passages, see `find_exported`."""

    def __init__(self, name: str, exported: ExportedModel) -> None:
        self._exported = exported
        self._prefix = str(exported.settings["passage_prefix"])
        self.model = Model(name, exported.hash, int(exported.settings["dimensions"]))

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        """Encode passages with their titles; `sentences` are spans within each text."""
        heads = [self._prefix + head for head in heads_of(titles)]
        tokens = self._exported.tokenized(
            [head + text for head, text in zip(heads, texts, strict=True)]
        )
        # Those of like length together, so that little is padded.
        order = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
        done: dict[int, Encoded] = {}
        for first in range(0, len(order), AT_ONCE):
            places = order[first : first + AT_ONCE]
            vectors, states = self._exported.run([tokens[n] for n in places], VECTOR, TOKENS)
            for place, vector, own in zip(places, vectors, states, strict=True):
                offsets = np.asarray(tokens[place].offsets, dtype=np.int64).reshape(-1, 2)
                behind = len(heads[place])
                means = sentence_means(own[: len(offsets)], offsets, behind, sentences[place])
                done[place] = Encoded(unit(vector), packed(means))
        return [done[place] for place in range(len(texts))]


def find_exported(name: str, folder: Path) -> ExportedPassageEncoder | None:
    """The encoder in the folder of an exported model; None where that is for questions only.

    Raises ModelError if the export is damaged.
    """
    exported = ExportedModel(folder, threads=graph_threads())
    if exported.settings.get("passage_prefix") is None:
        return None
    return ExportedPassageEncoder(name, exported)
