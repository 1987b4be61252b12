"""The tables of the bot's file."""

from __future__ import annotations

import hashlib
import secrets
import string

from newsdesk.index.library.database import Schema

FILE = "bot.db"
_KEY = string.ascii_letters + string.digits
_MIGRATIONS = (
    """
    CREATE TABLE chats (
        id INTEGER PRIMARY KEY, title TEXT NOT NULL DEFAULT '', active INTEGER NOT NULL DEFAULT 1,
        settings BLOB NOT NULL, told REAL NOT NULL DEFAULT 0
    );
    CREATE TABLE updates (
        id INTEGER PRIMARY KEY, received REAL NOT NULL, packed TEXT, waiting INTEGER
    );
    CREATE TABLE answers (
        key TEXT PRIMARY KEY, chat INTEGER NOT NULL, message INTEGER NOT NULL,
        question_message INTEGER NOT NULL, user INTEGER NOT NULL, "update" INTEGER NOT NULL,
        asked REAL NOT NULL, verdict TEXT NOT NULL, seconds REAL NOT NULL, packed BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX answers_message ON answers (chat, message);
    CREATE INDEX answers_question ON answers (chat, question_message);
    CREATE INDEX answers_update ON answers ("update");
    CREATE INDEX answers_asked ON answers (asked);
    CREATE TABLE feedback (
        answer TEXT NOT NULL, user INTEGER NOT NULL, vote INTEGER NOT NULL, at REAL NOT NULL,
        packed BLOB NOT NULL, PRIMARY KEY (answer, user)
    ) WITHOUT ROWID;
    CREATE TABLE links (key TEXT PRIMARY KEY, text TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE follows (
        id INTEGER PRIMARY KEY, chat INTEGER NOT NULL, topic INTEGER NOT NULL, name TEXT NOT NULL,
        packed BLOB NOT NULL, UNIQUE (chat, topic, name)
    );
    CREATE TABLE plans (
        chat INTEGER NOT NULL, topic INTEGER NOT NULL, due REAL, packed BLOB NOT NULL,
        PRIMARY KEY (chat, topic)
    ) WITHOUT ROWID;
    CREATE INDEX plans_due ON plans (due) WHERE due IS NOT NULL;
    CREATE TABLE briefings (
        key TEXT PRIMARY KEY, chat INTEGER NOT NULL, topic INTEGER NOT NULL,
        message INTEGER NOT NULL, after INTEGER NOT NULL, "update" INTEGER NOT NULL,
        made REAL NOT NULL, state TEXT NOT NULL, scheduled INTEGER NOT NULL, packed BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX briefings_chat ON briefings (chat, topic, made);
    CREATE INDEX briefings_state ON briefings (state, made);
    CREATE INDEX briefings_message ON briefings (chat, message);
    CREATE INDEX briefings_update ON briefings ("update") WHERE "update" != 0;
    CREATE TABLE told (
        chat INTEGER NOT NULL, topic INTEGER NOT NULL, name TEXT NOT NULL, article TEXT NOT NULL,
        at REAL NOT NULL, PRIMARY KEY (chat, topic, name, article)
    ) WITHOUT ROWID;
    CREATE INDEX told_at ON told (at);
    """,
    """
    DROP INDEX briefings_message;
    ALTER TABLE briefings DROP COLUMN "after";
    """,
    """
    CREATE INDEX briefings_message ON briefings (chat, message) WHERE message != 0;
    """,
    """
    CREATE TABLE moves (new INTEGER PRIMARY KEY, old INTEGER NOT NULL) WITHOUT ROWID;
    ALTER TABLE updates ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE updates ADD COLUMN aside INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE counts (verdict TEXT PRIMARY KEY, many INTEGER NOT NULL) WITHOUT ROWID;
    """,
    """
    ALTER TABLE links ADD COLUMN user INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE briefings ADD COLUMN user INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE answers ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE answers ADD COLUMN author INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE answers ADD COLUMN "before" TEXT NOT NULL DEFAULT '';
    UPDATE answers SET origin = coalesce(json_extract(CAST(packed AS TEXT), '$.origin'), 0),
        "before" = coalesce(json_extract(CAST(packed AS TEXT), '$.before'), '');
    """,
    """
    CREATE TABLE failing (place TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE additions (
        key TEXT PRIMARY KEY, chat INTEGER NOT NULL, user INTEGER NOT NULL,
        "update" INTEGER NOT NULL, made REAL NOT NULL, state TEXT NOT NULL, packed BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX additions_state ON additions (state);
    CREATE TABLE channels (
        id INTEGER PRIMARY KEY, state TEXT NOT NULL, title TEXT NOT NULL, at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE asked (
        channel INTEGER NOT NULL, chat INTEGER NOT NULL, message INTEGER NOT NULL,
        PRIMARY KEY (channel, chat)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE updates ADD COLUMN in_hand INTEGER NOT NULL DEFAULT 0;
    """,
)
BOT = Schema(
    file=FILE,
    application=0x4E577362,  # "NWsb"
    migrations=_MIGRATIONS,
    name="the bot's memory",
    missing="no bot was started here; `newsdesk bot` starts one",
    foreign="move it away",
    damaged="move it away: the articles are not in it",
    full="free some space: what was committed is kept",
    synchronous="NORMAL",
    timeout=60,  # a backup may hold it so long; nothing that is answered waits for that
)


def new_key() -> str:
    """A key for an answer or a briefing: short enough for a button, and not to be guessed."""
    return "".join(secrets.choice(_KEY) for _ in range(10))


def link_key(user: int, text: str) -> str:
    """The key of a question behind a link: each person's own, so that it can be forgotten."""
    return hashlib.sha256(f"{user} {text}".encode("utf-8", "replace")).hexdigest()[:16]
