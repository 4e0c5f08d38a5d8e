"""Owns the SNS topic that SageMaker tells of ended invocations, and the SQS queue behind it."""

import json
import logging
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from pydantic import Field, ValidationError

from core.aws.client import Aws, translate_errors
from core.aws.tags import cost_tags
from core.errors import AwsError, AwsNotFound
from core.settings import Settings
from core.texts import aws as texts
from formats.frozen import Frozen, Tolerant

log = logging.getLogger(__name__)

_WAIT_SECONDS: Final = 20
"""The longest long poll: a queue that is empty is asked three times a minute."""

_MESSAGES_AT_ONCE: Final = 10
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME: Final = 80

_QUEUE_ATTRIBUTES: Final = {
    "MessageRetentionPeriod": "86400",
    "VisibilityTimeout": "30",
    "ReceiveMessageWaitTimeSeconds": str(_WAIT_SECONDS),
    "SqsManagedSseEnabled": "true",
}


class Channel(Frozen):
    """A topic and a queue that are there."""

    topic_arn: str
    queue_url: str


class EndedInvocation(Tolerant):
    """What SageMaker says of an asynchronous invocation that ended."""

    inference_id: str = Field(default="", alias="inferenceId")
    failure_reason: str = Field(default="", alias="failureReason")
    """SageMaker's words; empty for one that succeeded."""
    request_parameters: dict[str, Any] = Field(default_factory=dict, alias="requestParameters")

    @property
    def endpoint(self) -> str:
        """The name of the endpoint."""
        return str(self.request_parameters.get("endpointName", ""))


class Message(Frozen):
    """A message of the queue; None where it tells of no invocation."""

    receipt: str
    ended: EndedInvocation | None


class EndNotifications:
    """Topic and queue by the names in the settings. Every method raises a kind of AwsError."""

    def __init__(self, aws: Aws, settings: Settings) -> None:
        self._aws = aws
        self._creates = settings.embedded
        self._team = settings.team
        default = _NO_NAME.sub("-", f"{settings.table}-ended")[-_LONGEST_NAME:]
        self.topic = settings.events_topic or default
        """The name, or the whole ARN."""
        self.queue = settings.events_queue or default

    @cached_property
    def _receiving(self) -> Any:
        """A client that waits for as long as a long poll takes."""
        return self._aws.client_for_notifications("sqs")

    @cached_property
    def _sqs(self) -> Any:
        """Pages wait for it; the embedded AWS has its SQS some seconds after its start."""
        return self._aws.client_for_notifications("sqs", for_pages=not self._creates)

    @cached_property
    def _sns(self) -> Any:
        return self._aws.client_for_notifications("sns", for_pages=not self._creates)

    def open(self) -> Channel:
        """What is there; on the embedded AWS, which nobody sets up, what is made for it."""
        return self.create() if self._creates else self.find()

    def find(self) -> Channel:
        """The topic and the queue. Raises AwsNotFound where one is missing."""
        with translate_errors(texts.finding_queue_failed(self.queue)):
            url = self._sqs.get_queue_url(QueueName=self.queue)["QueueUrl"]
            queue_arn = self._queue_arn(url)
        topic_arn = self._topic_arn(queue_arn)
        with translate_errors(texts.finding_topic_failed(self.topic)):
            self._sns.get_topic_attributes(TopicArn=topic_arn)
        return Channel(topic_arn=topic_arn, queue_url=url)

    def create(self) -> Channel:
        """Create what is missing and let the topic send to the queue; harmless where all is."""
        with translate_errors(texts.creating_events_failed(self.topic, self.queue)):
            url = self._queue_url()
            queue_arn = self._queue_arn(url)
            topic_arn = self._topic_arn(queue_arn)
            if not self.topic.startswith("arn:"):
                topic_arn = self._sns.create_topic(Name=self.topic)["TopicArn"]
            self._sqs.set_queue_attributes(
                QueueUrl=url, Attributes={"Policy": json.dumps(_policy(topic_arn, queue_arn))}
            )
            self._sns.subscribe(
                TopicArn=topic_arn,
                Protocol="sqs",
                Endpoint=queue_arn,
                Attributes={"RawMessageDelivery": "true"},
            )
        channel = Channel(topic_arn=topic_arn, queue_url=url)
        self._tag(channel)
        return channel

    def receive(self, channel: Channel) -> tuple[Message, ...]:
        """Up to ten messages; waits up to 20 seconds for the first one."""
        with translate_errors(texts.RECEIVING_FAILED):
            answer = self._receiving.receive_message(
                QueueUrl=channel.queue_url,
                MaxNumberOfMessages=_MESSAGES_AT_ONCE,
                WaitTimeSeconds=_WAIT_SECONDS,
            )
        return tuple(
            Message(receipt=each["ReceiptHandle"], ended=parse_message(each["Body"]))
            for each in answer.get("Messages", ())
        )

    def delete(self, channel: Channel, messages: Sequence[Message]) -> None:
        """Delete messages that were dealt with; one that stays comes again."""
        if not messages:
            return
        with translate_errors(texts.DELETING_MESSAGES_FAILED):
            self._receiving.delete_message_batch(
                QueueUrl=channel.queue_url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": message.receipt}
                    for index, message in enumerate(messages)
                ],
            )

    def topic_arn(self) -> str:
        """The topic for a new endpoint; empty where there is none, or it may not be seen."""
        try:
            return self.open().topic_arn
        except AwsError as error:
            log.info("event=no_topic error=%s", error)
            return ""

    def _tag(self, channel: Channel) -> None:
        """Say who pays: by calls of their own, as CreateTopic and CreateQueue refuse a topic or a
        queue that is there without the tags."""
        if tags := cost_tags(team=self._team):
            with translate_errors(texts.tagging_events_failed(self.topic, self.queue)):
                self._sns.tag_resource(ResourceArn=channel.topic_arn, Tags=tags)
                pairs = {tag["Key"]: tag["Value"] for tag in tags}
                self._sqs.tag_queue(QueueUrl=channel.queue_url, Tags=pairs)

    def _queue_url(self) -> str:
        """An existing queue keeps its attributes; to ask for others would be an error."""
        try:
            with translate_errors(texts.finding_queue_failed(self.queue)):
                return str(self._sqs.get_queue_url(QueueName=self.queue)["QueueUrl"])
        except AwsNotFound:
            made = self._sqs.create_queue(QueueName=self.queue, Attributes=_QUEUE_ATTRIBUTES)
            return str(made["QueueUrl"])

    def _queue_arn(self, url: str) -> str:
        answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def _topic_arn(self, queue_arn: str) -> str:
        """In the queue's account and region, where the setting is a plain name."""
        if self.topic.startswith("arn:"):
            return self.topic
        return queue_arn.replace(":sqs:", ":sns:").rpartition(":")[0] + f":{self.topic}"


def parse_message(body: str) -> EndedInvocation | None:
    """What a message says, raw or in SNS's envelope; None for one that tells of no invocation."""
    try:
        content = json.loads(body)
        if isinstance(content, dict) and content.get("Type") == "Notification":
            content = json.loads(content["Message"])
        ended = EndedInvocation.model_validate(content)
    except (ValueError, KeyError, ValidationError):
        return None
    return ended if ended.inference_id else None


def _policy(topic_arn: str, queue_arn: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
            }
        ],
    }
