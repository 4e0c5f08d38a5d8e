"""The tables of the index: one row a job, one for each of its marks, and the full text."""

from typing import Final

VERSION: Final = "1"
"""An index of another version is made anew."""

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL,
    visibility TEXT NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL, endpoint TEXT NOT NULL,
    model TEXT NOT NULL, score REAL, is_trashed INTEGER NOT NULL, digest BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS by_owner ON jobs (owner, is_trashed, id);
CREATE INDEX IF NOT EXISTS by_visibility ON jobs (visibility, is_trashed, id);
CREATE INDEX IF NOT EXISTS by_trash ON jobs (is_trashed, id);
CREATE TABLE IF NOT EXISTS marks (
    name TEXT NOT NULL, value TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (name, value, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_number ON marks (number);
CREATE VIRTUAL TABLE IF NOT EXISTS texts USING fts5 (
    prompt, negative, model, tag, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
"""
"""`digest` is of the record as it was stored: one that is read again is not written again. `marks`
has what a job may have many of (LoRAs, styles, tags, collections), whom it is shared with, whose
favourite it is. Columns and marks are named as the values of `JobFacet`."""

TABLES: Final = ("state", "jobs", "marks", "texts")
