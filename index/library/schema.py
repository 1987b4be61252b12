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
# versions: states of articles that were replaced or removed; citations of them still open.
# withdrawn: articles that were removed by hand, and are not to come back by themselves.
# files: what a file was when it was read, so that it is read again only if it changed.
# sources: where articles come from, and how it went the last time.
# entries: the articles of a feed or page, and what each was when it was read.
# hosts: what robots.txt says.
_SOURCES = """
CREATE TABLE versions (
    article_id TEXT NOT NULL, digest TEXT NOT NULL, path TEXT NOT NULL, fields TEXT NOT NULL,
    text TEXT NOT NULL, replaced REAL NOT NULL, PRIMARY KEY (article_id, digest)
);
CREATE TABLE withdrawn (article_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, changed INTEGER NOT NULL, digest TEXT NOT NULL,
    rules TEXT NOT NULL, settled INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sources (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, place TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL DEFAULT '', url TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '',
    modified TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '',
    added REAL NOT NULL DEFAULT 0, tried REAL NOT NULL DEFAULT 0, success REAL NOT NULL DEFAULT 0,
    changed REAL NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL DEFAULT 0,
    retired TEXT NOT NULL DEFAULT ''
);
CREATE TABLE entries (
    source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    entry TEXT NOT NULL, article_id TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (source_id, entry)
) WITHOUT ROWID;
CREATE INDEX entries_article ON entries (article_id);
CREATE TABLE hosts (origin TEXT PRIMARY KEY, robots TEXT NOT NULL, until REAL NOT NULL)
    WITHOUT ROWID;
"""
# When the library got an article; 0 for one that came before that was noted.
_ARRIVALS = """
ALTER TABLE articles ADD COLUMN added REAL NOT NULL DEFAULT 0;
CREATE INDEX articles_added ON articles (added);
"""
# texts: for each article that was compared with the others its number, which is never given again,
# the story that it is of, and the bands of its signature; bands: which article has one.
_STORIES = """
CREATE TABLE texts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL UNIQUE REFERENCES articles (id) ON DELETE CASCADE,
    story INTEGER NOT NULL, bands BLOB NOT NULL
);
CREATE INDEX texts_story ON texts (story);
CREATE TABLE bands (band INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (band, number))
    WITHOUT ROWID;
"""
LIBRARY = Schema(
    file=FILE,
    application=0x4E577331,  # "NWs1"
    migrations=(_TABLES, _SOURCES, _ARRIVALS, _STORIES),
    name="a library of Newsdesk",
    missing="no library here; run `newsdesk index FOLDER` first",
    foreign="move it away, or set NEWSDESK_HOME",
    damaged="move it away and run `newsdesk index` again: articles are read anew from their files",
)
