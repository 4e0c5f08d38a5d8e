"""Keeps the job list in one DynamoDB table: the store of the aws backend."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from core.aws import Aws, translated
from core.errors import AwsConflict
from core.ids import Clock, created_at
from core.job_store import check_cursor, read_score_cursor, score_cursor
from core.records import OPEN_STATES, Job, JobFilter, JobOrder, JobPage, JobState

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, CreateTableInputTypeDef

BY_MONTH: Final = "by-month"
BY_OWNER: Final = "by-owner"
BY_SCORE: Final = "by-score"
OPEN_JOBS: Final = "open-jobs"
_FIRST_MONTH: Final = "2026-01"
"""No job is older; the walk back through the months ends here."""

_IS_OPEN: Final = "1"
_IS_SCORED: Final = "1"


@dataclass(frozen=True)
class _Query:
    """One query of an index: its key, a condition on its sort key, and what is filtered."""

    index: str
    key: dict[str, str]
    order: str = ""
    values: dict[str, str] = field(default_factory=dict)
    filters: dict[str, str] = field(default_factory=dict)

    def only(self, which: JobFilter) -> Self:
        """The same for one state or one owner only, where the filter names them."""
        wanted = {"owner": which.owner, "state": which.state}
        found = {name: str(value) for name, value in wanted.items() if value is not None}
        return replace(self, filters={n: v for n, v in found.items() if n not in self.key})

    def arguments(self) -> dict[str, Any]:
        """For boto3: every attribute name through a `#`, as some are reserved words."""
        equal = {**self.key, **self.filters}
        names = [*equal, *(["rank"] if "#rank" in self.order else [])]
        conditions = [*(f"#{name} = :{name}" for name in self.key), self.order]
        filtered = " AND ".join(f"#{name} = :{name}" for name in self.filters)
        return {
            "IndexName": self.index, "ScanIndexForward": False,
            "KeyConditionExpression": " AND ".join(filter(None, conditions)),
            "ExpressionAttributeNames": {f"#{name}": name for name in names},
            "ExpressionAttributeValues": {
                f":{name}": {"S": value} for name, value in {**equal, **self.values}.items()
            },
            "PaginationConfig": {"PageSize": 100},
            **({"FilterExpression": filtered} if filtered else {}),
        }  # fmt: skip


class DynamoJobStore:
    """JobStore in DynamoDB. The key is the id; `id` is most indexes' sort key, and ULIDs sort by
    time. `month` spreads the list over partitions; `is_open` is there only while a job is open,
    which keeps that index as small as the work at hand. `is_scored` and `rank` are there only
    with a pose score, and `rank` sorts by it."""

    def __init__(self, aws: Aws, table: str, clock: Clock) -> None:
        self._db = aws.dynamodb()
        self._table = table
        self._clock = clock

    def add(self, job: Job) -> bool:
        """Keep a new job. False where its id is kept already."""
        return self._put(job, "attribute_not_exists(id)", {})

    def get(self, job_id: str) -> Job | None:
        """One record, or None."""
        with translated("Reading the job"):
            answer = self._db.get_item(
                TableName=self._table, Key={"id": {"S": job_id}}, ConsistentRead=True
            )
        return _job(answer["Item"]) if "Item" in answer else None

    def update(
        self, job_id: str, when: AbstractSet[JobState], changes: dict[str, Any]
    ) -> Job | None:
        """Change fields of a job in one of the states `when`; None where it is not.

        The write holds only where nobody else wrote since the read; else both begin anew.
        """
        while (job := self.get(job_id)) is not None and job.state in when:
            changed = Job.model_validate({**job.model_dump(), **changes})
            unchanged: dict[str, AttributeValueTypeDef] = {":was": {"S": job.model_dump_json()}}
            if self._put(changed, "body = :was", unchanged):
                return changed
        return None

    def page(self, which: JobFilter, limit: int = 50, cursor: str | None = None) -> JobPage:
        """Records in the filter's order, those after the job that `cursor` names."""
        if which.order is JobOrder.POSE_SCORE:
            best = self._by_score(which, limit + 1, cursor)
            more = len(best) > limit
            return JobPage(
                jobs=best[:limit], cursor=score_cursor(best[limit - 1]) if more else None
            )
        check_cursor(cursor)
        if which.owner is None:
            jobs = self._by_month(which, limit + 1, cursor)
        else:
            jobs = self._by_id(BY_OWNER, {"owner": which.owner}, which, limit + 1, cursor)
        return JobPage(jobs=jobs[:limit], cursor=jobs[limit - 1].id if len(jobs) > limit else None)

    def open_jobs(self) -> tuple[Job, ...]:
        """All queued and running jobs, oldest first."""
        return self._read(_Query(OPEN_JOBS, {"is_open": _IS_OPEN}), None)[::-1]

    def delete(self, job_id: str) -> bool:
        """Forget a closed job. False where it is gone or still open."""
        try:
            with translated("Deleting the job"):
                self._db.delete_item(
                    TableName=self._table,
                    Key={"id": {"S": job_id}},
                    ConditionExpression="attribute_exists(id) AND attribute_not_exists(is_open)",
                )
        except AwsConflict:
            return False
        return True

    def close(self) -> None:
        """Let go of the connections."""
        self._db.close()

    def _put(self, job: Job, condition: str, values: "dict[str, AttributeValueTypeDef]") -> bool:
        extra: Any = {"ExpressionAttributeValues": values} if values else {}
        try:
            with translated("Storing the job"):
                self._db.put_item(
                    TableName=self._table, Item=_item(job), ConditionExpression=condition, **extra
                )
        except AwsConflict:
            return False
        return True

    def _by_month(self, which: JobFilter, limit: int, cursor: str | None) -> tuple[Job, ...]:
        """Walk back through the months until the page is full; mostly the first fills it."""
        at = created_at(cursor) if cursor else self._clock() + timedelta(days=1)
        found: tuple[Job, ...] = ()
        while len(found) < limit and _month(at) >= _FIRST_MONTH:
            key = {"month": _month(at)}
            found += self._by_id(BY_MONTH, key, which, limit - len(found), cursor)
            at = at.replace(day=1) - timedelta(days=1)
        return found

    def _by_score(self, which: JobFilter, limit: int, cursor: str | None) -> tuple[Job, ...]:
        least = _rank(which.min_pose_score, "")
        if cursor is None:
            query = _Query(BY_SCORE, {"is_scored": _IS_SCORED}, "#rank >= :least", {"least": least})
            return self._read(query.only(which), limit)
        last = _rank(*read_score_cursor(cursor))
        span = {"least": least, "last": last}
        key = {"is_scored": _IS_SCORED}
        query = _Query(BY_SCORE, key, "#rank BETWEEN :least AND :last", span)
        found = self._read(query.only(which), limit + 1)
        return tuple(job for job in found if _rank(job.pose_score or 0, job.id) != last)[:limit]

    def _by_id(
        self, index: str, key: dict[str, str], which: JobFilter, limit: int, cursor: str | None
    ) -> tuple[Job, ...]:
        """Newest first, those before the job that `cursor` names."""
        before = ("id < :cursor", {"cursor": cursor}) if cursor else ("", {})
        return self._read(_Query(index, key, *before).only(which), limit)

    def _read(self, query: "_Query", limit: int | None) -> tuple[Job, ...]:
        """At most `limit`, the highest sort keys first; the pages of DynamoDB are followed."""
        found: list[Job] = []
        with translated("Listing the jobs"):
            pages = self._db.get_paginator("query").paginate(
                TableName=self._table, **query.arguments()
            )
            for page in pages:
                found += [_job(item) for item in page["Items"]]
                if limit is not None and len(found) >= limit:
                    break
        return tuple(found[:limit])


