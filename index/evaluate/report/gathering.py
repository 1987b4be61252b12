"""Gathers what the page shows of a dataset and its runs, as data for JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from newsdesk.index.evaluate import (
    LESS_IS_BETTER,
    PRECISION,
    Comparison,
    Dataset,
    JudgedQuestion,
    Outcome,
    Run,
    compare,
    precision_parts,
    worth,
)
from newsdesk.index.evaluate import by_question as by_question_
from newsdesk.index.types import Answer, Article, Hit, Shown, Span, stamp

from . import figures

Object = dict[str, Any]
Lookup = Callable[[Dataset, str], Article | None]


# In the order of the page: a measure's title and what it means.
_WORDS: Mapping[str, tuple[str, str]] = {
    "hit@1": ("How often the right article came first", "Share of the answerable questions."),
    "hit@3": ("How often it was among the first three", "Share of the answerable questions."),
    "hit@5": ("How often it was among the first five", "Share of the answerable questions."),
    "MRR@10": (
        "How near the top the right article stood",
        "One over its rank: 1 for first, ½ for second, nothing below the tenth.",
    ),
    "nDCG@10": (
        "How well the first ten are ordered",
        "Discounted gain of the relevant articles, against the best order there is.",
    ),
    "recall@100": (
        "How much of what is relevant was found",
        "Share of the relevant articles among the first hundred.",
    ),
    "sentence@1": (
        "How often the chosen sentence holds the answer",
        "Share of the answerable questions, whatever the verdict.",
    ),
    PRECISION: (
        "How often what is shown as the answer is right",
        "Of what is shown as the answer, where one question in three has none.",
    ),
    "answered_coverage": (
        "How often something is shown as the answer",
        "Share of the answerable questions; the others are shown the closest, or refused.",
    ),
    "false_refusals": (
        "How often an answerable question was refused",
        "Share of the answerable questions. Less is better.",
    ),
    "off_topic_shown": (
        "How often an off-topic question was shown something",
        "Share of the questions that are about nothing in the collection. Less is better.",
    ),
    "auroc": (
        "How well the probability tells whether there is an answer",
        "Probability that an answerable question scores above one without an answer.",
    ),
}


def gather(dataset: Dataset, runs: Sequence[Run], article: Lookup) -> Object:
    """Gather a dataset's part of the page. The other runs are compared with the first."""
    texts = _Texts()
    values = [by_question_(run.judged) for run in runs]
    asked = [*dataset.questions, *(outcome.question for outcome in runs[0].off_topic)]
    questions = [
        _question(question, [_outcome(_of(run, number, question), texts) for run in runs])
        for number, question in enumerate(asked)
    ]
    wanted = [
        name
        for question in dataset.questions
        for name in (*question.relevant, question.about)
        if name
    ]
    texts.complete(wanted, lambda i: article(dataset, i))
    measured = {name for run in runs for name, value in run.measures.items() if value is not None}
    return {
        "name": dataset.name,
        "measures": [_worded(name) for name in _WORDS if name in measured],
        "runs": [_run(run, runs[0], own) for run, own in zip(runs, values, strict=True)],
        "comparisons": [[_compared(c) for c in compare(runs[0], run)] for run in runs[1:]],
        "kinds": figures.kinds(
            asked,
            [{**own, PRECISION: _right(run)} for run, own in zip(runs, values, strict=True)],
        ),
        "questions": questions,
        "passages": texts.passages,
        "articles": texts.articles,
    }


def _of(run: Run, number: int, question: JudgedQuestion) -> Outcome:
    """What a question got; a run that was read from a file was not asked off-topic ones."""
    if number < len(run.judged):
        return run.judged[number]
    return Outcome(question, (), Answer(question.text, "none", 0.0, None, ()))


def _right(run: Run) -> dict[str, float]:
    """Whether what was shown as the answer is right, by question that got one."""
    parts = precision_parts(run.judged)
    return {question: right for question, (right, answered) in parts.items() if answered}


