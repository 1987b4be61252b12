"""Learn the weights of `index/sentences.py` and `index/verdict.py`, and say how they generalise.

    python tests/benchmarks/fit_answering.py seeds [DATASET …]

The first dataset must have unanswerable questions, and is what the verdict is learned on. The
sentence model learns from all of them, a question counting less the more its dataset has. Prints
both models as Python, each measured on what it was learned from, and on articles that were left
out ("held out": ten folds, by article). Needs nothing but what the tests need.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from index import answer, evaluate, sentences, settings, verdict
from index.analyzer import Analyzer
from index.search import MODELS, Searcher
from index.types import Hit, Query

Floats = NDArray[np.float64]

FOLDS = 10
SHARE = 225  # questions that a dataset counts for at most, however many it has
PENALTY = 0.1  # L2, of the sentence model
REGULARITY = 10.0  # C, of the verdict's logistic regression
OTHER_WORDS = "questions-in-other-words.jsonl"


@dataclass
class Asked:
    """A question with the sentences that were considered, and which of them are right."""

    question: evaluate.Question
    hits: list[Hit]
    leads: list[Hit]
    idf: dict[str, float]
    candidates: list[sentences.Candidate]
    right: list[bool]
    weight: float

    @property
    def group(self) -> str:
        """The article asked about; the question itself where none is named."""
        return min(self.question.relevant, default=self.question.about or self.question.id)


def ask(path: Path, home: Path) -> list[Asked]:
    """Ask a dataset's questions."""
    dataset = evaluate.load(path)
    own, _ = evaluate.index(dataset, settings.Settings(home=home), lambda *_: None)
    weight = min(1.0, SHARE / len(dataset.questions))
    with Searcher(own, models=home / MODELS) as searcher:
        return [_asked(one, searcher, own, weight) for one in dataset.questions]


def _asked(
    question: evaluate.Question, searcher: Searcher, own: settings.Settings, weight: float
) -> Asked:
    query = Query(question.text)
    hits, idf = searcher.consider(query)
    reading = answer.read(query, hits, idf, Analyzer(), own.answer)
    leads = [group[0] for group in reading.groups]
    right = [_is_right(question, leads[one.hit], one) for one in reading.candidates]
    return Asked(question, hits, leads, idf, reading.candidates, right, weight)


def _is_right(question: evaluate.Question, hit: Hit, candidate: sentences.Candidate) -> bool:
    text = candidate.span.of(hit.article.text)
    return evaluate.answers(question, hit.article.id, text)


def fit_sentences(asked: Sequence[Asked], names: Sequence[str]) -> dict[str, float]:
    """Conditional logit: the right sentences of a question against all of them."""
    taken = [one for one in asked if any(one.right) and not all(one.right)]
    tables = [_table(one, names) for one in taken]
    right = [np.asarray(one.right) for one in taken]
    shares = [one.weight for one in taken]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, gradient = PENALTY * float(weights @ weights), 2 * PENALTY * weights
        for table, truth, share in zip(tables, right, shares, strict=True):
            merits = table @ weights
            odds = np.exp(merits - merits.max())
            every, true = odds / odds.sum(), odds * truth / (odds * truth).sum()
            total -= share * float(np.log((odds * truth).sum() / odds.sum()))
            gradient += share * (table.T @ (every - true))
        return total, gradient

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    return dict(zip(names, found.tolist(), strict=True))


def _table(one: Asked, names: Sequence[str]) -> Floats:
    return np.array([[c.features.get(name, 0.0) for name in names] for c in one.candidates])


def chosen_right(asked: Sequence[Asked], weights: dict[str, float]) -> list[bool]:
    """For each answerable question, whether its best sentence is right."""
    names = list(weights)
    values = np.array(list(weights.values()))
    told = [one for one in asked if one.question.answers or one.question.sentences]
    return [
        bool(one.candidates) and one.right[int(np.argmax(_table(one, names) @ values))]
        for one in told
        if not one.question.unanswerable
    ]


