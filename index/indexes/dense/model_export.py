"""The model as files for ONNX Runtime, written once, by torch, and compared with the original."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from newsdesk.index.errors import ModelError

from . import question_graph
from .exported_model import (
    EMBEDDINGS,
    EXPORT,
    EXPORT_VERSION,
    GRAPH,
    TOKENS,
    VECTOR,
    WEIGHTS,
)
from .models import DEFAULT_MODEL, OFFICIAL, Model, unit
from .query_encoder import QuestionEncoder
from .token_tables import in_export

_TOLERANCE = 1e-5  # largest difference to sentence-transformers in any component
_PROBES = ("who is in the B9?", "Prices rose by 3.5 percent, to $14,000 – “a record”. " * 12)


def write(
    transformer: Any, model: Model, prefix: str, folder: Path, passage_prefix: str | None = None
) -> None:
    """Write what `ExportedModel` reads; `prefix` is what the model wants before a question.

    `passage_prefix` is what it wants before a passage; None if only questions are to be encoded.
    Raises ModelError if the model cannot be exported, or gives other vectors when it was; OSError
    if there is no room for it.
    """
    backend = getattr(transformer.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise _unfit(model, "it has no fast tokenizer")
    settings: dict[str, Any] = {
        "version": EXPORT_VERSION,
        "hash": model.hash,
        "dimensions": model.dimensions,
        "tokens": int(transformer.max_seq_length or 512),
        "prefix": prefix,
        "passage_prefix": passage_prefix,
    }
    try:
        backend.save(str(folder / "tokenizer.json"))
        has_tokens = passage_prefix is not None
        _write_graph(transformer, model.dimensions, folder / "plain.onnx", has_tokens)
        optimise(folder / "plain.onnx", folder / GRAPH, WEIGHTS)
        (folder / "plain.onnx").unlink()
        settings[EMBEDDINGS] = in_export(folder / GRAPH)
        (folder / EXPORT).write_text(json.dumps(settings, indent=1), "utf-8")
        exported = QuestionEncoder(folder)
        differences = [_difference(transformer, exported, prefix, probe) for probe in _PROBES]
        if model.hash == OFFICIAL:  # of others it is not known what 8 bits cost
            question_graph.write(folder)
    except (ModelError, OSError):
        raise
    except Exception as error:  # torch and onnxruntime raise their own kinds, all unlisted
        raise _unfit(model, str(error).strip().partition("\n")[0][:200]) from error
    if max(differences) > _TOLERANCE:
        raise _unfit(model, f"its ONNX export is off by {max(differences):.1e}")


def _difference(transformer: Any, exported: QuestionEncoder, prefix: str, text: str) -> float:
    found = transformer.encode_query([text], prompt=prefix, show_progress_bar=False)
    return float(np.abs(exported.encode(text) - unit(found[0])).max())


def _write_graph(transformer: Any, dimensions: int, file: Path, has_tokens: bool) -> None:
    import torch

    example = transformer.tokenizer(
        list(_PROBES),
        padding=True,
        truncation=True,
        max_length=transformer.max_seq_length,
        return_tensors="pt",
    )
    names = list(example.keys())

    class Embedding(torch.nn.Module):
        """All modules of the model as one, from token ids to vectors."""

        def __init__(self) -> None:
            super().__init__()
            self.model = transformer

        def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
            features = self.model(dict(zip(names, inputs, strict=True)))
            vectors = features["sentence_embedding"][:, :dimensions]
            return (vectors, features["token_embeddings"]) if has_tokens else (vectors,)

    axes = {name: {0: "texts", 1: "tokens"} for name in names} | {VECTOR: {0: "texts"}}
    if has_tokens:
        axes[TOKENS] = {0: "texts", 1: "tokens"}
    with torch.no_grad():
        # The exporter that torch now prefers needs onnxscript, which brings 30 MB more to
        # every installation, for the same graph.
        torch.onnx.export(
            Embedding().eval(),
            tuple(example[name] for name in names),
            str(file),
            input_names=names,
            output_names=[VECTOR, TOKENS] if has_tokens else [VECTOR],
            dynamic_axes=axes,
            opset_version=18,
            dynamo=False,
        )


def optimise(plain: Path, optimised: Path, weights: str = "") -> None:
    """Write a graph as ONNX Runtime would run it, its weights in a file of a name beside it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(optimised)
    # Not the highest level: that one lays the weights out for this very processor.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    # In a file of their own, weights are mapped: opening the graph does not read 90 MB of them.
    beside = "session.optimized_model_external_initializers_"
    if weights:
        options.add_session_config_entry(f"{beside}file_name", weights)
        options.add_session_config_entry(f"{beside}min_size_in_bytes", "1024")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(plain), options, providers=["CPUExecutionProvider"])


def _unfit(model: Model, reason: str) -> ModelError:
    return ModelError(
        f"model {model.name}: cannot be exported for asking: {reason}; set NEWSDESK_MODEL to "
        f"another, such as {DEFAULT_MODEL}"
    )
