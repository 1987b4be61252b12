"""What several tests need: paths, a small encoder, folders of articles."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from newsdesk.index import evaluate
from newsdesk.index.evaluate import FOLDER
from newsdesk.index.indexes.dense import Encoded, Matrix, Model
from newsdesk.index.library import FILE, Library
from newsdesk.index.settings import Reading, Settings
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Span
from newsdesk.index.update import Report, update

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "seeds"
SHARED = ROOT.parent / "shared"
WEEK = ROOT / "tests" / "week"
WEEK_ENDED = datetime(2026, 3, 8, 23)  # the last article of it came out a little before

# What takes a splitter or a pattern the square of its time: nothing to split at, or nothing but.
HOSTILE = [
    *("a", ".", "- ", "<", "&", "1,", "123 ", "a. ", "A. Bcd ", "?! ", "中文。", "\u0301", "a\n"),
    *("(", '"', "“a.” ", "… ", "1. ", ". (", "no. ", "Mr. ", "a-", "a'", "how ", "did a "),
]
SMALL = "small-encoder"
_DIMENSIONS = 64
_WORDS = Analyzer()


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """The JSON it printed."""
        return json.loads(self.out)


Command = Callable[..., Done]


class SmallEncoder:
    """Vectors of hashed words: no model, but near for texts that share words, and always the same.

    For tests that are about what happens around a model; loading the real one costs seconds.
    """

    def __init__(self, name: str = SMALL) -> None:
        self.model = Model(name, hashlib.sha256(name.encode()).hexdigest(), _DIMENSIONS)

    def encode(
        self, titles: Sequence[str], texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[Encoded]:
        """As `dense.PassageEncoder.encode`."""
        return [
            Encoded(
                hashed(f"{title} {text}"),
                np.array([np.rint(hashed(s.of(text)) * 127) for s in spans], dtype=np.int8).reshape(
                    -1, _DIMENSIONS
                ),
            )
            for title, text, spans in zip(titles, texts, sentences, strict=True)
        ]

    def export(self, folder: Path) -> None:
        """Write what `SmallAsking` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "export.json").write_text(self.model.hash, "utf-8")


class SmallAsking:
    """The other half of `SmallEncoder`."""

    def __init__(self, folder: Path) -> None:
        self.hash = (folder / "export.json").read_text("utf-8")

    def encode(self, text: str) -> Matrix:
        """As `dense.QuestionEncoder.encode`."""
        return hashed(text)


def hashed(text: str) -> Matrix:
    """A vector of length 1 of the words of a text, shape (64,) float32."""
    vector = np.full(_DIMENSIONS, 1e-3, dtype=np.float32)
    for term in _WORDS.terms(text):
        digest = hashlib.sha256(term.encode("utf-8", "surrogatepass")).digest()
        vector[digest[0] % _DIMENSIONS] += 1.0 if digest[1] % 2 else -1.0
    return vector / np.float32(np.linalg.norm(vector))


def small(home: Path) -> Settings:
    """Settings for a library encoded by `SmallEncoder`, and not read by any model."""
    return Settings(home=home, model=SMALL, reader=Reading(model="none"))


def index(home: Path, *paths: Path, prune: bool = False) -> Report:
    """Index some paths with `SmallEncoder`."""
    return update(small(home), paths, prune=prune, load=SmallEncoder)


def lend_vectors(source: Path, home: Path) -> None:
    """Give a library, which is made if need be, the vectors of another.

    Vectors are kept by what they are of, so that the same texts are not encoded anew.
    """
    with closing(sqlite3.connect(source / FILE)) as other:
        vectors = other.execute("SELECT key, vector, sentences FROM vectors").fetchall()
    with Library(home, create=True) as library, library.transaction():
        library.put_vectors(vectors)


def lend_to_dataset(source: Path, path: Path, home: Path) -> None:
    """Give the library that `eval` makes of a dataset in a home the vectors of another library."""
    lend_vectors(source, home / FOLDER / evaluate.load(path).key)


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files, by their paths below `folder`. Returns the folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def news(folder: Path, end: datetime) -> list[dict[str, str]]:
    """Write the articles of the labelled week into files, moved so that the week ends then.

    Returns them, the oldest first.
    """
    moved = end.replace(microsecond=0, tzinfo=None) - WEEK_ENDED
    found = []
    for file in sorted(WEEK.glob("articles*.jsonl")):
        articles = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for one in articles:
            one["published"] = (datetime.fromisoformat(one["published"]) + moved).isoformat()
        write(folder, {file.name: "\n".join(json.dumps(one) for one in articles)})
        found += articles
    return sorted(found, key=lambda one: one["published"])