def verdict_table(asked: Sequence[Asked]) -> tuple[Floats, list[str]]:
    """The signals of each question under the weights now set, and their names."""
    rows = []
    for one in asked:
        chosen = max(one.candidates, key=lambda c: c.merit)
        rows.append(verdict.signals(one.hits, one.idf, chosen, one.leads, Analyzer()))
    names = list(rows[0])
    return np.array([[row[name] for name in names] for row in rows]), names


def report_verdict(truth: Floats, scores: Floats, what: str) -> None:
    """Print what thresholds that refuse few answerable questions cost."""
    line = [f"{what}: AUROC {roc_auc_score(truth, scores):.3f}"]
    for lost in (0.02, 0.03, 0.04, 0.05, 0.10):
        limit = float(np.quantile(scores[truth == 1], lost, method="lower"))
        refused = float((scores[truth == 0] < limit).mean())
        line.append(f"threshold {limit:.3f} refuses {refused:.3f} (answerable {lost:.2f})")
    print("\n  ".join(line))


def main() -> None:
    """Fit both models and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"))
    given = parser.parse_args()
    by_name: dict[str, list[Asked]] = {}
    for path in given.datasets:
        by_name[str(path)] = ask(path, given.home)
        if (path / OTHER_WORDS).is_file():
            by_name[str(path / OTHER_WORDS)] = ask(path / OTHER_WORDS, given.home)
    _sentences(by_name)
    _verdict(next(iter(by_name.values())), by_name)


def _sentences(by_name: dict[str, list[Asked]]) -> None:
    every = [one for asked in by_name.values() for one in asked]
    names = sorted({name for one in every for c in one.candidates for name in c.features})
    weights = fit_sentences(every, names)
    groups = [one.group for one in every]
    held: dict[str, list[bool]] = {name: [] for name in by_name}
    belongs = [name for name, asked in by_name.items() for _ in asked]
    for train, test in GroupKFold(FOLDS).split(groups, groups=groups):
        fold = fit_sentences([every[i] for i in train], names)
        for i in test:
            held[belongs[i]] += chosen_right([every[i]], fold)
    for name, asked in by_name.items():
        inside = np.mean(chosen_right(asked, weights))
        print(f"sentence@1 {name}: {inside:.3f}, held out {np.mean(held[name]):.3f}")
    print(
        msgspec.json.format(
            msgspec.json.encode({n: round(w, 3) for n, w in weights.items()})
        ).decode()
    )
    sentences.WEIGHTS = weights  # the verdict is learned on what this model chooses


def _verdict(asked: list[Asked], by_name: dict[str, list[Asked]]) -> None:
    table, names = verdict_table(asked)
    truth = np.array([0.0 if one.question.unanswerable else 1.0 for one in asked])
    model = LogisticRegression(C=REGULARITY, max_iter=10_000).fit(table, truth)
    report_verdict(truth, model.predict_proba(table)[:, 1], "verdict, as learned")
    groups = [one.group for one in asked]
    held = np.zeros(len(asked))
    for train, test in GroupKFold(FOLDS).split(groups, groups=groups):
        fold = LogisticRegression(C=REGULARITY, max_iter=10_000).fit(table[train], truth[train])
        held[test] = fold.predict_proba(table[test])[:, 1]
    report_verdict(truth, held, "verdict, held out")
    for name, others in by_name.items():
        told = np.array([0.0 if one.question.unanswerable else 1.0 for one in others])
        if 0 < told.mean() < 1:
            scores = model.predict_proba(verdict_table(others)[0])[:, 1]
            report_verdict(told, scores, f"verdict on {name}")
    coefficients = {n: round(float(w), 3) for n, w in zip(names, model.coef_[0], strict=True)}
    print(f"CONSTANT = {float(model.intercept_[0]):.3f}")
    print(msgspec.json.format(msgspec.json.encode(coefficients)).decode())


if __name__ == "__main__":
    main()
