"""Learn which sentence answers, and what the verdict is; say how both generalise.

    python -m tests.benchmarks.fit_answering seeds tests/week [DATASET …] [--write]
    python -m tests.benchmarks.fit_answering seeds tests/week [DATASET …] --reader none [--write]
    python -m tests.benchmarks.fit_answering seeds@3 tests/week@12 [DATASET …] --answered --curve

Of DATASET@N every Nth question is asked. --answered learns only whether the sentence answers, and
leaves the other models as they are; then nothing off-topic is asked.

Learns from all datasets, a question counting less the more its dataset has. So that the verdict
also sees what has nothing to do with a collection, each is asked off-topic questions of the next
one. The `questions-held-out.jsonl` of a dataset is asked, and never learned from. What was found
is kept in --home: a second fit asks nothing again. Prints each model as learned from all datasets
and, for each dataset, as learned from the others; with --curve the precision and coverage of what
is answered, by the threshold. --write puts the weights into `index/search/`.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from newsdesk.index import evaluate, settings
from newsdesk.index.linear_model import LinearModel, Weights
from newsdesk.index.search import answer, sentences, verdicts
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.search.sentences import SentenceCandidate
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Hit, Query

from .provenance import provenance

Floats = NDArray[np.float64]
Part = tuple[Path, int]  # a dataset, of which every nth question is asked

SHARE = 225  # questions that a dataset counts for at most, however many it has
PENALTY = 0.1  # L2, of the sentence model
REGULARITY = 1.0  # C, of the verdicts' logistic regressions
HELD_OUT = "questions-held-out.jsonl"
UNANSWERABLE = 1 / 3  # share of the questions, where precision is measured
PRECISION = 0.9  # of what is shown as answered
TRIED = (0.6, 0.7, 0.75, 0.8, 0.85)  # thresholds whose precision and coverage are printed
CURVE = (0.3, 0.4, 0.48, 0.55, *TRIED, 0.9)  # of the table of --curve
REFUSED = 0.02  # share of the answerable that "nothing here" may cost
ANALYZER = Analyzer()


@dataclass
class Asked:
    """A question with what was found, and which of the sentences are right."""

    question: evaluate.JudgedQuestion
    query: Query
    hits: list[Hit]
    idf: dict[str, float]
    weight: float = 1.0
    candidates: Sequence[SentenceCandidate] = ()
    leads: Sequence[Hit] = ()
    right: Sequence[bool] = ()

    @property
    def is_answerable(self) -> bool:
        """Whether the collection has an answer, and it is known which."""
        return bool(self.question.answers or self.question.sentences)

    def considered(self) -> Asked:
        """With its sentences."""
        groups, candidates = answer.read(
            self.query, self.hits, self.idf, ANALYZER, settings.Answering()
        )
        leads = [group[0] for group in groups]
        right = [
            evaluate.answers(self.question, lead.article.id, one.span.of(lead.article.text))
            for one in candidates
            for lead in [leads[one.hit]]
        ]
        return replace(self, candidates=candidates, leads=leads, right=right)


@dataclass
class Set:
    """A dataset's questions, asked; and off-topic ones, asked of the same collection."""

    name: str
    asked: list[Asked]
    off_topic: list[Asked]


def gather(part: Part, other: Path | None, given: argparse.Namespace) -> Set:
    """Ask a dataset's questions and off-topic ones of another, or take what was found before."""
    path, every = part
    dataset = evaluate.load(path)
    name = f"{path.parent.name}/{path.stem}"
    key = f"{name}-{given.reader}-{every}{'' if other else '-alone'}".replace("/", "_")
    kept = given.home / "fit" / f"{key}.pickle"
    if not kept.exists():
        wanted = settings.load(overrides={"home": str(given.home), "reader.model": given.reader})
        own, _ = evaluate.index(dataset, wanted, lambda *_: None)
        foreign = evaluate.off_topic_questions(own, evaluate.load(other)) if other else ()
        with Searcher(own, models=given.home / MODELS) as searcher:
            found = [
                [_asked(one, searcher) for one in questions]
                for questions in (dataset.questions[::every], foreign)
            ]
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(found))
    asked, off_topic = (
        [one.considered() for one in part] for part in pickle.loads(kept.read_bytes())
    )
    weight = min(1.0, SHARE / len(asked))
    return Set(name, [replace(one, weight=weight) for one in asked], off_topic)


def _asked(question: evaluate.JudgedQuestion, searcher: Searcher) -> Asked:
    query = Query(question.text, asked=question.day)
    hits, idf = searcher.consider(query)
    return Asked(question, query, hits, idf)


# Which sentence


def fit_sentences(sets: Sequence[Set], names: Sequence[str]) -> Weights:
    """Conditional logit: the right sentences of a question against all of them."""
    every = [one for each in sets for one in each.asked]
    taken = [one for one in every if any(one.right) and not all(one.right)]
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
    return Weights({name: round(x, 3) for name, x in zip(names, found.tolist(), strict=True)})


def _table(one: Asked, names: Sequence[str]) -> Floats:
    return np.array([[c.features[name] for name in names] for c in one.candidates])


