"""Checks the topic and the queue by which SageMaker tells of ended jobs."""

from core.aws.end_notifications import EndNotifications
from core.errors import AwsDenied, AwsError, AwsNotFound
from core.setup.checks import Check, SetupAction, advised, explain, in_place, not_checked
from core.texts import setup as texts


def check_events(notifications: EndNotifications) -> Check:
    """Jobs can be run without them; then their ends are looked for."""
    name = texts.events(notifications.topic, notifications.queue)
    try:
        notifications.find()
    except AwsNotFound:
        return advised(name, texts.EVENTS_ARE_MISSING, SetupAction.CREATE_EVENTS)
    except AwsDenied as error:
        return advised(name, texts.events_are_refused(explain(error, "sqs:GetQueueUrl")))
    except AwsError as error:
        return not_checked(name, error, "")
    return in_place(name)
