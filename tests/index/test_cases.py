"""Small collections that once were read, found or measured wrongly, each with the right value.

A folder of tests/cases/ holds the collection and `expected.txt`: the kind of mistake, where it was
reported, the right value, and what is checked, one JSON object behind each "check:".
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest

from newsdesk.index import Briefer, BriefQuery, Question, Searcher, Settings, Topic
from newsdesk.index.cli import app
from newsdesk.index.evaluate import caching_loader
from newsdesk.index.indexes.dense import PassageEncoder
from newsdesk.index.query.dates import parse_day
from newsdesk.index.readers import Refusal, read
from newsdesk.index.search.text_fragment import link
from newsdesk.index.settings import Readers
from newsdesk.index.text.passages import sentences
from newsdesk.index.types import Answer, Article, Turn
from newsdesk.index.update import update
from tests.helpers.support import ROOT
from tests.helpers.text_directive import marked

CASES = ROOT / "tests" / "cases"
ASKED = datetime(2026, 11, 28, 12, tzinfo=UTC)  # a Saturday
Check = Mapping[str, Any]


def _checks() -> list[Any]:
    return [
        pytest.param(folder, json.loads(line), id=f"{folder.name}-{number}")
        for folder in sorted(CASES.iterdir())
        for number, line in enumerate(
            re.findall(r"^check: (.*)$", (folder / "expected.txt").read_text("utf-8"), re.MULTILINE)
        )
    ]


@cache
def _encoder(name: str) -> PassageEncoder:
    return PassageEncoder(name)


class Libraries:
    """A library of each case, made when it is first asked; they share one model."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.models = folder / "models"
        self.models.mkdir()
        self._folder, self._stack = folder, stack
        self._load = caching_loader()
        self._searchers: dict[tuple[Path, str], Searcher] = {}

    def searcher(self, case: Path, mode: Literal["hybrid", "lexical"] = "hybrid") -> Searcher:
        """A searcher of the articles in a case's folder."""
        settings = Settings(home=self._folder / case.name)
        if not settings.home.exists():
            update(settings, [case], models=self.models, load=_encoder)
        if (case, mode) not in self._searchers:
            opened = Searcher(settings, mode, self.models, self._load)
            self._searchers[case, mode] = self._stack.enter_context(opened)
        return self._searchers[case, mode]


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Libraries]:
    """The libraries of the cases."""
    with ExitStack() as stack:
        yield Libraries(tmp_path_factory.mktemp("libraries"), stack)


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the cases, without what is expected, which is no article."""
    copied = tmp_path_factory.mktemp("collections") / "cases"
    shutil.copytree(CASES, copied, ignore=shutil.ignore_patterns("expected.txt"))
    return copied


@pytest.mark.parametrize(("folder", "check"), _checks())
def test_a_case_that_was_wrong_is_right(
    folder: Path,
    check: Check,
    cases: Path,
    libraries: Libraries,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(libraries.models)
    monkeypatch.setenv("NEWSDESK_HOME", str(tmp_path / "home"))
    CHECKS[check["how"]](Case(cases / folder.name, libraries, tmp_path, capsys), check)


class Case:
    """A collection, and where its libraries may lie."""

    def __init__(
        self, folder: Path, libraries: Libraries, tmp: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder, self.libraries, self.tmp, self.capsys = folder, libraries, tmp, capsys

    def ask(self, check: Check, previous: Turn | None = None) -> Answer:
        """The answer to the question of a check, asked on that Saturday."""
        sources = tuple(check.get("sources") or ())
        question = Question(check["q"], now=ASKED, previous=previous, sources=sources)
        return self.libraries.searcher(self.folder).ask(question)

    def run(self, *arguments: str | Path) -> tuple[int, str]:
        """The exit code of a command, and all that it printed."""
        self.capsys.readouterr()
        code = app.run([str(argument) for argument in arguments])
        done = self.capsys.readouterr()
        return code, f"{done.out}{done.err}"


def _all(given: Any) -> list[str]:
    return [] if given is None else [given] if isinstance(given, str) else list(given)


def check_read(case: Case, check: Check) -> None:
    """How a file is read: text, title, author, source, date, or that it is refused."""
    file = case.folder / check["file"]
    results = list(read(file, case.folder, Readers()))
    articles = [result for result in results if isinstance(result, Article)]
    if not articles:
        assert check.get("refused_ok")
        assert all(isinstance(result, Refusal) and result.reason for result in results)
        return
    article = articles[0]
    for words in _all(check.get("text_has")):
        assert words in article.text
    for words in _all(check.get("text_lacks")):
        assert words not in f"{article.title} {article.text}"
    own = {span.of(article.text).lstrip("-–•*· ") for span in sentences(article.text)}
    assert own.issuperset(_all(check.get("own")))
    for name, value in (("author", "author"), ("title", "title"), ("source_", "source")):
        if name in check:
            assert getattr(article, value) == check[name]
    if "date" in check:
        assert str(article.published)[:10] == check["date"]
    if "dates" in check:
        assert [str(each.published) for each in articles] == check["dates"]
    if "utc" in check:
        assert isinstance(article.published, datetime)
        assert f"{article.published.astimezone(UTC):%Y-%m-%dT%H:%M}" == check["utc"]


def check_ask(case: Case, check: Check) -> None:
    """Which article answers, and what the sentences hold that are lit up."""
    answer = case.ask(check)
    assert answer.verdict != "none"
    assert answer.sentence
    lit = answer.passages[answer.sentence.passage - 1]
    if "article" in check:
        assert lit.citation.article.id == check["article"]
    for words in _all(check.get("sentence_has")):
        texts = [answer.sentence.text, *(each.text for each in answer.further)]
        assert any(words in text for text in texts)


def check_narrow(case: Case, check: Check) -> None:
    """What the words of a question narrow to."""
    answer = case.ask(check)
    query = answer.understood.query
    if "article" in check:  # narrowed tentatively or not at all: the answer is found
        check_ask(case, {**check, "sources": ()})
        return
    for name in ("since", "until"):
        if check.get(name):
            assert getattr(answer.understood, name) == date.fromisoformat(check[name])
    assert "sources" not in check or list(query.sources) == check["sources"]


def check_bm25(case: Case, check: Check) -> None:
    """Which article the words alone find."""
    searcher = case.libraries.searcher(case.folder, "lexical")
    hits = searcher.ask(Question(check["q"], now=ASKED, raw=True))
    assert hits.passages[0].citation.article.id == check["article"]
    assert hits.passages[0].hit.matched


def check_sentences(case: Case, check: Check) -> None:
    """Where sentences end: at each | and nowhere else."""
    for line in (case.folder / check["file"]).read_text("utf-8").splitlines():
        wanted = [part.strip() for part in line.split("|")]
        text = " ".join(wanted)
        assert [span.of(text) for span in sentences(text, check["lang"])] == wanted


def check_day(_: Case, check: Check) -> None:
    """The day that some words name, or that they name none."""
    assert parse_day(check["words"], now=ASKED) in [*map(date.fromisoformat, check["ok"]), None]


def check_days(_: Case, check: Check) -> None:
    """The days of a range, read in one order of day and month, or none."""
    read_days = [parse_day(words, now=ASKED) for words in check["words"]]
    assert read_days == [date.fromisoformat(each) for each in check["ok"]] or None in read_days


def check_link(case: Case, check: Check) -> None:
    """What a link's text fragment marks: the words themselves, by the specification's search."""
    (article,) = (a for a in read(case.folder / "a.jsonl", case.folder, Readers()))
    assert isinstance(article, Article)
    start = article.text.index(check["words"])
    fragment = link(article, check["words"], start).partition(":~:text=")[2]
    assert marked(article.text, fragment) == (start, start + len(check["words"]))


def check_delete_line(case: Case, check: Check) -> None:
    """Ids of the lines of a file that stay when another line is deleted."""
    file = case.tmp / check["file"]
    shutil.copy(case.folder / check["file"], file)
    before = _ids(file)
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[1:]), "utf-8")
    after = _ids(file)
    assert {title: after[title] for title in check["kept"]} == {
        title: before[title] for title in check["kept"]
    }


def _ids(file: Path) -> dict[str, str]:
    articles = read(file, file.parent, Readers())
    return {each.title: each.id for each in articles if isinstance(each, Article)}


def check_index_twice(case: Case, check: Check) -> None:
    """That the order in which a folder and its parent are indexed makes no difference."""
    folder = case.tmp / "copied"
    shutil.copytree(case.folder, folder)
    settings, models = Settings(home=case.tmp / "twice"), case.libraries.models
    for name in (check["first"], check["then"]):
        report = update(settings, [folder / name], models=models, load=_encoder)
        assert not report.refused
    with Searcher(settings, models=models) as searcher:
        assert searcher.engine.count() == check["articles"]


def check_brief(case: Case, check: Check) -> None:
    """Which articles make one story."""
    since, until = (
        datetime.fromisoformat(check[n]).replace(tzinfo=UTC) for n in ("since", "until")
    )
    brief = Briefer(case.libraries.searcher(case.folder)).brief(
        BriefQuery(Topic(), since, until, 100)
    )
    stories = [sorted(article.id for article in story.articles) for story in brief.stories]
    assert sorted(stories) == sorted(sorted(group) for group in check["groups"])


def check_follow(case: Case, check: Check) -> None:
    """Whether a question goes on from the one before it."""
    before = case.ask({"q": check["before"]})
    answer = case.ask(check, previous=before.turn)
    assert bool(answer.understood.carried) == check["carry"]


def check_cli(case: Case, check: Check) -> None:
    """What a command says."""
    update(Settings(home=case.tmp / "home"), [case.folder], load=_encoder)
    _, told = case.run(*check["args"])
    for words in _all(check["out_has"]):
        assert re.search(rf"\b{words}\b", told)


def _dataset(folder: Path) -> Path:
    questions = folder / "questions.jsonl"
    return questions if questions.exists() else folder


def _measured(case: Case, *more: str | Path) -> tuple[int, Any]:
    code, told = case.run("eval", _dataset(case.folder), "--json", *more)
    line = next((line for line in told.splitlines() if line.startswith("{")), None)
    return code, json.loads(line) if line else told


def check_eval(case: Case, check: Check) -> None:
    """What is measured on a dataset, or that it is refused with a reason."""
    code, told = _measured(case)
    if code and check.get("error_ok"):
        assert str(case.folder) in told
        return
    assert not code
    measured = told["runs"][0]["measures"] | {"questions": told["questions"]}
    assert measured[check["measure"]] == pytest.approx(check["right"])


def check_eval_says(case: Case, check: Check) -> None:
    """What is said of a dataset, or of a run, that does not fit."""
    more = ("--with-run", case.folder / check["run"]) if "run" in check else ()
    _, told = case.run("eval", _dataset(case.folder), *more)
    assert check["has"] in told


def check_eval_roundtrip(case: Case, check: Check) -> None:
    """That a run that was written measures the same when it is read."""
    file = case.tmp / "a.run"
    assert not _measured(case, "--run", file)[0]
    _, told = _measured(case, "--with-run", file)
    values = [run["measures"][check["measure"]] for run in told["runs"]]
    assert values == [pytest.approx(check["right"])] * 2


CHECKS: Mapping[str, Callable[[Case, Check], None]] = {
    "ask": check_ask,
    "bm25": check_bm25,
    "brief": check_brief,
    "cli": check_cli,
    "day": check_day,
    "days": check_days,
    "delete_line": check_delete_line,
    "eval": check_eval,
    "eval_roundtrip": check_eval_roundtrip,
    "eval_says": check_eval_says,
    "follow": check_follow,
    "index_twice": check_index_twice,
    "link": check_link,
    "narrow": check_narrow,
    "read": check_read,
    "sentences": check_sentences,
}
