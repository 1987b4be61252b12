"""The same commands with the library in Milvus: a file of milvus-lite, and the real model."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.bot import cli
from tests.helpers.milvus import missing
from tests.helpers.running import copied
from tests.helpers.support import SEEDS, Command

from .commands import in_this_process

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is a Milvus")

QUESTIONS = ("who is in the B9?", "which telescope was launched in 2021?")


@pytest.fixture
def newsdesk(
    seeds_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """Runs a command on a library of the seeds that may be written to."""
    monkeypatch.setenv("NEWSDESK_MILVUS_URI", str(tmp_path / "milvus.db"))
    monkeypatch.setenv("NEWSDESK_MILVUS_GRACE", "0")
    home = copied(seeds_home, tmp_path / "home")
    return in_this_process(cli.run, home, capsys, monkeypatch)


def told(newsdesk: Command, question: str, engine: str) -> object:
    """What an answer says, but for its scores."""
    answer = newsdesk("ask", question, "--json", NEWSDESK_ENGINE=engine).told
    texts = [(passage["article"], passage["text"]) for passage in answer["passages"]]
    return answer["verdict"], answer["sentence"], answer["further"], texts


def test_a_library_is_moved_asked_compared_and_changed(newsdesk: Command) -> None:
    moved = newsdesk("index", "--engine", "milvus", "--json").told["moved"]
    assert moved["articles"] == moved["written"] == len([*SEEDS.glob("*.txt"), *SEEDS.glob("*.md")])
    for question in QUESTIONS:
        assert told(newsdesk, question, "milvus") == told(newsdesk, question, "local")
    assert newsdesk("check", NEWSDESK_ENGINE="milvus").code == 0
    assert newsdesk("remove", "james-webb-launch", NEWSDESK_ENGINE="milvus").code == 0
    assert "james-webb-launch" not in str(told(newsdesk, QUESTIONS[1], "milvus"))
    again = newsdesk("index", NEWSDESK_ENGINE="milvus")
    assert "in Milvus: 29 articles" in again.out


def test_what_is_missing_is_said_in_a_line(newsdesk: Command) -> None:
    for uri, code, mend in (("", 2, "NEWSDESK_MILVUS_URI"), ("there", 2, "end in .db")):
        asked = newsdesk("ask", "who?", NEWSDESK_ENGINE="milvus", NEWSDESK_MILVUS_URI=uri)
        assert (asked.code, asked.err.count("\n")) == (code, 1)
        assert mend in asked.err
