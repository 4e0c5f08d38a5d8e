"""The job record: what the list knows of a job, and the states that it goes through."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, ConfigDict, Field

from core.team.permissions import Item, Kind, Visibility
from core.team.sharing import MAX_SHARED
from formats.frozen import Tolerant
from formats.generation.parameters import Mode
from formats.generation.result import ErrorCode
from formats.keys import JobId

PROMPT_IN_LIST: Final = 300
"""Characters of the prompt that every version's record keeps; the request in S3 has all of it."""
PROMPT_REST: Final = 1700
"""Characters of a longer prompt that the record keeps too, so that they can be searched."""
NEGATIVE_PROMPT: Final = 1000
"""Characters of the negative prompt. With the rest a record stays below the 4 KB that DynamoDB
counts as one read, unless hardly any of it is ASCII."""

_MAX_MESSAGE: Final = 4096


class JobState(StrEnum):
    """The life of a job; the value is the word a user reads."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the job can still change."""
        return self in OPEN_STATES


OPEN_STATES: Final = frozenset({JobState.QUEUED, JobState.RUNNING})
CLOSED_STATES: Final = frozenset(JobState) - OPEN_STATES

TRASH_DAYS: Final = 30
"""For so long a job in the trash can be restored."""

BEING_DELETED: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""`trashed_at` of a job whose objects are being removed: before every other, so that the next
sweep of the trash goes on where one was cut off."""


class FailureReason(StrEnum):
    """Why a job failed, where the container could not say so itself."""

    NOT_SENT = "not_sent"
    EXPIRED = "expired"
    WORKER_LOST = "worker_lost"
    ENDPOINT_GONE = "endpoint_gone"
    REJECTED = "rejected"


def _cut(message: str) -> str:
    return message if len(message) <= _MAX_MESSAGE else message[: _MAX_MESSAGE - 1] + "…"


Message = Annotated[str, BeforeValidator(_cut)]
"""At most 4,096 characters; AWS's own words may be longer, and are cut."""


class JobFailure(Tolerant):
    """A typed reason and a message that says what to do."""

    code: FailureReason | ErrorCode
    message: Message


class Job(Tolerant):
    """One line of the job list. Times are UTC.

    Records of older versions have more fields, which nobody read; they are ignored.
    """

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    id: JobId
    owner: str
    visibility: Visibility = Visibility.PRIVATE
    shared_with: tuple[str, ...] = Field(default=(), max_length=MAX_SHARED)
    """Names of users who may see it while it is private."""
    endpoint: str
    bucket: str = ""
    """What it reads and writes; empty in the records of older versions: the studio's own."""
    instance_type: str = ""
    """What the endpoint ran on; empty in the records of older versions."""
    routed_because: str = ""
    """Why this endpoint, of a job that was for any; else empty."""
    state: JobState = JobState.QUEUED
    created_at: datetime
    updated_at: datetime

    mode: Mode
    checkpoint: str
    """Empty for an upscale job."""
    prompt: str = Field(max_length=PROMPT_IN_LIST)
    """Its beginning; `prompt_rest` is what follows, and is empty in the records of older versions,
    as is `negative_prompt`."""
    prompt_rest: str = Field("", max_length=PROMPT_REST)
    negative_prompt: str = Field("", max_length=NEGATIVE_PROMPT)
    units: int = 0
    """ControlNet units of the request."""
    loras: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    """Names of files, and of styles of the team; older versions kept none."""

    tags: tuple[str, ...] = ()
    starred_by: tuple[str, ...] = ()
    """Names of the users whose favourite it is."""
    collections: tuple[str, ...] = ()
    """Ids of the collections that it is in."""
    trashed_at: datetime | None = None
    """When it was moved to the trash."""

    stage: str = ""
    step: int = 0
    steps: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    """Of the model files that its instance downloads for it now."""
    has_preview: bool = False
    cancelling: bool = False

    has_priority: bool = False
    """Its owner was an admin when they asked for it."""
    stored_at: datetime | None = None
    """When its inputs and request lay in S3: from then on it waits in the line until it is sent."""
    moved_at: datetime | None = None
    """When its owner moved it before their other jobs in the line."""
    sent_at: datetime | None = None
    """When it was handed to SageMaker; from then on it may be in SageMaker's queue."""
    claimed_by: str = ""
    """The process that hands it to SageMaker; empty once SageMaker has it."""
    started_at: datetime | None = None
    failure_location: str = ""
    image_count: int = Field(default=0, alias="made")
    """Images in S3, known at the end."""
    failure: JobFailure | None = None
    """Of a job that succeeded: why it was called lost before its result came after all."""
    pose_score: float | None = Field(default=None, ge=0, le=1)
    """Mean pose score of the images; None where none was measured."""
    is_redacted: bool = Field(default=False, exclude=True)
    """Whether what its owner keeps private was taken out, see `redacted`; never stored."""

    @property
    def whole_prompt(self) -> str:
        """The prompt as far as the record has it."""
        return self.prompt + self.prompt_rest

    @property
    def is_trashed(self) -> bool:
        """Whether it is in the trash: in no list, and for whoever may restore it alone."""
        return self.trashed_at is not None

    @property
    def is_being_deleted(self) -> bool:
        """Whether nothing brings it back: some of its objects may be gone."""
        return self.trashed_at == BEING_DELETED

    @property
    def is_in_line(self) -> bool:
        """Whether it waits for its turn: all that it needs lies in S3, and it was not sent."""
        is_stored = self.stored_at is not None and self.sent_at is None
        return self.state is JobState.QUEUED and is_stored

    @property
    def is_unstored(self) -> bool:
        """Whether what it needs may not lie in S3 yet: its dashboard stores it, or has stopped."""
        is_waiting = self.stored_at is None and self.sent_at is None
        return self.state is JobState.QUEUED and is_waiting

    @property
    def item(self) -> Item:
        """The job, for the permission check."""
        return Item(
            kind=Kind.JOB,
            owner=self.owner,
            visibility=self.visibility,
            shared_with=self.shared_with,
        )

    @property
    def image_item(self) -> Item:
        """Its images and previews, for the permission check."""
        return self.item.model_copy(update={"kind": Kind.IMAGE})

    @property
    def never_ran(self) -> bool:
        """Whether it ended before an instance began with it, as far as is known."""
        return not self.state.is_open and self.started_at is None and not self.image_count

    @property
    def ran_after_all(self) -> bool:
        """Whether it was called lost, and succeeded."""
        return self.state is JobState.SUCCEEDED and self.failure is not None

    @property
    def stored(self) -> str:
        """The record as it is stored, JSON, without what is as it is in most: a store is paid by
        the kilobyte."""
        return self.model_dump_json(exclude_defaults=True)

    def with_changes(self, changes: Mapping[str, Any]) -> Self:
        """The record with other values for some fields, validated."""
        return self.model_validate({**self.model_dump(by_alias=False), **changes})