def _month(at: datetime) -> str:
    return f"{at:%Y-%m}"


def _item(job: Job) -> "dict[str, AttributeValueTypeDef]":
    item: dict[str, AttributeValueTypeDef] = {
        "id": {"S": job.id},
        "owner": {"S": job.owner},
        "month": {"S": _month(created_at(job.id))},
        "state": {"S": job.state.value},
        "body": {"S": job.model_dump_json()},
    }
    if job.state in OPEN_STATES:
        item["is_open"] = {"S": _IS_OPEN}
    if job.pose_score is not None:
        item |= {"is_scored": {"S": _IS_SCORED}, "rank": {"S": _rank(job.pose_score, job.id)}}
    return item


def _rank(score: float, job_id: str) -> str:
    """Sorts as text by score (0 to 1), then by id."""
    return f"{score:.9f}:{job_id}"


def _job(item: Any) -> Job:
    return Job.model_validate_json(item["body"]["S"])


def table_definition(table: str) -> "CreateTableInputTypeDef":
    """What CreateTable is asked for: on-demand, with four indexes."""
    indexes = (
        (BY_MONTH, "month", "id"), (BY_OWNER, "owner", "id"), (OPEN_JOBS, "is_open", "id"),
        (BY_SCORE, "is_scored", "rank"),
    )  # fmt: skip
    names = ("id", "month", "owner", "is_open", "is_scored", "rank")
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
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, key, order in indexes
        ],
    }
