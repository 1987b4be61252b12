"""The exported graph once more for questions, with weights of 8 bits: a question in half the time.

Passages keep the graph in float32. The cosine of a question's vector to the one by float32 is above
.99, and what is found first stays the same; see RESULTS.md, "Questions in 8 bits".
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .exported_model import ASKING, GRAPH

_INLINE = 1_024  # bytes of a weight from which on it lies in a file beside the graph
_ALIGNED = 4_096  # bytes, so that weights can be mapped
_BESIDE = "asking.bin"
_LAYERS = 3  # of six, see `_whole`
_FLOAT = 1  # onnx.TensorProto.FLOAT


def write(folder: Path) -> None:
    """Write the graph for questions beside the one in `folder`.

    What both have alike, most of it the tables of tokens, stays in the other's file.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from .model_export import optimise

    with tempfile.TemporaryDirectory() as scratch, _quiet():
        small, fused = Path(scratch) / "small.onnx", Path(scratch) / "fused.onnx"
        # Seven bits of eight: without VNNI, products of bytes are added up in 16 bits, where those
        # of eight would saturate, and other processors would give other vectors.
        quantize_dynamic(
            folder / GRAPH,
            small,
            op_types_to_quantize=["MatMul"],
            nodes_to_exclude=_whole(onnx.load(str(folder / GRAPH), load_external_data=False).graph),
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": _FLOAT, "MatMulConstBOnly": True},
        )
        optimise(small, fused)
        graph = onnx.load(str(fused))
    shared = {
        weights.name: weights
        for weights in onnx.load(str(folder / GRAPH), load_external_data=False).graph.initializer
        if weights.external_data
    }
    with (folder / _BESIDE).open("wb") as beside:
        for weights in graph.graph.initializer:
            other = shared.get(weights.name)
            if other is not None and list(other.dims) == list(weights.dims):
                weights.CopyFrom(other)
            elif len(weights.raw_data) >= _INLINE:
                beside.write(bytes(-beside.tell() % _ALIGNED))
                place = beside.tell()
                beside.write(weights.raw_data)
                _move(weights, _BESIDE, place)
    onnx.save(graph, str(folder / ASKING))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the advice of the quantiser off the terminal: it is about graphs not optimised yet."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _whole(graph: Any) -> list[str]:
    """The products that stay in float32: those that narrow, of the first layers.

    A few of their inputs are far larger than the rest, which then gets few of the 256 steps.
    """
    shapes = {weights.name: tuple(weights.dims) for weights in graph.initializer}
    found = []
    for node in graph.node:
        shape = shapes.get(node.input[1], ()) if node.op_type == "MatMul" else ()
        if len(shape) == 2 and shape[0] > shape[1]:
            found.append(node.name)
    return found[:_LAYERS]


def _move(weights: Any, location: str, offset: int) -> None:
    """Say that a weight lies in a file."""
    import onnx

    length = len(weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        entry = weights.external_data.add()
        entry.key, entry.value = key, str(value)
