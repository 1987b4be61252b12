"""Which sentence answers: features of a question and a sentence, and a linear model over them.

In news the words of a question often stand in the headline and the first sentence, while the
answer comes later: "It has cost about $10 billion." So a word also counts by how few of the
sentences at hand it stands in, what stands just before a sentence is its context, and the kind of
thing that is asked for (a number, a name, a date, a reason) has to be there. The weights are
learned by tests/benchmarks/fit_answering.py; for what else was tried see RESULTS.md, "Sentence
selection".
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from newsdesk.index.linear_model import LinearModel
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Hit, Span

from .question_kinds import KINDS, Wanted

MODEL = LinearModel(
    Path(__file__).with_suffix(".json"),
    (
        *("cosine", "contrast", "covered", "local", "rarest", "near", "form", "score", "first_hit"),
        *("lead", "few_words", "length", "beyond", "near_beyond", "fits"),
        *(f"fits_{kind}" for kind in KINDS),
    ),
)
_WORDS = (7, 40)  # a sentence of fewer seldom stands by itself; more are as good as the latter
_STEM = 5  # letters that two forms of one word share


@dataclass(frozen=True, slots=True)
class SentenceCandidate:
    """A sentence of a hit, with what speaks for it."""

    hit: int  # its place among the hits
    span: Span
    features: Mapping[str, float]

    @property
    def merit(self) -> float:
        """How well it answers: the weighted sum of the features, comparable within a question."""
        return float(MODEL.score(self.features))


@dataclass(frozen=True, slots=True)
class _Sentence:
    hit: int  # its place among the hits
    number: int  # in its passage
    span: Span
    text: str
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Question:
    wanted: Wanted
    weights: Mapping[str, float]  # idf in the collection
    local: Mapping[str, float]  # idf among the sentences at hand


def candidates(
    question: str, hits: Sequence[Hit], weights: Mapping[str, float], analyzer: Analyzer
) -> list[SentenceCandidate]:
    """Every sentence of the hits with its features, each about 0..1.

    `weights` are the idf of the question's terms, spelt as the collection does.
    """
    sentences = [
        _Sentence(place, number, span, text, analyzer.term_set(text))
        for place, hit in enumerate(hits)
        for number, span in enumerate(hit.passage.sentences)
        for text in [span.of(hit.article.text)]
    ]
    terms = frozenset(analyzer.terms(question)) | weights.keys()
    wanted = Wanted.of(question, terms, analyzer)
    asked = _Question(wanted, weights, _local(weights, sentences))
    titles = [analyzer.term_set(hit.article.title) for hit in hits]
    found = []
    for before, sentence in zip(chain([None], sentences), sentences, strict=False):
        title = titles[sentence.hit]
        context = before.terms if before and sentence.number else frozenset[str]()
        near = sentence.terms | title | context
        features = _features(asked, sentence, near, hits[sentence.hit])
        features |= _beyond(asked, sentence, near, title)
        features |= _fits(wanted, sentence.text, analyzer)
        found.append(SentenceCandidate(sentence.hit, sentence.span, features))
    return found


def share(terms: Container[str], weights: Mapping[str, float]) -> float:
    """Which share of the weights belongs to `terms`; 0 if there are none.

    >>> share({"nine"}, {"nine": 3.0, "met": 1.0})
    0.75
    """
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in terms) / total if total else 0.0


def _local(weights: Mapping[str, float], sentences: Sequence[_Sentence]) -> dict[str, float]:
    """How well each term tells these sentences apart: its idf among them, at most the whole's."""
    local = {}
    for term, weight in weights.items():
        containing = sum(term in sentence.terms for sentence in sentences)
        rarity = math.log1p((len(sentences) - containing + 0.5) / (containing + 0.5))
        local[term] = min(weight, rarity)
    return local


def _features(
    asked: _Question, sentence: _Sentence, near: frozenset[str], hit: Hit
) -> dict[str, float]:
    few, many = _WORDS
    words = len(sentence.text.split())
    rarest = max(asked.local.values(), default=0.0)
    held = max((w for term, w in asked.local.items() if term in sentence.terms), default=0.0)
    return {
        "cosine": hit.sentence_cosines[sentence.number],
        "contrast": hit.sentence_contrasts[sentence.number],
        "covered": share(sentence.terms, asked.weights),
        "local": share(sentence.terms, asked.local),
        "rarest": held / rarest if rarest else 0.0,
        "near": share(near, asked.weights),
        "form": _forms(asked.weights, sentence.terms),
        "score": hit.score,
        "first_hit": float(hit.rank == 1),
        "lead": float(sentence.span.start == 0),
        "few_words": float(words < few),
        "length": min(words, many) / many,
    }


def _beyond(
    asked: _Question, sentence: _Sentence, near: frozenset[str], title: frozenset[str]
) -> dict[str, float]:
    """What is held of the question beyond the article's title; all where that says it all."""
    beyond = {term: w for term, w in asked.weights.items() if term not in title}
    return {
        "beyond": share(sentence.terms, beyond) if beyond else 1.0,
        "near_beyond": share(near, beyond) if beyond else 1.0,
    }


def _fits(wanted: Wanted, text: str, analyzer: Analyzer) -> dict[str, float]:
    """Whether the kind of thing asked for is there, for all kinds and for this one."""
    if wanted.kind not in KINDS:
        return {"fits": 0.0}
    fit = wanted.fit(text, analyzer)
    return {f"fits_{wanted.kind}": fit, "fits": fit}


def _forms(weights: Mapping[str, float], terms: frozenset[str]) -> float:
    """The share of the question's missing terms that begin like a word of the sentence."""
    heads = {term[:_STEM] for term in terms if len(term) >= _STEM}
    missing = [term for term in weights if term not in terms and len(term) >= _STEM]
    return sum(term[:_STEM] in heads for term in missing) / max(1, len(weights))
