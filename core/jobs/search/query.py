"""What is searched for: the question of the page Jobs, its facets, and their counts."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field

from core.jobs.records import Job, JobOrder, JobScope
from formats.frozen import Frozen

MAX_TEXT: Final = 500
"""Characters of a search that are read."""


class JobFacet(StrEnum):
    """What jobs are told apart by; the value stands in the page's address."""

    STATE = "state"
    MODE = "kind"
    OWNER = "owner"
    ENDPOINT = "endpoint"
    CHECKPOINT = "model"
    LORA = "lora"
    STYLE = "style"
    TAG = "tag"
    COLLECTION = "collection"


KNOWN_OF_PRIVATE: Final = frozenset({JobFacet.STATE, JobFacet.OWNER, JobFacet.ENDPOINT})
"""What is known of a job that one may not look into: no more is searched or counted."""


class JobQuery(Frozen):
    """Which jobs a list shows, and in which order. Days are UTC, both ends included."""

    scope: JobScope = JobScope.MINE
    text: str = Field("", max_length=MAX_TEXT)
    """Words (their beginnings), `"whole phrases"`, and `-` before what must not be there."""
    choices: Mapping[JobFacet, tuple[str, ...]] = {}
    """The chosen values; a job has to have one of each facet's."""
    first_day: date | None = None
    last_day: date | None = None
    min_pose_score: float | None = Field(None, ge=0, le=1)
    favourites: bool = False
    """Those of who asks alone."""
    in_trash: bool = False
    order: JobOrder = JobOrder.NEWEST
    placed: tuple[str, ...] = ()
    """Ids of jobs that come before all others, in this order: as a collection has them."""

    @property
    def is_narrowed(self) -> bool:
        """Whether it may show fewer than all jobs of its scope."""
        days = self.first_day or self.last_day
        marked = self.favourites or self.min_pose_score is not None
        return bool(self.text.strip() or any(self.choices.values()) or days or marked)

    @property
    def looks_inside(self) -> bool:
        """Whether it asks for what is not known of another's private job."""
        inner = any(
            values for facet, values in self.choices.items() if facet not in KNOWN_OF_PRIVATE
        )
        by_score = self.order is JobOrder.POSE_SCORE or self.min_pose_score is not None
        return bool(self.text.strip() or inner or by_score or self.favourites)


class JobFacets(Frozen):
    """How many jobs there are: all that the query finds, and by each facet's values those that it
    would find with any choice of that facet."""

    found: int = 0
    counts: Mapping[JobFacet, Mapping[str, int]] = {}
    favourites: int = 0


class FoundPage(Frozen):
    """One page of what was found: as the store has each job now; `cursor` asks for the next page.

    `found` counts all pages; None where it is not known.
    """

    jobs: tuple[Job, ...]
    cursor: str | None = None
    found: int | None = None
