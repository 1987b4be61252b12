"""Inline queries that wait: whose is in hand, and what is dropped unread."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, Update

from newsdesk.bot.store.threads import StoreThreads
from newsdesk.bot.transport.inbox import Inbox
from newsdesk.bot.transport.typed import Typed

AT_ONCE = 2


def typed(number: int, person: int) -> dict[str, Any]:
    sender = {"id": person, "is_bot": False, "first_name": "Ann"}
    query = {"id": str(number), "from": sender, "query": f"harbour {number}", "offset": ""}
    return {"update_id": number, "inline_query": query}


class Desk:
    """Queries that wait, and those in hand, in the order in which they were passed on."""

    def __init__(self) -> None:
        self.typed = Typed(AT_ONCE)
        self.typed.serve(self.take)
        self.taken: list[int] = []
        self.in_hand: dict[int, int] = {}  # number -> person

    def take(self, update: dict[str, Any]) -> bool:
        number, person = update["update_id"], update["inline_query"]["from"]["id"]
        self.taken.append(number)
        self.in_hand[number] = person
        return True

    def end(self, number: int) -> None:
        del self.in_hand[number]
        self.typed.done(number)


@given(st.lists(st.integers(0, 4), max_size=60))
def test_few_are_in_hand_of_each_person_one_and_the_newest_of_each_comes_to_its_turn(
    steps: list[int],
) -> None:
    desk, newest = Desk(), dict[int, int]()
    for number, person in enumerate(steps, start=1):
        if person:
            desk.typed.add(typed(number, person))
            desk.typed.begin()
            newest[person] = number
        elif desk.in_hand:
            desk.end(next(iter(desk.in_hand)))
        assert len(desk.in_hand) <= AT_ONCE
        assert max(Counter(desk.in_hand.values()).values(), default=1) == 1
        for known, whose in desk.in_hand.items():
            assert desk.typed.is_newest(whose) == (newest[whose] == known)
    while desk.in_hand:
        desk.end(next(iter(desk.in_hand)))
    assert set(newest.values()) <= set(desk.taken)
    assert len(set(desk.taken)) == len(desk.taken)


def test_who_types_on_waits_behind_all_others() -> None:
    desk = Desk()
    for number, person in enumerate((1, 2, 3, 4, 1, 1), start=1):
        desk.typed.add(typed(number, person))
        desk.typed.begin()
    for number in (1, 2, 3, 4, 6):
        desk.end(number)
    assert desk.taken == [1, 2, 3, 4, 6]


def test_one_that_comes_again_is_searched_once() -> None:
    desk = Desk()
    for _ in range(3):
        assert desk.typed.add(typed(1, 7))
        desk.typed.begin()
        if desk.in_hand:
            desk.end(1)
    assert desk.taken == [1]


def test_what_waits_at_the_end_is_dropped() -> None:
    desk = Desk()
    for number in range(1, 300):
        desk.typed.add(typed(number, number))
    desk.typed.begin()
    desk.typed.stop()
    for number in (1, 2):
        desk.end(number)
    desk.typed.add(typed(300, 300))
    desk.typed.begin()
    assert desk.taken == [1, 2]


@pytest.mark.parametrize(
    "told",
    [
        {"update_id": 1},
        {"update_id": 1, "message": {"from": {"id": 7}}},
        {"update_id": 1, "inline_query": {"from": {"id": "7"}}},
        {"update_id": 1, "inline_query": {"from": None}},
        {"update_id": "1", "inline_query": {"from": {"id": 7}}},
        {"inline_query": {"from": {"id": 7}}},
        {"update_id": 1, "inline_query": []},
    ],
)
def test_what_is_no_inline_query_is_left_to_who_reads_it(told: dict[str, Any]) -> None:
    desk = Desk()
    assert not desk.typed.add(told)
    desk.typed.begin()
    assert desk.taken == []


def test_hundreds_that_cannot_be_read_are_passed_over_one_by_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bot, waiting = Bot("1:a"), Typed(AT_ONCE)
    odd = [{"update_id": n, "inline_query": {"from": {"id": n}}} for n in range(1, 2000)]
    with StoreThreads(tmp_path) as store:
        inbox = Inbox(store, typed=waiting)
        waiting.serve(lambda update: inbox.put_typed(update, bot))
        for update in (*odd, typed(2000, 2000)):
            assert waiting.add(json.loads(json.dumps(update)))
        waiting.begin()
        read = inbox.get_nowait()
        assert inbox.empty()
    assert isinstance(read, Update)
    assert read.update_id == 2000
    assert read.inline_query
    assert caplog.text.count("is passed over") == len(odd)
