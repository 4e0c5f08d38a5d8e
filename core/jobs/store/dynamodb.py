"""Keeps the job list in one DynamoDB table: the store of the aws backend."""

import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from core.aws.client import Aws, translate_errors
from core.errors import AwsConflict, AwsThrottled
from core.ids import Clock, utc_now
from core.jobs.records import OPEN_STATES, Job, JobFilter, JobPage, JobState
from core.jobs.store.interface import (
    Condition,
    JobChanges,
    OnWrite,
    always,
    check_cursor,
    read_score_cursor,
    score_cursor,
    tell_nobody,
)
from core.records.stored import read_stored
from core.team.permissions import Visibility
from core.texts.jobs import jobs as texts

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, CreateTableInputTypeDef

BY_TIME: Final = "by-time"
BY_OWNER: Final = "by-owner"
BY_STATE: Final = "by-state"
BY_SCORE: Final = "by-score"
BY_VISIBILITY: Final = "by-visibility"
OPEN_JOBS: Final = "open-jobs"
BY_CHANGE: Final = "by-change"
_YES: Final = "1"
"""Marks a job as one of an index with a single key; without the mark it is not in there."""

_SORT_KEYS: Final = ("rank", "changed")
_TRASH: Final = "trash\x1f"
"""Begins the keys of a job in the trash: they are in the same indexes under keys of their own, so
that no list of the others has them or costs more. No name holds such a character."""

_MAX_PAGE_SIZE: Final = 100
_BATCH_WAITS: Final = (0.0, 0.1, 0.3)
"""Seconds before each try for what a batch left out, as AWS does where it is throttled."""

_WHOLE_PAGE: Final = 1000
"""For all open jobs: DynamoDB ends a page at 1 MB, whatever is asked for."""

_OVERLAP: Final = timedelta(minutes=2)
"""Changes are read again for so long: clocks of dashboards differ, and an index follows late."""

_LEASE: Final = "lease"
"""The key of the one item that is no job; it has no attribute of an index."""


