"""The command line, by its exit codes, its output and its JSON, on the library of the seeds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from newsdesk.index.cli import app
from tests.helpers.support import ROOT, SEEDS, Command, Done, write
from tests.helpers.support import index as make_library

from .commands import environment, in_terminal, in_this_process

B9 = "who is in the B9?"
NINE = ("Bulgaria", "Czech", "Estonia", "Hungary", "Latvia", "Lithuania", "Poland", "Romania")
ARTICLE = {"id", "title", "author", "source", "published", "url", "path"}
PASSAGE = {
    "rank", "score", "signals", "text", "start", "end", "paragraph", "highlights", "article",
}  # fmt: skip


@pytest.fixture
def newsdesk(
    seeds_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs a command in this process, on the library of the seeds unless told otherwise."""
    return in_this_process(app.run, seeds_home, capsys, monkeypatch)


def started(*arguments: str, home: Path, stdin: str = "", cwd: Path = ROOT) -> Done:
    """Runs a command as a process of its own, as people do."""
    done = subprocess.run(
        [sys.executable, "-m", "newsdesk.index.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment(home),
    )
    return Done(done.returncode, done.stdout, done.stderr)


# help


def test_help_names_every_command_and_the_exit_codes(newsdesk: Command) -> None:
    done = newsdesk("--help")
    assert done.code == 0
    assert all(f"  {name}" in done.out for name in ("ask", "index", "eval", "status", "article"))
    assert "Exit codes: 0 done, 1 nothing found or nothing usable, 2 wrong use" in done.out


@pytest.mark.parametrize("command", ["ask", "index", "eval", "status", "article"])
def test_every_command_has_help_that_describes_its_options(newsdesk: Command, command: str) -> None:
    done = newsdesk(command, "--help")
    assert done.code == 0
    assert "--json" in done.out


LOADS = "import sys; from newsdesk.index.cli import app"


def test_help_imports_nothing_heavy() -> None:
    code = f"{LOADS}; app.run(['--help']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = ("numpy", "torch", "onnxruntime", "rank_bm25", "rich", "sentence_transformers")
    assert not [name for name in heavy if f"'{name}'" in done.stdout]


def test_asking_never_imports_torch(seeds_home: Path) -> None:
    code = f"{LOADS}; app.run(['ask', {B9!r}]); print(sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment(seeds_home),
    )
    assert "Slovakia" in done.stdout
    assert "'onnxruntime'" in done.stdout
    for name in (
        "torch",
        "transformers",
        "sentence_transformers",
        "sklearn",
        "scipy",
        "dateparser",
    ):
        assert f"'{name}'" not in done.stdout


# ask


def test_the_question_it_began_with(newsdesk: Command) -> None:
    done = newsdesk("ask", B9)
    assert done.code == 0
    assert done.out.count(">>") == done.out.count("<<") == 1
    first = done.out.split("\n[1] ")[0]
    lit = first.split(">>")[1].split("<<")[0]
    assert all(country in lit for country in (*NINE, "Slovakia"))
    citation, link = done.out.split("[1] ")[1].splitlines()[:2]
    assert citation.startswith("Bucharest Nine Explained")
    assert "Newsdesk" in citation
    assert "2021-12-10" in citation
    assert "paragraph 2" in citation
    assert link.strip() == (SEEDS / "bucharest-nine-explained.md").as_uri()


def test_what_is_piped_carries_no_colour(newsdesk: Command) -> None:
    assert "\x1b" not in newsdesk("ask", B9).out


def test_in_a_terminal_the_sentence_is_lit_up_and_the_title_is_a_link(seeds_home: Path) -> None:
    shown = in_terminal(["ask", B9, "-k", "1"], seeds_home, width=90, styled=True)
    lit = shown.split("\x1b[1;30;103m")[1].split("\x1b[0m")[0]
    assert lit.startswith("The Bucharest Nine, or ")
    assert "\x1b]8;" in shown
    assert ">>" not in shown


