"""The object store: immutable files on disk, and their index in SQLite."""
