"""The bot's store in SQLite: updates, answers, votes, settings of chats, links, briefings.

Used in the thread that opened it, which is none with an event loop. With a write-ahead log and no
sync at each commit, a transaction outlives `kill -9`; a power cut may cost the last of them, which
for a question costs asking it again.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from newsdesk.index.library.database import Database, Row

from .briefings import Briefings
from .database import BOT, FILE
from .feeding import Feeding
from .models import DAY, ChatSettings, Figures, KeptAnswer, Unanswered

_LEFT = "packed IS NOT NULL AND aside = 0"
_COLUMNS = (
    'key, chat, message, question_message, user, "update", asked, verdict, seconds, packed,'
    ' origin, author, "before"'
)
_NOTHING = msgspec.json.encode(ChatSettings())
_MOVES = "SELECT new, old FROM moves"


class Store:
    """The bot's file, open. Close it, or use it as a context manager."""

    def __init__(self, home: Path, create: bool = True) -> None:
        """Open the file in `home`; see `Database` for what it raises."""
        self._db = Database(home, BOT, create)
        self.briefings = Briefings(self._db)
        self.feeding = Feeding(self._db)
        self._file = home / FILE
        self._inode = self._file.stat().st_ino
        self._moves = {int(new): int(old) for new, old in self._db.rows(_MOVES)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """All of what happens inside, or nothing. Raises LibraryDamaged."""
        return self._db.transaction()

    # Updates: stored before Telegram is told that they arrived, struck off when handled

    def take(self, update: int, packed: str) -> bool:
        """Store an update; False if it arrived before."""
        given = (update, time.time(), packed)
        sql = "INSERT OR IGNORE INTO updates (id, received, packed) VALUES (?, ?, ?)"
        return self._db.change(sql, given) == 1

    def knows(self, update: int) -> bool:
        """Whether an update arrived before."""
        return self._db.row("SELECT 1 FROM updates WHERE id = ?", (update,)) is not None

    def strike(self, update: int) -> None:
        """Mark an update as handled; its number is kept, so that it is not handled twice."""
        self._db.change("UPDATE updates SET packed = NULL WHERE id = ?", (update,))

    def unanswered(self) -> list[Unanswered]:
        """The updates that were stored and not handled, oldest first, without those set aside."""
        rows = self._db.rows(f"SELECT id, packed, tries FROM updates WHERE {_LEFT} ORDER BY id")
        return [Unanswered(int(number), packed, int(tries)) for number, packed, tries in rows]

    def note_in_hand(self, update: int, in_hand: bool) -> None:
        """Note that an update is worked on, or that it waits."""
        self._db.change("UPDATE updates SET in_hand = ? WHERE id = ?", (in_hand, update))

    def count_tries(self) -> None:
        """Count a try of each update that was in hand when the last run ended without a word."""
        self._db.change(f"UPDATE updates SET tries = tries + 1 WHERE {_LEFT} AND in_hand")
        self._db.change("UPDATE updates SET in_hand = 0 WHERE in_hand")

    def end_tries(self) -> None:
        """Begin to count anew: the bot ended as it should, so nothing that is left ended it."""
        self._db.change(f"UPDATE updates SET tries = 0, in_hand = 0 WHERE {_LEFT}")

    def set_aside(self, update: int) -> None:
        """Handle an update no more, whatever stands in it."""
        self._db.change("UPDATE updates SET aside = 1 WHERE id = ?", (update,))

    def aside(self) -> int:
        """How many updates were set aside."""
        row = self._db.row("SELECT COUNT(*) FROM updates WHERE aside = 1")
        return int(row[0]) if row else 0

    def wait_with(self, update: int, message: int) -> None:
        """Note the message that says "one moment" until it holds the answer to an update."""
        self._db.change("UPDATE updates SET waiting = ? WHERE id = ?", (message, update))

    def waiting(self, update: int) -> int:
        """The message that says "one moment" for an update; 0 for none."""
        row = self._db.row("SELECT waiting FROM updates WHERE id = ?", (update,))
        return int(row[0] or 0) if row else 0

    # Answers

    def keep(self, kept: KeptAnswer) -> None:
        """Write an answer, new or changed."""
        given = (
            *(kept.key, kept.chat, kept.message, kept.question_message, kept.user, kept.update),
            *(kept.asked, kept.verdict, kept.seconds, msgspec.json.encode(kept)),
            *(kept.origin, kept.author, kept.before if kept.context else ""),
        )
        sql = f"INSERT OR REPLACE INTO answers ({_COLUMNS}) VALUES ({', '.join('?' * len(given))})"
        self._db.change(sql, given)

    def answer(self, key: str) -> KeptAnswer | None:
        """The answer with a key."""
        return self._kept("key = ?", (key,))

    def answer_in(self, chat: int, message: int) -> KeptAnswer | None:
        """The answer that a message holds."""
        return self._kept("chat = ? AND message = ? AND message != 0", (chat, message))

    def answer_to(self, chat: int, question_message: int) -> KeptAnswer | None:
        """The answer to the question in a message."""
        return self._kept("chat = ? AND question_message = ?", (chat, question_message))

    def answer_of(self, update: int) -> KeptAnswer | None:
        """The answer to the question that an update brought."""
        return self._kept('"update" = ?', (update,))

    def last_answer(self, chat: int, since: float) -> KeptAnswer | None:
        """The newest answer in a chat that was asked for after `since`."""
        return self._kept("chat = ? AND asked >= ?", (chat, since))

    # Feedback

    def vote(self, kept: KeptAnswer, user: int, vote: int) -> bool:
        """Note that a person found an answer good (1) or not (-1); False if that was known.

        Of an answer that is another since, as its question was edited, nothing is known.
        """
        row = self._db.row(
            "SELECT vote, packed FROM feedback WHERE answer = ? AND user = ?", (kept.key, user)
        )
        if row and row[0] == vote and _is_same(kept, row[1]):
            return False
        given = (kept.key, user, vote, time.time(), msgspec.json.encode(kept))
        self._db.change("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?)", given)
        return True

    def votes(self) -> Iterator[tuple[KeptAnswer, int]]:
        """Every vote, with the answer as it was when it was judged."""
        for vote, packed in self._db.rows("SELECT vote, packed FROM feedback ORDER BY at"):
            yield msgspec.json.decode(packed, type=KeptAnswer), int(vote)

    # Chats

    def chat(self, chat: int) -> ChatSettings:
        """What a chat has chosen."""
        row = self._db.row("SELECT settings FROM chats WHERE id = ?", (chat,))
        return msgspec.json.decode(row[0], type=ChatSettings) if row else ChatSettings()

    def set_chat(self, chat: int, settings: ChatSettings) -> None:
        """Note what a chat has chosen."""
        sql = (
            "INSERT INTO chats (id, settings) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET settings = excluded.settings"
        )
        self._db.change(sql, (chat, msgspec.json.encode(settings)))

    def set_active(self, chat: int, active: bool) -> None:
        """Note that the bot may write to a chat, or may not."""
        sql = (
            "INSERT INTO chats (id, settings, active) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET active = excluded.active"
        )
        self._db.change(sql, (chat, msgspec.json.encode(ChatSettings()), int(active)))

    def is_active(self, chat: int) -> bool:
        """Whether the bot may write to a chat, as far as it knows."""
        row = self._db.row("SELECT active FROM chats WHERE id = ?", (chat,))
        return bool(row[0]) if row else True

    def move_chat(self, old: int, new: int) -> None:
        """Move all rows of a group that became a supergroup to its new id."""
        with self._db.transaction():
            change = self._db.change
            # Numbers of messages begin anew there, so an old one must not be taken for a new one.
            sql = "SELECT packed FROM answers WHERE chat = ?"
            for (packed,) in list(self._db.rows(sql, (old,))):
                kept = msgspec.json.decode(packed, type=KeptAnswer)
                kept.chat, kept.message, kept.question_message = new, 0, 0
                kept.user = new if kept.user == old else kept.user  # an anonymous administrator
                change(
                    "UPDATE answers SET chat = ?, message = 0, question_message = 0, packed = ?"
                    " WHERE key = ?",
                    (new, msgspec.json.encode(kept), kept.key),
                )
            change("UPDATE OR IGNORE chats SET id = ? WHERE id = ?", (new, old))
            change("DELETE FROM chats WHERE id = ?", (old,))
            self.briefings.move_chat(old, new)
            self.feeding.move_chat(old, new)
            change("INSERT OR REPLACE INTO moves (new, old) VALUES (?, ?)", (new, old))
        self._moves[new] = old

    def former(self, chat: int) -> list[int]:
        """The ids that a group had before, the latest first."""
        former: list[int] = []
        while (chat := self._moves.get(chat, 0)) and chat not in former:
            former.append(chat)
        return former

    # Questions that a link names

    def link(self, text: str, key: str, user: int = 0) -> None:
        """Keep a question for the link that will ask it, and who typed it; 0 for no one."""
        sql = "INSERT OR REPLACE INTO links (key, text, at, user) VALUES (?, ?, ?, ?)"
        self._db.change(sql, (key, text, time.time(), user))

    def linked(self, key: str) -> str | None:
        """The question of a link."""
        row = self._db.row("SELECT text FROM links WHERE key = ?", (key,))
        return str(row[0]) if row else None

    # Figures, and cleaning up

    def figures(self, since: float) -> Figures:
        """How many questions and votes there were after `since`, in seconds since 1970."""
        rows = list(
            self._db.rows(
                'SELECT verdict, seconds FROM answers WHERE asked >= ? AND "update" != 0', (since,)
            )
        )
        verdicts: dict[str, int] = {}
        for verdict, _ in rows:
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
        seconds = sorted(float(taken) for _, taken in rows)
        up, down = (
            len(
                list(self._db.rows("SELECT 1 FROM feedback WHERE vote = ? AND at >= ?", (v, since)))
            )
            for v in (1, -1)
        )
        if not since:  # those that were deleted are counted
            for verdict, many in self._db.rows("SELECT verdict, many FROM counts"):
                verdicts[str(verdict)] = verdicts.get(str(verdict), 0) + int(many)
        return Figures(sum(verdicts.values()), verdicts, seconds, up, down)

    # Deleting what is kept of people; how many questions there were stays known

    def forget_person(self, user: int) -> None:
        """Delete a person's questions, answers, votes, links and briefings, what went on from or
        was copied of those, and all of their private chat."""
        with self._db.transaction():
            self._forget_answers("user = ? OR author = ?", (user, user))
            for table in ("feedback", "links", "briefings"):
                self._db.change(f"DELETE FROM {table} WHERE user = ?", (user,))
            self.feeding.forget_person(user)
            self._forget_chat(user)
            self._db.change("DELETE FROM chats WHERE id = ?", (user,))
        self._wipe()

    def forget_chat(self, chat: int, moves: bool = True) -> None:
        """Delete all that is kept of a chat; `moves` tells whether its former ids go, too."""
        with self._db.transaction():
            self._forget_chat(chat)
            # Of one that was left this much stays: that nothing is to be sent there.
            self._db.change("DELETE FROM chats WHERE id = ? AND active", (chat,))
            self._db.change("UPDATE chats SET settings = ? WHERE id = ?", (_NOTHING, chat))
            if moves:
                self._db.change("DELETE FROM moves WHERE new = ? OR old = ?", (chat, chat))
                self._moves.pop(chat, None)
        self._wipe()

    def _forget_chat(self, chat: int) -> None:
        self._forget_answers("chat = ? OR origin = ? OR author = ?", (chat, chat, chat))
        for table in ("follows", "plans", "briefings", "told"):
            self._db.change(f"DELETE FROM {table} WHERE chat = ?", (chat,))
        self.feeding.forget_chat(chat)
        self._delete_updates(chat)

    def _forget_answers(self, where: str, given: Row) -> None:
        """Delete some answers and those that went on from them, which hold their questions too."""
        sql = (
            f"WITH RECURSIVE gone (key) AS (SELECT key FROM answers WHERE {where}"
            ' UNION SELECT answers.key FROM answers JOIN gone ON answers."before" = gone.key)'
            " SELECT key FROM gone"
        )
        for key in list(self._db.rows(sql, given)):
            self._delete_answers("key = ?", key)

    def _delete_answers(self, where: str, given: Row) -> None:
        counted = f'SELECT verdict, COUNT(*) FROM answers WHERE {where} AND "update" != 0'
        for verdict, many in list(self._db.rows(f"{counted} GROUP BY verdict", given)):
            self._db.change(
                "INSERT INTO counts (verdict, many) VALUES (?, ?)"
                " ON CONFLICT (verdict) DO UPDATE SET many = many + excluded.many",
                (verdict, many),
            )
        keys = f"SELECT key FROM answers WHERE {where}"
        self._db.change(f"DELETE FROM feedback WHERE answer IN ({keys})", given)
        self._db.change(f"DELETE FROM answers WHERE {where}", given)

    def _delete_updates(self, whose: int) -> None:
        """Delete the texts of updates of a person or a chat that were set aside."""
        sql = "SELECT id, packed FROM updates WHERE aside = 1 AND packed IS NOT NULL"
        for number, packed in list(self._db.rows(sql)):
            if re.search(rf"(?<![0-9-]){whose}(?![0-9])", packed):
                self._db.change("UPDATE updates SET packed = NULL WHERE id = ?", (number,))

    def _wipe(self) -> None:
        """Leave nothing of what was deleted in the write-ahead log either."""
        self._db.row("PRAGMA wal_checkpoint(TRUNCATE)")

    def is_there(self) -> bool:
        """Whether the file that is written to is the one that has its name."""
        try:
            return self._file.stat().st_ino == self._inode
        except OSError:
            return False

    def sweep(self, days: float = 90) -> None:
        """Delete answered updates of over a day ago, and all else of over `days` ago but what chats
        have set; how many questions there were stays known."""
        now = time.time()
        old = now - days * DAY
        with self._db.transaction():
            self._delete_answers("asked < ?", (old,))
            self._db.change("DELETE FROM feedback WHERE at < ?", (old,))
            self._db.change("DELETE FROM updates WHERE aside = 1 AND received < ?", (old,))
        self._db.change("DELETE FROM updates WHERE packed IS NULL AND received < ?", (now - DAY,))
        self._db.change("DELETE FROM links WHERE at < ?", (now - days * DAY,))
        self.briefings.sweep(old)
        self.feeding.sweep(old)

    def _kept(self, where: str, given: Row) -> KeptAnswer | None:
        sql = f"SELECT packed FROM answers WHERE {where} ORDER BY asked DESC LIMIT 1"
        row = self._db.row(sql, given)
        return msgspec.json.decode(row[0], type=KeptAnswer) if row else None


def _is_same(kept: KeptAnswer, packed: bytes) -> bool:
    """Whether an answer is what it was when it was judged."""
    judged = msgspec.json.decode(packed, type=KeptAnswer)
    return (judged.question, judged.sentence) == (kept.question, kept.sentence)
