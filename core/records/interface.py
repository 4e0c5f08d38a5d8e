"""The interface of the records' stores, which SQLite and DynamoDB implement alike."""

import re
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from pydantic import BaseModel

from core.errors import InvalidInput
from core.texts import records as texts
from formats.frozen import Frozen

MAX_RECORD_BYTES: Final = 100_000
"""Of one value as JSON. What is larger is an object in S3, which the record names."""

_KEY: Final = re.compile(r"[^\x00-\x1f\x7f]{1,256}")

V = TypeVar("V", bound=BaseModel)


@dataclass(frozen=True)
class RecordKind(Generic[V]):
    """A kind of record: the name that it is stored under, and the model of its values.

    The model ignores fields that it does not know, as a newer version may have written it.
    """

    name: str
    model: type[V]


class Record(Frozen, Generic[V]):
    """A value as it was read; `version` is another after each write."""

    kind: str
    owner: str
    id: str
    version: str
    value: V


class RecordPage(Frozen, Generic[V]):
    """One page of a list; `cursor` asks for the next one, None ends the list."""

    records: tuple[Record[V], ...]
    cursor: str | None = None


class RecordStore(Protocol):
    """Stores values of many kinds, each under its kind, its owner and an id of the caller's.

    Every write holds only where nobody else wrote since the value was read: of two dashboards
    one wins, and the other gets Conflict. A value that this version can't read, as a newer one
    wrote it, is in no list, and a line in the log names it.
    """

    def add(self, kind: RecordKind[V], owner: str, record_id: str, value: V) -> Record[V]:
        """Store a new value. Raises Conflict where there is one, InvalidInput for a bad key or
        for more than `MAX_RECORD_BYTES`."""
        ...

    def get(self, kind: RecordKind[V], owner: str, record_id: str) -> Record[V] | None:
        """One record, or None."""
        ...

    def replace(self, record: Record[V], value: V) -> Record[V]:
        """Store another value in its place.

        Raises Conflict where it is gone or was written since it was read, InvalidInput for more
        than `MAX_RECORD_BYTES`.
        """
        ...

    def delete(self, record: Record[V]) -> None:
        """Forget a record; one that is gone is no error. Raises Conflict where it was written
        since it was read."""
        ...

    def page(
        self,
        kind: RecordKind[V],
        owner: str | None = None,
        prefix: str = "",
        limit: int = 50,
        cursor: str | None = None,
    ) -> RecordPage[V]:
        """Records of one owner, or of all, whose id begins with `prefix`; the highest id first,
        which is the newest where ids are ULIDs or dates. A page costs one query.

        Raises InvalidInput for a cursor that this list did not give.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


def check_key(owner: str, record_id: str) -> None:
    """Raise InvalidInput for an owner or id that is empty, too long, or has control characters."""
    if not (_KEY.fullmatch(owner) and _KEY.fullmatch(record_id)):
        raise InvalidInput(texts.KEY_RULE, "id")


def body_of(kind: str, value: BaseModel) -> str:
    """A value as it is stored, JSON. Raises InvalidInput where it is too large."""
    body = value.model_dump_json()
    size = len(body.encode())
    if size > MAX_RECORD_BYTES:
        raise InvalidInput(texts.too_large(kind, size, MAX_RECORD_BYTES))
    return body
