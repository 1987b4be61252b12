"""Computes measures: rankings by ir-measures, and sentences and verdicts.

Rankings are of articles, each ranked by its best passage. An answerable question has a relevant
article. Of the others, an off-topic one is about nothing in the collection (`off_topic`), and an
unanswerable one is of its very subject.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsdesk.index.types import Answer

from .datasets import JudgedQuestion

MEASURES = ("nDCG@10", "hit@1", "hit@3", "hit@5", "MRR@10", "recall@100")
SENTENCE = "sentence@1"
PRECISION = "answered_precision"
COVERAGE = "answered_coverage"
VERDICT_MEASURES = ("auroc", PRECISION, COVERAGE, "false_refusals", "off_topic_shown")
LESS_IS_BETTER = {"false_refusals", "off_topic_shown"}
_UNANSWERABLE_SHARE = 1 / 3  # of the questions that the precision of *answered* is measured on
_IR_NAMES = {
    "nDCG@10": "nDCG@10",
    "hit@1": "Success@1",
    "hit@3": "Success@3",
    "hit@5": "Success@5",
    "MRR@10": "RR@10",
    "recall@100": "R@100",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The ranking and the answer that one question got."""

    question: JudgedQuestion
    ranking: tuple[tuple[str, float], ...]  # (article id, fused score), best first
    answer: Answer
    seconds: float = 0.0  # that the answer took
    unrefused: Answer | None = None  # of a refused question: what it would get were none refused

    @property
    def right_sentence(self) -> bool:
        """Whether the chosen sentence is a marked one, or contains an answer string.

        Whatever the verdict: where the question was refused, the sentence that would be shown.
        """
        answer = self.unrefused or self.answer
        chosen = answer.sentence
        if chosen is None:
            return False
        article = answer.passages[chosen.passage - 1].hit.article.id
        return answers(self.question, article, chosen.text)

    @property
    def is_labelled(self) -> bool:
        """Whether it is known which sentence answers."""
        return bool(self.question.answers or self.question.sentences)


