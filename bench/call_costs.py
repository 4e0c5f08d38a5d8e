"""What AWS calls cost: each HTTP call classified, and priced as published for us-east-1."""

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from core.jobs.store.dynamodb import table_definition

PRICES: Final = {
    "S3 PUT, LIST": 5.0,
    "S3 GET, HEAD": 0.4,
    "S3 DELETE": 0.0,
    "DynamoDB write unit": 0.625,
    "DynamoDB read unit": 0.125,
    "SQS": 0.4,
    "SNS": 0.5,
    "SageMaker": 0.0,
}
"""Dollars for a million, November 2026; deliveries from SNS to SQS cost nothing, invocations are
paid by the instance's hour."""

_WRITE_BYTES: Final = 1024
_READ_BYTES: Final = 4096
_INDEX_KEYS: Final = tuple(
    index["KeySchema"][0]["AttributeName"]
    for index in table_definition("any")["GlobalSecondaryIndexes"]
    if index["Projection"].get("ProjectionType") == "ALL"
)
_KEYS_ONLY: Final = "changed"
"""The sort key of the index that has only keys: a write moves an item in it, or costs nothing."""


@dataclass
class CallCosts:
    """Counts HTTP calls as a proxy sees them: method, path, operation, body, and the answer."""

    calls: Counter[str] = field(default_factory=Counter)
    """How many of each kind, DynamoDB's by operation."""
    units: Counter[str] = field(default_factory=Counter)
    """What is paid for, by the names in `PRICES`."""
    _keys: dict[str, dict[str, str]] = field(default_factory=dict)
    """The keys in the indexes that each item was last written with."""

    def count(self, text: str, answer: bytes) -> None:
        """One call, which was answered with this body."""
        method, path, operation, body = (text.split(" ", 3) + [""] * 3)[:4]
        if operation.startswith("DynamoDB"):
            asked = json.JSONDecoder().raw_decode(body)[0]  # the proxy's own words come behind it
            self._count_dynamodb(operation.partition(".")[2], asked, answer)
        elif operation.startswith("AmazonSQS"):
            self._add("SQS")
        elif operation.startswith("SageMaker") or path.startswith("/endpoints/"):
            self._add("SageMaker")
        elif "Action=" in body:
            self._add("SNS")
        elif method in {"GET", "HEAD"} and "list-type=2" not in path:
            self._add("S3 GET, HEAD")
        else:
            is_delete = method == "DELETE" or path.endswith("?delete")
            self._add("S3 DELETE" if is_delete else "S3 PUT, LIST")

    def count_s3(self, kind: str, number: int = 1) -> None:
        """Calls that somebody else makes: the container, or SageMaker with the endpoint's role."""
        self._add(kind, number)

    @property
    def s3_and_dynamodb(self) -> int:
        """Calls of the two, whatever they cost."""
        return sum(n for kind, n in self.calls.items() if kind.startswith(("S3", "DynamoDB")))

    @property
    def dollars(self) -> float:
        """What all of it costs."""
        return sum(PRICES[kind] * number for kind, number in self.units.items()) / 1e6

    def table(self, times: float) -> str:
        """The units of so many times as much, a line for each, with their costs."""
        lines = [
            f"{kind:20s} {number * times:10.0f}   ${PRICES[kind] * number * times / 1e6:.4f}"
            for kind, number in sorted(self.units.items())
        ]
        return "\n".join([*lines, f"{'together':20s} {'':10s}   ${self.dollars * times:.4f}"])

    def _add(self, kind: str, number: int = 1) -> None:
        self.calls[kind] += number
        self.units[kind] += number

    def _count_dynamodb(self, operation: str, asked: Any, answer: bytes) -> None:
        self.calls[f"DynamoDB {operation}"] += 1
        if operation == "PutItem":
            self.units["DynamoDB write unit"] += self._write_units(asked["Item"])
        elif operation == "Query":  # eventually consistent: half a unit
            half_units = max(1, math.ceil(len(answer) / _READ_BYTES))
            self.units["DynamoDB read unit"] += math.ceil(half_units / 2)
        else:
            self.units["DynamoDB read unit"] += max(1, math.ceil(len(answer) / _READ_BYTES))

    def _write_units(self, item: dict[str, Any]) -> int:
        """The table and each index that holds the item or held it; where a key changed, the index
        deletes one item and writes another."""
        size: int = sum(len(name) + len(str(value.get("S", ""))) for name, value in item.items())
        keys: dict[str, str] = {
            name: value["S"] for name, value in item.items() if name in (*_INDEX_KEYS, _KEYS_ONLY)
        }
        before = self._keys.get(item["id"]["S"], {})
        self._keys[item["id"]["S"]] = keys
        moved = {name for name, value in keys.items() if before.get(name, value) != value}
        whole = (keys.keys() | before.keys()) - {_KEYS_ONLY}
        written = math.ceil(size / _WRITE_BYTES) * (1 + len(whole) + len(moved - {_KEYS_ONLY}))
        of_keys = (_KEYS_ONLY in moved) * 2 + (_KEYS_ONLY in keys.keys() - before.keys())
        return written + of_keys
