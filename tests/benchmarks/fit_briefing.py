"""Learn the weights of `index/brief/`, and say how they generalise.

    python -m tests.benchmarks.fit_briefing [tests/week] [--write]

Four models, each a logistic regression, learn from the part "tuned" of a labelled week: which
articles tell the same story, which stories belong to a topic, which sentence tells a story, and
which tells what is new in it. For each: its weights, how well it does on what it learned from, on
stories or topics that were left out one at a time, and on the part "held-out", which is never
learned from. Stories to learn topics from are those that the code itself finds; the others are the
labelled ones. --write puts the weights into `index/brief/*.json`. Needs what the tests need.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from newsdesk.index import settings
from newsdesk.index.brief import clusters, moment, telling, topics
from newsdesk.index.brief.window import (
    ArticleSentences,
    Window,
    WindowReader,
    local_generation,
    unit,
)
from newsdesk.index.evaluate import weeks
from newsdesk.index.linear_model import Weights
from newsdesk.index.search.searcher import MODELS, Opened, Searcher
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Article

from .provenance import provenance

Floats = NDArray[np.float64]

TUNED = "tuned"
NOTHING = "wildfires in Portugal"  # a topic that no story of the tuned part belongs to
SCALES = {"standing": 0.1}  # so that the penalty is about as hard on each; others are within 0..1
# Set by hand: hardly any pair of one story of the week has these. Two articles of which one names
# nothing, and whose vectors have a cosine of 0.35, reach the threshold.
BY_HAND = {"headlines": -4.5, "exchanged": -8.0, "far": -6.0, "unnamed": 2.45}
_DAY = 24 * 60 * 60  # s
REGULARITY = {"pairs": 5.0, "topics": 3.0, "telling": 1.0, "updates": 1.0}  # C


@dataclass
class Known:
    """A labelled week, indexed, with all that is needed to look into it."""

    week: weeks.Week
    opened: Opened
    window: Window
    reads: list[tuple[Article, ArticleSentences]]  # of each row of the window
    analyzer: Analyzer

    def rows(self, story: weeks.LabelledStory) -> list[int]:
        """The rows of a story's articles, in the order of time."""
        return [n for n, one in enumerate(self.window.articles) if one.id in story.articles]


@dataclass
class Table:
    """What a model learns from: signals, the truth, what is left out together, and its part."""

    names: tuple[str, ...]
    rows: Floats
    truth: NDArray[np.bool_]
    groups: list[str]  # a story or a topic
    choices: list[str]  # among which one is chosen
    parts: list[str]

    @property
    def tuned(self) -> NDArray[np.bool_]:
        """What may be learned from."""
        return np.array([part == TUNED for part in self.parts])

    def fit(self, regularity: float, among: NDArray[np.bool_]) -> LogisticRegression:
        """A model of some rows."""
        model = LogisticRegression(C=regularity, max_iter=10_000)
        return model.fit(self.rows[among], self.truth[among])

    def left_out(self, regularity: float) -> Floats:
        """The logits of what may be learned from, each by a model that did not see its group."""
        found = np.zeros(len(self.truth))
        groups = np.array(self.groups)
        for group in dict.fromkeys(groups[self.tuned].tolist()):
            without = self.fit(regularity, self.tuned & (groups != group))
            of_group = self.tuned & (groups == group)
            found[of_group] = without.decision_function(self.rows[of_group])
        return found


Measure = Callable[[Table, NDArray[np.bool_], Floats], float]
Example = tuple[Mapping[str, float], bool, str, str, str]


def table(examples: Iterator[Example]) -> Table:
    """Signals, truth, group, choice and part of each example."""
    signals, truth, groups, choices, parts = zip(*examples, strict=True)
    names = tuple(signals[0])
    rows = np.array([[one[name] * SCALES.get(name, 1.0) for name in names] for one in signals])
    return Table(names, rows, np.array(truth), [*groups], [*choices], [*parts])


