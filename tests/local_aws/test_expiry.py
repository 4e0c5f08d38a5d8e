"""Requests whose time is over, on a local AWS whose clock can be moved."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local_aws.data_folder import DataFolder
from local_aws.launcher import LocalAws
from local_aws.server import Server
from tests.local_aws.conftest import BUCKET, STUB, Cloud, until


class Clock:
    """The time, and what it was moved by."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[tuple[Cloud, Clock]]:
    """A local AWS in this process, so that its clock is in reach."""
    folder, clock = DataFolder(tmp_path), Clock()
    assert folder.lock()
    server = Server(folder, STUB, clock=clock)
    server.start()
    cloud = Cloud(LocalAws(server.connection, None), tmp_path)
    cloud.s3.create_bucket(Bucket=BUCKET)
    yield cloud, clock
    server.close()
    folder.unlock()


def test_a_request_that_waited_too_long_expires(moved: tuple[Cloud, Clock]) -> None:
    cloud, clock = moved
    name = cloud.deploy()
    cloud.scale(name, 0)
    cloud.reach(name, "InService")
    short = cloud.submit(name, {"n": 1}, RequestTTLSeconds=60)
    patient = cloud.submit(name, {"n": 2}, RequestTTLSeconds=600)
    clock.ahead = 61
    assert "expired: it waited longer than its 60 s" in cloud.failure(short)
    assert cloud.object(short["OutputLocation"]) is None
    until(lambda: expired(cloud, name) == 1)
    cloud.scale(name, 1)
    assert cloud.output(patient)["asked"] == {"n": 2}
    assert cloud.begun(name) == 1  # the container never heard of the other


def test_a_container_that_stays_busy_is_given_up(moved: tuple[Cloud, Clock]) -> None:
    cloud, clock = moved
    name = cloud.deploy()
    busy = cloud.submit(name, {"busy": 99}, InvocationTimeoutSeconds=600)
    until(lambda: cloud.begun(name) == 1)
    clock.ahead = 601
    assert "Received server error (503) from primary" in cloud.failure(busy)


def expired(cloud: Cloud, name: str) -> float:
    """The metric that CloudWatch has of it."""
    now = datetime.now(UTC)
    span: Any = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
    points = cloud.cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="ExpiredRequests",
        Period=60,
        Statistics=["Sum"],
        Dimensions=[{"Name": "EndpointName", "Value": name}],
        **span,
    )["Datapoints"]
    return sum(point["Sum"] for point in points)
