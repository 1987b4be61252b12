"""Passages to vectors by sentence-transformers: to export a model, and for what cannot be exported.

A model that is fit for it is run by ONNX Runtime once it is exported, see `exported_encoder`.

A passage's sentences get vectors too. Where the model takes the mean of its tokens' vectors, they
cost nothing: the mean over the sentence's tokens in the passage ("late chunking", Günther et al.,
arXiv 2409.04701; see RESULTS.md, "Answering"). Of another model each sentence is
encoded by itself.
"""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.errors import ModelError
from newsdesk.index.types import Span

from . import model_export
from .models import DEFAULT_MODEL, Matrix, Model, fingerprint, place, unit


@dataclass(frozen=True, slots=True)
class Encoded:
    """A passage's vector, shape (d,) float32, and its sentences', shape (n, d) int8.

    The latter keep direction only: divide by their length.
    """

    vector: Matrix
    sentences: NDArray[np.int8]


_BF16 = frozenset({"avx512_bf16", "amx_bf16", "bf16"})  # instructions of AMD, Intel and ARM
AT_ONCE = 4  # inputs: what a layer makes of more is too large for a processor's cache


class Encoder(Protocol):
    """What indexing needs of a model; `PassageEncoder` is the one there is."""

    model: Model

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]], /
    ) -> list[Encoded]:
        """Encode passages with their titles; `sentences` are spans within each text."""

    def export(self, folder: Path, /) -> None:
        """Write what encodes questions into `folder`."""


class PassageEncoder:
    """A sentence-transformers model. Loading it imports torch. Raises ModelError.

    With `bf16`, products are of bfloat16 numbers, and all else of float32: on a processor that has
    instructions for it (`has_bf16`) 1.4 times as many in the same time, and cosines of .9999 to the
    vectors by float32. See RESULTS.md, "A million passages".
    """

    def __init__(self, name: str, bf16: bool = False) -> None:
        self._bf16 = bf16
        with _quiet():
            self._model = _loaded(name)
        prompts = dict(self._model.prompts or {})
        named = [prompts.get(key) for key in ("document", "passage", "corpus")]
        self._prefix = next(filter(None, named), "")
        self._asked_prefix = str(prompts.get("query") or "")
        found = fingerprint(name)
        if found is None:
            raise ModelError(
                f"model {name}: its weights are not where the hub's files are kept; fetch it into "
                "a directory and set NEWSDESK_MODEL to that"
            )
        self.model = Model(name, found, int(self._model.get_embedding_dimension() or 0))
        self._after = self._after_mean()

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        """Encode passages with their titles; `sentences` are spans within each text."""
        heads = heads_of(titles)
        inputs = [head + text for head, text in zip(heads, texts, strict=True)]
        if self._after is None:
            vectors = self._encode(inputs, output_value="sentence_embedding")
            spoken = [self._apart(t, spans) for t, spans in zip(texts, sentences, strict=True)]
            return [Encoded(unit(v), packed(s)) for v, s in zip(vectors, spoken, strict=True)]
        behind = [len(self._prefix) + len(head) for head in heads]
        return [
            Encoded(
                unit(one["sentence_embedding"].float().numpy()),
                self._late(one, where, start, spans),
            )
            for one, where, start, spans in zip(
                self._encode(inputs, output_value=None, convert_to_numpy=False),
                self._offsets(inputs),
                behind,
                sentences,
                strict=True,
            )
        ]

    def export(self, folder: Path) -> None:
        """Write what encodes questions into `folder`. Raises ModelError if it would differ."""
        with _quiet():
            passage_prefix = self._prefix if self._is_fit() else None
            model_export.write(
                self._model, self.model, self._asked_prefix, folder, passage_prefix=passage_prefix
            )

    def _encode(self, inputs: Sequence[str], **options: Any) -> Any:
        import torch

        # The context of what was asked for alone: `autocast` is kept by the thread.
        with _quiet(), torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            return self._model.encode_document(
                list(inputs),
                prompt=self._prefix,
                batch_size=AT_ONCE * (1 + self._bf16),
                show_progress_bar=False,
                **options,
            )

    def _late(
        self, one: dict[str, Any], places: NDArray[np.int64], start: int, spans: Sequence[Span]
    ) -> NDArray[np.int8]:
        """Sentence vectors of one passage, whose text begins at `start` of what was encoded."""
        import torch

        tokens = one["token_embeddings"][one["attention_mask"].bool()].float().numpy()
        means = sentence_means(tokens, places[: len(tokens)], start, spans)
        with torch.inference_mode():
            features = {"sentence_embedding": torch.from_numpy(means)}
            for module in self._after or ():
                features = module(features)
        found = features["sentence_embedding"][:, : self.model.dimensions].numpy()
        return packed(found * means.any(axis=1, keepdims=True))

    def _apart(self, text: str, spans: Sequence[Span]) -> NDArray[np.float32]:
        if not spans:
            return np.zeros((0, self.model.dimensions), dtype=np.float32)
        found: NDArray[np.float32] = self._encode([span.of(text) for span in spans])
        return found

    def _offsets(self, inputs: Sequence[str]) -> list[NDArray[np.int64]]:
        """Where each token stands in its input behind the prefix, shape (tokens, 2)."""
        given = self._model.tokenizer(
            [self._prefix + one for one in inputs],
            truncation=True,
            max_length=self._model.max_seq_length,
            return_offsets_mapping=True,
        )
        return [np.asarray(one, dtype=np.int64) for one in given["offset_mapping"]]

    def _is_fit(self) -> bool:
        """Whether passages can be encoded by the export: sentences are means of its tokens."""
        after = self._after
        return after is not None and all(type(each).__name__ == "Normalize" for each in after)

    def _after_mean(self) -> list[Any] | None:
        """The modules behind the one that takes the mean of the tokens; None if none does."""
        modules = list(self._model)
        kinds = [type(module).__name__ for module in modules]
        fast = getattr(self._model.tokenizer, "is_fast", False)
        if kinds[:2] != ["Transformer", "Pooling"] or not fast:
            return None
        plain = modules[1].pooling_mode == "mean" and modules[1].include_prompt
        return modules[2:] if plain else None


