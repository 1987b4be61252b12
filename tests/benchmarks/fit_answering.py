"""Learn which sentence answers, and how probable an answer is; say how both generalise.

    python -m tests.benchmarks.fit_answering seeds [DATASET …] [--write]

Both models learn from all datasets, a question counting less the more its dataset has. So that
the verdict also sees what has nothing to do with a collection, each is asked some questions of
the next one. The `questions-held-out.jsonl` of a dataset is asked, and never learned from. Prints
both models; the sentence model also as measured on articles that were left out (ten folds, by
article), the verdict on each dataset as learned without it. --write puts the weights into
`index/search/sentence_selection.json` and `answerability.json`. Needs what the tests need.
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

from newsdesk.index import evaluate, settings
from newsdesk.index.linear_model import Weights
from newsdesk.index.search import answer, answerability, sentence_selection
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Hit, Query

from .provenance import provenance

Floats = NDArray[np.float64]

FOLDS = 10
SHARE = 225  # questions that a dataset counts for at most, however many it has
PENALTY = 0.1  # L2, of the sentence model
REGULARITY = 3.0  # C, of the verdict's logistic regression
HELD_OUT = "questions-held-out.jsonl"
ANSWERABILITY = sorted(answerability.MODEL.features)
FOREIGN = 150  # questions of another dataset, about


@dataclass
class Asked:
    """A question with the sentences that were considered, and which of them are right."""

    question: evaluate.JudgedQuestion
    hits: list[Hit]
    leads: list[Hit]
    idf: dict[str, float]
    candidates: list[sentence_selection.SentenceCandidate]
    right: list[bool]
    weight: float

    @property
    def group(self) -> str:
        """The article asked about; the question itself where none is named."""
        return min(self.question.relevant, default=self.question.about or self.question.id)


def ask(dataset: evaluate.Dataset, home: Path) -> list[Asked]:
    """Ask a dataset's questions."""
    own, _ = evaluate.index(dataset, settings.Settings(home=home), lambda *_: None)
    weight = min(1.0, SHARE / len(dataset.questions))
    with Searcher(own, models=home / MODELS) as searcher:
        return [_asked(one, searcher, own, weight) for one in dataset.questions]


def _asked(
    question: evaluate.JudgedQuestion, searcher: Searcher, own: settings.Settings, weight: float
) -> Asked:
    query = Query(question.text)
    hits, idf = searcher.consider(query)
    reading = answer.read(query, hits, idf, Analyzer(), own.answer)
    leads = [group[0] for group in reading.groups]
    right = [_is_right(question, leads[one.hit], one) for one in reading.candidates]
    return Asked(question, hits, leads, idf, reading.candidates, right, weight)


def _is_right(
    question: evaluate.JudgedQuestion, hit: Hit, candidate: sentence_selection.SentenceCandidate
) -> bool:
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


def verdict_table(asked: Sequence[Asked]) -> tuple[Floats, Floats]:
    """The signals of each question under the weights now set, and whether it has an answer."""
    rows, truth = [], []
    for one in asked:
        if one.candidates and (one.question.unanswerable or one.question.relevant):
            chosen = max(one.candidates, key=lambda c: c.merit)
            found = answerability.signals(one.hits, one.idf, chosen, one.leads, Analyzer())
            rows.append([found[name] for name in ANSWERABILITY])
            truth.append(0.0 if one.question.unanswerable else 1.0)
    return np.array(rows), np.array(truth)


def fit_verdict(tables: Sequence[tuple[Floats, Floats]]) -> LogisticRegression:
    """One logistic regression; within a table both classes weigh the same, SHARE at most."""
    weights = []
    for _, truth in tables:
        whole = min(SHARE, len(truth))
        weights.append(np.where(truth == 1, 0.5 / truth.sum(), 0.5 / (1 - truth).sum()) * whole)
    rows, truths = (np.concatenate(part) for part in zip(*tables, strict=True))
    model = LogisticRegression(C=REGULARITY, max_iter=10_000)
    return model.fit(rows, truths, sample_weight=np.concatenate(weights))


