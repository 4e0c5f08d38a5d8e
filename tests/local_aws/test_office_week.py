"""A simulated week of an office's endpoint: the hours that are billed, against always-on.

The objects are those that the service layer registers over HTTP; the scaler of the embedded AWS
evaluates them with a clock that is moved by a minute a step. Instances and jobs are counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.endpoints.scaling.account import ScalingObjects
from core.endpoints.scaling.spec import OfficeHours, ScalingSpec, Weekday
from core.endpoints.scaling.writer import ScalingWriter
from local_aws.autoscaling.alarms import CloudWatchAlarms
from local_aws.autoscaling.scaler import Scaler
from local_aws.autoscaling.service import ApplicationAutoScaling
from local_aws.document_store import DocumentStore
from local_aws.moto_services import MotoServices
from local_aws.sagemaker.endpoint_runtime import EndpointLoad
from local_aws.sagemaker.endpoints import EndpointManager
from local_aws.sagemaker.instances.deployment import Deployment
from tests.local_aws.conftest import Cloud

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = 7 * 24 * 60
START_MINUTES = 6
JOBS_A_MINUTE = 3
KINDS = ("scalable-target", "scaling-policy", "scheduled-action", "alarm")

OFFICE = OfficeHours(days=tuple(Weekday)[:5], start=time(8), end=time(18), timezone="Europe/Berlin")


@dataclass
class Fleet:
    """The instances and jobs of one endpoint, as `EndpointRuntime` tells the scaler of them."""

    name: str
    deployment: Deployment
    status: str = "InService"
    starting: list[int] = field(default_factory=list)
    """Minutes until each starting instance serves."""
    waits: list[int] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)
    """The minutes at which the waiting jobs came."""
    billed_minutes: int = 0
    processed: int = 0

    @property
    def desired(self) -> int:
        variant = self.deployment.variant("main")
        assert variant
        return variant.desired

    def load(self) -> EndpointLoad:
        healthy = self.desired - len(self.starting)
        return EndpointLoad(len(self.queue), self.desired, healthy, self.processed)

    def rescale(self, counts: dict[str, int], _weights: dict[str, float]) -> bool:
        more = counts["main"] - self.desired
        self.deployment = self.deployment.with_counts(counts)
        self.starting += [START_MINUTES] * more
        del self.starting[self.desired :]
        return True

    def find(self, _name: str) -> "Fleet":
        return self

    def all(self) -> list["Fleet"]:
        return [self]

    def pass_minute(self, minute: int) -> None:
        """Bill every instance, also one that starts; serve what waits."""
        self.billed_minutes += self.desired
        self.starting = [left - 1 for left in self.starting if left > 1]
        served = (self.desired - len(self.starting)) * JOBS_A_MINUTE
        self.processed += len(self.queue[:served])
        self.waits += [minute - came for came in self.queue[:served]]
        del self.queue[:served]


def jobs_of_the_week() -> Iterator[int]:
    """On weekdays a job every two minutes from 9:00 to 12:00 and from 13:30 to 17:00, 20 at once
    at 10:00, and on Saturday one at 11:00."""
    for day in range(5):
        midnight = day * 24 * 60
        for first, last in ((540, 720), (810, 1020)):
            yield from range(midnight + first, midnight + last, 2)
        yield from [midnight + 600] * 20
    yield 5 * 24 * 60 + 11 * 60


def simulate(cloud: Cloud, spec: ScalingSpec, folder: Path) -> Fleet:
    """What an endpoint with this order does in a week that begins on a Monday."""
    name = cloud.deploy()
    aws = Aws(
        Connection(
            url=cloud.aws.url,
            access_key=cloud.aws.access_key,
            secret_key=SecretStr(cloud.aws.secret_key),
            region=cloud.aws.region,
        )
    )
    now = datetime.now(BERLIN)
    ScalingWriter(aws, "").apply(name, spec, ScalingObjects(endpoint=name), now)
    documents = copied(cloud, name, folder)
    deployed = DocumentStore(cloud.data / "control.sqlite3").get("endpoint", name)
    assert deployed
    fleet = Fleet(name, Deployment.from_document(deployed["Deployment"]))
    manager = cast(EndpointManager, fleet)
    clock = [0.0]
    autoscaling = ApplicationAutoScaling(documents, manager, "us-east-1", lambda: clock[0])
    alarms = CloudWatchAlarms(documents, MotoServices("us-east-1").cloudwatch)
    scaler = Scaler(autoscaling, manager, alarms)
    jobs = sorted(jobs_of_the_week())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    monday = midnight + timedelta(days=7 - now.weekday())
    scaler.evaluate(monday.replace(tzinfo=BERLIN).timestamp() - 24 * 3600)
    for minute in range(WEEK):
        # By the clock on the wall, as the office's hours are, also where summer time begins.
        clock[0] = (monday + timedelta(minutes=minute)).replace(tzinfo=BERLIN).timestamp()
        while jobs and jobs[0] == minute:
            fleet.queue.append(jobs.pop(0))
        scaler.evaluate(clock[0])
        fleet.pass_minute(minute)
    return fleet


def copied(cloud: Cloud, name: str, folder: Path) -> DocumentStore:
    """The endpoint's scaling objects in a store of the simulation's own."""
    stored = DocumentStore(cloud.data / "control.sqlite3")
    documents = DocumentStore(folder / "week.sqlite3")
    for kind in KINDS:
        for number, document in enumerate(stored.all(cast(Any, kind))):
            if f"endpoint/{name}/" in str(document) or f"'{name}'" in str(document):
                documents.put(cast(Any, kind), _key(document, number), document)
    return documents


def _key(document: dict[str, Any], number: int) -> str:
    """The key that the service looks the document up by."""
    if "AlarmName" in document:
        return str(document["AlarmName"])
    names = (document.get(n) for n in ("PolicyName", "ScheduledActionName"))
    own = next(filter(None, names), None)
    return f"{document['ResourceId']} {own}" if own else str(document["ResourceId"])


@pytest.mark.parametrize(
    ("spec", "hours", "longest_wait"),
    [
        (ScalingSpec(minimum=1, maximum=1), 168, 6),
        (ScalingSpec(maximum=2, hours=OFFICE), 52, 7),
        (ScalingSpec(maximum=2), 37, 7),
    ],
    ids=["always on", "office hours", "on demand"],
)
def test_the_hours_of_a_week(
    cloud: Cloud, tmp_path: Path, spec: ScalingSpec, hours: int, longest_wait: int
) -> None:
    fleet = simulate(cloud, spec, tmp_path)
    assert len(fleet.waits) == len(list(jobs_of_the_week()))
    assert round(fleet.billed_minutes / 60) == hours
    assert max(fleet.waits) <= longest_wait