def sentence_at_1(asked: Sequence[Asked]) -> float:
    """The share of answerable questions whose best sentence is right, by the model now set."""
    right = [_best(one)[1] for one in asked if one.is_answerable]
    return float(np.mean(right)) if right else float("nan")


def _best(one: Asked) -> tuple[SentenceCandidate | None, bool]:
    if not one.candidates:
        return None, False
    merits = [each.merit for each in one.candidates]
    place = merits.index(max(merits))
    return one.candidates[place], one.right[place]


# The verdict


@dataclass
class Table:
    """Signals of questions, with what is true of each."""

    signals: list[dict[str, float]]
    right: Floats  # whether the best sentence is
    answerable: Floats
    off_topic: Floats


def table(one: Set) -> Table:
    """The signals of a set's questions under the sentence model now set."""
    rows, truths = [], []
    for asked in (*one.asked, *one.off_topic):
        best, is_right = _best(asked)
        if best is None or not (asked.is_answerable or asked.question.unanswerable):
            continue
        parts = asked.hits, asked.idf, best, asked.candidates, asked.leads
        rows.append(verdicts.signals(*parts, ANALYZER))
        truths.append((is_right, asked.is_answerable, asked.question.off_topic))
    right, answerable, off_topic = np.array(truths, dtype=float).T
    return Table(rows, right, answerable, off_topic)


def fit_verdict(
    tables: Sequence[Table],
    names: Sequence[str],
    truth: Callable[[Table], Floats],
    taken: Callable[[Table], Floats],
) -> Weights:
    """A logistic regression; in a table both classes weigh the same, and SHARE at most."""
    rows, truths, weights = [], [], []
    for each in tables:
        chosen = taken(each) > 0
        true = truth(each)[chosen]
        if not 0 < true.mean() < 1:
            continue
        rows.append(_columns(each, names)[chosen])
        truths.append(true)
        whole = min(SHARE, len(true))
        weights.append(np.where(true == 1, 0.5 / true.sum(), 0.5 / (1 - true).sum()) * whole)
    model = LogisticRegression(C=REGULARITY, max_iter=10_000)
    model.fit(np.concatenate(rows), np.concatenate(truths), sample_weight=np.concatenate(weights))
    values = zip(names, model.coef_[0], strict=True)
    bias = round(float(model.intercept_[0]), 3)
    return Weights({name: round(float(weight), 3) for name, weight in values}, bias)


def _columns(each: Table, names: Sequence[str]) -> Floats:
    return np.array([[row[name] for name in names] for row in each.signals])


def scores(each: Table, model: LinearModel) -> Floats:
    """Logits of a table's questions."""
    rows = [{name: row[name] for name in model.features} for row in each.signals]
    return np.array([model.score(row) for row in rows])


def report(name: str, each: Table, answered: LinearModel) -> str:
    """AUROC of both models, and what the thresholds must be and cost."""
    own, about = scores(each, answered), scores(each, verdicts.ABOUT)
    near = each.off_topic == 0
    words = [name]
    if 0 < each.answerable[near].mean() < 1:
        words.append(f"AUROC answerable {roc_auc_score(each.answerable[near], own[near]):.3f}")
    words.append(f"right {roc_auc_score(each.right[near], own[near]):.3f}")
    limit, coverage = threshold(own[near], each.right[near], each.answerable[near])
    words.append(f"precision {PRECISION} from p {_p(limit):.3f}, coverage {coverage:.3f}")
    for p in TRIED:
        found = at(own[near], each.right[near], each.answerable[near], p)
        words.append("at {}: {:.3f}, {:.3f}".format(p, *found))
    told = about[each.answerable == 1]
    least = float(np.quantile(told, REFUSED))
    words.append(f"about: refuses {REFUSED} at {_p(least):.3f}")
    if each.off_topic.any():
        shown = (about[each.off_topic == 1] >= least).mean()
        most = float(np.quantile(about[each.off_topic == 1], 0.97))
        words.append(f"shows {shown:.3f} off-topic; 0.03 of them from {_p(most):.3f}")
    return "; ".join(words)


def threshold(own: Floats, right: Floats, answerable: Floats) -> tuple[float, float]:
    """The lowest logit from which precision holds, one in three unanswerable; its coverage.

    Coverage is the share of the answerable that is shown as answered. The unanswerable weigh as
    if they were a third; a set that has none has none.
    """
    weigh = _weight(answerable)
    order = np.argsort(-own)
    true = np.cumsum(right[order])
    shown = np.cumsum(np.where(answerable == 1, 1.0, weigh)[order])
    holds = np.flatnonzero(true / shown >= PRECISION)
    if not len(holds):
        return float("inf"), 0.0
    last = holds[-1]
    covered = np.cumsum(answerable[order])[last] / answerable.sum()
    return float(own[order][last]), float(covered)


