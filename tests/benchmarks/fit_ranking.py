"""What each step of the ranking gives, and weights for the sentences that are read.

    python -m tests.benchmarks.fit_ranking seeds seeds/questions-held-out.jsonl [DATASET …]

Asks every answerable question, keeps what its passages are ranked by, and ranks anew from that.
Prints each step beside the one before: hit@1 and nDCG@10 of every dataset, with p of a paired
randomisation test. Then, for every dataset, what the two weights `fusion.sentence` and
`fusion.words` give that are best on the *others* (by the sum of both measures;
`questions-held-out.jsonl` has no say). Needs what the tests need.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import ir_measures
import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from newsdesk.index import evaluate
from newsdesk.index.evaluate.comparison import p_value
from newsdesk.index.indexes.dense import QuestionEncoder
from newsdesk.index.indexes.sentence_terms import heading
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.search.sentence_match import best_sentence
from newsdesk.index.settings import Fusion, Settings
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Hit, Query

Floats = NDArray[np.float64]
Table = dict[str, Floats]  # dataset -> hit@1 and nDCG@10 of each question, shape (n, 2)

HELD_OUT = "questions-held-out"
MEASURES = [ir_measures.parse_measure(name) for name in ("Success@1", "nDCG@10")]
COSINES, WORDS = (0.2, 0.4, 0.6), (0.2, 0.3, 0.4, 0.6)
PLAIN = Fusion(read=0, source=0.0, recency=0.1)
_PASSAGES = 25  # three times as many are ranked
_WORDS = Analyzer()


@dataclass
class Asked:
    """A question with its passages in order, before any sentence is read."""

    id: str
    articles: list[str]  # of each passage
    scores: Floats
    fits: list[Floats]  # of the first passages: cosine and share of each sentence, shape (n, 2)

    def ranking(self, cosine: float, words: float) -> dict[str, float]:
        """The articles, each by its best passage, with minus their ranks."""
        scores = self.scores.copy()
        scores[: len(self.fits)] += [
            max(0.0, float((one @ (cosine, words)).max(initial=0.0))) for one in self.fits
        ]
        order = np.argsort(-scores, kind="stable").tolist()
        ids = dict.fromkeys(self.articles[place] for place in order)
        return {article: -float(rank) for rank, article in enumerate(ids)}


def ask(dataset: evaluate.Dataset, own: Settings, given: Fusion, models: Path) -> list[Asked]:
    """Rank a dataset's questions by `given`, which reads no sentence, and read them here."""
    load = evaluate.caching_loader(QuestionEncoder)
    with Searcher(structs.replace(own, fusion=given), models=models, load=load) as searcher:
        return [_asked(one, searcher) for one in dataset.questions if one.relevant]


def _asked(question: evaluate.JudgedQuestion, searcher: Searcher) -> Asked:
    hits, weights = searcher.consider(Query(question.text, _PASSAGES, asked=question.day))
    return Asked(
        question.id,
        [hit.article.id for hit in hits],
        np.array([hit.score for hit in hits]),
        [_fits(hit, weights) for hit in hits[: Fusion().read]],
    )


def _fits(hit: Hit, weights: Mapping[str, float]) -> Floats:
    about = set(_WORDS.terms(heading(hit.article)))
    shares = [
        best_sentence([set(_WORDS.terms(span.of(hit.article.text)))], [0.0], about, weights, 0, 1)
        for span in hit.passage.sentences
    ]
    return np.array([*zip(hit.sentence_cosines, shares, strict=True)]).reshape(-1, 2)


def measured(dataset: evaluate.Dataset, asked: Sequence[Asked], *weights: float) -> Floats:
    """hit@1 and nDCG@10 of each question."""
    qrels = {one.id: dict(one.relevant) for one in dataset.questions if one.relevant}
    run = {one.id: one.ranking(*weights) for one in asked}
    found = {
        (str(m.measure), m.query_id): m.value for m in ir_measures.iter_calc(MEASURES, qrels, run)
    }
    return np.array([[found[str(measure), one.id] for measure in MEASURES] for one in asked])


def show(step: str, now: Table, before: Table) -> None:
    """A step beside the one before it."""
    print(step)
    for name, values in now.items():
        apart = values - before[name]
        told = [
            f"{one} {values[:, place].mean():.3f} (p {p_value(apart[:, place]):.3f})"
            for place, one in enumerate(("hit@1", "nDCG@10"))
        ]
        print(f"  {name:28} {', '.join(told)}")


def main() -> None:
    """Print the steps, then the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"))
    given = parser.parse_args()
    loaded = {one.name: one for one in map(evaluate.load, given.datasets)}
    settings = Settings(home=given.home)
    own = {name: evaluate.index(one, settings, lambda *_: None)[0] for name, one in loaded.items()}

    def asked(by: Fusion) -> dict[str, list[Asked]]:
        models = given.home / MODELS
        return {name: ask(one, own[name], by, models) for name, one in loaded.items()}

    def table(of: dict[str, list[Asked]], cosine: float, words: float) -> Table:
        return {name: measured(loaded[name], one, cosine, words) for name, one in of.items()}

    last = _steps(asked, table)
    _weights(partial(table, last))


def _steps(
    asked: Callable[[Fusion], dict[str, list[Asked]]],
    table: Callable[[dict[str, list[Asked]], float, float], Table],
) -> dict[str, list[Asked]]:
    """Print what each step gives; returns the questions as ranked by all but the sentences."""
    now = Fusion()
    plain = asked(PLAIN)
    named = asked(structs.replace(PLAIN, source=now.source))
    last = asked(structs.replace(PLAIN, source=now.source, recency=now.recency))
    none, both = table(plain, 0.0, 0.0), table(plain, now.sentence, now.words)
    source, recent = (table(one, now.sentence, now.words) for one in (named, last))
    show("no sentence read", none, none)
    show("the best sentence's cosine, beside none", table(plain, now.sentence, 0.0), none)
    show("the best sentence's words, beside none", table(plain, 0.0, now.words), none)
    show("both, beside none", both, none)
    show("and the source that is named", source, both)
    show(f"and recency {now.recency}, not {PLAIN.recency}", recent, source)
    show("all of them beside none", recent, none)
    return last


def _weights(table: Callable[[float, float], Table]) -> None:
    grid = {pair: table(*pair) for pair in product(COSINES, WORDS)}

    def worth(pair: tuple[float, float], names: Sequence[str]) -> float:
        return sum(float(grid[pair][name].mean(axis=0).sum()) for name in names)

    names = [*next(iter(grid.values()))]
    voting = [name for name in names if not name.endswith(HELD_OUT)]
    for name in names:
        others = [one for one in voting if one.split("/")[0] != name.split("/")[0]]
        if others:
            best = max(grid, key=partial(worth, names=others))
            found = grid[best][name].mean(axis=0)
            print(
                f"{name}: best on the others {best}: hit@1 {found[0]:.3f}, nDCG@10 {found[1]:.3f}"
            )
    print("best on all:", max(grid, key=partial(worth, names=voting)))


if __name__ == "__main__":
    main()
