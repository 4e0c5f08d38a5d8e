"""Metrics in a container's log are found as CloudWatch finds them (its user guide,
"Specification: Embedded metric format")."""

import json

import pytest

from local_aws.sagemaker.instances.embedded_metrics import EmbeddedMetrics, embedded_metrics

DOCUMENT = {
    "_aws": {
        "Timestamp": 1_764_000_000_500,
        "CloudWatchMetrics": [
            {
                "Namespace": "Contrapposto",
                "Dimensions": [["Endpoint"], ["Endpoint", "Outcome"]],
                "Metrics": [{"Name": "Images", "Unit": "Count"}],
            }
        ],
    },
    "Endpoint": "team",
    "Outcome": "succeeded",
    "Images": 4,
}
LINE = json.dumps(DOCUMENT, separators=(",", ":"))


def test_each_set_of_dimensions_has_the_values() -> None:
    of_endpoint, of_outcome = embedded_metrics(["event=ended", LINE])
    values, time = {"Images": 4.0}, 1_764_000_000.5
    assert of_endpoint == EmbeddedMetrics("Contrapposto", {"Endpoint": "team"}, values, time)
    assert of_outcome.dimensions == {"Endpoint": "team", "Outcome": "succeeded"}


@pytest.mark.parametrize(
    "line", ["", "event=ended job=x", LINE[:-9], LINE.replace("Images", "Other", 1), '{"_aws":1}']
)
def test_another_line_is_skipped(line: str) -> None:
    assert list(embedded_metrics([line])) == []