class _Texts:
    """Articles and passages by id, each kept once."""

    def __init__(self) -> None:
        self.passages: dict[str, Object] = {}
        self.articles: dict[str, Object] = {}

    def passage(self, hit: Hit) -> str:
        """Add a hit's passage; returns its id."""
        passage = hit.passage
        self.article(hit.article)
        self.passages.setdefault(
            passage.id, {"article": hit.article.id, "start": passage.start, "text": passage.text}
        )
        return passage.id

    def article(self, article: Article) -> None:
        """Add an article's metadata."""
        url = article.url if article.url.lower().startswith(("http://", "https://")) else ""
        record = {"title": article.title, "published": stamp(article.published)}
        self.articles.setdefault(article.id, {**record, "source": article.source, "url": url})

    def complete(self, ids: Iterable[str], find: Callable[[str], Article | None]) -> None:
        """Add gold articles that no run returned, with the opening of their text."""
        for article_id in ids:
            if article_id not in self.articles and (article := find(article_id)):
                self.article(article)
                self.articles[article_id]["opening"] = article.text[:280]


def _worded(name: str) -> Object:
    """A measure with its title and meaning."""
    title, meaning = _WORDS[name]
    return {"name": name, "title": title, "told": meaning, "less": name in LESS_IS_BETTER}


def _run(run: Run, first: Run, values: Mapping[str, Mapping[str, float]]) -> Object:
    """A run: settings and how they differ from the first run's, measures, chart data."""
    differs = {k: str(v) for k, v in run.settings.items() if first.settings.get(k) != v}
    worths = {q: worth(*part) for q, part in precision_parts(run.judged).items()}
    return {
        "name": run.name,
        "mode": run.mode,
        "asked": bool(run.settings),  # a run that was read from a file is a ranking only
        "differs": differs,
        "settings": {key: str(value) for key, value in run.settings.items()},
        "measures": {k: v for k, v in run.measures.items() if v is not None},
        "intervals": figures.intervals(run, values),
        "values": {
            name: dict(own)
            for name, own in {**values, PRECISION: worths}.items()
            if run.measures.get(name) is not None
        },
        "ranks": figures.ranks(run.outcomes),
        "coverage": figures.coverage(run),
        "calibration": figures.calibration(run),
        "latency": figures.latency(run),
    }


def _compared(comparison: Comparison) -> Object:
    record = {"measure": comparison.measure, "difference": comparison.difference, "p": comparison.p}
    return {
        **record,
        "low": comparison.low,
        "high": comparison.high,
        "significant": comparison.is_significant,
    }


def _question(question: JudgedQuestion, outcomes: list[Object]) -> Object:
    """A question with its judgements, and its outcome in each run."""
    return {
        "id": question.id,
        "text": question.text,
        "kind": question.kind,
        "gold": [[article, grade] for article, grade in question.relevant.items()],
        "marked": [list(pair) for pair in question.sentences],
        "answers": list(question.answers),
        "unanswerable": question.unanswerable,
        "offTopic": question.off_topic,
        "about": question.about,
        "day": stamp(question.day),
        "told": bool(question.answers or question.sentences),
        "outcomes": outcomes,
    }


def _outcome(outcome: Outcome, texts: _Texts) -> Object:
    """A question's outcome in one run: verdict, sentence, hits and their signals."""
    answer, sentence = outcome.answer, outcome.answer.sentence
    record: Object = {
        "rank": figures.rank(outcome),
        "verdict": answer.verdict,
        "probability": round(answer.probability, 6),
        "signals": _rounded(answer.signals),
        "sentence": [sentence.passage, sentence.start, sentence.end] if sentence else None,
        "inTitle": bool(sentence and sentence.in_title),
        "right": outcome.right_sentence,
        "ms": round(1000 * outcome.seconds, 3),
        "hits": [_hit(shown, texts) for shown in answer.passages],
    }
    if not answer.passages:
        record["ranked"] = [article for article, _ in outcome.ranking[:10]]
    return record


def _hit(shown: Shown, texts: _Texts) -> Object:
    """A passage shown: place, scores and highlights."""
    hit = shown.hit
    for other in shown.also:
        texts.article(other.article)
    return {
        "passage": texts.passage(hit),
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "signals": _rounded(hit.signals),
        "matched": _rounded(hit.matched),
        "paragraph": shown.citation.paragraph,
        "highlights": [_pair(span) for span in shown.highlights],
        "also": [other.article.id for other in shown.also],
    }


def _pair(span: Span) -> list[int]:
    return [span.start, span.end]


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in values.items()}
