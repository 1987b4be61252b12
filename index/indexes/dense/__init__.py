"""Embeddings: passages by sentence-transformers, questions by ONNX Runtime, neighbours by numpy.

`PassageEncoder` needs torch, whose import takes seconds, and is used while indexing only. It also
exports the model, once; `QuestionEncoder` runs that export and gives the same vector. Both give
float32 vectors of length 1, so that a dot product is a cosine.
"""

from __future__ import annotations

from .encoder import Encoded, Encoder, PassageEncoder
from .models import DEFAULT_MODEL, Matrix, Model, fingerprint, unit
from .neighbours import Vectors, encode_bits, sentence_cosines, sentence_nearness
from .query_encoder import Asking, QuestionEncoder

__all__ = [
    "DEFAULT_MODEL",
    "Asking",
    "Encoded",
    "Encoder",
    "Matrix",
    "Model",
    "PassageEncoder",
    "QuestionEncoder",
    "Vectors",
    "encode_bits",
    "fingerprint",
    "sentence_cosines",
    "sentence_nearness",
    "unit",
]
