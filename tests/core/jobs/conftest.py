"""The parts that follow jobs, upon an AWS that fails as it is told to; nothing runs by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from core.aws.client import Aws
from core.aws.storage import Storage
from core.ids import created_at, new_id, utc_now
from core.jobs.following.heartbeats import Heartbeats
from core.jobs.following.late_results import LateResults
from core.jobs.following.reaper import Reaper
from core.jobs.following.reconciler import Reconciler
from core.jobs.following.sweep import Sweep
from core.jobs.records import Job, JobState
from core.jobs.sending.claims import Claims
from core.jobs.sending.sender import Sender
from core.jobs.store.dynamodb import DynamoJobStore, table_definition
from core.records.dynamodb import records_table_definition
from core.settings import Settings
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult, Picture
from formats.keys import result_key
from tests.support.faulty_aws import FaultyAws, faulty_aws

_BUCKET = "my-team-bucket"


@dataclass
class Workshop:
    """A bucket, a job table and what follows the jobs; `now` is the time it believes."""

    account: FaultyAws
    aws: Aws
    now: datetime = field(default_factory=utc_now)
    ended: list[Job] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.storage = Storage(self.aws, _BUCKET)
        self.store = DynamoJobStore(self.aws, "jobs")
        reaper = Reaper(Settings(heartbeat_seconds=45), lambda _name: None)
        self.heartbeats = heartbeats = Heartbeats(self.storage, self.clock)
        told = self.ended.append
        self.late = LateResults(self.store, self.storage, self.clock, told)
        self.reconciler = Reconciler(
            self.store, self.storage, self.clock, reaper, heartbeats, self.late
        )
        self.sweep = Sweep(self.storage, self.reconciler, heartbeats, self.late)

    def clock(self) -> datetime:
        return self.now

    @property
    def claims(self) -> Claims:
        """Of a new process."""
        return Claims(self.store, self.clock, new_id(), lambda _job: None)

    def job(self, **changes: object) -> Job:
        """A recorded job."""
        job_id = new_id()
        job = Job(
            id=job_id,
            owner="ann",
            endpoint="team",
            created_at=created_at(job_id),
            updated_at=self.now,
            mode=Mode.TXT2IMG,
            checkpoint="a",
            prompt="",
        ).with_changes(changes)
        self.store.add(job)
        return job

    def look(self, job: Job, seconds: int) -> Job:
        """The job as a dashboard sees it that looks every five seconds for so long."""
        for _ in range(0, seconds, 5):
            if not job.state.is_open:
                break
            (job,) = self.sweep.run([job]).jobs
            self.now += timedelta(seconds=5)
        return job

    def write_result(self, job: Job, pictures: int = 1, **changes: object) -> None:
        """What a container writes when it is through."""
        made = [
            Picture(index=i, seed=1, width=64, height=64, sha256="0" * 64, infotext="")
            for i in range(pictures)
        ]
        values = {"outcome": "succeeded", "started_at": self.now, "ended_at": self.now, **changes}
        result = GenerationResult.model_validate({"id": job.id, "pictures": made, **values})
        body = result.model_dump_json().encode()
        self.storage.write(result_key(job.id), body, "application/json")

    def state(self, job: Job) -> JobState:
        """The state that the record has."""
        found = self.store.get(job.id)
        assert found
        return found.state


def send(
    sender: Sender, job: Job, request: GenerationRequest, *, is_asynchronous: bool = True
) -> None:
    """Store what a job needs and hand it over, as where there is room for it."""
    if sender.store(job, request, ()):
        sender.hand_over(job, is_asynchronous=is_asynchronous).result()


@pytest.fixture(scope="module")
def account() -> Iterator[tuple[FaultyAws, Aws]]:
    """An account with a bucket and a job table."""
    with faulty_aws() as account:
        aws = Aws(account.connection)
        aws.s3.create_bucket(
            Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        aws.dynamodb().create_table(**table_definition("jobs"))
        aws.dynamodb().create_table(**records_table_definition("records"))
        yield account, aws


@pytest.fixture
def workshop(account: tuple[FaultyAws, Aws]) -> Iterator[Workshop]:
    made = Workshop(*account)
    yield made
    made.account.faults.clear()
    made.sweep.close()
    made.store.close()