def pairs(known: Known) -> Iterator[Example]:
    """Pairs of articles. One of both parts is held out; a pair of two stories is of the first's."""
    of = known.week.story_by_article()
    everything = np.arange(len(known.window))
    alike = clusters.similarities(known.window, everything, everything)
    stories = [of[one.id] for one in known.window.articles]
    for one, other in zip(*np.triu_indices(len(everything), 1), strict=True):
        first, second = stories[one], stories[other]
        signals = {name: float(values[one, other]) for name, values in alike.items()}
        part = TUNED if first.part == second.part == TUNED else "held-out"
        yield signals, first.id == second.id, first.id, "", part


def of_topics(known: Known, same: float) -> Iterator[Example]:
    """Topics with every story; on the tuned part only its own topics."""
    of = known.week.story_by_article()
    stories = clusters.clusters(known.window, same)
    labels = [_label(known.window, rows, of) for rows in stories]
    own = {topic for one in known.week.stories if one.part == TUNED for topic in one.topics}
    for topic in sorted({NOTHING}.union(*(one.topics for one in known.week.stories))):
        found = topics.story_features(_wanted(known, topic), known.window, stories, known.analyzer)
        for signals, label in zip(found, labels, strict=True):
            if label.part != TUNED or topic in own | {NOTHING}:
                yield signals, topic in label.topics, topic, "", label.part


def _label(
    window: Window, rows: NDArray[np.int64], of: Mapping[str, weeks.LabelledStory]
) -> weeks.LabelledStory:
    ids = [window.articles[row].id for row in rows.tolist()]
    best = Counter(of[one].id for one in ids).most_common(1)[0][0]
    return next(of[one] for one in ids if of[one].id == best)


def _wanted(known: Known, topic: str) -> topics.TopicProfile:
    opened = known.opened
    terms = opened.engine.spell(known.analyzer.query_terms(topic))
    weights = opened.engine.weights(terms)
    generation = local_generation(opened.engine)
    return topics.profile(topic, generation, opened.encode, weights, known.analyzer)


def tellings(known: Known) -> Iterator[Example]:
    """Sentences of a story: those that tell it, and the others."""
    for story in known.week.stories:
        for one in _sentences(known, known.rows(story)):
            marked = _is_marked(one, story.articles)
            yield one.features, marked, story.id, story.id, story.part


def updates(known: Known) -> Iterator[Example]:
    """Sentences of a day on which a story moved on: those that tell what is new, and the others."""
    for story in known.week.stories:
        rows = known.rows(story)
        days = {row: _day(known.window.articles[row]) for row in rows}
        for day in sorted(set(days.values()))[1:]:
            old = [known.reads[row] for row in rows if days[row] < day]
            vectors = np.concatenate([read.vectors for _, read in old])
            terms = frozenset(
                t for a, _ in old for t in known.analyzer.terms(f"{a.title}\n{a.text}")
            )
            found = [one for one in _sentences(known, rows) if _day(one.article) == day]
            signals = telling.novelty_features(found, vectors, terms, known.window.idf)
            for one, own in zip(found, signals, strict=True):
                marked = _is_marked(one, story.updates)
                yield own, marked, story.id, f"{story.id} {day}", story.part


