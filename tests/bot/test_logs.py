"""The token is in no line of the log, whoever writes it and however."""

from __future__ import annotations

import io
import logging

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.logs import Redacting, described, redacted
from newsdesk.index.errors import NewsdeskError

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
