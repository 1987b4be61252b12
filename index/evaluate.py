"""How good retrieval is, on a dataset: the measures of the field, by ir-measures.

A dataset is a folder in BEIR's layout (`corpus.jsonl[.gz]`, `queries.jsonl[.gz]`, `qrels/*.tsv`),
or a `questions.jsonl` beside the articles it asks about, as in `seeds/`. Articles are judged, each
by its best passage; a question whose `type` is "null", or whose article is null, has no answer in
the collection.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from .engines import Mode
from .errors import DatasetError
from .search import MODELS, Searcher
from .settings import Settings
from .types import Answer, Query
from .update import Progress, Report, update

FOLDER = "eval"  # in the home: a library for each dataset
MEASURES = ("nDCG@10", "hit@1", "hit@3", "hit@5", "MRR@10", "recall@100")
VERDICT_MEASURES = ("auroc", "false_answers", "false_refusals")
SENTENCE = "sentence@1"
_DEPTH = 100  # articles in a run
# The token of a bot must not be printed with what was measured.
_NOT_OF_RETRIEVAL = {"home", "seeds", "telegram", "admins", "allowed_chats"}
_IR_NAMES = {
    "nDCG@10": "nDCG@10",
    "hit@1": "Success@1",
    "hit@3": "Success@3",
    "hit@5": "Success@5",
    "MRR@10": "RR@10",
    "recall@100": "R@100",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of its answer."""

    id: str
    text: str
    relevant: Mapping[str, int] = field(default_factory=dict)  # article's id -> grade
    answers: tuple[str, ...] = ()  # words, any of which the answering sentence contains
    sentences: tuple[tuple[str, str], ...] = ()  # article's id and the sentence that answers
    unanswerable: bool = False
    about: str = ""  # the article that a question without an answer is about


@dataclass(frozen=True, slots=True)
class Dataset:
    """Articles to index and questions to ask of them."""

    name: str
    corpus: Path
    questions: tuple[Question, ...]

    @property
    def key(self) -> str:
        """Names the library of the articles: their folder, and a hash of where they lie."""
        place = self.corpus.resolve()
        folder = place if place.is_dir() else place.parent
        return f"{folder.name}-{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question got."""

    question: Question
    ranking: tuple[tuple[str, float], ...]  # articles and fused scores, best first
    answer: Answer

    @property
    def right_sentence(self) -> bool:
        """Whether the sentence shown is one that is marked, or holds an answer."""
        chosen = self.answer.sentence
        if chosen is None:
            return False
        article = self.answer.passages[chosen.passage - 1].hit.article.id
        return answers(self.question, article, chosen.text)


@dataclass(frozen=True, slots=True)
class Run:
    """One configuration on one dataset."""

    mode: Mode
    settings: Mapping[str, Any]
    measures: Mapping[str, float | None]
    outcomes: tuple[Outcome, ...]


def load(path: Path, qrels: str = "test") -> Dataset:
    """Read a dataset. Raises DatasetError with the file and what is wrong with it."""
    if path.is_file():
        return _load_questions(path)
    if (path / "questions.jsonl").is_file():
        return _load_questions(path / "questions.jsonl")
    corpus = _either(path, "corpus.jsonl")
    return _load_beir(path, corpus, _either(path, "queries.jsonl"), qrels)


def index(dataset: Dataset, settings: Settings, progress: Progress) -> tuple[Settings, Report]:
    """Index a dataset in a library of its own, kept in the home. Returns settings that open it."""
    own = msgspec.structs.replace(settings, home=settings.home / FOLDER / dataset.key)
    return own, update(own, [dataset.corpus], progress, models=settings.home / MODELS)


def evaluate(
    dataset: Dataset,
    settings: Settings,
    mode: Mode = "hybrid",
    progress: Callable[[int, int], None] = lambda *_: None,
    models: Path | None = None,
) -> Run:
    """Ask every question of a dataset that `index` has indexed, and measure what comes back."""
    outcomes = []
    with Searcher(settings, mode, models) as searcher:
        for number, question in enumerate(dataset.questions, start=1):
            query = Query(question.text, settings.answer.passages)
            ranking = tuple(searcher.articles(query, _DEPTH))
            outcomes.append(Outcome(question, ranking, searcher.ask(query)))
            progress(number, len(dataset.questions))
    return Run(mode, _flat(settings), measure(outcomes), tuple(outcomes))


