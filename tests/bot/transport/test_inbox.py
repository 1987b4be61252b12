"""What was in hand at several kills is set aside in the end, and what merely waited never."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telegram import Bot, Chat, InlineQuery, Message, Update, User

from newsdesk.bot import in_hand
from newsdesk.bot.store.store import Store
from newsdesk.bot.store.threads import StoreThreads
from newsdesk.bot.transport.inbox import Inbox, Processor

WORKS, WAITS, QUEUES, ENDS = "works", "waits", "queues", "ends"
TRIES = 3
ANN, BOB = 7, 8  # chats


def arrived(home: Path, chats: Sequence[int]) -> None:
    """Updates 1, 2, … came, each in its chat."""
    with Store(home) as store:
        for number, chat in enumerate(chats, start=1):
            message = {"message_id": number, "date": 0, "chat": {"id": chat, "type": "private"}}
            store.take(number, json.dumps({"update_id": number, "message": message}))


def run(home: Path, does: Mapping[int, str], killed: bool = True) -> list[int]:
    """A run of the bot, killed or stopped as soon as nothing moves; returns what began, in order.

    `does` tells of each update what it is at by then.
    """
    began: list[int] = []
    locks = {ANN: asyncio.Lock(), BOB: asyncio.Lock()}

    async def handle(update: Update) -> None:
        assert update.effective_chat
        async with locks[update.effective_chat.id]:
            await in_hand.begin()
            began.append(update.update_id)
            if does[update.update_id] == WAITS:
                async with in_hand.waiting():
                    await asyncio.Event().wait()
            if does[update.update_id] == QUEUES:
                in_hand.in_turn(lambda: None)
            if does[update.update_id] != ENDS:
                await asyncio.Event().wait()

    async def serve() -> None:
        with StoreThreads(home) as store:
            processor = Processor(store)
            inbox = Inbox(store, processor.suspects)
            handled: list[Coroutine[Any, Any, None]] = []
            tasks: list[asyncio.Task[None]] = []
            for _ in range(await inbox.again(Bot("1:a"))):
                update = await inbox.get()
                assert isinstance(update, Update)
                handled.append(handle(update))
                process = processor.do_process_update(update, handled[-1])
                tasks.append(asyncio.create_task(process))
            seen = -1
            while seen < len(began):
                seen = len(began)
                for _ in range(10):  # what an update writes is written, and it goes on
                    await store.write(lambda store: store.aside())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for one in handled:
                one.close()  # Python warns of those that never began
            if not killed:
                await store.write(lambda store: store.end_tries())

    asyncio.run(serve())
    return began


def left(home: Path) -> dict[int, int]:
    """The updates that are left, with their tries."""
    with Store(home) as store:
        store.count_tries()
        return {one.number: one.tries for one in store.unanswered()}


def test_only_what_was_worked_on_at_each_kill_is_set_aside(tmp_path: Path) -> None:
    arrived(tmp_path, [ANN, BOB, ANN])
    for _ in range(TRIES):
        assert run(tmp_path, {1: WORKS, 2: WAITS, 3: WORKS}) == [1, 2]
    assert run(tmp_path, {2: QUEUES, 3: WAITS}) == [2, 3]
    assert left(tmp_path) == {2: 0, 3: 0}
    with Store(tmp_path) as store:
        assert store.aside() == 1


def test_of_several_that_were_in_hand_one_at_a_time_is_tried_and_chats_keep_their_order(
    tmp_path: Path,
) -> None:
    arrived(tmp_path, [ANN, BOB, BOB])
    assert run(tmp_path, {1: WORKS, 2: WORKS, 3: WORKS}) == [1, 2]
    assert left(tmp_path) == {1: 1, 2: 1, 3: 0}
    assert run(tmp_path, {1: WORKS, 2: WORKS, 3: WORKS}) == [1]
    assert left(tmp_path) == {1: 2, 2: 1, 3: 0}
    assert run(tmp_path, {1: ENDS, 2: ENDS, 3: ENDS}) == [1, 2, 3]
    assert left(tmp_path) == {}


def test_runs_that_end_as_they_should_are_no_tries_of_what_they_left(tmp_path: Path) -> None:
    arrived(tmp_path, [ANN])
    run(tmp_path, {1: WORKS})
    for _ in range(TRIES):
        run(tmp_path, {1: WORKS}, killed=False)
    assert left(tmp_path) == {1: 0}


def test_what_is_asked_is_handled_before_inline_queries_that_came_first(tmp_path: Path) -> None:
    ann = User(ANN, "Ann", is_bot=False)
    typed = [Update(n, inline_query=InlineQuery(str(n), ann, "b", "")) for n in range(1, 4)]
    there = Chat(BOB, "private")
    said = [Message(n, datetime.now(UTC), there, text="who?") for n in range(4, 7)]
    asked = [Update(one.message_id, message=one) for one in said]

    async def order() -> list[int]:
        with StoreThreads(tmp_path) as store:
            inbox = Inbox(store)
            for update in (*typed, *asked, Update(7)):  # the last has nothing to handle
                await inbox.put(update)
            assert inbox.qsize() == len(typed) + len(asked)
            taken = [inbox.get_nowait() for _ in range(inbox.qsize())]
            assert inbox.empty()
            return [one.update_id for one in taken if isinstance(one, Update)]

    assert asyncio.run(order()) == [4, 5, 6, 1, 2, 3]
