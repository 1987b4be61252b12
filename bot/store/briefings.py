"""Briefings in SQLite: topics that are followed, when they are due, what was told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from .database import Database
from .subscriptions import Follow, KeptBrief, Plan, State

_OPEN = (State.MADE, State.TRIED)
_DAYS_TOLD = 60  # that an article is remembered as told; stories do not go on for longer
_DAY = 86_400.0


class Counted(NamedTuple):
    """What /stats and `newsdesk status` tell of briefings."""

    chats: int  # with a schedule
    due: float | None  # when the next is
    sent: float | None  # when the last was
    delivered: int  # in the last 24 hours
    failed: int  # in the last 24 hours


class Plans(Database):
    """The part of the bot's file that is about briefings."""

    # Topics

    def follows(self, chat: int, topic: int) -> list[Follow]:
        """The topics that are followed, the first one first."""
        rows = self._read(
            "SELECT packed FROM follows WHERE chat = ? AND topic = ? ORDER BY id", (chat, topic)
        )
        return [msgspec.json.decode(packed, type=Follow) for (packed,) in rows]

    def follow(self, chat: int, topic: int, follow: Follow) -> None:
        """Follow a topic, or change what is known of it."""
        self._write(
            "INSERT INTO follows (chat, topic, name, packed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (chat, topic, name) DO UPDATE SET packed = excluded.packed",
            (chat, topic, follow.name, msgspec.json.encode(follow)),
        )

    def unfollow(self, chat: int, topic: int, name: str) -> bool:
        """Follow a topic no more; False if it was not followed."""
        given = (chat, topic, name)
        told = "DELETE FROM follows WHERE chat = ? AND topic = ? AND name = ?"
        return self._write(told, given) > 0

    # Schedules

    def plan(self, chat: int, topic: int) -> Plan:
        """When a chat is briefed; off unless it was set."""
        row = self._one("SELECT packed FROM plans WHERE chat = ? AND topic = ?", (chat, topic))
        return msgspec.json.decode(row[0], type=Plan) if row else Plan(chat=chat, topic=topic)

    def plans_of(self, chat: int) -> list[Plan]:
        """The schedules of a chat, one for each topic of a forum."""
        rows = self._read("SELECT packed FROM plans WHERE chat = ? ORDER BY topic", (chat,))
        return [msgspec.json.decode(packed, type=Plan) for (packed,) in rows]

    def far_off(self, now: float) -> list[Plan]:
        """The schedules that are due in more than a week."""
        rows = self._read("SELECT packed FROM plans WHERE due > ?", (now + 7 * _DAY,))
        return [msgspec.json.decode(packed, type=Plan) for (packed,) in rows]

    def set_plan(self, plan: Plan) -> None:
        """Note when a chat is briefed."""
        given = (plan.chat, plan.topic, plan.due, msgspec.json.encode(plan))
        self._write("INSERT OR REPLACE INTO plans VALUES (?, ?, ?, ?)", given)

    def due(self, now: float) -> list[Plan]:
        """The schedules whose time has come, in the order they are due."""
        rows = self._read(
            "SELECT packed FROM plans WHERE due <= ? ORDER BY due, chat, topic", (now,)
        )
        return [msgspec.json.decode(packed, type=Plan) for (packed,) in rows]

    # Briefings

    def keep_brief(self, kept: KeptBrief, plan: Plan | None = None) -> None:
        """Write a briefing, new or changed; with it, when the next one is due."""
        scheduled = int(kept.due > 0)
        given = (
            *(kept.key, kept.chat, kept.topic, kept.message, kept.update, kept.made),
            *(kept.state, scheduled, msgspec.json.encode(kept)),
        )
        told = "INSERT OR REPLACE INTO briefings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        with self.transaction():
            self._db.execute(told, given)
            if plan:
                self.set_plan(plan)

    def confirm(self, kept: KeptBrief) -> None:
        """A briefing stands in its chat: what it told is known there from now on."""
        rows = [
            (kept.chat, kept.topic, name, article, kept.made)
            for name, articles in kept.seen.items()
            for article in articles
        ]
        with self.transaction():
            self._db.executemany("INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?, ?)", rows)
            self._db.execute(
                "UPDATE briefings SET chat = ?, message = ?, state = ?, packed = ? WHERE key = ?",
                (kept.chat, kept.message, kept.state, msgspec.json.encode(kept), kept.key),
            )
            plan = self.plan(kept.chat, kept.topic)
            if kept.due:
                self.set_plan(msgspec.structs.replace(plan, covered=kept.until, missed=0.0))

    def brief(self, key: str) -> KeptBrief | None:
        """The briefing with a key."""
        row = self._one("SELECT packed FROM briefings WHERE key = ?", (key,))
        return msgspec.json.decode(row[0], type=KeptBrief) if row else None

    def brief_of(self, update: int) -> KeptBrief | None:
        """The briefing that an update asked for."""
        row = self._one('SELECT packed FROM briefings WHERE "update" = ?', (update,))
        return msgspec.json.decode(row[0], type=KeptBrief) if row else None

    def unsent(self) -> list[KeptBrief]:
        """The briefings that were due and have not been seen to be sent, oldest first."""
        rows = self._read(
            "SELECT packed FROM briefings WHERE state IN (?, ?) AND scheduled ORDER BY made", _OPEN
        )
        return [msgspec.json.decode(packed, type=KeptBrief) for (packed,) in rows]

    def told(self, chat: int, topic: int, name: str) -> frozenset[str]:
        """The articles that were told in a chat under a topic."""
        rows = self._read(
            "SELECT article FROM told WHERE chat = ? AND topic = ? AND name = ?",
            (chat, topic, name),
        )
        return frozenset(article for (article,) in rows)

    def counted(self, now: float) -> Counted:
        """The figures of briefings."""
        chats, due = self._one("SELECT count(*), min(due) FROM plans WHERE due > 0", ()) or (0, 0)
        sent = self._one(
            "SELECT max(made) FROM briefings WHERE state = ? AND scheduled AND message",
            (State.SENT,),
        )
        of_day: dict[str, int] = dict(
            self._read(
                "SELECT state, count(*) FROM briefings"
                " WHERE made >= ? AND scheduled AND (message OR state = 'dropped') GROUP BY state",
                (now - _DAY,),
            )
        )
        delivered, failed = of_day.get(State.SENT, 0), of_day.get(State.DROPPED, 0)
        return Counted(int(chats), due, sent[0] if sent else None, delivered, failed)

    def sweep_briefs(self) -> None:
        """Forget what was told long ago."""
        self._write("DELETE FROM told WHERE at < ?", (time.time() - _DAYS_TOLD * _DAY,))

    def _move_plans(self, old: int, new: int) -> None:
        """A group became a supergroup, within a transaction. Its message numbers begin anew."""
        execute = self._db.execute
        for table in ("follows", "told"):
            execute(f"UPDATE OR IGNORE {table} SET chat = ? WHERE chat = ?", (new, old))
            execute(f"DELETE FROM {table} WHERE chat = ?", (old,))
        for plan in self.plans_of(old):
            self.set_plan(msgspec.structs.replace(plan, chat=new))
        execute("DELETE FROM plans WHERE chat = ?", (old,))
        rows = execute("SELECT packed FROM briefings WHERE chat = ?", (old,)).fetchall()
        for (packed,) in rows:
            kept = msgspec.json.decode(packed, type=KeptBrief)
            kept.chat, kept.message, kept.reply_to = new, 0, 0
            execute(
                "UPDATE briefings SET chat = ?, message = 0, packed = ? WHERE key = ?",
                (new, msgspec.json.encode(kept), kept.key),
            )


def same(follows: Sequence[Follow], wanted: Follow) -> Follow | None:
    """The topic that has the same name, however it is capitalised."""
    name = wanted.name.casefold()
    return next((one for one in follows if one.name.casefold() == name), None)


def find(follows: Sequence[Follow], words: str) -> Follow | None:
    """The topic of a name, however it is capitalised, or that begins so as no other does."""
    wanted = words.casefold().strip()
    exact = [one for one in follows if one.name.casefold() == wanted]
    near = [one for one in follows if one.name.casefold().startswith(wanted)]
    return exact[0] if exact else near[0] if wanted and len(near) == 1 else None