@pytest.mark.slow
def test_in_a_terminal_long_work_has_a_bar_with_its_rate(tmp_path: Path, seeds_home: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(seeds_home / "models")
    (tmp_path / "few").mkdir()
    for file in sorted(SEEDS.glob("*.md"))[:6]:
        shutil.copy(file, tmp_path / "few")
    shown = in_terminal(["index", str(tmp_path / "few")], tmp_path / "home", width=90)
    assert "encoding" in shown
    assert "━" in shown
    assert "/s" in shown


def test_the_json_of_ask_is_the_contract(newsdesk: Command) -> None:
    told = newsdesk("ask", B9, "--json", "-k", "3").told
    assert set(told) == set(
        "question understood verdict label no_match sentence further passages".split()
    )
    assert told["question"] == B9
    assert told["verdict"] == "answered"
    fields = "text passage article start end paragraph in_title"
    assert set(told["sentence"]) == set(fields.split())
    assert told["sentence"]["passage"] == 1
    assert 1 <= len(told["passages"]) <= 3
    for rank, passage in enumerate(told["passages"], start=1):
        assert set(passage) - {"also"} == PASSAGE
        assert passage["rank"] == rank
        assert set(passage["signals"]) == {"bm25", "dense"}
        assert set(passage["article"]) == ARTICLE


def test_anyone_can_check_what_the_json_says(newsdesk: Command) -> None:
    for passage in newsdesk("ask", "when was crimea annexed", "--json").told["passages"]:
        article = newsdesk("article", passage["article"]["id"], "--json").told
        assert article["text"][passage["start"] : passage["end"]] == passage["text"]
        assert {name: article[name] for name in ARTICLE} == passage["article"]
        for start, end in passage["highlights"]:
            assert passage["start"] <= start < end <= passage["end"]
            assert article["text"][start:end].lower().startswith(("crimea", "annex"))
        assert passage["paragraph"] == article["text"][: passage["start"]].count("\n\n") + 1


@pytest.mark.parametrize("question", ["what is the capital of France?", "best pizza in naples"])
def test_what_is_not_in_the_collection_is_said_plainly(newsdesk: Command, question: str) -> None:
    done = newsdesk("ask", question)
    assert done.code == 1
    assert done.out.startswith("I did not find this in 30 articles (from 2008-04-04 to ")
    assert len(done.out.splitlines()) == 1
    told = newsdesk("ask", question, "--json")
    assert told.code == 1
    assert (told.told["verdict"], told.told["sentence"]) == ("none", None)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "who is it? and what was that",
        "🎉🎉🎉",
        "'; DROP TABLE articles; --",
        "(.*)+$ [a-z]{3,} \\w\\d",
        "how " * 2500,
        "\u202e\u0000\ufeff",
        "什么是B9",
    ],
)
def test_a_strange_question_gets_an_answer_or_a_plain_refusal(
    newsdesk: Command, question: str
) -> None:
    done = newsdesk("ask", question, "--json")
    assert done.code in {0, 1}
    assert done.err == ""
    assert done.told["verdict"] in {"answered", "weak", "none"}


def test_words_need_no_quotes(newsdesk: Command) -> None:
    assert newsdesk("ask", "who", "is", "in", "B9", "--json").told["question"] == "who is in B9"


def test_explain_shows_every_score_and_what_matched(newsdesk: Command) -> None:
    done = newsdesk("ask", B9, "--explain", "-k", "2")
    assert done.out.count("score ") == 2
    assert "matched: b9 " in done.out
    assert len(re.findall(r"BM25 [\d.]+, dense [\d.]+, sentence 0\.\d+; matched", done.out)) == 2
    assert "probability" in done.out
    told = newsdesk("ask", B9, "--explain", "--json").told
    assert "b9" in told["passages"][0]["matched"]
    assert set(told["passages"][0]["signals"]) == {"bm25", "dense", "sentence"}
    assert 0 < told["probability"] < 1


def test_dates_and_sources_narrow_what_is_searched(newsdesk: Command) -> None:
    def published(*narrowing: str) -> set[str]:
        told = newsdesk("ask", "NATO and Russia", "--json", "-k", "20", *narrowing).told
        return {passage["article"]["published"][:10] for passage in told["passages"]}

    assert min(published("--since", "2022")) >= "2022-01-01"
    assert max(published("--until", "2014-12")) <= "2014-12-31"
    assert published("--since", "2021-12-01", "--until", "2021-12-31")
    told = newsdesk("ask", "NATO", "--json", "--source", "newsdesk world").told
    assert {p["article"]["source"] for p in told["passages"]} == {"Newsdesk World"}
    unsaid = newsdesk("ask", "NATO", "--json", "--language", "German")
    assert (unsaid.code, unsaid.told["passages"]) == (1, [])
    assert unsaid.told["no_match"]["words"] == (
        "There are no articles in German; none says in which language it is, so leave that out."
    )


