"""Which reader the settings mean."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from newsdesk.index.indexes.dense.token_tables import minilm
from newsdesk.index.settings import Reading as Settings

from .onnx_reader import PACKAGED, OnnxReader, is_reader
from .reader import Reader

DEFAULT, NONE = "default", "none"
_KEPT = 2_000  # readings


class _Remembering:
    """Reads nothing twice soon: what is searched for is read, and then answered with."""

    def __init__(self, reader: Reader) -> None:
        self.read = lru_cache(maxsize=_KEPT)(reader.read)


def open_reader(settings: Settings, models: Path | None = None) -> Reader | None:
    """The reader that is set; None for "none". Raises ModelError if it cannot be opened.

    "default" is the one that comes with the project; it needs the embedding model's package, or
    that model's export in `models`, and is None without. A directory holds either a reader as
    `python -m tests.benchmarks.reader.pack` writes it, or a cross-encoder of sentence-transformers;
    anything else is the name of such a cross-encoder.

    >>> open_reader(load_settings(overrides={"reader.model": "none"}).reader) is None
    True
    """
    wanted = settings.model
    if wanted == NONE:
        return None
    if wanted == DEFAULT:
        shared = minilm(models)  # None where one only asks, by an export of an earlier version
        return _Remembering(OnnxReader(PACKAGED, shared)) if shared else None
    if is_reader(Path(wanted)):
        return _Remembering(OnnxReader(Path(wanted), minilm(models)))
    from .cross_encoder import CrossEncoderReader

    return _Remembering(CrossEncoderReader(wanted))
