"""Which sentence answers: what the reader says of it, beside its cosine and its words.

The weights are learned by tests/benchmarks/fit_answering.py; see RESULTS.md, "Answering".
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdesk.index.linear_model import LinearModel
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Hit, Span

_PLAIN = ("cosine", "near", "score")
_FOLDER = Path(__file__).parent
MODEL = LinearModel(_FOLDER / "sentence.json", (*_PLAIN, "evidence", "answers"))
PLAIN = LinearModel(_FOLDER / "sentence_plain.json", _PLAIN)  # without a reader


@dataclass(frozen=True, slots=True)
class SentenceCandidate:
    """A sentence of a hit, with what speaks for it."""

    hit: int  # its place among the hits
    span: Span
    features: Mapping[str, float]

    @property
    def merit(self) -> float:
        """How well it answers: the weighted sum of the features, comparable within a question."""
        return float((MODEL if "evidence" in self.features else PLAIN).score(self.features))


def candidates(
    hits: Sequence[Hit], weights: Mapping[str, float], analyzer: Analyzer
) -> list[SentenceCandidate]:
    """Every sentence of the hits with its features; of those that were read, if any was.

    `weights` are the idf of the question's terms, spelt as the collection does.

    - cosine: of the question to the sentence
    - near: the share of the question's idf that stands in it, its title or the sentence before
    - score: of its passage, see `ranking`
    - evidence, answers: see `types.Reading`; not without a reader
    """
    some_read = any(hit.reading for hit in hits)
    return [
        candidate
        for place, hit in enumerate(hits)
        if hit.reading or not some_read
        for candidate in _of_hit(place, hit, weights, analyzer)
    ]


def _of_hit(
    place: int, hit: Hit, weights: Mapping[str, float], analyzer: Analyzer
) -> list[SentenceCandidate]:
    title, before = analyzer.term_set(hit.article.title), frozenset[str]()
    found = []
    for number, span in enumerate(hit.passage.sentences):
        terms = analyzer.term_set(span.of(hit.article.text))
        features = {
            "cosine": hit.sentence_cosines[number],
            "near": share(terms | title | before, weights),
            "score": hit.score,
        }
        if hit.reading:
            features["evidence"] = hit.reading.evidence[number]
            features["answers"] = hit.reading.answers
        found.append(SentenceCandidate(place, span, features))
        before = terms
    return found


def share(terms: Container[str], weights: Mapping[str, float]) -> float:
    """Which share of the weights belongs to `terms`; 0 if there are none.

    >>> share({"nine"}, {"nine": 3.0, "met": 1.0})
    0.75
    """
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in terms) / total if total else 0.0