def redacted(job: Job) -> Job:
    """What may be known of a job that one may not look into: who, when, in which state, where.

    Made anew of these fields, so that one which is added to the record later is not among them.
    """
    return Job(
        id=job.id,
        owner=job.owner,
        visibility=job.visibility,
        endpoint=job.endpoint,
        state=job.state,
        created_at=job.created_at,
        updated_at=job.updated_at,
        trashed_at=job.trashed_at,
        cancelling=job.cancelling,
        mode=Mode.TXT2IMG,  # every record has one; this tells nothing
        checkpoint="",
        prompt="",
        is_redacted=True,
    )


class JobScope(StrEnum):
    """Whose jobs a list shows; the value is the word a user reads."""

    MINE = "Mine"
    TEAM = "Team"
    """Team-visible jobs of everybody."""
    SHARED = "Shared with me"
    EVERYBODY = "Everybody"
    """All jobs, for whoever looks after the endpoints; private ones are redacted."""


class JobOrder(StrEnum):
    """What stands first in a list; the value is the word a user reads."""

    NEWEST = "Newest first"
    POSE_SCORE = "Best pose first"
    """Only jobs with a pose score; of equal ones the newest first."""


class JobFilter(Tolerant):
    """Which jobs a list shows, and in which order.

    To a store an empty filter is for all jobs; `Jobs` makes owner and visibility of the scope.
    """

    scope: JobScope = JobScope.MINE
    owner: str | None = None
    visibility: Visibility | None = None
    """A store finds those of `TEAM` by an index."""
    state: JobState | None = None
    order: JobOrder = JobOrder.NEWEST
    min_pose_score: float = Field(default=0, ge=0, le=1)
    """The lowest score in a list by pose score."""
    in_trash: bool = False
    """What is in the trash, always the newest job first; else what is not."""

    @property
    def is_by_score(self) -> bool:
        """Whether the best pose stands first."""
        return self.order is JobOrder.POSE_SCORE and not self.in_trash


class JobPage(Tolerant):
    """One page of the list, in its order; `cursor` asks for the next one, None ends the list."""

    jobs: tuple[Job, ...]
    cursor: str | None = None
