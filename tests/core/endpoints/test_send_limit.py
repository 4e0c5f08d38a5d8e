"""How many jobs an endpoint is handed at once: it never starves, wakes, and scales out."""

from datetime import UTC, datetime
from math import ceil
from typing import Any

import pytest

from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.send_limit import send_limit
from core.endpoints.service import Endpoint, EndpointStatus
from core.settings import Backend, Settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ON_AWS = Settings(
    backend=Backend.AWS,
    endpoint_role="arn:aws:iam::123456789012:role/endpoint",
    image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto:1",
)
CPU, GPU = "ml.m5.large", "ml.g5.xlarge"


def endpoint(**changes: Any) -> Endpoint:
    fields: dict[str, Any] = {
        "name": "team",
        "status": EndpointStatus.IN_SERVICE,
        "instance_type": GPU,
        "instances": 1,
        "desired": 1,
        "accepts_jobs": True,
        "created_at": NOW,
        "changed_at": NOW,
    }
    return Endpoint(**{**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "jobs"),
    [
        ({"instance_type": CPU}, 2),
        ({}, 16),  # a batch of eight runs, and the next one waits
        ({"desired": 3, "instances": 1}, 48),
        ({"desired": 0, "instances": 0}, 16),
        ({"accepts_jobs": False}, 0),
        ({"desired": 0, "instances": 0, "is_held": True}, 0),
        ({"is_asynchronous": False}, 9),
        ({"is_asynchronous": False, "instance_type": CPU, "desired": 2}, 4),
        # more instances may come: what waits is seen by target tracking
        ({"instance_type": CPU, "scaling": ScalingSpec(maximum=3)}, 8),
        ({"instance_type": CPU, "scaling": ScalingSpec(maximum=1)}, 2),
        ({"scaling": ScalingSpec(maximum=3, backlog_target=30)}, 60),
        ({"desired": 3, "scaling": ScalingSpec(maximum=3, backlog_target=30)}, 48),
    ],
)
def test_the_limit(changes: dict[str, Any], jobs: int) -> None:
    assert send_limit(endpoint(**changes), ON_AWS).jobs == jobs


def test_the_embedded_aws_runs_every_type_on_its_cpu() -> None:
    assert send_limit(endpoint(), Settings()).jobs == 2


@pytest.mark.parametrize("instance_type", [CPU, GPU])
@pytest.mark.parametrize("target", [1, 4, 8, 30, 100])
def test_target_tracking_reaches_the_greatest_number(instance_type: str, target: int) -> None:
    """Its rule: the backlog an instance over the target, times the instances, rounded up."""
    spec = ScalingSpec(minimum=0, maximum=10, backlog_target=target)
    instances = 1
    for _ in range(4):
        found = endpoint(instance_type=instance_type, desired=instances, scaling=spec)
        backlog = send_limit(found, ON_AWS).jobs
        instances = min(spec.maximum, ceil(backlog / target))
    assert instances == spec.maximum
