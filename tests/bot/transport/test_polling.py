"""What Telegram's replies to polling lose before python-telegram-bot sees them, and what not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.transport.polling import _legible
from newsdesk.bot.transport.typed import Typed


def reply(updates: list[dict[str, Any]]) -> bytes:
    return json.dumps({"ok": True, "result": updates}).encode()


def typed(number: int, person: int) -> dict[str, Any]:
    sender = {"id": person, "is_bot": False, "first_name": "Ann"}
    query = {"id": str(number), "from": sender, "query": f"harbour {number}", "offset": ""}
    return {"update_id": number, "inline_query": query}


def wrote(number: int, person: int) -> dict[str, Any]:
    chat = {"id": person, "type": "private"}
    sender = {"id": person, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": sender, "text": "harbour"}
    return {"update_id": number, "message": message}


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=12))
def test_of_a_persons_inline_queries_the_newest_waits_and_every_message_goes_on(
    kinds: list[tuple[bool, int]],
) -> None:
    updates = [
        typed(number, person) if is_inline else wrote(number, person)
        for number, (is_inline, person) in enumerate(kinds, start=1)
    ]
    waiting, taken = Typed(len(kinds)), list[dict[str, Any]]()
    left = json.loads(_legible(reply(updates), waiting))["result"]

    def take(update: dict[str, Any]) -> bool:
        taken.append(update)
        return True

    waiting.serve(take)
    waiting.begin()
    newest = {person: n for n, (is_inline, person) in enumerate(kinds, start=1) if is_inline}
    assert sorted(one["update_id"] for one in taken) == sorted(newest.values())
    assert all(one == updates[one["update_id"] - 1] for one in taken)
    messages = [one for one in updates if "message" in one]
    if updates and "message" not in updates[-1]:
        messages.append({"update_id": len(updates)})  # what Telegram is told to have arrived
    assert left == messages


def test_what_is_no_reply_of_telegrams_is_left_alone() -> None:
    for payload in (b"", b"[]", b"{", b'{"result": 5}', b'{"result": [5]}', b'{"ok": false}'):
        assert _legible(payload, Typed()) == payload
