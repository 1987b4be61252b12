"""The token is in no line of the log, whoever writes it and however."""

from __future__ import annotations

import ast
import io
import logging
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, ChatMigrated

from newsdesk.bot.logs import Redacting, described, redacted
from newsdesk.bot.transport.errors import worded
from newsdesk.index.errors import NewsdeskError
from tests.helpers.support import ROOT

TOKEN = "123456:AAH-secret_Part"


def written(token: str, log: str, error: BaseException | None = None) -> str:
    """What a record looks like on stderr."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Redacting(token))
    info = (type(error), error, error.__traceback__) if error else None
    handler.handle(logging.LogRecord("x", logging.ERROR, "f", 1, log, (), info))
    return stream.getvalue()


def test_a_url_with_the_token_is_written_without_it() -> None:
    line = written(TOKEN, f"POST https://api.telegram.org/bot{TOKEN}/getMe")
    assert "AAH-secret" not in line
    assert "/bot<token>/getMe" in line


def test_a_traceback_is_written_without_it() -> None:
    try:
        raise ValueError(f"The token `{TOKEN}` was rejected")
    except ValueError as error:
        line = written(TOKEN, "failed", error)
    assert "Traceback" in line
    assert "secret" not in line


@given(st.text(), st.text())
def test_the_token_is_nowhere_in_what_is_written(before: str, after: str) -> None:
    assert TOKEN not in redacted(before + TOKEN + after, TOKEN)


def test_another_token_is_hidden_too_and_the_time_of_day_is_not() -> None:
    assert redacted("98765432:ABCdefGHIjkl") == "<token>"
    assert redacted("at 12:34:56, q 3:ab") == "at 12:34:56, q 3:ab"


def test_an_error_that_quotes_what_people_wrote_is_logged_without_it() -> None:
    try:
        int("who is in the B9?")
    except ValueError as error:
        text = described(error)
    assert text.startswith("ValueError")
    assert "test_logs.py" in text
    assert "invalid literal" not in text
    assert described(NewsdeskError("bot.db: no space")) == "bot.db: no space"


# What names a chat or a person, or quotes one, whoever holds it.
PRIVATE = {
    *("chat", "user", "channel", "place", "person", "post", "plan", "title", "name"),
    *("text", "typed", "question", "request", "message", "words", "exc_info"),
}
KNOWN = {
    "_LOG.info('%s: %s', answer.verdict, request.text)",  # where log_questions is set
    "_LOG.log(*_told(failure, chat, error))",  # which tells only of what kind the chat is
}


def logged(file: Path) -> Iterator[tuple[str, set[str]]]:
    """Each call in a file that writes to the log, with the names in what it is given."""
    for call in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("_LOG."):
            given = [*call.args, *(one.value for one in call.keywords)]
            nodes = [node for one in given for node in ast.walk(one)]
            names = {node.id for node in nodes if isinstance(node, ast.Name)}
            names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
            yield ast.unparse(call), names | {one.arg or "" for one in call.keywords}


def test_no_line_of_the_log_is_given_what_names_a_chat_or_quotes_a_person() -> None:
    calls = [call for file in (ROOT / "bot").rglob("*.py") for call in logged(file)]
    assert len(calls) > 30
    found = {call for call, names in calls if names & PRIVATE}
    assert found == KNOWN


def test_an_error_of_telegrams_is_logged_without_the_chat_it_names() -> None:
    assert worded(ChatMigrated(-1001234567890)).endswith("New chat id: …")
    assert worded(BadRequest("Chat not found")) == "Chat not found"
    quoted = f"no /bot{TOKEN}/sendMessage to -1001234567890"
    assert redacted(worded(BadRequest(quoted)), TOKEN) == "no /bot<token>/sendMessage to …"
