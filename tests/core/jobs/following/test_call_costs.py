"""Following costs what docs/performance.md says: calls are counted at the account's door."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

import pytest

from bench.call_costs import CallCosts
from core.aws.end_notifications import EndNotifications
from core.endpoints.service import SendLimit
from core.jobs.following.end_receiver import EndReceiver
from core.jobs.records import Job, JobFilter, JobState
from core.settings import Backend, Settings
from formats.generation.request import GenerationRequest
from formats.keys import output_key, request_key, thumbnail_key
from tests.core.jobs.conftest import Workshop
from tests.core.jobs.following.conftest import Dashboard, beat, dispatcher
from tests.support.faulty_aws import Answer, Call
from tests.support.helpers import wait_for

pytestmark = pytest.mark.slow

_QUEUED, _RUNNING = 1000, 8
_MOST_CALLS_A_SECOND: Final = 2
_MOST_DOLLARS: Final = 0.05
"""For the calls of a thousand jobs, from click to image."""

_JOB_SECONDS: Final = 5
_BATCHES: Final = 3
_PROMPT: Final = "a cute dog in the rain, looking at the camera, 35 mm, golden hour, " * 4


class Team:
    """A dashboard whose seconds are virtual, in an account whose calls are counted."""

    def __init__(self, shop: Workshop, board: Dashboard) -> None:
        self.shop = shop
        self.costs = CallCosts()
        self.counts = False
        settings = Settings(
            backend=Backend.AWS, events_topic="costs-ended", events_queue="costs-ended"
        )
        notifications = EndNotifications(shop.aws, settings)
        self.channel = notifications.create()
        self.receiver = EndReceiver(notifications, board.reconciler)
        self.follower = board.follower
        self.receiver._on_record = self.follower.watch
        self.sender, self.dispatcher = dispatcher(shop, self.follower, SendLimit(jobs=_RUNNING))
        self.sender.tells_of = lambda _endpoint: True
        shop.account.faults[""] = self._count

    def _count(self, call: Call) -> Answer:
        answer = call.forward()
        if self.counts:
            self.costs.count(call.text, answer.body or b"")
        return answer

    def close(self) -> None:
        self.shop.account.faults.clear()
        self.receiver.close()
        self.dispatcher.close()
        self.sender.close()


@pytest.fixture
def team(workshop: Workshop, dashboards: Callable[[], Dashboard]) -> Iterator[Team]:
    made = Team(workshop, dashboards())
    yield made
    made.close()


@pytest.mark.parametrize("in_line", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_a_thousand_jobs_that_nobody_looks_at(team: Team, *, in_line: bool) -> None:
    shop = team.shop
    sent = {"sent_at": shop.now, "failure_location": "s3://my-team-bucket/async/x"}

    def add(number: int) -> Job:
        running = {"state": JobState.RUNNING} if number < _RUNNING else {}
        was_sent = running or not in_line
        job = shop.job(stored_at=shop.now, **(sent if was_sent else {}), **running)
        shop.storage.write(request_key(job.id), b"{}", "application/json")
        return job

    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(add, range(_QUEUED + _RUNNING)))
    seconds = 60
    for second in range(seconds):
        team.counts = False
        if second % 5 == 0:
            beat(shop, *jobs[:_RUNNING])
        team.counts = True
        team.follower.poll_once()
        shop.now += timedelta(seconds=1)
    assert len(team.follower.open_jobs()) == _QUEUED + _RUNNING
    a_second = team.costs.s3_and_dynamodb / seconds
    print(f"{a_second:.2f} calls a second: {dict(team.costs.calls)}")
    assert a_second <= _MOST_CALLS_A_SECOND


def test_a_thousand_jobs_from_click_to_image(team: Team) -> None:
    """Batches of eight jobs of five seconds, which somebody looks at all the while."""
    shop, costs = team.shop, team.costs
    team.counts = True
    for _ in range(_BATCHES):
        jobs = [_submit(team) for _ in range(_RUNNING)]
        for _ in range(_JOB_SECONDS):
            beat(shop, *jobs)
            team.follower.poll_once()
            _look(team, jobs)
            shop.now += timedelta(seconds=1)
        for job in jobs:
            _finish(team, job)
        beat(shop)
        while team.follower.open_jobs():
            team.receiver.receive_once()
        _look(team, jobs)
        assert {shop.state(job) for job in jobs} == {JobState.SUCCEEDED}
    times = 1000 / (_BATCHES * _RUNNING)
    print(costs.table(times))
    assert costs.dollars * times < _MOST_DOLLARS


def _submit(team: Team) -> Job:
    """What a click does, but for the pre-flight, which asks SageMaker alone."""
    job = team.shop.job(prompt=_PROMPT[:300], bucket="my-team-bucket", steps=20)
    team.follower.watch(job)
    request = GenerationRequest(id=job.id, checkpoint="a.safetensors", prompt=_PROMPT, seed=1)
    team.dispatcher._arrive(job, request, [])
    wait_for(lambda: job.id in team.dispatcher._claims._unconfirmed, every=0.01)
    return job


def _look(team: Team, jobs: list[Job]) -> None:
    """A second of pages: one job is shown live, which asks for it twice, and the list is read."""
    for job in (jobs[-1], jobs[-1]):
        found = team.shop.store.get(job.id)
        assert found
        team.follower.look(found)
    for found in team.shop.store.page(JobFilter(), 50).jobs:
        team.follower.look(found)


def _finish(team: Team, job: Job) -> None:
    """What the container asks and writes, and what SageMaker does with the endpoint's role."""
    shop, costs = team.shop, team.costs
    costs.count_s3("S3 GET, HEAD", 4)  # SageMaker: the input; container: result, cancel, model
    shop.storage.write(output_key(job.id, 0), b"png", "image/png")
    shop.storage.write(thumbnail_key(job.id, 0), b"webp", "image/webp")
    shop.write_result(job)
    costs.count_s3("S3 PUT, LIST", 1)  # SageMaker: what the container answered
    body = f'{{"inferenceId": "{job.id}", "requestParameters": {{"endpointName": "team"}}}}'
    shop.aws.client_for_notifications("sns").publish(TopicArn=team.channel.topic_arn, Message=body)
    shop.storage.read(output_key(job.id, 0))  # the browser shows it