@dataclass(frozen=True)
class _Query:
    """One query of an index: its key, a condition on its sort key, and what is filtered."""

    index: str
    key: dict[str, str]
    order: str = ""
    values: dict[str, str] = field(default_factory=dict)
    filters: dict[str, str] = field(default_factory=dict)
    oldest_first: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether everything it reads is wanted."""
        return not self.filters

    def only(self, which: JobFilter) -> Self:
        """The same for one state, owner or visibility only, where the filter names them."""
        wanted = {"owner": which.owner, "state": which.state, "visibility": which.visibility}
        found = {name: str(value) for name, value in wanted.items() if value is not None}
        return replace(self, filters={n: v for n, v in found.items() if n not in self.key})

    def in_trash(self) -> Self:
        """The same of the jobs in the trash."""
        key = {name: _TRASH + value for name, value in self.key.items()}
        filters = {name: _TRASH + value for name, value in self.filters.items()}
        return replace(self, key=key, filters=filters)

    def arguments(self) -> dict[str, Any]:
        """For boto3: every attribute name through a `#`, as some are reserved words."""
        equal = {**self.key, **self.filters}
        names = [*equal, *(name for name in _SORT_KEYS if f"#{name}" in self.order)]
        conditions = [*(f"#{name} = :{name}" for name in self.key), self.order]
        filtered = " AND ".join(f"#{name} = :{name}" for name in self.filters)
        return {
            "IndexName": self.index,
            "ScanIndexForward": self.oldest_first,
            "KeyConditionExpression": " AND ".join(filter(None, conditions)),
            "ExpressionAttributeNames": {f"#{name}": name for name in names},
            "ExpressionAttributeValues": {
                f":{name}": {"S": value} for name, value in {**equal, **self.values}.items()
            },
            **({"FilterExpression": filtered} if filtered else {}),
        }


class DynamoJobStore:
    """JobStore in DynamoDB. The key is the id; `id` is most indexes' sort key, and ULIDs sort by
    time. `is_open` is there only while a job is open, which keeps that index as small as the work
    at hand. `is_scored` and `rank` are there only with a pose score, and `rank` sorts by it.
    `visibility` is there only on what the team may see, so that its index has nothing private.
    Of a job in the trash all of them begin with `_TRASH`, and `rank` is when it was put there.
    `changed` is the minute in which any job was written; its index has the keys alone.

    A page of the list costs one query, however many jobs there are and however old they are.
    """

    def __init__(
        self, aws: Aws, table: str, *, for_pages: bool = False, clock: Clock = utc_now
    ) -> None:
        self._db = aws.dynamodb(for_pages=for_pages)
        self._table = table
        self._clock = clock
        self.on_write: OnWrite = tell_nobody

    def add(self, job: Job) -> bool:
        """Keep a new job. False where its id is kept already."""
        is_new = self._put_if(job, "attribute_not_exists(id)", {})
        if is_new:
            self.on_write(job.id, job)
        return is_new

    def get(self, job_id: str) -> Job | None:
        """One record, or None."""
        body = self._body(job_id)
        return read_stored(Job, body, job_id) if body else None

    def get_many(self, job_ids: Sequence[str]) -> tuple[Job, ...]:
        """Those of up to 100 records that are there, in the order of the ids."""
        found: dict[str, Job] = {}
        keys = [{"id": {"S": job_id}} for job_id in dict.fromkeys(job_ids)]
        left: Any = {self._table: {"Keys": keys}} if keys else {}
        for seconds in _BATCH_WAITS:
            if not left:
                break
            time.sleep(seconds)
            with translate_errors(texts.LISTING_FAILED):
                answer = self._db.batch_get_item(RequestItems=left)
            items = answer["Responses"].get(self._table, [])
            found |= {job.id: job for item in items if (job := _job(item))}
            left = answer["UnprocessedKeys"]
        if left:
            raise AwsThrottled(texts.LISTING_IS_CUT)
        return tuple(found[job_id] for job_id in job_ids if job_id in found)

    def update(
        self,
        job_id: str,
        when: AbstractSet[JobState],
        changes: dict[str, Any],
        only_if: Condition = always,
    ) -> Job | None:
        """Change fields of a job in one of the states `when`; None where it is not.

        The write holds only where nobody else wrote since the read; else both begin anew. What is
        compared is the text that was read: another version may have written it with other fields.
        """
        while body := self._body(job_id):
            job = read_stored(Job, body, job_id)
            if job is None or job.state not in when or not only_if(job):
                return None
            changed = job.with_changes(changes)
            if self._put_if(changed, "body = :was", {":was": {"S": body}}):
                self.on_write(job_id, changed)
                return changed
        return None

    def page(self, which: JobFilter, limit: int = 50, cursor: str | None = None) -> JobPage:
        """Records in the filter's order, those after the job that `cursor` names."""
        if which.is_by_score:
            best = self._by_score(which, limit + 1, cursor)
            more = len(best) > limit
            return JobPage(jobs=best[:limit], cursor=_place(best[limit - 1]) if more else None)
        check_cursor(cursor)
        jobs = self._by_id(which, limit + 1, cursor)
        return JobPage(jobs=jobs[:limit], cursor=jobs[limit - 1].id if len(jobs) > limit else None)

    def open_jobs(self) -> tuple[Job, ...]:
        """All queued and running jobs, oldest first."""
        return self._read(_Query(OPEN_JOBS, {"is_open": _YES}), None)[::-1]

    def trashed_before(self, moment: datetime, limit: int = 100) -> tuple[Job, ...]:
        """Jobs that went into the trash before then, the first first."""
        key, span = {"is_scored": _TRASH + _YES}, {"most": _trash_rank(moment, "")}
        return self._read(_Query(BY_SCORE, key, "#rank < :most", span, oldest_first=True), limit)

    def delete(self, job_id: str) -> bool:
        """Forget a closed job. False where it is gone or still open."""
        try:
            with translate_errors(texts.DELETING_FAILED):
                self._db.delete_item(
                    TableName=self._table,
                    Key={"id": {"S": job_id}},
                    ConditionExpression="attribute_exists(id) AND attribute_not_exists(is_open)",
                )
        except AwsConflict as error:
            if not (error.is_repeated and self._body(job_id) is None):
                return False
        self.on_write(job_id, None)
        return True

    def changes(self, cursor: str = "") -> JobChanges:
        """Jobs that were written since, for two minutes again and again; none that were deleted."""
        since = _minute(self._clock() - _OVERLAP)
        if not cursor:
            return JobChanges((), since)
        query = _Query(BY_CHANGE, {"is_kept": _YES}, "#changed >= :since", {"since": cursor})
        with translate_errors(texts.LISTING_FAILED):
            pages = self._db.get_paginator("query").paginate(
                TableName=self._table, **query.arguments()
            )
            ids = tuple(item["id"]["S"] for page in pages for item in page["Items"])
        return JobChanges(ids, max(cursor, since))

    def lease(self) -> str:
        """Who follows the jobs of this list, or ""."""
        with translate_errors(texts.READING_FAILED):
            answer = self._db.get_item(
                TableName=self._table, Key={"id": {"S": _LEASE}}, ConsistentRead=True
            )
        return answer["Item"]["value"]["S"] if "Item" in answer else ""

    def swap_lease(self, old: str, new: str) -> bool:
        """Put `new` in the place of `old`. False where another value is there by now."""
        is_old = "#value = :old" if old else "attribute_not_exists(id) OR #value = :old"
        try:
            with translate_errors(texts.STORING_FAILED):
                self._db.put_item(
                    TableName=self._table,
                    Item={"id": {"S": _LEASE}, "value": {"S": new}},
                    ConditionExpression=is_old,
                    ExpressionAttributeNames={"#value": "value"},
                    ExpressionAttributeValues={":old": {"S": old}},
                )
        except AwsConflict as error:
            return error.is_repeated and self.lease() == new
        return True

    def close(self) -> None:
        """Let go of the connections."""
        self._db.close()

    def _body(self, job_id: str) -> str | None:
        """The record as it is stored, JSON."""
        with translate_errors(texts.READING_FAILED):
            answer = self._db.get_item(
                TableName=self._table, Key={"id": {"S": job_id}}, ConsistentRead=True
            )
        item = answer.get("Item", {})
        return item["body"]["S"] if "body" in item else None

    def _put_if(self, job: Job, condition: str, values: "dict[str, AttributeValueTypeDef]") -> bool:
        extra: Any = {"ExpressionAttributeValues": values} if values else {}
        try:
            with translate_errors(texts.STORING_FAILED):
                self._db.put_item(
                    TableName=self._table,
                    Item=_item(job, self._clock()),
                    ConditionExpression=condition,
                    **extra,
                )
        except AwsConflict as error:
            # The first of two tries may have been taken, and only its answer lost.
            return error.is_repeated and self._body(job.id) == job.stored
        return True

    def _by_score(self, which: JobFilter, limit: int, cursor: str | None) -> tuple[Job, ...]:
        least = _rank(which.min_pose_score, "")
        if cursor is None:
            query = _Query(BY_SCORE, {"is_scored": _YES}, "#rank >= :least", {"least": least})
            return self._read(query.only(which), limit)
        last = _rank(*read_score_cursor(cursor))
        span = {"least": least, "last": last}
        key = {"is_scored": _YES}
        query = _Query(BY_SCORE, key, "#rank BETWEEN :least AND :last", span)
        found = self._read(query.only(which), limit + 1)
        return tuple(job for job in found if _rank(job.pose_score or 0, job.id) != last)[:limit]

    def _by_id(self, which: JobFilter, limit: int, cursor: str | None) -> tuple[Job, ...]:
        """Newest first, those before the job that `cursor` names."""
        before = ("id < :cursor", {"cursor": cursor}) if cursor else ("", {})
        query = _Query(*_index_for(which), *before).only(which)
        return self._read(query.in_trash() if which.in_trash else query, limit)

    def _read(self, query: "_Query", limit: int | None) -> tuple[Job, ...]:
        """At most `limit`, the highest sort keys first; the pages of DynamoDB are followed."""
        found: list[Job] = []
        size = min(limit, _MAX_PAGE_SIZE) if limit and query.is_exact else _MAX_PAGE_SIZE
        if limit is None:
            size = _WHOLE_PAGE
        with translate_errors(texts.LISTING_FAILED):
            pages = self._db.get_paginator("query").paginate(
                TableName=self._table, PaginationConfig={"PageSize": size}, **query.arguments()
            )
            for page in pages:
                found += [job for item in page["Items"] if (job := _job(item))]
                if limit is not None and len(found) >= limit:
                    break
        return tuple(found[:limit])


