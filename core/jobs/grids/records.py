"""The grid record: its axes, their labels, and the job of each cell; the requests lie in S3."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field

from core.jobs.grids.plan import MAX_CELLS, GridPlan
from core.jobs.grids.scripts import GridScript
from core.jobs.records import PROMPT_IN_LIST
from core.records.interface import RecordKind
from formats.frozen import Tolerant
from formats.generation.request import GenerationRequest
from formats.keys import JobId

_LABEL_BYTES: Final = 200
_ALL_LABELS: Final = 40_000
"""Bytes of all labels together, so that a record has room for each of them."""


class GridCell(Tolerant):
    """One cell: its index on each axis, and its job."""

    place: tuple[int, ...]
    job: JobId
    """Chosen before it is sent; another one after a retry."""


class Grid(Tolerant):
    """A grid as its owner asked for it. Times are UTC."""

    id: JobId
    owner: str
    script: GridScript
    prompt: str = Field("", max_length=PROMPT_IN_LIST)
    axes: tuple[str, ...]
    """The names of X, Y and Z; empty where there is one row of prompts."""
    labels: tuple[tuple[str, ...], ...]
    """Of the values of each axis; long ones are cut."""
    cells: Annotated[tuple[GridCell, ...], Field(min_length=1, max_length=MAX_CELLS)]
    """In the order that they are sent."""
    created_at: datetime
    is_sent: bool = False
    """Whether every cell's job was made; what lacks its job then was deleted."""
    problem: str = Field("", max_length=1000)
    """Why not all were."""

    @property
    def size(self) -> tuple[int, ...]:
        """How many values each axis has."""
        return tuple(len(labels) for labels in self.labels)


GRIDS: Final = RecordKind("grid", Grid)
"""Kept under the owner's name and a ULID."""


class GridRequests(Tolerant):
    """What the cells ask for, one for each in their order; written before the first job is made."""

    endpoint: str
    """Or any, as the form had it."""
    requests: tuple[GenerationRequest, ...]


def short_labels(plan: GridPlan) -> tuple[tuple[str, ...], ...]:
    """The labels of a plan, cut to what fits into a record."""
    count = sum(len(labels) for labels in plan.labels)
    most = min(_LABEL_BYTES, _ALL_LABELS // count)
    return tuple(tuple(_cut(label, most) for label in labels) for labels in plan.labels)


def _cut(label: str, most: int) -> str:
    text = " ".join(label.split())
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore") + "…"