def measure(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Compute all measures (name -> value in 0..1); None for one that has no questions.

    sentence@1: share of answerable questions whose chosen sentence is a marked one or contains an
    answer string, whatever the verdict. answered_precision: of what is shown as *answered*, the
    share with the right sentence, where one question in three has no answer, see `precision_parts`.
    answered_coverage: share of answerable questions that are *answered*. false_refusals: share of
    answerable questions that are refused (*none*). off_topic_shown: share of off-topic questions
    that are not. auroc: area under the ROC curve of the answer's probability, answerable questions
    against unanswerable ones. The others are those of ir-measures.
    """
    measures: dict[str, float | None] = dict(_ranking_measures(outcomes))
    values = by_question(outcomes)
    for name in (SENTENCE, COVERAGE, "false_refusals", "off_topic_shown"):
        measures[name] = _mean(list(values.get(name, {}).values()))
    measures["auroc"] = _auroc(outcomes)
    measures[PRECISION] = ratio(list(precision_parts(outcomes).values()))
    return {name: measures[name] for name in (*MEASURES, SENTENCE, *VERDICT_MEASURES)}


def by_question(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Values by measure and question id, of each measure that is a mean over questions."""
    values: dict[str, dict[str, float]] = {}
    for ours, question, value in _each_ranking(outcomes):
        values.setdefault(ours, {})[question] = value
    for outcome in outcomes:
        for name, measured in _of_verdict(outcome).items():
            values.setdefault(name, {})[outcome.question.id] = float(measured)
    return values


@dataclass(frozen=True, slots=True)
class Kind:
    """How the questions of one kind ended: the dataset's own category."""

    name: str
    questions: int
    first: int | None  # of their right articles came first; None if they have none
    right: int | None  # of the chosen sentences, whatever the verdict; None if none is marked
    answered: int
    answered_right: int
    weak: int
    none: int


def by_kind(outcomes: Sequence[Outcome]) -> list[Kind]:
    """Count the outcomes of each kind of question, in the order in which the kinds occur."""
    kinds: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        kinds.setdefault(outcome.question.kind, []).append(outcome)
    return [_kind(name, own) for name, own in kinds.items()]


def _kind(name: str, outcomes: Sequence[Outcome]) -> Kind:
    verdicts = [outcome.answer.verdict for outcome in outcomes]
    answerable = [outcome for outcome in outcomes if outcome.question.relevant]
    labelled = [o for o in outcomes if o.is_labelled and not o.question.unanswerable]
    return Kind(
        name,
        questions=len(outcomes),
        first=sum(_is_first(outcome) for outcome in answerable) if answerable else None,
        right=sum(outcome.right_sentence for outcome in labelled) if labelled else None,
        answered=verdicts.count("answered"),
        answered_right=sum(_is_answered(o) and o.right_sentence for o in labelled),
        weak=verdicts.count("weak"),
        none=verdicts.count("none"),
    )


def _is_first(outcome: Outcome) -> bool:
    return bool(outcome.ranking) and outcome.ranking[0][0] in outcome.question.relevant


def precision_parts(outcomes: Sequence[Outcome]) -> dict[str, tuple[float, float]]:
    """What each question adds to the precision of *answered*: (right, answered), by question id.

    The precision is the sum of the first over the sum of the second. One question in three has no
    answer, by weight and not by a sample: an answerable question weighs 1, and the unanswerable
    ones share half as much as all answerable ones together. Where a dataset has no unanswerable
    questions, the off-topic ones take their place. Empty where there are neither, and where no
    label tells which sentence is right.
    """
    answerable = [o for o in outcomes if not o.question.unanswerable and o.is_labelled]
    without = [o for o in outcomes if o.question.unanswerable]
    without = [o for o in without if not o.question.off_topic] or without
    if not answerable or not without:
        return {}
    odds = _UNANSWERABLE_SHARE / (1 - _UNANSWERABLE_SHARE)
    weight = odds * len(answerable) / len(without)
    parts = {
        outcome.question.id: (float(outcome.right_sentence), 1.0) if _is_answered(outcome) else _NO
        for outcome in answerable
    }
    for outcome in without:
        parts[outcome.question.id] = (0.0, weight) if _is_answered(outcome) else _NO
    return parts


_NO = (0.0, 0.0)


def ratio(parts: Sequence[tuple[float, float]]) -> float | None:
    """The sum of the first numbers over the sum of the second; None if that is zero.

    >>> ratio([(1.0, 1.0), (0.0, 0.5), (0.0, 0.0)])
    0.6666666666666666
    """
    of = sum(counted for _, counted in parts)
    return sum(right for right, _ in parts) / of if of else None


def _is_answered(outcome: Outcome) -> bool:
    return outcome.answer.verdict == "answered"


def _of_verdict(outcome: Outcome) -> dict[str, bool]:
    """The values of one question, by measure."""
    question, verdict = outcome.question, outcome.answer.verdict
    if question.off_topic:
        return {"off_topic_shown": verdict != "none"}
    if question.unanswerable:
        return {}
    values = {SENTENCE: outcome.right_sentence} if outcome.is_labelled else {}
    if question.relevant:
        values |= {COVERAGE: verdict == "answered", "false_refusals": verdict == "none"}
    return values


def _ranking_measures(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Means of the ranking measures over questions with relevant articles."""
    sums: dict[str, list[float]] = {}
    for name, _, value in _each_ranking(outcomes):
        sums.setdefault(name, []).append(value)
    return {name: _mean(sums.get(name, [])) for name in MEASURES}


def _each_ranking(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str, float]]:
    """Yield (measure, question id, value) for questions with relevant articles."""
    import ir_measures

    qrels = {
        outcome.question.id: dict(outcome.question.relevant)
        for outcome in outcomes
        if outcome.question.relevant
    }
    if not qrels:
        return
    # Not by score: people see ranks, and ties would be broken otherwise.
    ranks = {
        outcome.question.id: {
            article: -float(rank) for rank, (article, _) in enumerate(outcome.ranking)
        }
        for outcome in outcomes
        if outcome.question.id in qrels
    }
    wanted = {ir_measures.parse_measure(name): ours for ours, name in _IR_NAMES.items()}
    for metric in ir_measures.iter_calc(list(wanted), qrels, ranks):
        yield wanted[metric.measure], metric.query_id, float(metric.value)


def _auroc(outcomes: Sequence[Outcome]) -> float | None:
    """AUROC of the probability; None without unanswerable or without answerable questions."""
    asked = [outcome for outcome in outcomes if not outcome.question.off_topic]
    judged = [(False, o.answer.probability) for o in asked if o.question.unanswerable]
    judged += [(True, o.answer.probability) for o in asked if o.question.relevant]
    if len({truth for truth, _ in judged}) < 2:
        return None
    from sklearn.metrics import roc_auc_score

    truths, scores = zip(*judged, strict=True)
    return float(roc_auc_score(truths, scores))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def answers(question: JudgedQuestion, article: str, sentence: str) -> bool:
    """Whether a sentence answers: it is a marked one, or contains an answer string.

    >>> answers(JudgedQuestion("1", "When?", answers=("in May",)), "a", "They met in May 2021.")
    True
    """
    text = " ".join(sentence.split())
    if question.sentences:
        return any(
            article == where and _agree(text, marked) for where, marked in question.sentences
        )
    return any(marked.casefold() in text.casefold() for marked in question.answers)


def _agree(shown: str, marked: str) -> bool:
    """Whether a sentence shown and a marked one contain each other, most of it at least."""
    marked = " ".join(marked.split())
    return shown == marked or marked in shown or (shown in marked and 2 * len(shown) > len(marked))
