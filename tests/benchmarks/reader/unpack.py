"""The weights of a packed reader, taken back to float32, so that training can go on from them.

What int8 lost is not given back: each weight is within half a step of its column of what was
packed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

# Of a layer in `pack.Graph`, and in the network of transformers that training uses.
_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "last": "output.LayerNorm",
}
_QUANTIZED = "_quantized"


def unpacked(graph: Path) -> dict[str, torch.Tensor]:
    """Weights by the names of `network.Reader`, of a graph that `pack.write_graph` wrote in int8.

    The embeddings are not among them: they are MiniLM's own. Raises `SystemExit` where a graph
    holds something else.
    """
    model = onnx.load(str(graph))
    stored = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    made = {name: values for name, values in stored.items() if name.endswith((".weight", ".bias"))}
    for node in model.graph.node:
        for given in node.input:
            if given.endswith(_QUANTIZED) and given in stored:
                made[f"{_place(node.output[0])}.weight"] = _floats(stored, given).T
    return {_renamed(name): torch.tensor(values) for name, values in made.items()}


def _place(output: str) -> str:
    """`layers.0.query` of `/layers.0/query/Add_output_0`; of outputs of the graph, the head."""
    if output == "tokens":
        return "span"
    path = [part for part in output.split("/")[:-1] if part]
    if not path:
        raise SystemExit(f"not a reader that was packed here: {output}")
    return ".".join(path) if path[0] == "layers" or "." not in path[-1] else path[-1]


def _floats(stored: Mapping[str, NDArray[np.generic]], name: str) -> NDArray[np.float32]:
    base = name.removesuffix(_QUANTIZED)
    whole = stored[name].astype(np.float32) - stored[f"{base}_zero_point"].astype(np.float32)
    scaled: NDArray[np.float32] = whole * stored[f"{base}_scale"].astype(np.float32)
    return scaled


def _renamed(name: str) -> str:
    inside = re.fullmatch(r"layers\.(\d+)\.(\w+)\.(\w+)", name)
    if inside:
        layer, part, kind = inside.groups()
        return f"enc.encoder.layer.{layer}.{_NAMES[part]}.{kind}"
    return re.sub(r"^norm\.", "enc.embeddings.LayerNorm.", name)
