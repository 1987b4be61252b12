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
    found: dict[str, float | None] = dict(_ranking_measures(outcomes))
    found.update(_verdict_measures(outcomes))
    told = [one for one in outcomes if one.question.answers or one.question.sentences]
    answerable = [one for one in told if not one.question.unanswerable]
    found[SENTENCE] = _share([one.right_sentence for one in answerable])
    judged = [*answerable, *(one for one in outcomes if one.question.unanswerable)]
    found[WELL] = _share([one.ended_well for one in judged]) if answerable else None
    return found


def by_question(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Each measure that is a mean over questions, with its value for each question it is of."""
    found: dict[str, dict[str, float]] = {}
    for ours, question, value in _each_ranking(outcomes):
        found.setdefault(ours, {})[question] = value
    for one in outcomes:
        told: dict[str, bool] = {}
        if one.question.unanswerable:
            told["false_answers"] = one.answer.verdict != "none"
        elif one.question.relevant:
            told["false_refusals"] = one.answer.verdict == "none"
        if one.question.answers or one.question.sentences:
            told[SENTENCE] = one.right_sentence
        if one.question.answers or one.question.sentences or one.question.unanswerable:
            told[WELL] = one.ended_well
        for name, value in told.items():
            found.setdefault(name, {})[one.question.id] = float(value)
    if SENTENCE not in found:
        found.pop(WELL, None)
    return found


def _ranking_measures(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    sums: dict[str, list[float]] = {}
    for name, _, value in _each_ranking(outcomes):
        sums.setdefault(name, []).append(value)
    return {name: sum(sums[name]) / len(sums[name]) if name in sums else None for name in MEASURES}


def _each_ranking(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str, float]]:
    """Name of the measure, id of the question, value; for questions with relevant articles."""
    import ir_measures

    qrels = {
        one.question.id: dict(one.question.relevant) for one in outcomes if one.question.relevant
    }
    if not qrels:
        return
    # By rank, not score: the order that people get is what is measured, ties and all.
    ranks = {
        one.question.id: {article: -float(rank) for rank, (article, _) in enumerate(one.ranking)}
        for one in outcomes
        if one.question.id in qrels
    }
    wanted = {ir_measures.parse_measure(name): ours for ours, name in _IR_NAMES.items()}
    for one_ in ir_measures.iter_calc(list(wanted), qrels, ranks):
        yield wanted[one_.measure], one_.query_id, float(one_.value)


def _verdict_measures(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    unanswerable = [one.answer for one in outcomes if one.question.unanswerable]
    answerable = [one.answer for one in outcomes if one.question.relevant]
    if not unanswerable or not answerable:
        return {**dict.fromkeys(VERDICT_MEASURES), "false_refusals": _refused(answerable)}
    from sklearn.metrics import roc_auc_score

    judged = [(0, one.probability) for one in unanswerable]
    judged += [(1, one.probability) for one in answerable]
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


def _share(told: Sequence[bool]) -> float | None:
    return sum(told) / len(told) if told else None


def answers(question: Question, article: str, sentence: str) -> bool:
    """Whether a sentence of an article is a marked one of the question's, or holds an answer."""
    text = " ".join(sentence.split())
    if question.sentences:
        return any(article == where and _agree(text, told) for where, told in question.sentences)
    return any(one.casefold() in text.casefold() for one in question.answers)


def _agree(shown: str, told: str) -> bool:
    told = " ".join(told.split())
    return shown == told or told in shown or (shown in told and 2 * len(shown) > len(told))