def _index_for(which: JobFilter) -> tuple[str, dict[str, str]]:
    """The index that needs the least filtering, and the key to ask it for."""
    if which.owner is not None:
        return BY_OWNER, {"owner": which.owner}
    if which.visibility is not None:
        return BY_VISIBILITY, {"visibility": which.visibility.value}
    if which.state is not None:
        return BY_STATE, {"state": which.state.value}
    return BY_TIME, {"is_job": _YES}


def _item(job: Job, now: datetime) -> "dict[str, AttributeValueTypeDef]":
    keys = {"owner": job.owner, "is_job": _YES, "state": job.state.value}
    if job.visibility is Visibility.TEAM:
        keys["visibility"] = job.visibility.value
    if job.trashed_at:
        keys = {name: _TRASH + key for name, key in (keys | {"is_scored": _YES}).items()}
        keys["rank"] = _trash_rank(job.trashed_at, job.id)
    elif job.pose_score is not None:
        keys |= {"is_scored": _YES, "rank": _rank(job.pose_score, job.id)}
    if job.state in OPEN_STATES:
        keys["is_open"] = _YES
    written = {"is_kept": _YES, "changed": _minute(now)}
    values = {"id": job.id, "body": job.stored, **written, **keys}
    return {name: {"S": value} for name, value in values.items()}


