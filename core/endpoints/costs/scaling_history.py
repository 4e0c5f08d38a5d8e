"""Reads the steps in which AWS scaled an endpoint, for a time in which nobody looked."""

import logging
import re
from datetime import datetime
from typing import Final

from core.aws.client import Aws, translate_errors
from core.endpoints.costs.instance_seconds import ScalingStep
from core.endpoints.spec import VARIANT
from core.errors import AwsError
from core.texts import costs as texts

log = logging.getLogger(__name__)

_COUNT: Final = re.compile(r"desired (?:instance )?count to (\d+)")
"""Of an activity's description, `Setting desired instance count to 2.`"""

_MOST: Final = 200
"""AWS keeps the activities of six weeks."""


def scaling_steps(aws: Aws, endpoint: str) -> tuple[ScalingStep, ...]:
    """The latest steps that succeeded. Raises AwsError."""
    with translate_errors(texts.READING_ACTIVITIES_FAILED):
        pages = (
            aws.autoscaling()
            .get_paginator("describe_scaling_activities")
            .paginate(
                ServiceNamespace="sagemaker",
                ResourceId=f"endpoint/{endpoint}/variant/{VARIANT}",
                PaginationConfig={"MaxItems": _MOST},
            )
        )
        activities = [activity for page in pages for activity in page["ScalingActivities"]]
    steps = []
    for activity in activities:
        found = _COUNT.search(activity["Description"])
        if found and activity["StatusCode"] == "Successful":
            at: datetime = activity.get("EndTime", activity["StartTime"])
            steps.append(ScalingStep(at=at, instances=int(found[1])))
    return tuple(steps)


def scaling_steps_or_none(aws: Aws, endpoint: str) -> tuple[ScalingStep, ...]:
    """The same, and none where they can't be read: the time is then estimated."""
    try:
        return scaling_steps(aws, endpoint)
    except AwsError as error:
        log.info("event=scaling_steps_not_read endpoint=%s error=%s", endpoint, error)
        return ()