def report_verdict(table: tuple[Floats, Floats], model: LogisticRegression, what: str) -> None:
    """Print how well a model tells on a table, and what thresholds cost."""
    rows, truth = table
    scores = model.predict_proba(rows)[:, 1]
    line = [f"{what}: AUROC {roc_auc_score(truth, scores):.3f}"]
    for lost in (0.02, 0.05, 0.10, 0.30, 0.50):
        limit = float(np.quantile(scores[truth == 1], lost, method="lower"))
        refused = float((scores[truth == 0] < limit).mean())
        line.append(f"threshold {limit:.3f} refuses {refused:.3f} (answerable {lost:.2f})")
    print("\n  ".join(line))


def main() -> None:
    """Fit both models and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"))
    parser.add_argument("--write", action="store_true", help="into index/search/*.json")
    given = parser.parse_args()
    loaded = {str(path): evaluate.load(path) for path in given.datasets}
    learned = {name: ask(dataset, given.home) for name, dataset in loaded.items()}
    names = [*loaded]
    foreign = {
        name: ask(_foreign(loaded[name], loaded[other]), given.home)
        for name, other in zip(names, names[1:] + names[:1], strict=True)
    }
    files = [path / HELD_OUT for path in given.datasets]
    held = {str(one): ask(evaluate.load(one), given.home) for one in files if one.is_file()}
    sentences = _sentences(learned, held)
    verdict = _verdict(learned, foreign, held)
    if given.write:
        fitted = provenance(__file__, given.datasets)
        sentence_selection.MODEL.write(sentences, fitted)
        answerability.MODEL.write(verdict, fitted)


def _foreign(dataset: evaluate.Dataset, other: evaluate.Dataset) -> evaluate.Dataset:
    """A dataset's articles with some questions of another one, which it does not answer."""
    some = other.questions[:: max(1, len(other.questions) // FOREIGN)]
    asked = tuple(evaluate.JudgedQuestion(one.id, one.text, unanswerable=True) for one in some)
    return evaluate.Dataset(dataset.name, dataset.corpus, asked)


def _sentences(learned: dict[str, list[Asked]], held_out: dict[str, list[Asked]]) -> Weights:
    every = [one for asked in learned.values() for one in asked]
    names = sorted(sentence_selection.MODEL.features)
    weights = fit_sentences(every, names)
    groups = [one.group for one in every]
    held: dict[str, list[bool]] = {name: [] for name in learned}
    belongs = [name for name, asked in learned.items() for _ in asked]
    for train, test in GroupKFold(FOLDS).split(groups, groups=groups):
        fold = fit_sentences([every[i] for i in train], names)
        for i in test:
            held[belongs[i]] += chosen_right([every[i]], fold)
    for name, asked in learned.items():
        inside = np.mean(chosen_right(asked, weights))
        print(f"sentence@1 {name}: {inside:.3f}, articles left out {np.mean(held[name]):.3f}")
    for name, asked in held_out.items():
        print(f"sentence@1 {name}: {np.mean(chosen_right(asked, weights)):.3f}")
    rounded = {name: round(weight, 3) for name, weight in weights.items()}
    print(msgspec.json.format(msgspec.json.encode(rounded)).decode())
    sentence_selection.MODEL.use(Weights(rounded))  # the verdict is learned on what it chooses
    return Weights(rounded)


def _verdict(
    learned: dict[str, list[Asked]],
    foreign: dict[str, list[Asked]],
    held_out: dict[str, list[Asked]],
) -> Weights:
    near = {name: verdict_table(asked) for name, asked in learned.items()}
    whole = {name: verdict_table([*learned[name], *foreign[name]]) for name in learned}
    model = fit_verdict([*whole.values()])
    for name in learned:
        if len(learned) > 1:
            without = fit_verdict([table for other, table in whole.items() if other != name])
            report_verdict(whole[name], without, f"verdict on {name} and foreign, learned without")
        report_verdict(whole[name], model, f"verdict on {name} and foreign, as learned")
        if 0 < near[name][1].mean() < 1:
            report_verdict(near[name], model, f"verdict on {name} alone, as learned")
    for name, asked in held_out.items():
        report_verdict(verdict_table(asked), model, f"verdict on {name}")
    coefficients = zip(ANSWERABILITY, model.coef_[0], strict=True)
    rounded = {name: round(float(weight), 3) for name, weight in coefficients}
    bias = round(float(model.intercept_[0]), 3)
    print(f"bias = {bias}")
    print(msgspec.json.format(msgspec.json.encode(rounded)).decode())
    return Weights(rounded, bias)


if __name__ == "__main__":
    main()
