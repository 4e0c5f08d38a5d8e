"""Owns what the container reports while a job runs."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from formats.frozen import Tolerant
from formats.keys import JobId


class Stage(StrEnum):
    """What the container is busy with; the value is the word a user reads."""

    FETCHING = "fetching models"
    LOADING = "loading models"
    DRAWING = "drawing"
    SAVING = "saving pictures"


class Progress(Tolerant):
    """`jobs/<id>/progress.json`: the heartbeat of a running job, written about once a second."""

    id: JobId
    stage: Stage
    step: int = Field(default=0, ge=0)
    """Steps done of `steps`, over all pictures of the job."""
    steps: int = Field(default=0, ge=0)
    at: datetime
    """When it was written, with time zone."""