def _minute(time: datetime) -> str:
    """Sorts as text by time. No finer: what is written twice in a minute then stays where it is in
    the index, and only a move is paid for."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def _rank(score: float, job_id: str) -> str:
    """Sorts as text by score (0 to 1), then by id."""
    return f"{score:.9f}:{job_id}"


def _trash_rank(moment: datetime, job_id: str) -> str:
    """Sorts as text by time, then by id."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}:{job_id}"


def _place(job: Job) -> str:
    return score_cursor(job.pose_score or 0.0, job.id)


def _job(item: Any) -> Job | None:
    return read_stored(Job, item["body"]["S"], item["id"]["S"])


def table_definition(table: str) -> "CreateTableInputTypeDef":
    """What CreateTable is asked for: on-demand, with seven indexes."""
    indexes = (
        (BY_TIME, "is_job", "id"),
        (BY_OWNER, "owner", "id"),
        (BY_STATE, "state", "id"),
        (OPEN_JOBS, "is_open", "id"),
        (BY_SCORE, "is_scored", "rank"),
        (BY_VISIBILITY, "visibility", "id"),
        (BY_CHANGE, "is_kept", "changed"),
    )
    names = sorted({"id", *(name for _, *keys in indexes for name in keys)})
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": key, "KeyType": "HASH"},
                    {"AttributeName": order, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY" if index == BY_CHANGE else "ALL"},
            }
            for index, key, order in indexes
        ],
    }
