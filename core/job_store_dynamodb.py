"""Keeps the job list in one DynamoDB table: the store of the aws backend."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from core.aws import Aws, translated
from core.errors import AwsConflict
from core.ids import Clock, created_at
from core.job_store import check_cursor
from core.records import OPEN_STATES, Job, JobFilter, JobPage, JobState

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, CreateTableInputTypeDef

BY_MONTH: Final = "by-month"
BY_OWNER: Final = "by-owner"
OPEN_JOBS: Final = "open-jobs"
_FIRST_MONTH: Final = "2026-01"
"""No job is older; the walk back through the months ends here."""

_IS_OPEN: Final = "1"


class DynamoJobStore:
    """JobStore in DynamoDB. The key is the id; `id` is each index's sort key, and ULIDs sort by
    time. `month` spreads the list over partitions; `is_open` is there only while a job is open,
    which keeps that index as small as the work at hand."""

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
        """Records newest first, those after the job that `cursor` names."""
        check_cursor(cursor)
        if which.owner is None:
            found = self._by_month(which, limit + 1, cursor)
        else:
            key = ("owner", which.owner)
            found = self._query(BY_OWNER, key, which.state, limit + 1, cursor)
        jobs = tuple(found)
        return JobPage(jobs=jobs[:limit], cursor=jobs[limit - 1].id if len(jobs) > limit else None)

    def open_jobs(self) -> tuple[Job, ...]:
        """All queued and running jobs, oldest first."""
        found = self._query(OPEN_JOBS, ("is_open", _IS_OPEN), None, None, None)
        return tuple(reversed(found))

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

    def _by_month(self, which: JobFilter, limit: int, cursor: str | None) -> list[Job]:
        """Walk back through the months until the page is full; mostly the first fills it."""
        at = created_at(cursor) if cursor else self._clock() + timedelta(days=1)
        found: list[Job] = []
        while len(found) < limit and _month(at) >= _FIRST_MONTH:
            key = ("month", _month(at))
            found += self._query(BY_MONTH, key, which.state, limit - len(found), cursor)
            at = at.replace(day=1) - timedelta(days=1)
        return found

    def _query(
        self,
        index: str,
        key: tuple[str, str],
        state: JobState | None,
        limit: int | None,
        cursor: str | None,
    ) -> list[Job]:
        """Newest first, at most `limit`; the pages of DynamoDB are followed."""
        arguments = self._arguments(index, key, state, cursor)
        found: list[Job] = []
        with translated("Listing the jobs"):
            for page in self._db.get_paginator("query").paginate(**arguments):
                found += [_job(item) for item in page["Items"]]
                if limit is not None and len(found) >= limit:
                    return found[:limit]
        return found

    def _arguments(
        self, index: str, key: tuple[str, str], state: JobState | None, cursor: str | None
    ) -> dict[str, Any]:
        name, value = key
        values: dict[str, Any] = {":key": {"S": value}}
        names = {"#key": name}
        arguments: dict[str, Any] = {"KeyConditionExpression": "#key = :key"}
        if cursor:
            values[":cursor"] = {"S": cursor}
            arguments["KeyConditionExpression"] += " AND id < :cursor"
        if state:
            values[":state"], names["#state"] = {"S": state.value}, "state"
            arguments["FilterExpression"] = "#state = :state"
        return {
            "TableName": self._table, "IndexName": index, "ScanIndexForward": False,
            "ExpressionAttributeNames": names, "ExpressionAttributeValues": values,
            "PaginationConfig": {"PageSize": 100}, **arguments,
        }  # fmt: skip


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
    return item


def _job(item: Any) -> Job:
    return Job.model_validate_json(item["body"]["S"])


def table_definition(table: str) -> "CreateTableInputTypeDef":
    """What CreateTable is asked for: on-demand, three indexes, each sorted by id."""
    keys = ("month", "owner", "is_open")
    indexes = (BY_MONTH, BY_OWNER, OPEN_JOBS)
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("id", *keys)
        ],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": key, "KeyType": "HASH"},
                    {"AttributeName": "id", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, key in zip(indexes, keys, strict=True)
        ],
    }