def has_bf16(told: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor multiplies bfloat16 numbers itself; what is `told` of it says so."""
    try:
        words = told.read_text("utf-8", "replace").split()
    except OSError:  # no Linux
        return False
    return not _BF16.isdisjoint(words)


def _loaded(name: str) -> Any:
    found = place(name)
    try:
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(str(found or name), device="cpu")
    except Exception as error:  # every file format of a model has its own kinds, all unlisted
        reason = str(error).strip().partition("\n")[0] or repr(error)
        raise ModelError(
            f"model {name}: cannot be loaded ({reason[:200]}); set NEWSDESK_MODEL to a directory "
            f"with a sentence-transformers model, or to {DEFAULT_MODEL}"
        ) from error


def heads_of(titles: Sequence[str]) -> list[str]:
    """What stands before the text of each passage where it is encoded."""
    return [f"{title}\n" if title else "" for title in titles]


def sentence_means(
    tokens: NDArray[np.float32], places: NDArray[np.int64], start: int, spans: Sequence[Span]
) -> NDArray[np.float32]:
    """The mean vector of each sentence's tokens, shape (n, d); zeros for one that was cut off."""
    means = np.zeros((len(spans), tokens.shape[1]), dtype=np.float32)
    for row, span in enumerate(spans):
        within = (places[:, 0] >= start + span.start) & (places[:, 1] <= start + span.end)
        within &= places[:, 1] > places[:, 0]
        if within.any():
            means[row] = tokens[within].mean(axis=0)
    return means


def packed(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """The directions of vectors in int8, shape (n, d); zeros stay."""
    highest = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-9)
    packed: NDArray[np.int8] = np.rint(vectors * (np.iinfo(np.int8).max / highest)).astype(np.int8)
    return packed


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the model libraries' own bars, advice and warnings off the terminal."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(ImportError):
            from transformers.utils import logging as transformers_logging

            transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        for name in ("sentence_transformers", "huggingface_hub"):
            logging.getLogger(name).setLevel(logging.ERROR)
        yield
