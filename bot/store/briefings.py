"""The tables of briefings: topics that are followed, schedules, and what was told."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

import msgspec

from newsdesk.index.library.database import Database

from .models import DAY, BriefingCounts, Follow, KeptBrief, Plan, State

_OPEN = (State.MADE, State.TRIED)
_DAYS_TOLD = 60  # that an article is remembered as told; stories do not go on for longer


class Briefings:
    """Queries about briefings: topics that are followed, schedules, and what was told."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # Topics

    def follows(self, chat: int, topic: int) -> list[Follow]:
        """The topics that are followed, the first one first."""
        rows = self._db.rows(
            "SELECT packed FROM follows WHERE chat = ? AND topic = ? ORDER BY id", (chat, topic)
        )
        return [msgspec.json.decode(packed, type=Follow) for (packed,) in rows]

    def follow(self, chat: int, topic: int, follow: Follow) -> None:
        """Write a topic that is followed, new or changed."""
        self._db.change(
            "INSERT INTO follows (chat, topic, name, packed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (chat, topic, name) DO UPDATE SET packed = excluded.packed",
            (chat, topic, follow.name, msgspec.json.encode(follow)),
        )

    def unfollow(self, chat: int, topic: int, name: str) -> bool:
        """Delete a topic; False if it was not followed."""
        given = (chat, topic, name)
        sql = "DELETE FROM follows WHERE chat = ? AND topic = ? AND name = ?"
        return self._db.change(sql, given) > 0

    # Schedules

    def plan(self, chat: int, topic: int) -> Plan:
        """When a chat is briefed; off unless it was set."""
        row = self._db.row("SELECT packed FROM plans WHERE chat = ? AND topic = ?", (chat, topic))
        return msgspec.json.decode(row[0], type=Plan) if row else Plan(chat=chat, topic=topic)

    def plans_of(self, chat: int) -> list[Plan]:
        """The schedules of a chat, one for each topic of a forum."""
        rows = self._db.rows("SELECT packed FROM plans WHERE chat = ? ORDER BY topic", (chat,))
        return [msgspec.json.decode(packed, type=Plan) for (packed,) in rows]

    def far_off(self, now: float) -> list[Plan]:
        """The schedules that are due in more than a week."""
        rows = self._db.rows("SELECT packed FROM plans WHERE due > ?", (now + 7 * DAY,))
        return [msgspec.json.decode(packed, type=Plan) for (packed,) in rows]

    def set_plan(self, plan: Plan) -> None:
        """Write a schedule, new or changed."""
        given = (plan.chat, plan.topic, plan.due, msgspec.json.encode(plan))
        self._db.change("INSERT OR REPLACE INTO plans VALUES (?, ?, ?, ?)", given)

    def due(self, now: float) -> list[Plan]:
        """The schedules whose time has come, in the order they are due."""
        rows = self._db.rows(
            "SELECT packed FROM plans WHERE due <= ? ORDER BY due, chat, topic", (now,)
        )
        return [msgspec.json.decode(packed, type=Plan) for (packed,) in rows]

    # Briefings

    def keep_brief(self, kept: KeptBrief, plan: Plan | None = None) -> None:
        """Write a briefing, new or changed; with it, when the next one is due."""
        scheduled = int(kept.due > 0)
        given = (
            *(kept.key, kept.chat, kept.topic, kept.message, kept.update, kept.made),
            *(kept.state, scheduled, msgspec.json.encode(kept), kept.user),
        )
        sql = "INSERT OR REPLACE INTO briefings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        with self._db.transaction():
            self._db.change(sql, given)
            if plan:
                self.set_plan(plan)

    def confirm(self, kept: KeptBrief) -> None:
        """Note that a briefing was sent: what it shows is known in its chat from now on."""
        with self._db.transaction():
            self._tell(kept, kept.seen)
            self.show(kept)
            self._db.change(
                "UPDATE briefings SET chat = ?, message = ?, state = ?, packed = ? WHERE key = ?",
                (kept.chat, kept.message, kept.state, msgspec.json.encode(kept), kept.key),
            )
            plan = self.plan(kept.chat, kept.topic)
            if kept.due:
                begun = plan.begun or kept.begun
                self.set_plan(
                    msgspec.structs.replace(plan, covered=kept.until, begun=begun, missed=0.0)
                )

    def show(self, kept: KeptBrief) -> None:
        """Note that the page of a briefing was shown: its stories are known from now on."""
        for story in kept.on_page:
            self._tell(kept, {story.name: story.marks})

    def _tell(self, kept: KeptBrief, told: Mapping[str, Iterable[str]]) -> None:
        rows = [
            (kept.chat, kept.topic, name, article, kept.made)
            for name, articles in told.items()
            for article in articles
        ]
        self._db.change_many("INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?, ?)", rows)

    def brief(self, key: str) -> KeptBrief | None:
        """The briefing with a key."""
        row = self._db.row("SELECT packed FROM briefings WHERE key = ?", (key,))
        return msgspec.json.decode(row[0], type=KeptBrief) if row else None

    def brief_in(self, chat: int, message: int) -> KeptBrief | None:
        """The briefing that a message holds."""
        sql = "SELECT packed FROM briefings WHERE chat = ? AND message = ? AND message != 0"
        row = self._db.row(sql, (chat, message))
        return msgspec.json.decode(row[0], type=KeptBrief) if row else None

    def brief_of(self, update: int) -> KeptBrief | None:
        """The briefing that an update asked for."""
        row = self._db.row('SELECT packed FROM briefings WHERE "update" = ?', (update,))
        return msgspec.json.decode(row[0], type=KeptBrief) if row else None

    def unsent(self) -> list[KeptBrief]:
        """The due briefings that were begun and are neither sent nor dropped, oldest first."""
        rows = self._db.rows(
            "SELECT packed FROM briefings WHERE state IN (?, ?) AND scheduled ORDER BY made", _OPEN
        )
        return [msgspec.json.decode(packed, type=KeptBrief) for (packed,) in rows]

    def told(self, chat: int, topic: int) -> frozenset[str]:
        """The articles that were told in a chat, whichever of its topics they were told under."""
        rows = self._db.rows(
            "SELECT DISTINCT article FROM told WHERE chat = ? AND topic = ?", (chat, topic)
        )
        return frozenset(article for (article,) in rows)

    def counts(self, now: float) -> BriefingCounts:
        """How many briefings are scheduled, were sent and failed."""
        chats, due = self._db.row("SELECT count(*), min(due) FROM plans WHERE due > 0", ()) or (
            0,
            0,
        )
        sent = self._db.row(
            "SELECT max(made) FROM briefings WHERE state = ? AND scheduled AND message",
            (State.SENT,),
        )
        of_day: dict[str, int] = dict(
            self._db.rows(
                "SELECT state, count(*) FROM briefings"
                " WHERE made >= ? AND scheduled AND (message OR state = 'dropped') GROUP BY state",
                (now - DAY,),
            )
        )
        waiting = self._db.row(
            "SELECT count(*) FROM plans LEFT JOIN chats ON chats.id = plans.chat"
            " WHERE json_extract(packed, '$.on') AND (NOT coalesce(active, 1)"
            " OR json_extract(packed, '$.paused') != '')",
            (),
        ) or (0,)
        delivered, failed = of_day.get(State.SENT, 0), of_day.get(State.DROPPED, 0)
        last = sent[0] if sent else None
        return BriefingCounts(int(chats), due, last, delivered, failed, int(waiting[0]))

    def sweep(self, before: float) -> None:
        """Delete briefings of before a moment, and what was told over 60 days ago."""
        self._db.change(
            "DELETE FROM briefings WHERE made < ? AND state NOT IN (?, ?)", (before, *_OPEN)
        )
        self._db.change("DELETE FROM told WHERE at < ?", (time.time() - _DAYS_TOLD * DAY,))

    def move_chat(self, old: int, new: int) -> None:
        """Move the rows of a group that became a supergroup, within a transaction.

        Its message numbers begin anew.
        """
        change = self._db.change
        for table in ("follows", "told"):
            change(f"UPDATE OR IGNORE {table} SET chat = ? WHERE chat = ?", (new, old))
            change(f"DELETE FROM {table} WHERE chat = ?", (old,))
        for plan in self.plans_of(old):
            self.set_plan(msgspec.structs.replace(plan, chat=new))
        change("DELETE FROM plans WHERE chat = ?", (old,))
        sql = "SELECT packed FROM briefings WHERE chat = ?"
        for (packed,) in list(self._db.rows(sql, (old,))):
            kept = msgspec.json.decode(packed, type=KeptBrief)
            kept.chat, kept.message, kept.reply_to = new, 0, 0
            change(
                "UPDATE briefings SET chat = ?, message = 0, packed = ? WHERE key = ?",
                (new, msgspec.json.encode(kept), kept.key),
            )
