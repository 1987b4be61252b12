"""Embeddings: a model of sentence-transformers, run by ONNX Runtime; neighbours by numpy.

`PassageEncoder` needs torch, whose import takes seconds: it exports the model, once.
`QuestionEncoder` and `ExportedPassageEncoder` run that export and give the same vectors. All give
float32 vectors of length 1, so that a dot product is a cosine. The sentences of some models cannot
be had of an export; their passages are encoded by `PassageEncoder`.
"""

from __future__ import annotations

from .encoder import Encoded, Encoder, PassageEncoder, has_bf16
from .exported_encoder import ExportedPassageEncoder, find_exported
from .exported_model import is_outdated
from .lists import LISTED, Lists, listed
from .models import DEFAULT_MODEL, Matrix, Model, dots, dots_of, fingerprint, unit
from .neighbours import Vectors, encode_bits, sentence_cosines
from .packed import PackedVectors, pack
from .query_encoder import Asking, QuestionEncoder

__all__ = [
    "DEFAULT_MODEL",
    "LISTED",
    "Asking",
    "Encoded",
    "Encoder",
    "ExportedPassageEncoder",
    "Lists",
    "Matrix",
    "Model",
    "PackedVectors",
    "PassageEncoder",
    "QuestionEncoder",
    "Vectors",
    "dots",
    "dots_of",
    "encode_bits",
    "find_exported",
    "fingerprint",
    "has_bf16",
    "is_outdated",
    "listed",
    "pack",
    "sentence_cosines",
    "unit",
]
