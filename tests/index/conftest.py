"""A dataset of three articles, which several rooms are measured on."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.support import write

_DOCUMENTS = {
    "d1": ("Ferry Strike Ends", "The ferry crews of Oldport went back to work on Tuesday."),
    "d2": ("Museum Finds Map", "A clerk at the museum found a map of 1702 behind a cupboard."),
    "d3": ("Cheese Prize", "A goat cheese from Millford won the first prize in Lyon."),
}
_ASKED = {"q1": "when did the ferry crews go back to work", "q2": "which cheese won in Lyon"}


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    """A folder in BEIR's layout, with one question that has no answer."""
    corpus = [{"_id": i, "title": title, "text": text} for i, (title, text) in _DOCUMENTS.items()]
    queries = [{"_id": i, "text": text} for i, text in _ASKED.items()]
    queries.append({"_id": "q3", "text": "who painted the ceiling of the opera", "type": "null"})
    files: dict[str, str | bytes] = {
        "tiny/corpus.jsonl.gz": gzip.compress(_lines(corpus).encode()),
        "tiny/queries.jsonl": _lines(queries),
        "tiny/qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t1\n",
    }
    return write(tmp_path, files) / "tiny"
