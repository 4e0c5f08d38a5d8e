"""Steps of scaling as AWS tells them, and none where it does not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from core.aws.client import Aws
from core.endpoints.costs.instance_seconds import ScalingStep
from core.endpoints.costs.scaling_history import scaling_steps_or_none
from tests.support.faulty_aws import Answer, Call, Fault, FaultyAws, refuse

START = 1795348800.0
AT = datetime.fromtimestamp(START, UTC)


def activity(description: str, status: str = "Successful", **changes: Any) -> dict[str, Any]:
    """One of DescribeScalingActivities, with the fields of AWS's documents."""
    return {
        "ActivityId": "03d2ef29-8de6-4a80-8cf1-3a3e3f1a5f2b",
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/team/variant/main",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "Description": description,
        "Cause": "monitor alarm team-wake in state ALARM triggered policy wake",
        "StartTime": START - 120,
        "EndTime": START,
        "StatusCode": status,
        **changes,
    }


def answer(*activities: dict[str, Any]) -> Fault:
    body = json.dumps({"ScalingActivities": activities}).encode()

    def fault(call: Call) -> Answer:
        assert '"ResourceId": "endpoint/team/variant/main"' in call.text
        return Answer(200, body, (("Content-Type", "application/x-amz-json-1.1"),))

    return fault


@pytest.mark.parametrize(
    ("fault", "steps"),
    [
        (
            answer(
                activity("Setting desired instance count to 2."),
                activity("Setting desired count to 0."),
                activity("Setting desired instance count to 5.", "Failed"),
                activity("Setting min capacity to 1 and max capacity to 3"),
            ),
            (ScalingStep(at=AT, instances=2), ScalingStep(at=AT, instances=0)),
        ),
        (answer(), ()),
        (refuse(400, "AccessDeniedException"), ()),
        (refuse(400, "ValidationException"), ()),
    ],
)
def test_the_steps_that_succeeded(
    account: FaultyAws, aws: Aws, fault: Fault, steps: tuple[ScalingStep, ...]
) -> None:
    account.faults["DescribeScalingActivities"] = fault
    assert scaling_steps_or_none(aws, "team") == steps