def measure(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """The measures of some outcomes; None for one that they say nothing about.

    false_answers: the share of questions without an answer that are not refused. false_refusals:
    the share of answerable ones that are. sentence@1: the share of answerable questions whose
    sentence is a marked one, or contains an answer.
    """
    found: dict[str, float | None] = dict(_ranking_measures(outcomes))
    found.update(_verdict_measures(outcomes))
    told = [one for one in outcomes if one.question.answers or one.question.sentences]
    found[SENTENCE] = _share([one.right_sentence for one in told if not one.question.unanswerable])
    return found


def write_run(run: Run, path: Path, tag: str) -> None:
    """Write a run in TREC's format: query, Q0, article, rank, score, tag."""
    with path.open("w", encoding="utf-8") as stream:
        for one in run.outcomes:
            for rank, (article, score) in enumerate(one.ranking, start=1):
                stream.write(f"{one.question.id} Q0 {article} {rank} {score:.6f} {tag}\n")


def _ranking_measures(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    import ir_measures

    qrels = {
        one.question.id: dict(one.question.relevant) for one in outcomes if one.question.relevant
    }
    if not qrels:
        return dict.fromkeys(MEASURES)
    # By rank, not score: the order that people get is what is measured, ties and all.
    ranks = {
        one.question.id: {article: -float(rank) for rank, (article, _) in enumerate(one.ranking)}
        for one in outcomes
        if one.question.id in qrels
    }
    wanted = {ir_measures.parse_measure(name): ours for ours, name in _IR_NAMES.items()}
    found = ir_measures.calc_aggregate(list(wanted), qrels, ranks)
    return {ours: float(found[theirs]) for theirs, ours in wanted.items()}


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


def _flat(settings: Settings) -> dict[str, Any]:
    tree = msgspec.to_builtins(settings, enc_hook=str)
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if name in _NOT_OF_RETRIEVAL:
            continue
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": given for inner, given in value.items()})
        else:
            flat[name] = value
    return flat


def _either(folder: Path, name: str) -> Path:
    for file in (folder / name, folder / f"{name}.gz"):
        if file.is_file():
            return file
    raise DatasetError(
        f"{folder}: no {name}[.gz] there, and no questions.jsonl; name a folder in BEIR's layout, "
        "or one with articles and a questions.jsonl"
    )


def _load_questions(file: Path) -> Dataset:
    questions = []
    for number, given in _objects(file):
        text, article = given.get("question"), given.get("article")
        if not isinstance(text, str) or ("article" not in given):
            raise DatasetError(
                f'{file}, line {number}: needs "question" and "article" (null if unanswerable)'
            )
        marked = [(article, given["sentence"])] if article and given.get("sentence") else []
        marked += [(other[0], other[1]) for other in given.get("also", [])]
        relevant = {str(where): 1 for where, _ in marked} | ({str(article): 1} if article else {})
        questions.append(
            Question(
                id=str(given.get("id", number)),
                text=text,
                relevant=relevant,
                answers=tuple(given.get("answers", [])),
                sentences=tuple(marked),
                unanswerable=article is None,
                about=str(given.get("about") or ""),
            )
        )
    name = file.parent.absolute().name
    if file.stem != "questions":
        name = f"{name}/{file.stem}"
    return Dataset(name, file.parent, tuple(questions))


def _load_beir(folder: Path, corpus: Path, queries: Path, name: str) -> Dataset:
    judged = _qrels(folder, name)
    questions = []
    for number, given in _objects(queries):
        if "_id" not in given or not isinstance(given.get("text"), str):
            raise DatasetError(f'{queries}, line {number}: needs "_id" and "text"')
        relevant = judged.get(str(given["_id"]), {})
        unanswerable = str(given.get("type")).startswith("null")
        if relevant or unanswerable:
            answers = tuple(given.get("answers") or [])
            questions.append(
                Question(str(given["_id"]), given["text"], relevant, answers, (), unanswerable)
            )
    if not questions:
        raise DatasetError(f"{folder}: no query of {queries.name} is judged in qrels/{name}.tsv")
    title = folder.absolute().name
    if len(title) <= 2:  # a language, say: xquad/en
        title = f"{folder.absolute().parent.name}-{title}"
    return Dataset(title, corpus, tuple(questions))


def _qrels(folder: Path, name: str) -> dict[str, dict[str, int]]:
    files = sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise DatasetError(f"{folder / 'qrels'}: no *.tsv there")
    file = next((one for one in files if one.stem == name), files[0])
    found: dict[str, dict[str, int]] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.reader(stream, delimiter="\t"), start=1):
            if number == 1 and row[-1:] == ["score"]:
                continue
            try:
                query, article, grade = row if len(row) == 3 else (row[0], row[2], row[3])
                if int(grade) > 0:
                    found.setdefault(query, {})[article] = int(grade)
            except (IndexError, ValueError) as error:
                raise DatasetError(f"{file}, line {number}: not query, article, score") from error
    return found


def _objects(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with file.open("rb") as packed, contextlib.ExitStack() as stack:
            zipped = file.suffix == ".gz"
            lines = stack.enter_context(gzip.open(packed)) if zipped else packed
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    given = json.loads(line)
                    if not isinstance(given, dict):
                        raise DatasetError(f"{file}, line {number}: not a JSON object")
                    yield number, given
    except json.JSONDecodeError as error:
        raise DatasetError(f"{file}, line {number}: not JSON: {error.msg}") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file}: cannot be read: {error}") from error