def _day(article: Article) -> int:
    assert article.published
    return int(moment(article.published).timestamp() // _DAY)


def _sentences(known: Known, rows: Sequence[int]) -> list[telling.ScoredSentence]:
    middle = unit(known.window.vectors[rows].mean(axis=0, keepdims=True))[0]
    read = [known.reads[row] for row in rows]
    return telling.score_sentences(read, middle, known.window.idf, known.analyzer)


def _is_marked(one: telling.ScoredSentence, marked: Mapping[str, Sequence[str]]) -> bool:
    text = one.span.of(one.article.text)
    return any(text in other or other in text for other in marked.get(one.article.id, ()))


def precision(given: Table, among: NDArray[np.bool_], logits: Floats) -> float:
    """Average precision."""
    return float(average_precision_score(given.truth[among], logits[among]))


def chosen(given: Table, among: NDArray[np.bool_], logits: Floats) -> float:
    """How often the best of those to choose among is right, where one is."""
    right = []
    choices = np.array(given.choices)
    for choice in dict.fromkeys(choices[among].tolist()):
        rows = np.flatnonzero(among & (choices == choice))
        if given.truth[rows].any():
            right.append(bool(given.truth[rows[np.argmax(logits[rows])]]))
    return float(np.mean(right))


def report(name: str, given: Table, measure: Measure) -> Weights:
    """Fit a model, print it and how it generalises. Returns its weights, rounded."""
    regularity, tuned = REGULARITY[name], given.tuned
    model = given.fit(regularity, tuned)
    logits = model.decision_function(given.rows)
    without = given.left_out(regularity)
    what = (measure.__doc__ or "").strip(". ").lower()
    print(f"{name}, {tuned.sum():,} examples, {given.truth[tuned].sum()} right: {what}")
    print(f"  as learned {measure(given, tuned, logits):.3f}")
    print(f"  left out one at a time {measure(given, tuned, without):.3f}")
    print(f"  held out {measure(given, ~tuned, logits):.3f}")
    named = zip(given.names, model.coef_[0].tolist(), strict=True)
    weights = {name: round(weight * SCALES.get(name, 1.0), 2) for name, weight in named}
    bias = round(float(model.intercept_[0]), 2)
    print(f"  {weights}, bias {bias}")
    return Weights(weights, bias)


def recall(given: Table, weights: Weights, least: float) -> None:
    """Print precision and recall of topics at a threshold."""
    own = [weights.values[name] / SCALES.get(name, 1.0) for name in given.names]
    logits = given.rows @ np.array(own) + weights.bias
    told = 1 / (1 + np.exp(-logits)) >= least
    for part, among in (("tuned", given.tuned), ("held-out", ~given.tuned)):
        right = (told & given.truth & among).sum()
        shares = (right / max(1, (told & among).sum()), right / (given.truth & among).sum())
        print(f"  at {least}, {part}: precision {shares[0]:.3f}, recall {shares[1]:.3f}")


def known_of(week: weeks.Week, searcher: Searcher) -> Known:
    """All that is needed to look into a week."""
    opened, analyzer = searcher.opened, Analyzer()
    reader = WindowReader(local_generation(opened.engine), opened.engine.weights, analyzer)
    first, last = (moment(day) for day in opened.engine.period() or ())
    window = reader.window(first, last + timedelta(days=1))
    reads = [
        (article, reader.sentences(number, article))
        for number, article in zip(window.numbers.tolist(), window.articles, strict=True)
    ]
    return Known(week, opened, window, reads, analyzer)


def main() -> None:
    """Fit the models and print them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("week", nargs="?", type=Path, default=Path("tests/week"))
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"))
    parser.add_argument("--write", action="store_true", help="into index/brief/*.json")
    given = parser.parse_args()
    own = settings.Settings(home=given.home)
    week = weeks.load_week(given.week)
    indexed = weeks.index_week(week, own, lambda *_: None)
    with Searcher(indexed, models=given.home / MODELS) as searcher:
        known = known_of(week, searcher)
        # Each model learns on what those before it, as just learned, make of the week.
        same = report("pairs", table(pairs(known)), precision)
        clusters.MODEL.use(Weights({**same.values, **BY_HAND}, same.bias))
        on_topic = table(of_topics(known, own.brief.same))
        topics.MODEL.use(report("topics", on_topic, precision))
        recall(on_topic, topics.MODEL.weights, own.brief.fit)
        telling.MODEL.use(report("telling", table(tellings(known)), chosen))
        learned = report("updates", table(updates(known)), chosen)
        telling.UPDATES.use(Weights(learned.values))  # to compare sentences, no bias is needed
    if given.write:
        fitted = provenance(__file__, [given.week])
        for model in (clusters.MODEL, topics.MODEL, telling.MODEL, telling.UPDATES):
            model.write(model.weights, fitted)


if __name__ == "__main__":
    main()
