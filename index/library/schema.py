"""The tables of the library's file."""

from __future__ import annotations

from .database import Schema

FILE = "library.db"
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE roots (path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, path TEXT NOT NULL, split TEXT NOT NULL,
    fields TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX articles_path ON articles (path);
CREATE TABLE passages (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL, vector_key BLOB NOT NULL,
    PRIMARY KEY (article_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX passages_vector ON passages (vector_key);
CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, sentences BLOB NOT NULL);
"""
# When the library got an article; 0 for one that came before that was noted.
_ARRIVALS = """
ALTER TABLE articles ADD COLUMN added REAL NOT NULL DEFAULT 0;
CREATE INDEX articles_added ON articles (added);
"""
LIBRARY = Schema(
    file=FILE,
    application=0x4E577331,  # "NWs1"
    migrations=(_TABLES, _ARRIVALS),
    name="a library of Newsdesk",
    missing="no library here; run `newsdesk index FOLDER` first",
    foreign="move it away, or set NEWSDESK_HOME",
    damaged="move it away and run `newsdesk index` again: articles are read anew from their files",
)
