"""The measures of the field, by ir-measures, and those of what a reader sees.

Articles are judged, each by its best passage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsdesk.index.types import Answer

from .datasets import Question

MEASURES = ("nDCG@10", "hit@1", "hit@3", "hit@5", "MRR@10", "recall@100")
VERDICT_MEASURES = ("auroc", "false_answers", "false_refusals")
SENTENCE = "sentence@1"
WELL = "answered_well"
LESS_IS_BETTER = {"false_answers", "false_refusals"}
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
    """What one question got."""

    question: Question
    ranking: tuple[tuple[str, float], ...]  # articles and fused scores, best first
    answer: Answer
    seconds: float = 0.0  # that the answer took

    @property
    def right_sentence(self) -> bool:
        """Whether the sentence shown is one that is marked, or holds an answer."""
        chosen = self.answer.sentence
        if chosen is None:
            return False
        article = self.answer.passages[chosen.passage - 1].hit.article.id
        return answers(self.question, article, chosen.text)

    @property
    def ended_well(self) -> bool:
        """Whether the reader was told right: the right sentence, or that there is no answer."""
        if self.question.unanswerable:
            return self.answer.verdict == "none"
        return self.right_sentence


def measure(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """The measures of some outcomes; None for one that they say nothing about.

    false_answers: the share of questions without an answer that are not refused. false_refusals:
    the share of answerable ones that are. sentence@1: the share of answerable questions whose
    sentence is a marked one, or contains an answer. answered_well: the share of all questions,
    answerable or not, that end rightly.
    """
    measures: dict[str, float | None] = dict(_ranking_measures(outcomes))
    measures.update(_verdict_measures(outcomes))
    labelled = [
        outcome for outcome in outcomes if outcome.question.answers or outcome.question.sentences
    ]
    answerable = [outcome for outcome in labelled if not outcome.question.unanswerable]
    measures[SENTENCE] = _share([outcome.right_sentence for outcome in answerable])
    judged = [*answerable, *(outcome for outcome in outcomes if outcome.question.unanswerable)]
    measures[WELL] = _share([outcome.ended_well for outcome in judged]) if answerable else None
    return measures


def by_question(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Each measure that is a mean over questions, with its value for each question it is of."""
    values: dict[str, dict[str, float]] = {}
    for ours, question, value in _each_ranking(outcomes):
        values.setdefault(ours, {})[question] = value
    for outcome in outcomes:
        measured: dict[str, bool] = {}
        if outcome.question.unanswerable:
            measured["false_answers"] = outcome.answer.verdict != "none"
        elif outcome.question.relevant:
            measured["false_refusals"] = outcome.answer.verdict == "none"
        if outcome.question.answers or outcome.question.sentences:
            measured[SENTENCE] = outcome.right_sentence
        if outcome.question.answers or outcome.question.sentences or outcome.question.unanswerable:
            measured[WELL] = outcome.ended_well
        for name, value in measured.items():
            values.setdefault(name, {})[outcome.question.id] = float(value)
    if SENTENCE not in values:
        values.pop(WELL, None)
    return values


def _ranking_measures(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    sums: dict[str, list[float]] = {}
    for name, _, value in _each_ranking(outcomes):
        sums.setdefault(name, []).append(value)
    return {name: sum(sums[name]) / len(sums[name]) if name in sums else None for name in MEASURES}


def _each_ranking(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str, float]]:
    """Name of the measure, id of the question, value; for questions with relevant articles."""
    import ir_measures

    qrels = {
        outcome.question.id: dict(outcome.question.relevant)
        for outcome in outcomes
        if outcome.question.relevant
    }
    if not qrels:
        return
    # By rank, not score: the order that people get is what is measured, ties and all.
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


def _verdict_measures(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    unanswerable = [outcome.answer for outcome in outcomes if outcome.question.unanswerable]
    answerable = [outcome.answer for outcome in outcomes if outcome.question.relevant]
    if not unanswerable or not answerable:
        return {**dict.fromkeys(VERDICT_MEASURES), "false_refusals": _refused(answerable)}
    from sklearn.metrics import roc_auc_score

    judged = [(0, outcome.probability) for outcome in unanswerable]
    judged += [(1, outcome.probability) for outcome in answerable]
    refused = _refused(unanswerable)
    return {
        "auroc": float(
            roc_auc_score([truth for truth, _ in judged], [score for _, score in judged])
        ),
        "false_answers": None if refused is None else 1 - refused,
        "false_refusals": _refused(answerable),
    }


def _refused(answers: Sequence[Answer]) -> float | None:
    return _share([answer.verdict == "none" for answer in answers])


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def answers(question: Question, article: str, sentence: str) -> bool:
    """Whether a sentence of an article is a marked one of the question's, or holds an answer."""
    text = " ".join(sentence.split())
    if question.sentences:
        return any(
            article == where and _agree(text, marked) for where, marked in question.sentences
        )
    return any(marked.casefold() in text.casefold() for marked in question.answers)


def _agree(shown: str, marked: str) -> bool:
    marked = " ".join(marked.split())
    return shown == marked or marked in shown or (shown in marked and 2 * len(shown) > len(marked))
