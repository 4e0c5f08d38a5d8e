"""SageMaker's messages end jobs; doubled, strange and lost ones harm nothing."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.aws.end_notifications import EndNotifications, parse_message
from core.errors import AwsNotFound
from core.ids import new_id
from core.jobs.following.end_receiver import EndReceiver
from core.jobs.records import FailureReason, Job, JobState
from core.settings import Backend, Settings
from formats.keys import cancel_key
from tests.core.jobs.conftest import Workshop
from tests.support.faulty_aws import refuse

PUT = "DynamoDB_20120810.PutItem"


def told(job_id: str, failure: str = "") -> dict[str, Any]:
    """The fields of SageMaker's message that public handlers read."""
    message: dict[str, Any] = {
        "invocationStatus": "Failed" if failure else "Completed",
        "inferenceId": job_id,
        "requestParameters": {"endpointName": "team"},
        "eventName": "InferenceResult",
    }
    return {**message, "failureReason": failure} if failure else message


class Post:
    """The account's topic and queue, and a dashboard that reads them."""

    def __init__(self, shop: Workshop) -> None:
        name = f"ended-{new_id()}"
        settings = Settings(backend=Backend.AWS, events_topic=name, events_queue=name)
        self.notifications = EndNotifications(shop.aws, settings)
        self.channel = self.notifications.create()
        self.sns, self.sqs = (shop.aws.client_for_notifications(name) for name in ("sns", "sqs"))
        self.receiver = EndReceiver(self.notifications, shop.reconciler)
        self.seen: list[Job] = []
        self.receiver._on_record = self.seen.append

    def publish(self, message: object) -> None:
        body = message if isinstance(message, str) else json.dumps(message)
        self.sns.publish(TopicArn=self.channel.topic_arn, Message=body)

    def left(self) -> int:
        """Messages that were not deleted."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(
            QueueUrl=self.channel.queue_url, AttributeNames=names
        )
        return sum(int(value) for value in answer["Attributes"].values())


@pytest.fixture
def post(workshop: Workshop) -> Iterator[Post]:
    made = Post(workshop)
    yield made
    made.receiver.close()


@pytest.mark.parametrize(
    ("has_result", "failure", "state", "code"),
    [
        (True, "", JobState.SUCCEEDED, None),
        (True, "The container answered 500.", JobState.SUCCEEDED, None),
        (False, "The container died.", JobState.FAILED, FailureReason.REJECTED),
        (False, "", JobState.RUNNING, None),
    ],
)
def test_a_message_ends_its_job(
    workshop: Workshop,
    post: Post,
    has_result: bool,
    failure: str,
    state: JobState,
    code: FailureReason | None,
) -> None:
    job = workshop.job(state=JobState.RUNNING)
    if has_result:
        workshop.write_result(job)
    assert not post.receiver.tells_of("team")
    post.publish(told(job.id, failure))
    post.receiver.receive_once()
    assert workshop.state(job) is state
    assert (post.seen[0].failure.code if post.seen[0].failure else None) is code
    assert bool(workshop.storage.head(cancel_key(job.id))) is (code is not None)
    assert post.left() == 0
    assert post.receiver.tells_of("team")
    assert not post.receiver.tells_of("one without a topic")


@pytest.mark.parametrize(
    "strange",
    [told("no id"), told(new_id()), {}, [], "not JSON", {"inferenceId": 7}, {"Type": "Other"}],
)
def test_strange_and_doubled_messages_are_harmless(
    workshop: Workshop, post: Post, strange: object
) -> None:
    job = workshop.job(state=JobState.RUNNING)
    workshop.write_result(job)
    for message in (strange, told(job.id), told(job.id), told(job.id, "It failed.")):
        post.publish(message)
    while post.left():
        post.receiver.receive_once()
    assert [ended.id for ended in workshop.ended] == [job.id]
    assert workshop.state(job) is JobState.SUCCEEDED


def test_a_message_is_kept_until_the_record_is_written(workshop: Workshop, post: Post) -> None:
    job = workshop.job(state=JobState.RUNNING)
    workshop.write_result(job)
    workshop.account.faults[PUT] = refuse(400, "AccessDeniedException")
    post.publish(told(job.id))
    post.receiver.receive_once()
    assert (post.left(), workshop.state(job)) == (1, JobState.RUNNING)
    workshop.account.faults.clear()
    post.sqs.set_queue_attributes(
        QueueUrl=post.channel.queue_url, Attributes={"VisibilityTimeout": "0"}
    )
    (job,) = workshop.sweep.run([job]).jobs
    assert job.state is JobState.SUCCEEDED, "the sweep needs no message"


def test_a_late_result_is_told_too(workshop: Workshop, post: Post) -> None:
    job = workshop.job(state=JobState.CANCELLED)
    workshop.write_result(job, pictures=2)
    post.publish(told(job.id))
    post.receiver.receive_once()
    settled = workshop.store.get(job.id)
    assert settled
    assert (settled.state, settled.image_count) == (JobState.CANCELLED, 2)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda post, _shop: post.sqs.delete_queue(QueueUrl=post.channel.queue_url),
        lambda _post, shop: shop.account.faults.update({"AmazonSQS": refuse(403, "AccessDenied")}),
    ],
    ids=["missing", "denied"],
)
def test_a_queue_that_is_not_there_is_told_once(
    workshop: Workshop,
    post: Post,
    break_it: Callable[[Post, Workshop], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    break_it(post, workshop)
    post.receiver._stopping.wait = lambda _seconds: len(caplog.records) > 99  # type: ignore[method-assign, misc, assignment]  # no test waits a minute
    rounds = iter(range(3))
    post.receiver._stopping.is_set = lambda: next(rounds, None) is None  # type: ignore[method-assign]
    with caplog.at_level(logging.WARNING):
        post.receiver._run()
    told_of = [record for record in caplog.records if "ends_not_received" in record.message]
    assert len(told_of) == 1
    assert not post.receiver.tells_of("team")


def test_a_queue_that_somebody_made_is_taken(workshop: Workshop) -> None:
    name = f"theirs-{new_id()}"
    sqs = workshop.aws.client_for_notifications("sqs")
    sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "90"})
    settings = Settings(backend=Backend.AWS, events_topic=name, events_queue=name)
    notifications = EndNotifications(workshop.aws, settings)
    with pytest.raises(AwsNotFound, match=f"SNS topic {name}"):
        notifications.find()
    assert notifications.topic_arn() == ""
    made = notifications.create()
    assert (notifications.create(), notifications.find()) == (made, made)
    assert notifications.topic_arn() == made.topic_arn


def test_a_message_in_the_envelope_of_sns_is_read() -> None:
    job_id = new_id()
    body = json.dumps({"Type": "Notification", "Message": json.dumps(told(job_id, "Why."))})
    ended = parse_message(body)
    assert ended
    assert (ended.inference_id, ended.failure_reason, ended.endpoint) == (job_id, "Why.", "team")