def test_without_a_question_it_answers_line_after_line(seeds_home: Path) -> None:
    done = started("ask", home=seeds_home, stdin=f"{B9}\n\nwhat is the capital of France?\n")
    assert done.code == 0
    assert "Slovakia" in done.out
    assert "I did not find this" in done.out


def test_line_after_line_as_json_is_one_object_a_line(seeds_home: Path) -> None:
    done = started("ask", "--json", home=seeds_home, stdin=f"{B9}\ncrimea referendum\n")
    assert [json.loads(line)["question"] for line in done.out.splitlines()] == [
        B9,
        "crimea referendum",
    ]


def test_an_open_prompt_moves_to_what_was_indexed_meanwhile(
    newsdesk: Command, tmp_path: Path, seeds_home: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(seeds_home / "models")
    folder = write(tmp_path / "news", {"a.txt": "Ferry\n\nThe ferry to Oldport sank on Monday.\n"})
    assert newsdesk("index", str(folder), home=home).code == 0
    with subprocess.Popen(
        [sys.executable, "-m", "newsdesk.index.cli", "ask", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        cwd=ROOT,
        env=environment(home),
    ) as process:
        assert process.stdin
        assert process.stdout

        def ask(question: str) -> set[str]:
            print(question, file=process.stdin, flush=True)
            assert process.stdout
            told = json.loads(process.stdout.readline())
            return {passage["article"]["id"] for passage in told["passages"]}

        assert ask("when did the ferry sink") == {"a"}
        write(folder, {"b.txt": "Tower\n\nThe tower of Millford was sold to a school.\n"})
        assert newsdesk("index", home=home).code == 0
        assert ask("who bought the tower of Millford") == {"a", "b"}
        process.stdin.close()


@pytest.mark.slow
def test_the_first_question_indexes_the_seeds_and_says_so(tmp_path: Path, models: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(models)
    write(
        tmp_path / "seeds",
        {"one.txt": "Harbor Reopens After Storm\n\nThe harbor of Oldport reopened on Monday.\n"},
    )
    done = started("ask", "when did the harbor reopen?", home=tmp_path / "home", cwd=tmp_path)
    assert "indexing seeds first" in done.err
    assert "encoding 1" in done.err
    assert "The harbor of Oldport reopened on Monday." in done.out


# article, status, index


def test_an_article_is_shown_whole(newsdesk: Command) -> None:
    done = newsdesk("article", "nobel-peace-prize-2021")
    assert done.code == 0
    assert "Ressa" in done.out
    assert "2021-10-08" in done.out


def test_status_tells_what_there_is(newsdesk: Command, seeds_home: Path) -> None:
    told = newsdesk("status", "--json").told
    assert (told["articles"], told["model"]) == (30, "all-MiniLM-L6-v2")
    assert told["period"] == ["2008-04-04", "2022-01-21"]
    assert set(told["sources"]) >= {None, "Newsdesk World"}
    assert told["home"] == str(seeds_home)
    assert told["bytes"] > 1_000_000


def test_each_line_of_status_has_its_place_in_the_json(newsdesk: Command) -> None:
    told = newsdesk("status", "--json").told
    shown = dict(line.split(maxsplit=1) for line in newsdesk("status").out.splitlines())
    assert set(shown) - {"size"} <= set(told)
    assert shown["size"] == f"{told['bytes'] / 1e6:,.1f} MB"
    assert shown["period"] == " to ".join(told["period"])
    assert shown["model"] == f"{told['model']} ({told['model_id']})"
    assert shown["generation"] == told["generation"]
    assert shown["sources"].count(",") == len(told["sources"]) - 1


def test_the_size_is_that_of_the_library_without_those_of_datasets(
    newsdesk: Command, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    make_library(home, write(tmp_path / "news", {"a.txt": "Ferry\n\nThe ferry sank on Monday.\n"}))
    before = newsdesk("status", "--json", home=home).told["bytes"]
    write(home / "eval" / "tiny", {"library.db": b"x" * 1_000_000})
    assert newsdesk("status", "--json", home=home).told["bytes"] == before > 0


def test_index_tells_what_it_did_and_why_not(
    newsdesk: Command, tmp_path: Path, models: Path
) -> None:
    folder = write(
        tmp_path / "news",
        {
            "a.txt": "Bridge Opens\n\nThe bridge at Millford opened to traffic on Friday.\n",
            "b.md": "# Bakery Closes\n\nThe last bakery of Millford closed its doors.\n",
            "c.txt": b"\x00\x01\x02\x03" * 400,
            "d.jsonl": '{"text": "A short text about a small town."}\n{broken\n',
        },
    )
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(models)
    done = newsdesk("index", str(folder), home=home)
    assert done.code == 0
    assert f"{folder / 'c.txt'}: not a text file" in done.out
    assert "line 2: not JSON" in done.out
    (folder / "a.txt").write_text("Bridge Opens\n\nThe bridge at Millford opened on Saturday.\n")
    (folder / "b.md").unlink()
    told = newsdesk("index", str(folder), "--json", home=home).told
    assert told["changed"] == ["a"]
    assert told["removed"] == ["b"]
    (line,) = told["unchanged"]
    assert line.startswith("d-")
    assert [Path(one["path"]).name for one in told["refused"]] == ["c.txt", "d.jsonl#2"]
    again = newsdesk("index", "--json", home=home).told
    assert sorted(again["unchanged"]) == ["a", line]


# what goes wrong


@pytest.mark.parametrize(
    ("arguments", "code", "names"),
    [
        ((), 2, "Usage"),
        (("asks",), 2, "No such command 'asks'"),
        (("ask", "--sinc", "2021", "x"), 2, "--sinc"),
        (("ask", "-k", "0", "x"), 2, "-k"),
        (("ask", "-k", "many", "x"), 2, "many"),
        (("ask", "--since", "2021-13-40", "x"), 2, "2021-13-40"),
        (("ask", "--since", "2022", "--until", "2021", "x"), 2, "swap them"),
        (("article", "no-such-article"), 1, "no-such-article"),
        (("index", "no/such/folder"), 2, "no/such/folder"),
        (("eval",), 2, "DATASETS"),
        (("eval", "no/such/dataset"), 1, "no/such/dataset"),
        (("eval", "seeds", "--mode", "both"), 2, "both"),
    ],
)
def test_an_error_is_one_line_that_names_the_thing(
    newsdesk: Command, arguments: tuple[str, ...], code: int, names: str
) -> None:
    done = newsdesk(*arguments)
    assert done.code == code
    if arguments:
        assert done.out == ""
        assert done.err.startswith("newsdesk: ")
        assert len(done.err.splitlines()) == 1
    assert names in done.out + done.err


@pytest.mark.parametrize("command", [("status",), ("article", "x")])
def test_without_a_library_it_says_how_to_make_one(
    newsdesk: Command, tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = newsdesk(*command, home=tmp_path / "none")
    assert done.code == 1
    assert str(tmp_path / "none") in done.err
    assert "newsdesk index" in done.err
    assert not (tmp_path / "none").exists()


def test_without_seeds_the_first_question_says_what_to_index(
    newsdesk: Command, tmp_path: Path
) -> None:
    missing = str(tmp_path / "seeds")
    done = newsdesk("ask", B9, home=tmp_path / "home", NEWSDESK_SEEDS=missing)
    assert done.code == 2
    assert f"{missing}: no such folder" in done.err


def test_a_setting_that_is_none_is_named(newsdesk: Command) -> None:
    done = newsdesk("ask", B9, NEWSDESK_FUSION_WAIT="1")
    assert done.code == 2
    assert "NEWSDESK_FUSION_WAIT" in done.err


def test_another_model_than_the_librarys_is_an_error_that_says_how_to_rebuild(
    newsdesk: Command,
) -> None:
    done = newsdesk("ask", B9, NEWSDESK_MODEL="some/other-model")
    assert done.code == 1
    assert "all-MiniLM-L6-v2" in done.err
    assert "newsdesk index" in done.err


def test_a_program_that_stops_reading_is_no_error(seeds_home: Path) -> None:
    command = [sys.executable, "-m", "newsdesk.index.cli", "ask", "--json", "-k", "20"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=environment(seeds_home),
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"NATO and Russia\n" * 50)  # far more comes back than a pipe holds
        process.stdin.close()
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
