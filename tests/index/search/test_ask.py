"""One way in for questions: whoever asks gets the same passages, sentence, verdict and filters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from newsdesk.index import evaluate
from newsdesk.index.cli import app
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Answer, Question, Turn
from newsdesk.index.update import update
from tests.botapi import Message, StandIn
from tests.helpers.running import Running
from tests.helpers.support import ROOT, SEEDS, write
from tests.helpers.talking import B9, NOWHERE, ask, changed, quotes, talking

OMICRON = "what is the Omicron variant, from Newsdesk World"
NAME = "where does its name come from?"
LATE = "articles since 10 January 2022 on NATO"
NEVER = "B9 since Monday"
MONTH = "What happened in December 2021"
YEAR = "when was the Bucharest Nine created in 2015"
QUESTIONS = [OMICRON, B9, LATE, NEVER, MONTH, YEAR, NOWHERE]
UNKNOWN = "There is no source of that name (from newsdesk wrld); the nearest are Newsdesk World, "
SHOWN = 3  # passages, by the bot's settings


class Got(NamedTuple):
    """What is compared of an answer."""

    verdict: str
    sentence: str | None
    passages: tuple[tuple[str, int, int], ...]  # article, start, end
    only: tuple[str, ...]
    given_up: tuple[str, ...]
    carried: str | None
    no_match: str | None


def of_answer(answer: Answer) -> Got:
    understood = answer.understood
    return Got(
        answer.verdict,
        answer.sentence.text if answer.sentence else None,
        tuple(
            (shown.citation.article.id, shown.citation.start, shown.citation.end)
            for shown in answer.passages
        ),
        understood.kept,
        understood.given_up,
        understood.carried or None,
        answer.no_match.words if answer.no_match else None,
    )


def of_json(told: dict[str, Any]) -> Got:
    understood, sentence, no_match = told["understood"], told["sentence"], told["no_match"]
    return Got(
        told["verdict"],
        sentence["text"] if sentence else None,
        tuple((one["article"]["id"], one["start"], one["end"]) for one in told["passages"]),
        tuple(understood["only"]),
        tuple(understood["given_up"]),
        understood["carried"],
        no_match["words"] if no_match else None,
    )


@pytest.fixture(scope="module")
def searcher(seeds_home: Path) -> Iterator[Searcher]:
    with Searcher(Settings(home=seeds_home)) as opened:
        yield opened


@pytest.fixture(scope="module")
def bot(
    seeds_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[StandIn, Running]]:
    with talking(seeds_home, tmp_path_factory.mktemp("doors") / "home") as both:
        yield both


def started(home: Path, *arguments: str, lines: Sequence[str] = ()) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-m", "newsdesk.index.cli.app", "ask", *arguments],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "NEWSDESK_HOME": str(home)},
    )
    assert not done.stderr
    return done.stdout


def read_all(printed: str) -> list[Got]:
    """Several JSON objects, one after another."""
    answers, decoder, rest = [], json.JSONDecoder(), printed.strip()
    while rest:
        told, end = decoder.raw_decode(rest)
        answers.append(of_json(told))
        rest = rest[end:].strip()
    return answers


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command prints in this process."""
    capsys.readouterr()
    app.run(["ask", *arguments])
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def _home(seeds_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_HOME", str(seeds_home))


def test_the_questions_of_this_file_differ_in_how_they_are_understood(searcher: Searcher) -> None:
    got = {text: of_answer(searcher.ask(text)) for text in QUESTIONS}
    assert got[OMICRON].only == ("from Newsdesk World",)
    assert "none" not in (got[OMICRON].verdict, got[B9].verdict)
    assert {place[0] for place in got[OMICRON].passages} >= {"omicron-variant-of-concern"}
    assert got[LATE].only == ("since Monday, 10 January 2022",)
    assert got[NEVER].no_match
    assert got[MONTH].only == ("of December 2021",)
    assert got[YEAR].given_up == ("of 2015",)
    assert (got[NOWHERE].verdict, got[NOWHERE].no_match) == ("none", None)


def test_the_terminal_gives_what_python_gives(
    searcher: Searcher, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in QUESTIONS:
        assert of_json(json.loads(run(capsys, text, "--json"))) == of_answer(searcher.ask(text))


def test_lines_of_a_pipe_are_a_conversation(searcher: Searcher, seeds_home: Path) -> None:
    lines = [*QUESTIONS, B9, NAME, "/alone", OMICRON, "/everything"]
    got = read_all(started(seeds_home, "--json", lines=lines))
    expected, turn = [], None
    for text in lines[:-3]:
        answer = searcher.ask(Question(text, previous=turn))
        expected.append(of_answer(answer))
        turn = answer.turn
    assert got[:-3] == expected
    assert (got[-4].carried, got[-4].passages[0][0]) == (B9, "bucharest-nine-explained")
    assert got[-3] == of_answer(searcher.ask(NAME))
    assert got[-2] == of_answer(searcher.ask(OMICRON))
    assert got[-1] == of_answer(searcher.ask(Question(OMICRON, everything=True)))
    assert got[-1].only == ()


def test_raw_lines_are_independent_and_searched_for_as_they_are(
    searcher: Searcher, seeds_home: Path
) -> None:
    lines = [B9, NAME, OMICRON, "/everything"]
    got = read_all(started(seeds_home, "--json", "--raw", lines=lines))
    assert got == [of_answer(searcher.ask(Question(text, raw=True))) for text in lines]
    assert all(one.carried is None and not one.only for one in got)
    assert got[1] != of_answer(searcher.ask(Question(NAME, previous=Turn(B9))))


def test_measuring_asks_as_people_do(searcher: Searcher, seeds_home: Path) -> None:
    today = date.today()
    questions = tuple(evaluate.JudgedQuestion(text, text, day=today) for text in QUESTIONS)
    dataset = evaluate.Dataset("seeds", SEEDS, questions)
    measured = evaluate.evaluate(dataset, Settings(home=seeds_home)).outcomes
    for outcome in measured:
        asked = Question(outcome.question.text, now=datetime.combine(today, datetime.min.time()))
        answer = searcher.ask(asked)
        assert of_answer(outcome.answer) == of_answer(answer)
        ranked = [article for article, _ in outcome.ranking]
        assert bool(ranked) == (answer.no_match is None)
        shown = [one.citation.article.id for one in answer.passages]
        assert ranked[:1] == shown[:1]
        if answer.understood.query.sources:
            articles = [searcher.article(one) for one in ranked]
            assert {one.source for one in articles if one} == {"Newsdesk World"}


def test_without_a_day_measuring_knows_no_today(searcher: Searcher, seeds_home: Path) -> None:
    questions = (evaluate.JudgedQuestion("1", NEVER), evaluate.JudgedQuestion("2", OMICRON))
    dataset = evaluate.Dataset("seeds", SEEDS, questions)
    since, source = evaluate.evaluate(dataset, Settings(home=seeds_home)).outcomes
    assert (since.answer.understood.kept, since.answer.no_match) == ((), None)
    assert since.answer.understood.query.asked is None
    assert source.answer.understood.kept == ("from Newsdesk World",)


def plain(text: str) -> str:
    return " ".join(text.split())


def check_message(message: Message, answer: Answer) -> None:
    """A message of the bot tells what an answer has."""
    text = plain(message.text)
    kept = answer.understood.kept
    assert (f"Only articles {', '.join(kept)}" in text) == bool(kept)
    carried = answer.understood.carried
    assert (f"Understood with: {carried}" in text) == bool(carried)
    if answer.no_match:
        assert answer.no_match.words in text
    if answer.sentence is None:
        assert "I did not find this in 30 articles" in text
        return
    label = {"answered": "Answer", "weak": "Closest I found"}[answer.verdict]
    assert f"{label}: {plain(answer.sentence.text)} [{answer.sentence.passage}]" in text
    passages = [plain(shown.hit.passage.text) for shown in answer.passages]
    assert [plain(one) for one in quotes(message)] == passages
    assert [shown.citation.article.title in text for shown in answer.passages] == [True] * SHOWN


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_message_gets_what_python_gives(
    searcher: Searcher, bot: tuple[StandIn, Running], text: str
) -> None:
    api, _ = bot
    person = api.person("Ann")
    message = ask(api, person, api.private(person), text)
    check_message(message, searcher.ask(Question(text, SHOWN, now=datetime.now(UTC))))


def test_a_message_goes_on_from_the_last_and_its_buttons_undo_it(
    searcher: Searcher, bot: tuple[StandIn, Running]
) -> None:
    api, _ = bot
    person = api.person("Bea")
    chat = api.private(person)
    ask(api, person, chat, B9)
    message = ask(api, person, chat, NAME)
    first = searcher.ask(Question(B9, SHOWN))
    check_message(message, searcher.ask(Question(NAME, SHOWN, first.turn)))
    alone = changed(api, person, message, "Ask it by itself")
    check_message(alone, searcher.ask(Question(NAME, SHOWN)))
    narrowed = ask(api, person, chat, OMICRON)
    everything = changed(api, person, narrowed, "Search everything")
    check_message(everything, searcher.ask(Question(OMICRON, SHOWN, everything=True)))


def test_more_of_what_is_new_goes_on_with_what_is_new(
    searcher: Searcher, bot: tuple[StandIn, Running]
) -> None:
    api, _ = bot
    person = api.person("Cem")
    message = ask(api, person, api.private(person), MONTH)
    more = quotes(changed(api, person, message, "More"))
    six = searcher.ask(Question(MONTH, 2 * SHOWN)).passages
    assert [plain(one) for one in more] == [plain(s.hit.passage.text) for s in six[SHOWN:]]


@pytest.mark.parametrize("text", QUESTIONS)
def test_inline_gives_what_python_gives(
    searcher: Searcher, bot: tuple[StandIn, Running], text: str
) -> None:
    api, _ = bot
    results = api.inline(api.person("Dan"), text).results
    answer = searcher.ask(Question(text, 11, now=datetime.now(UTC)))
    told = [plain(one["read"][0]) for one in results]
    if answer.verdict == "none":
        (line,) = told
        assert line.startswith("I did not find ")
        assert (answer.no_match.words if answer.no_match else "") in line
        return
    shown = answer.passages[:10]
    assert len(told) == len(shown)
    for line, result, one in zip(told, results, shown, strict=True):
        assert plain(one.hit.passage.text) in line
        only = ", ".join(answer.understood.kept)
        assert result["description"].startswith(f"Only articles {only}") == bool(only)


def test_a_source_that_there_is_not_is_said_with_the_nearest(
    searcher: Searcher, seeds_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = searcher.ask(Question(B9, sources=("newsdesk wrld",)))
    assert answer.no_match
    assert answer.no_match.words.startswith(UNKNOWN)
    assert (answer.no_match.kind, answer.no_match.nearest[0]) == ("source", "Newsdesk World")
    assert (answer.verdict, answer.passages) == ("none", ())
    for raw in ((), ("--raw",)):
        given = ("--source", "newsdesk wrld", *raw)
        assert of_json(json.loads(run(capsys, B9, "--json", *given))) == of_answer(answer)
        assert UNKNOWN in run(capsys, B9, *given)
    lines = [B9, NAME]
    for printed in read_all(started(seeds_home, "--json", *given, lines=lines)):
        assert printed.no_match == answer.no_match.words


@pytest.mark.parametrize("name", ["NEWSDESK WORLD", "newsdesk  world", "Newsdesk World"])
def test_a_source_is_named_whatever_its_case_and_spaces(searcher: Searcher, name: str) -> None:
    got = searcher.ask(Question("NATO", sources=(name,)))
    assert got.understood.query.sources == ("Newsdesk World",)
    assert {one.citation.article.source for one in got.passages} == {"Newsdesk World"}


def test_a_source_is_named_however_its_accents_are_encoded(tmp_path: Path, models: Path) -> None:
    text = "---\ntitle: Ferry\nsource: Cafe\u0301 Post\n---\n\nThe ferry to Aran was late.\n"
    folder = write(tmp_path / "texts", {"ferry.md": text})
    own = Settings(home=tmp_path / "home")
    update(own, [folder], models=models)
    with Searcher(own, models=models) as searcher:
        answer = searcher.ask(Question("was the ferry late?", sources=("CAF\u00c9 Post",)))
        assert [one.citation.article.id for one in answer.passages] == ["ferry"]
        assert searcher.ask("was the ferry late, from Caf\u00e9 Post?").understood.kept


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"since": date(2025, 1, 1)}, "since", "the newest is of 21 January 2022."),
        ({"until": date(2005, 1, 1)}, "until", "the oldest is of 4 April 2008."),
        (
            {"since": date(2010, 1, 1), "until": date(2010, 2, 1)},
            "period",
            "those there are reach from 4 April 2008 to 21 January 2022.",
        ),
        (
            {"since": date(2022, 1, 1), "sources": ("Newsdesk Sport",)},
            "since",
            "from Newsdesk Sport; the newest is of 12 September 2021.",
        ),
    ],
)
def test_a_time_without_articles_is_said_with_what_there_is(
    searcher: Searcher, given: dict[str, Any], kind: str, words: str
) -> None:
    answer = searcher.ask(Question("NATO", **given))
    assert answer.no_match
    assert (answer.verdict, answer.no_match.kind) == ("none", kind)
    assert answer.no_match.words.startswith("There are no articles ")
    assert answer.no_match.words.endswith(words)


