"""Owns what a container reports: its running jobs, and the model files that it holds."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import Base64Bytes, Field

from formats.frozen import Tolerant
from formats.keys import JobId, Sha256

MAX_CACHED_FILES: Final = 100
"""Of each tier in a report; the most recently used ones."""


class Stage(StrEnum):
    """What the container is busy with; the value is the word a user reads."""

    FETCHING = "fetching models"
    LOADING = "loading models"
    DRAWING = "drawing"
    SAVING = "saving pictures"


class Progress(Tolerant):
    """How far a running job is. Containers older than 0.2 write `jobs/<id>/progress.json`."""

    id: JobId
    stage: Stage
    step: int = Field(default=0, ge=0)
    """Steps done of `steps`, over all pictures of the job."""
    steps: int = Field(default=0, ge=0)
    bytes_done: int = Field(default=0, ge=0)
    bytes_total: int = Field(default=0, ge=0)
    """Of the model files that are fetched from S3 for the job; 0 where none is, and in what a
    container older than 0.2 writes."""
    at: datetime
    """When it was written, with time zone."""
    preview: Base64Bytes | None = Field(default=None, repr=False)
    """A small WebP of the work so far; None until there is one."""


class Heartbeat(Tolerant):
    """`heartbeats/<instance>.json`: all that one instance runs, written about once a second.

    One object for all jobs of an instance: a PUT costs as much as twelve reads, and one a second
    for each job and its preview would cost a fifth of a GPU instance. It is removed when nothing
    runs any more.
    """

    jobs: tuple[Progress, ...]


class CacheReport(Tolerant):
    """`caches/<instance>.json`: the model files in an instance's memory and on its disk.

    Written when they change, and once an hour as a sign of life; removed when the instance ends.
    """

    endpoint: str
    in_memory: tuple[Sha256, ...] = Field(default=(), max_length=MAX_CACHED_FILES)
    on_disk: tuple[Sha256, ...] = Field(default=(), max_length=MAX_CACHED_FILES)
    at: datetime
    """When it was written, with time zone."""