def at(own: Floats, right: Floats, answerable: Floats, p: float) -> tuple[float, float]:
    """Precision and coverage of what is answered from a probability on, see `threshold`."""
    shown = own >= np.log(p / (1 - p))
    given = np.where(answerable == 1, 1.0, _weight(answerable))[shown].sum()
    covered = answerable[shown].sum() / answerable.sum()
    return float(right[shown].sum() / max(1e-9, given)), float(covered)


def _weight(answerable: Floats) -> float:
    """What an unanswerable question counts, so that they are a third; 0 if there are none."""
    without = (1 - answerable).sum()
    return float(UNANSWERABLE / (1 - UNANSWERABLE) * answerable.sum() / without) if without else 0.0


def curve_row(name: str, each: Table, answered: LinearModel) -> str:
    """A line of the table of precision and coverage by the threshold, in Markdown."""
    near = each.off_topic == 0
    parts = scores(each, answered)[near], each.right[near], each.answerable[near]
    found = ("{:.2f}, {:.2f}".format(*at(*parts, p)) for p in CURVE)
    return f"| {' | '.join((name, *found))} |"


def _p(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def fit(sets: Sequence[Set], models: Models, only_answered: bool) -> list[Weights]:
    """Learn all three, each on what the one before chooses, or one; leaves them set."""
    if not only_answered:
        models.sentence.use(fit_sentences(sets, sorted(models.sentence.features)))
    tables = [table(one) for one in sets]
    if not only_answered:
        verdicts.ABOUT.use(
            fit_verdict(
                tables,
                sorted(verdicts.ABOUT.features),
                lambda t: 1 - t.off_topic,
                lambda t: np.maximum(t.off_topic, t.answerable),
            )
        )
    models.answered.use(
        fit_verdict(
            tables, sorted(models.answered.features), lambda t: t.right, lambda t: 1 - t.off_topic
        )
    )
    return [model.weights for model in (models.answered, models.sentence, verdicts.ABOUT)]


@dataclass(frozen=True)
class Models:
    """Those that are learned."""

    sentence: LinearModel
    answered: LinearModel


def main() -> None:
    """Fit the models and print them."""
    given = _arguments()
    sets = [gather(part, _other(part, given), given) for part in given.datasets]
    unseen = [
        (path / HELD_OUT, every) for path, every in given.datasets if (path / HELD_OUT).is_file()
    ]
    held = [gather(part, _other(part, given), given) for part in (given.unseen or unseen)]
    plain = given.reader == "none"
    models = Models(
        sentences.PLAIN if plain else sentences.MODEL, verdicts.PLAIN if plain else verdicts.READ
    )
    rows = []
    for left in sets if len(sets) > 1 else ():
        fit([one for one in sets if one is not left], models, given.answered)
        print(f"without it, {_line(left, models)}")
        rows.append(curve_row(left.name, table(left), models.answered))
    learned = fit(sets, models, given.answered)
    for one in (*sets, *held):
        print(_line(one, models))
    rows += [curve_row(f"{one.name}, held out", table(one), models.answered) for one in held]
    if given.curve:
        print(
            "\n".join(
                (
                    f"| precision, coverage from | {' | '.join(map(str, CURVE))} |",
                    f"|{' --- |' * (len(CURVE) + 1)}",
                    *rows,
                )
            )
        )
    for weights in learned:
        print(msgspec.json.format(msgspec.json.encode(dict(weights.values))).decode(), weights.bias)
    if given.write:
        fitted: dict[str, Any] = provenance(__file__, [path for path, _ in given.datasets])
        models.answered.write(learned[0], fitted)
        if not given.answered:
            models.sentence.write(learned[1], fitted)
        if not given.answered and not plain:
            verdicts.ABOUT.write(learned[2], fitted)


def _other(part: Part, given: argparse.Namespace) -> Path | None:
    """The first dataset of other articles; None where nothing off-topic is asked."""
    path, _ = part
    if given.answered:
        return None
    return next((one for one, _ in given.datasets if one not in (path, *path.parents)), None)


def _line(one: Set, models: Models) -> str:
    """What the models now set reach on a set."""
    right = sentence_at_1(one.asked)
    return f"sentence@1 {right:.3f} {report(one.name, table(one), models.answered)}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("datasets", nargs="+", metavar="DATASET[@N]")
    parser.add_argument(
        "--unseen",
        nargs="+",
        default=[],
        metavar="DATASET[@N]",
        help=f"asked, not learned from; default: each dataset's {HELD_OUT}",
    )
    parser.add_argument("--answered", action="store_true", help="learn only this model")
    parser.add_argument("--reader", default="default", help="as reader.model has it")
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"))
    parser.add_argument("--every", type=int, default=1, metavar="N", help="ask every Nth question")
    parser.add_argument("--curve", action="store_true", help="precision and coverage by threshold")
    parser.add_argument("--write", action="store_true", help="into index/search/*.json")
    given = parser.parse_args()
    for name in ("datasets", "unseen"):
        setattr(given, name, [_part(text, given.every) for text in getattr(given, name)])
    return given


def _part(text: str, every: int) -> Part:
    path, mark, n = text.rpartition("@")
    return (Path(path), int(n)) if mark else (Path(text), every)


if __name__ == "__main__":
    main()
