"""Keeps records in one DynamoDB table: the store of the aws backend."""

from typing import TYPE_CHECKING, Any, Final

from core.aws.client import Aws, translate_errors
from core.errors import AwsConflict, Conflict
from core.ids import NewId, new_id
from core.records.interface import (
    Record,
    RecordKind,
    RecordPage,
    V,
    body_of,
    check_key,
)
from core.records.paging import Place, bounds, read_cursor
from core.records.stored import read_stored
from core.texts import records as texts

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, CreateTableInputTypeDef

BY_KIND: Final = "by-kind"


class DynamoRecordStore:
    """RecordStore in DynamoDB: `pk` is kind and owner, `sk` the id. The index by kind lists all
    owners' records of a kind, in the order of `place`.

    A version names one write, so that a write whose answer was lost is known again.
    """

    def __init__(
        self, aws: Aws, table: str, new_version: NewId = new_id, *, for_pages: bool = False
    ) -> None:
        self._db = aws.dynamodb(for_pages=for_pages)
        self._table = table
        self._new_version = new_version

    def add(self, kind: RecordKind[V], owner: str, record_id: str, value: V) -> Record[V]:
        """Store a new value. Raises Conflict, InvalidInput."""
        check_key(owner, record_id)
        version = self._new_version()
        record: Record[V] = Record(
            kind=kind.name, owner=owner, id=record_id, version=version, value=value
        )
        if not self._put_if(record, "attribute_not_exists(pk)", {}):
            raise Conflict(texts.exists(kind.name, record_id))
        return record

    def get(self, kind: RecordKind[V], owner: str, record_id: str) -> Record[V] | None:
        """One record, or None."""
        item = self._item(kind.name, owner, record_id)
        return _record(kind, item) if item else None

    def replace(self, record: Record[V], value: V) -> Record[V]:
        """Store another value in its place. Raises Conflict, InvalidInput."""
        changed = record.model_copy(update={"version": self._new_version(), "value": value})
        if not self._put_if(changed, "version = :was", {":was": {"S": record.version}}):
            raise Conflict(texts.has_changed(record.kind, record.id))
        return changed

    def delete(self, record: Record[V]) -> None:
        """Forget a record; one that is gone is no error. Raises Conflict."""
        try:
            with translate_errors(texts.DELETING_FAILED):
                self._db.delete_item(
                    TableName=self._table,
                    Key=_key(record.kind, record.owner, record.id),
                    ConditionExpression="attribute_not_exists(pk) OR version = :was",
                    ExpressionAttributeValues={":was": {"S": record.version}},
                )
        except AwsConflict as error:
            raise Conflict(texts.has_changed(record.kind, record.id)) from error

    def page(
        self,
        kind: RecordKind[V],
        owner: str | None = None,
        prefix: str = "",
        limit: int = 50,
        cursor: str | None = None,
    ) -> RecordPage[V]:
        """Records of one owner, or of all, the highest id first."""
        last = read_cursor(cursor, owner, prefix)
        if owner is None:
            order = bounds(prefix, last and last.key)
            query = _query({"kind": kind.name}, "place", order) | {"IndexName": BY_KIND}
        else:
            order = bounds(prefix, last and last.id)
            query = _query({"pk": _partition(kind.name, owner)}, "sk", order)
        items = [item for item in self._read(query, limit + 2) if _place(item) != last]
        found = (_record(kind, item) for item in items[:limit])
        return RecordPage(
            records=tuple(record for record in found if record),
            cursor=_place(items[limit - 1]).key if len(items) > limit else None,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._db.close()

    def _item(self, kind: str, owner: str, record_id: str) -> Any:
        with translate_errors(texts.READING_FAILED):
            answer = self._db.get_item(
                TableName=self._table, Key=_key(kind, owner, record_id), ConsistentRead=True
            )
        return answer.get("Item")

    def _put_if(
        self, record: Record[V], condition: str, values: "dict[str, AttributeValueTypeDef]"
    ) -> bool:
        extra: Any = {"ExpressionAttributeValues": values} if values else {}
        item = _item_of(record)
        try:
            with translate_errors(texts.STORING_FAILED):
                self._db.put_item(
                    TableName=self._table, Item=item, ConditionExpression=condition, **extra
                )
        except AwsConflict as error:
            # The first of two tries may have been taken, and only its answer lost.
            stored = self._item(record.kind, record.owner, record.id) if error.is_repeated else None
            return bool(stored and stored["version"]["S"] == record.version)
        return True

    def _read(self, query: dict[str, Any], limit: int) -> list[Any]:
        """At most `limit` items; DynamoDB ends an answer at 1 MB, and is asked on."""
        found: list[Any] = []
        with translate_errors(texts.LISTING_FAILED):
            pages = self._db.get_paginator("query").paginate(
                TableName=self._table, PaginationConfig={"PageSize": limit}, **query
            )
            for page in pages:
                found += page["Items"]
                if len(found) >= limit:
                    break
        return found[:limit]


def _partition(kind: str, owner: str) -> str:
    return f"{kind}/{owner}"


def _key(kind: str, owner: str, record_id: str) -> "dict[str, AttributeValueTypeDef]":
    return {"pk": {"S": _partition(kind, owner)}, "sk": {"S": record_id}}


def _item_of(record: Record[V]) -> "dict[str, AttributeValueTypeDef]":
    return {
        **_key(record.kind, record.owner, record.id),
        "kind": {"S": record.kind},
        "owner": {"S": record.owner},
        "place": {"S": Place(record.id, record.owner).key},
        "version": {"S": record.version},
        "body": {"S": body_of(record.kind, record.value)},
    }


def _query(key: dict[str, str], order: str, span: tuple[str, str]) -> dict[str, Any]:
    """A query of a partition, the highest sort keys first; names go through a `#`, as some are
    reserved words."""
    (partition, value), (least, most) = next(iter(key.items())), span
    return {
        "ScanIndexForward": False,
        "KeyConditionExpression": "#partition = :partition AND #order BETWEEN :least AND :most",
        "ExpressionAttributeNames": {"#partition": partition, "#order": order},
        "ExpressionAttributeValues": {
            ":partition": {"S": value},
            ":least": {"S": least},
            ":most": {"S": most},
        },
    }


def _place(item: Any) -> Place:
    return Place(item["sk"]["S"], item["owner"]["S"])


def _record(kind: RecordKind[V], item: Any) -> Record[V] | None:
    owner, record_id = item["owner"]["S"], item["sk"]["S"]
    value = read_stored(kind.model, item["body"]["S"], f"{owner}/{record_id}")
    if value is None:
        return None
    return Record(
        kind=kind.name, owner=owner, id=record_id, version=item["version"]["S"], value=value
    )


def records_table_definition(table: str) -> "CreateTableInputTypeDef":
    """What CreateTable is asked for: on-demand, with one index."""
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "kind", "place")
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": BY_KIND,
                "KeySchema": [
                    {"AttributeName": "kind", "KeyType": "HASH"},
                    {"AttributeName": "place", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }
