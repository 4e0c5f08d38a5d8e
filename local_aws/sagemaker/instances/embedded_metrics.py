"""Reads metrics from log lines in CloudWatch's embedded metric format, as CloudWatch Logs does."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EmbeddedMetrics:
    """The values of one line under one set of dimensions; `time` in Unix seconds."""

    namespace: str
    dimensions: Mapping[str, str]
    values: Mapping[str, float]
    time: float


def embedded_metrics(lines: Iterable[str]) -> Iterator[EmbeddedMetrics]:
    """The metrics of all lines that are in the format; CloudWatch skips others too."""
    for line in lines:
        try:
            found = json.loads(line) if line.startswith('{"_aws":') else None
            yield from _of_document(found) if found else ()
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def _of_document(document: Mapping[str, Any]) -> list[EmbeddedMetrics]:
    about = document["_aws"]
    return [
        EmbeddedMetrics(
            namespace=str(directive["Namespace"]),
            dimensions={name: str(document[name]) for name in names},
            values={m["Name"]: float(document[m["Name"]]) for m in directive["Metrics"]},
            time=about["Timestamp"] / 1000,
        )
        for directive in about["CloudWatchMetrics"]
        for names in directive["Dimensions"]
    ]
