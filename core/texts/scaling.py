"""Texts of an endpoint's scaling: what is refused, what the doctor finds, what AWS refused."""

from datetime import datetime
from typing import Final

# ---- an order that is refused
NO_DAY: Final = "Choose one day at least."
NO_TIME_BETWEEN: Final = "The office hours end when they start: choose another end."
MAXIMUM_BELOW_MINIMUM: Final = "The maximum can't be below the minimum."
WARM_ABOVE_MAXIMUM: Final = "No more instances can be kept running than the maximum."
ENDS_IN_THE_PAST: Final = "The end date is over: choose a later one."


def out_of_bounds(low: int, high: int) -> str:
    """A number that is too low or too high."""
    return f"{low} to {high}."


def no_such_timezone(name: str) -> str:
    """No IANA name."""
    return f"There is no time zone {name}: write one such as Europe/Berlin."


# ---- what the doctor finds
TARGET: Final = "Scalable target"
TARGET_MISSING: Final = "The instance count does not follow the jobs, and schedules don't run."
SUSPENDED: Final = "Its scaling is suspended."
NOT_SUSPENDED: Final = "It should start nothing until its budget allows it, but it can."
TRACKING: Final = "Policy on the backlog for each instance"
TRACKING_MISSING: Final = "Busy instances get no help, and those of a rush stay."
WAKE: Final = "Policy that starts the first instance"
WAKE_MISSING: Final = "An endpoint at zero does not wake up for a job."
IDLE: Final = "Policy that stops idle instances"
IDLE_MISSING: Final = "Idle instances are not stopped after their idle minutes."
IDLE_ALARM: Final = "Alarm on idle minutes"
ALARM: Final = "Alarm on jobs without an instance"
ALARM_MISSING: Final = "An endpoint at zero does not wake up for a job."
OPENING: Final = "Schedule that opens the office"
CLOSING: Final = "Schedule that closes the office"
ENDING: Final = "Schedule of the end date"
ACTION_MISSING: Final = "AWS does not keep this time."
UNWANTED: Final = "It is there, but was not ordered."
FOREIGN: Final = "This studio did not make it, and it may work against the order. Remove it in AWS."


def other_bounds(low: int, high: int, ordered_low: int, ordered_high: int) -> str:
    """A target with other bounds."""
    return f"{low} to {high} instances; {ordered_low} to {ordered_high} were ordered."


def differs(fields: tuple[str, ...]) -> str:
    """An object that somebody changed; the fields have AWS's names."""
    return f"Other values than ordered: {', '.join(fields)}."


def foreign_policy(name: str) -> str:
    """A policy of somebody else."""
    return f"Scaling policy {name}"


def foreign_action(name: str) -> str:
    """A scheduled action of somebody else."""
    return f"Scheduled action {name}"


# ---- what can't be done now
NO_ORDER: Final = "This endpoint has no scaling yet: set it up first."
CANNOT_STOP: Final = (
    "Only an endpoint with a minimum of 0 can be stopped; change its scaling first."
)


def has_ended(name: str, moment: datetime) -> str:
    """The end date is over."""
    return (
        f"The endpoint {name} ended on {moment:%Y-%m-%d %H:%M} UTC; move its end date, or choose "
        "another."
    )


def is_held(name: str) -> str:
    """Somebody wakes or stops an endpoint whose budget is used up."""
    return (
        f"The endpoint {name} is kept at zero, as this month's budget is used up: raise it under "
        "Limits, or press Go on this month."
    )


def suspending_failed(name: str) -> str:
    """DeregisterScalableTarget and DeleteAlarms, before an update."""
    return f"Suspending the scaling of {name} failed"


def not_in_service(name: str, status: str) -> str:
    """SageMaker changes nothing now."""
    return f"The endpoint {name} is {status}: try again once it is InService."


def still_exists(name: str) -> str:
    """What is left belongs to an endpoint that is there."""
    return f"The endpoint {name} exists: nothing was removed."


# ---- what AWS was asked for
READING_FAILED: Final = "Reading the scaling of the endpoints failed"
READING_BACKLOG_FAILED: Final = "Reading the backlog of the endpoints failed"


def saving_failed(name: str) -> str:
    """AddTags: the order."""
    return f"Saving the scaling of {name} failed; nothing was changed"


def applying_failed(name: str) -> str:
    """The objects, one after another."""
    return f"Setting up the scaling of {name} failed; it is tried again every minute"


def removing_failed(name: str) -> str:
    """The objects of an endpoint that is gone."""
    return (
        f"The endpoint {name} is deleted, but removing its scaling failed; what is left is listed "
        "under Endpoints"
    )


def checking_failed(name: str) -> str:
    """The call before anything is created."""
    return f"The endpoint {name} was not created: its scaling can't be set up"


def stopping_failed(name: str) -> str:
    """Desired count 0."""
    return f"Stopping the endpoint {name} failed"


def holding_failed(name: str) -> str:
    """Bounds of 0, desired count 0, or the tag that says so."""
    return f"Keeping the endpoint {name} at zero failed"


def releasing_failed(name: str) -> str:
    """The bounds of the order again."""
    return f"Letting the endpoint {name} go on failed; it is tried again every minute"


def waking_failed(name: str) -> str:
    """Desired count 1 or more."""
    return f"Waking the endpoint {name} failed"
