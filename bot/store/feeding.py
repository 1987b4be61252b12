"""The tables of feeding: what administrators added, which channels are read, what fails."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable

import msgspec

from newsdesk.index.library.database import Database

from .models import Addition, AdditionState, ChannelState, Handed, Post

_UNFINISHED = (AdditionState.OPEN, AdditionState.TAKING)
_HELD_DAYS = 7  # that posts are kept of a channel that nobody decides on
_MOST_HELD, _MOST_HELD_OF_ALL = 100, 1_000  # posts of a channel, and of all; the newest stay


class Feeding:
    """Queries about what feeds the library."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # Additions

    def accept(self, addition: Addition) -> bool:
        """Write a new addition; False where the update that brought it brought one before."""
        sql = 'SELECT 1 FROM additions WHERE "update" = ? AND "update" != 0'
        if self._db.row(sql, (addition.update,)):
            return False
        given = (addition.key, addition.chat, addition.user, addition.update, addition.made)
        self._db.change(
            'INSERT INTO additions (key, chat, user, "update", made, state, packed)'
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*given, addition.state, msgspec.json.encode(addition)),
        )
        return True

    def keep(self, addition: Addition) -> None:
        """Write how an addition goes; nothing where it was forgotten meanwhile."""
        self._db.change(
            "UPDATE additions SET state = ?, packed = ? WHERE key = ?",
            (addition.state, msgspec.json.encode(addition), addition.key),
        )

    def addition(self, key: str) -> Addition | None:
        """The addition with a key."""
        row = self._db.row("SELECT packed FROM additions WHERE key = ?", (key,))
        return msgspec.json.decode(row[0], type=Addition) if row else None

    def unfinished(self) -> list[Addition]:
        """The additions that are to be finished, in the order they came."""
        rows = self._db.rows(
            "SELECT packed FROM additions WHERE state IN (?, ?) ORDER BY made", _UNFINISHED
        )
        return [msgspec.json.decode(packed, type=Addition) for (packed,) in rows]

    def sweep(self, old: float) -> None:
        """Delete the additions of before `old`, in seconds since 1970; what they added stays."""
        self._db.change(
            "DELETE FROM additions WHERE made < ? AND state NOT IN (?, ?)", (old, *_UNFINISHED)
        )
        long_ago = time.time() - _HELD_DAYS * 86_400
        self._db.change(
            "DELETE FROM additions WHERE made < ? AND state = ?", (long_ago, AdditionState.HELD)
        )

    # Posts of channels that nobody has said yes or no to

    def hold(self, post: Post) -> ChannelState | None:
        """Keep a post, unless it is decided whether its channel is read; what is known of that."""
        with self._db.transaction():
            state = self.channel(post.channel)
            if state in (ChannelState.READ, ChannelState.LEFT):
                return state
            held = Addition(
                key=_held_key(post), chat=post.channel, user=0, made=time.time(),
                state=AdditionState.HELD, handed=Handed(post=post),
            )  # fmt: skip
            given = (held.key, held.chat, held.made, held.state, msgspec.json.encode(held))
            self._db.change(
                'INSERT OR REPLACE INTO additions (key, chat, user, "update", made, state, packed)'
                " VALUES (?, ?, 0, 0, ?, ?, ?)",
                given,
            )
            of_channel = "AND chat = ?"
            self._keep_newest(of_channel, (post.channel,), _MOST_HELD)
            self._keep_newest("", (), _MOST_HELD_OF_ALL)
        return state

    def _keep_newest(self, which: str, given: tuple[int, ...], most: int) -> None:
        newest = f"SELECT key FROM additions WHERE state = ? {which} ORDER BY made DESC LIMIT ?"
        state = AdditionState.HELD
        self._db.change(
            f"DELETE FROM additions WHERE state = ? {which} AND key NOT IN ({newest})",
            (state, *given, state, *given, most),
        )

    def held(self, channels: Collection[int] = ()) -> list[Post]:
        """The posts that were kept of channels that are read now, and of some others, in order."""
        rows = self._db.rows(
            "SELECT packed FROM additions WHERE state = ? ORDER BY made", (AdditionState.HELD,)
        )
        posts = [msgspec.json.decode(packed, type=Addition).handed.post for (packed,) in rows]
        is_read = {
            each: each in channels or self.channel(each) is ChannelState.READ
            for each in {post.channel for post in posts if post}
        }
        return [post for post in posts if post and is_read[post.channel]]

    def is_held(self, post: Post) -> bool:
        """Whether a post is kept."""
        sql = "SELECT 1 FROM additions WHERE key = ?"
        return self._db.row(sql, (_held_key(post),)) is not None

    def count_held(self, channel: int) -> int:
        """How many posts of a channel are kept."""
        sql = "SELECT count(*) FROM additions WHERE state = ? AND chat = ?"
        row = self._db.row(sql, (AdditionState.HELD, channel))
        return int(row[0]) if row else 0

    def let_go(self, post: Post) -> None:
        """Keep a post no longer."""
        self._db.change("DELETE FROM additions WHERE key = ?", (_held_key(post),))

    # Channels

    def channel(self, channel: int) -> ChannelState | None:
        """Whether a channel is read; None for one that nothing is known of."""
        row = self._db.row("SELECT state FROM channels WHERE id = ?", (channel,))
        return ChannelState(row[0]) if row else None

    def set_channel(self, channel: int, state: ChannelState, title: str = "") -> None:
        """Note whether a channel is read; a title that is known stays."""
        self._db.change(
            "INSERT INTO channels (id, state, title, at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO"
            " UPDATE SET state = excluded.state, title = iif(excluded.title = '', title,"
            " excluded.title)",
            (channel, state, title, time.time()),
        )
        if state is ChannelState.LEFT:
            sql = "DELETE FROM additions WHERE state = ? AND chat = ?"
            self._db.change(sql, (AdditionState.HELD, channel))

    def title(self, channel: int) -> str:
        """What a channel was called when the administrators were asked; empty if they were not."""
        row = self._db.row("SELECT title FROM channels WHERE id = ?", (channel,))
        return str(row[0]) if row else ""

    def ask(self, channel: int, title: str, asked: Iterable[tuple[int, int]]) -> None:
        """Note where the administrators were asked about a channel: chats and messages."""
        with self._db.transaction():
            self.set_channel(channel, ChannelState.ASKED, title)
            self.answered(channel)
            for chat, message in asked:
                sql = "INSERT OR REPLACE INTO asked (channel, chat, message) VALUES (?, ?, ?)"
                self._db.change(sql, (channel, chat, message))

    def asked(self, channel: int) -> list[tuple[int, int]]:
        """The chats and messages in which the administrators were asked about a channel."""
        rows = self._db.rows("SELECT chat, message FROM asked WHERE channel = ?", (channel,))
        return [(int(chat), int(message)) for chat, message in rows]

    def answered(self, channel: int) -> None:
        """Forget where the administrators were asked about a channel."""
        self._db.change("DELETE FROM asked WHERE channel = ?", (channel,))

    def has_channels(self) -> bool:
        """Whether any channel is read."""
        sql = "SELECT 1 FROM channels WHERE state = ? LIMIT 1"
        return self._db.row(sql, (ChannelState.READ,)) is not None

    # Sources that fail for long, of which the administrators were told

    def failing(self) -> set[str]:
        """The places of the sources that the administrators know to fail."""
        return {str(place) for (place,) in self._db.rows("SELECT place FROM failing")}

    def note_failing(self, new: Iterable[str], over: Iterable[str]) -> None:
        """Note which sources they were told of, and of which there is nothing to know any more."""
        with self._db.transaction():
            for place in new:
                sql = "INSERT OR REPLACE INTO failing (place, at) VALUES (?, ?)"
                self._db.change(sql, (place, time.time()))
            for place in over:
                self._db.change("DELETE FROM failing WHERE place = ?", (place,))

    def move_chat(self, old: int, new: int) -> None:
        """Move the rows of a group that became a supergroup, within a transaction."""
        sql = "SELECT packed FROM additions WHERE chat = ?"
        for (packed,) in list(self._db.rows(sql, (old,))):
            addition = msgspec.json.decode(packed, type=Addition)
            # Numbers of messages begin anew there.
            addition.chat, addition.message, addition.reply_to = new, 0, 0
            self._db.change("UPDATE additions SET chat = ? WHERE key = ?", (new, addition.key))
            self.keep(addition)

    # Deleting what is kept of people and chats; within a transaction

    def forget_person(self, user: int) -> None:
        """Delete what a person added or was asked; what they added to the library stays there."""
        self._db.change("DELETE FROM additions WHERE user = ?", (user,))

    def forget_chat(self, chat: int) -> None:
        """Delete what was added or asked in a chat, and whether it is read, if it is a channel."""
        of_channel = "json_extract(CAST(packed AS TEXT), '$.handed.post.channel') = ?"
        self._db.change(f"DELETE FROM additions WHERE chat = ? OR {of_channel}", (chat, chat))
        self._db.change("DELETE FROM asked WHERE chat = ? OR channel = ?", (chat, chat))
        self._db.change("DELETE FROM channels WHERE id = ?", (chat,))


def _held_key(post: Post) -> str:
    """The key of a post that is kept: the same for it and for what it is changed into."""
    return f"{post.channel}/{post.message}"
