"""Where MiniLM's token embeddings lie on disk; a reader begins with them and holds none itself.

They are in the weights of the model's package, and in the weights of its export, which is there
where the package is not: in an installation for asking only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .exported_model import EMBEDDINGS, EXPORT, WEIGHTS
from .models import DEFAULT_MODEL, OFFICIAL, Matrix, is_installed, place

TABLES = ("word", "position", "token_type")
_NAMED = "embeddings.{}_embeddings.weight"
_PACKAGED = "model.safetensors"


def minilm(models: Path | None) -> Path | None:
    """The folder of the packaged model, or of its export in `models`; None if neither is there."""
    if is_installed():
        return place(DEFAULT_MODEL)
    return exported(models) if models else None


def exported(models: Path) -> Path | None:
    """The folder of MiniLM's export; None without, or if it does not say where the tables lie."""
    export = models / OFFICIAL[:16]
    return export if _settings(export).get(EMBEDDINGS) else None


def mapped(folder: Path) -> list[Matrix]:
    """The tables of words, positions and types, each of shape (rows, d) float32.

    Raises OSError, ValueError or KeyError.
    """
    if (folder / _PACKAGED).is_file():
        places, file = _packaged(folder / _PACKAGED), folder / _PACKAGED
    else:
        places, file = _settings(folder)[EMBEDDINGS], folder / WEIGHTS
    tables: list[Matrix] = []
    for name in TABLES:
        start, *shape = places[name]
        tables.append(np.memmap(file, np.float32, "r", start, tuple(shape)))
    return tables


def in_export(graph: Path) -> dict[str, list[int]]:
    """Of each table the offset, rows and width in the weights of an export; {} if it has others."""
    import onnx

    found = {}
    for weights in onnx.load(str(graph), load_external_data=False).graph.initializer:
        outside = {entry.key: entry.value for entry in weights.external_data}
        for name in TABLES:
            if weights.name.endswith(_NAMED.format(name)) and outside.get("location") == WEIGHTS:
                found[name] = [int(outside.get("offset", 0)), *weights.dims]
    return found if len(found) == len(TABLES) else {}


def _packaged(file: Path) -> dict[str, list[int]]:
    with file.open("rb") as stream:
        # https://github.com/huggingface/safetensors: the header's length, and a JSON header
        length = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(length))
    entries = {name: header[_NAMED.format(name)] for name in TABLES}
    if {entry["dtype"] for entry in entries.values()} != {"F32"}:
        raise ValueError(f"{file}: other numbers than float32")
    return {
        name: [8 + length + entry["data_offsets"][0], *entry["shape"]]
        for name, entry in entries.items()
    }


def _settings(folder: Path) -> Mapping[str, Any]:
    try:
        settings = json.loads((folder / EXPORT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}
