"""How fast messages go out, and how many questions one person may ask, by a clock that is set."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.quota import Leave, Limits
from newsdesk.bot.transport.rate_limit import Pace

GROUP, PRIVATE = -100, 100


class Clock:
    """A clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def times(pace: Pace, clock: Clock, chat: int, n: int) -> list[float]:
    """When n messages that are written at once may go to a chat."""
    return [clock.now + pace.for_chat(chat) for _ in range(n)]


@given(st.lists(st.floats(0, 90), min_size=1, max_size=80))
def test_a_group_never_gets_more_than_twenty_in_any_minute(pauses: list[float]) -> None:
    clock = Clock()
    pace = Pace(30, clock)
    sent = []
    for pause in pauses:
        clock.now += pause
        sent.append(clock.now + pace.for_chat(GROUP))
    sent.sort()
    assert all(sent[i + 20] - sent[i] >= 60 - 1e-6 for i in range(len(sent) - 20))


def test_a_chat_gets_a_short_burst_and_then_one_a_second() -> None:
    clock = Clock()
    sent = times(Pace(30, clock), clock, PRIVATE, 8)
    assert sent[:3] == [clock.now] * 3
    assert [late - early for early, late in pairwise(sent[2:])] == [1.0] * 5


def test_a_group_waits_out_its_minute_and_a_private_chat_does_not() -> None:
    clock = Clock()
    pace = Pace(30, clock)
    assert times(pace, clock, GROUP, 21)[-1] == clock.now + 60
    assert times(pace, clock, PRIVATE, 21)[-1] == clock.now + 18


def test_all_chats_together_keep_the_limit() -> None:
    clock = Clock()
    pace = Pace(20, clock)
    waits = [pace.for_all() for _ in range(41)]
    assert waits[0] == 0
    assert abs(waits[-1] - 2.0) < 1e-9


def test_a_chat_that_was_told_to_wait_waits_alone() -> None:
    clock = Clock()
    pace = Pace(30, clock)
    pace.hold(GROUP, 7)
    assert pace.for_chat(GROUP) == 7
    assert pace.for_chat(PRIVATE) == 0
    assert pace.for_chat(GROUP - 1) == 0


def test_one_persons_questions_are_limited_and_they_are_told_once() -> None:
    clock = Clock()
    limits = Limits(3, clock)
    assert [limits.ask(1) for _ in range(5)] == [
        *([Leave.GIVEN] * 3),
        Leave.REFUSED,
        Leave.REFUSED_AGAIN,
    ]
    assert limits.ask(2) is Leave.GIVEN
    clock.now += 60.0
    assert limits.ask(1) is Leave.GIVEN


def test_after_waiting_someone_who_goes_on_is_told_again() -> None:
    clock = Clock()
    limits = Limits(1, clock)
    assert [limits.ask(1), limits.ask(1)] == [Leave.GIVEN, Leave.REFUSED]
    clock.now += 61
    assert [limits.ask(1), limits.ask(1)] == [Leave.GIVEN, Leave.REFUSED]
