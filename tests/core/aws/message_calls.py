"""How the product makes the calls of SNS and SQS, and what must hold after each: more rows."""

from typing import Final

from core.aws.end_notifications import Message
from core.aws.tags import TEAM_TAG
from core.setup.checks import SetupAction
from core.team.users import LOCAL
from tests.core.aws.call_rows import CHECKS, Product, Row


def _create_events(product: Product, name: str) -> None:
    set_up = product.set_up(events_topic=name, events_queue=name)
    set_up.perform(LOCAL, SetupAction.CREATE_EVENTS)


def _has_events(product: Product, name: str) -> bool:
    """Whether the queue has what is sent to the topic."""
    channel = product.notifications(name).find()
    told = '{"inferenceId": "1"}'
    product.aws.client_for_notifications("sns").publish(TopicArn=channel.topic_arn, Message=told)
    return bool(product.notifications(name).receive(channel))


def _names_who_pays(product: Product, name: str) -> bool:
    channel = product.notifications(name).find()
    client = product.aws.client_for_notifications
    topic = client("sns").list_tags_for_resource(ResourceArn=channel.topic_arn)["Tags"]
    queue = client("sqs").list_queue_tags(QueueUrl=channel.queue_url)["Tags"]
    told = {tag["Key"]: tag["Value"] for tag in topic}
    return bool(told == queue == {TEAM_TAG: "animation"})


def _send_message(product: Product, name: str) -> None:
    _create_events(product, name)
    url = product.notifications(name).find().queue_url
    product.aws.client_for_notifications("sqs").send_message(QueueUrl=url, MessageBody="{}")


def _receive(product: Product, name: str) -> tuple[Message, ...]:
    notifications = product.notifications(name)
    return notifications.receive(notifications.find())


def _receive_message(product: Product, name: str) -> None:
    assert _receive(product, name)


def _take_message(product: Product, name: str) -> None:
    _send_message(product, name)
    (message,) = _receive(product, name)
    (product.folder / name).write_text(message.receipt, "utf-8")


def _delete_message(product: Product, name: str) -> None:
    notifications = product.notifications(name)
    taken = Message(receipt=(product.folder / name).read_text("utf-8"), ended=None)
    notifications.delete(notifications.find(), (taken,))


def _has_no_message(product: Product, name: str) -> bool:
    url = product.notifications(name).find().queue_url
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs = product.aws.client_for_notifications("sqs")
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return set(counts.values()) == {"0"}


_NEW_EVENTS: Final = Row(_create_events, holds=_has_events)
_TAGGED_EVENTS: Final = Row(_create_events, holds=_names_who_pays)
MESSAGE_ROWS: Final[dict[str, Row]] = {
    "get_queue_url": CHECKS,
    "get_queue_attributes": CHECKS,
    "get_topic_attributes": CHECKS,
    "create_queue": _NEW_EVENTS,
    "set_queue_attributes": _NEW_EVENTS,
    "create_topic": _NEW_EVENTS,
    "subscribe": _NEW_EVENTS,
    "tag_resource": _TAGGED_EVENTS,
    "tag_queue": _TAGGED_EVENTS,
    "receive_message": Row(_receive_message, prepare=_send_message),
    "delete_message_batch": Row(_delete_message, prepare=_take_message, holds=_has_no_message),
}