def test_filters_that_exclude_each_other_are_said(searcher: Searcher) -> None:
    asked = Question("NATO, from Newsdesk World", sources=("Newsdesk Sport",))
    answer = searcher.ask(asked)
    assert answer.no_match
    assert answer.no_match.kind == "together"
    assert "from Newsdesk Sport and from Newsdesk World" in answer.no_match.words
    both = Question("NATO since Monday", until=date(2021, 1, 1))
    assert (searcher.ask(both).no_match or answer.no_match).kind == "together"


def test_hard_filters_hold_whatever_the_words_say(searcher: Searcher) -> None:
    until = date(2021, 12, 15)
    answer = searcher.ask(Question("what did NATO do in December 2021", until=until))
    days = [one.citation.article.published for one in answer.passages]
    assert days
    assert all(day and str(day)[:10] <= "2021-12-15" for day in days)
    everything = Question("NATO, from Newsdesk World", sources=("Newsdesk World",), everything=True)
    assert searcher.ask(everything).understood.query.sources == ("Newsdesk World",)


def test_the_terminal_says_how_it_understood_and_how_to_undo_it(
    seeds_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = run(capsys, OMICRON)
    assert shown.startswith("Only articles from Newsdesk World; --raw searches everything\n")
    assert "Only articles" not in run(capsys, OMICRON, "--raw")
    printed = started(seeds_home, lines=[OMICRON, B9, NAME])
    assert "Only articles from Newsdesk World; /everything searches everything\n" in printed
    assert f"Understood with: {B9}; /alone asks it by itself\n" in printed
    assert "There are no articles since" in run(capsys, NEVER)


TWO_WOMEN = {
    "griner.md": (
        "Brittney Griner, an American basketball player, was arrested at an airport near Moscow "
        "because customs officers found vape cartridges with hashish oil in her luggage.\n\n"
        "Griner plays for Phoenix and had spent seven winters with a club in Yekaterinburg.\n"
    ),
    "ovsyannikova.md": (
        "Marina Ovsyannikova, a Russian editor, was arrested in the studio of a television "
        "channel. She was arrested because she held up a poster against the war.\n\n"
        "Why was she not stopped? Her colleagues said she had been quiet for years.\n"
    ),
    "bakery.md": "A bakery in Hull opened again on Tuesday after a flood in the winter.\n",
}


def test_a_follow_up_stays_with_the_woman_it_is_about(tmp_path: Path, models: Path) -> None:
    own = Settings(home=tmp_path / "home")
    update(own, [write(tmp_path / "texts", TWO_WOMEN)], models=models)
    (own.home / "models").symlink_to(models)
    lines = ["Who is Brittney Griner?", "why was she arrested?"]
    first, then = read_all(started(own.home, "--json", lines=lines))
    assert first.passages[0][0] == "griner"
    assert then.carried == lines[0]
    assert then.passages[0][0] == "griner"
    assert then.sentence
    assert "vape cartridges" in then.sentence
    _, alone = read_all(started(own.home, "--json", "--raw", lines=lines))
    assert alone.passages[0][0] == "ovsyannikova"
