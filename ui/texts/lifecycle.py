"""Texts of an endpoint's life on its card: its state in words, its log, deletion and update."""

from datetime import timedelta
from typing import Final

from core.endpoints.lifecycle.orphans import Orphan
from core.endpoints.lifecycle.state_times import UsualTime
from core.endpoints.lifecycle.update_record import DeployedVersion, UpdateOutcome, UpdateRecord
from core.endpoints.service import Endpoint, EndpointStatus
from ui.texts.formatting import instance_types, number_of_instances

WORDS: Final = {
    EndpointStatus.OUT_OF_SERVICE: "takes no jobs and can't be updated; delete it",
    EndpointStatus.CREATING: "starting: AWS looks for an instance, fetches the image, loads it",
    EndpointStatus.UPDATING: "changing; the instances that are there go on meanwhile",
    EndpointStatus.SYSTEM_UPDATING: "AWS maintains it; it can't be changed meanwhile",
    EndpointStatus.ROLLING_BACK: "an update failed; AWS goes back to what was before",
    EndpointStatus.IN_SERVICE: "takes jobs",
    EndpointStatus.DELETING: "being deleted",
    EndpointStatus.FAILED: "did not start; it costs nothing, and can only be deleted",
    EndpointStatus.UPDATE_ROLLBACK_FAILED: (
        "an update failed, and so did going back; it may still cost; delete it"
    ),
}
"""What each of SageMaker's states means."""

LATE: Final = {
    EndpointStatus.CREATING: (
        "This takes longer than usual. Look at the container's log: without a line, AWS has found "
        "no instance yet or can't start the image. AWS gives up by itself, after an hour or more; "
        "Delete may be pressed now and is carried out as soon as AWS lets it."
    ),
    EndpointStatus.UPDATING: (
        "This takes longer than usual. Look at the container's log; AWS goes back to the old "
        "configuration by itself where the new one does not start."
    ),
    EndpointStatus.SYSTEM_UPDATING: (
        "AWS's maintenance takes longer than usual; only AWS can end it. See its health dashboard."
    ),
    EndpointStatus.ROLLING_BACK: (
        "Going back takes longer than usual. Delete may be pressed now and is carried out as soon "
        "as AWS lets it."
    ),
    EndpointStatus.DELETING: (
        "Deleting takes longer than usual. An inference component that somebody attached keeps an "
        "endpoint: look for one with `aws sagemaker list-inference-components`."
    ),
}
"""What to do about a state that lasts."""

LOG: Final = "Container log"
NO_LOG: Final = (
    "No container has written a line: none was started yet, or it could not be. Check the image, "
    "its region, the endpoint's role and the host's driver."
)


def log_title(name: str) -> str:
    """Of the dialog."""
    return f"Last lines of {name}"


def state(endpoint: Endpoint, age: str, usual: UsualTime | None) -> str:
    """Where it runs, on how many instances, its state in words, since when and for how long."""
    missing = endpoint.desired - endpoint.instances
    number = number_of_instances(endpoint.desired)
    if missing:
        number = f"{endpoint.instances} of {number}"
    if endpoint.accepts_jobs and missing > 0:
        number = f"{number}, {missing} starting; jobs wait meanwhile"
    since = f"{endpoint.status.value} for {age}{_usually(usual)}"
    return (
        f"{instance_types(endpoint.instance_type)} · {number} · {since}: {WORDS[endpoint.status]}"
    )


def _usually(usual: UsualTime | None) -> str:
    if usual is None:
        return ""
    most = _minutes(usual.most)
    if not usual.least:
        return f", usually up to {most} min"
    return f", usually {_minutes(usual.least)} to {most} min"


def _minutes(time: timedelta) -> int:
    return round(time.total_seconds() / 60)


def waits_for_deletion(problem: str) -> str:
    """AWS refuses for now; `problem` is what it said, empty while it is only busy."""
    return f"Will be deleted as soon as AWS lets it. {problem}".strip()


# ---- what no endpoint runs, and who else is there
ORPHANS: Final = "Show configurations and models that no endpoint runs"
ORPHANS_NOTE: Final = "They cost nothing; without them the account's lists are shorter."
NO_ORPHANS: Final = "There are none."


def orphan(one: Orphan, created: str) -> str:
    """What it is, and whose it was."""
    whose = f"of {one.endpoint}, {one.owner}"
    return f"{one.kind.capitalize()} {one.name}: {whose}, created {created}; costs nothing"


def owner(name: str) -> str:
    """Somebody else's endpoint; without a name, one that bears no owner."""
    if not name:
        return "Made outside the studio (it names no owner); it writes to this bucket."
    return f"Of {name}; it writes to this bucket."


def of_others(others: tuple[Endpoint, ...]) -> str:
    """Endpoints that this user may not use."""
    names = ", ".join(f"{one.name} ({one.owner or 'no owner'})" for one in others)
    return f"Also writing to this bucket: {names}"


# ---- an update
UPDATE: Final = "Update"
CLOSE: Final = "Close"
IMAGE: Final = "Container image"
NUMBER: Final = "Instances"
UPDATE_NOTE: Final = (
    "New instances start beside the old ones, so that the account needs a quota for both for some "
    "minutes and pays both. The endpoint takes no new jobs meanwhile. Where the new ones do not "
    "start, AWS goes back to the old ones by itself."
)


def update_title(name: str) -> str:
    """Of the dialog."""
    return f"Update {name}"


def update(record: UpdateRecord) -> str:
    """What is changed, or why it was not: the old and the wanted configuration."""
    old, wanted = _version(record.old), _version(record.wanted)
    reason = record.reason or "AWS gave no reason."
    match record.outcome:
        case UpdateOutcome.RUNNING:
            return f"Updating from {old} to {wanted}."
        case UpdateOutcome.ROLLED_BACK:
            return f"AWS rolled the update back: it still runs {old}, wanted was {wanted}. {reason}"
        case UpdateOutcome.FAILED:
            return f"The update failed: before it ran {old}, wanted was {wanted}. {reason}"


def _version(version: DeployedVersion) -> str:
    tag = version.image.rpartition("/")[2]
    return f"{instance_types(version.instance_type)} ({tag}, {version.config_name})"


# ---- the charts of a day
CHARTS: Final = "Charts"
READING_CHARTS: Final = "Reading from CloudWatch"
TIME: Final = "Time"
QUEUE: Final = "Jobs that wait or run"
NO_QUEUE: Final = "AWS has no figures of the queue in the last 24 hours; a real-time one has none."
INSTANCES: Final = "Instances"
NO_INSTANCES: Final = "No instance told anything in the last 24 hours."
SECONDS: Final = "Seconds for a picture"
NO_SECONDS: Final = (
    "No picture in the last 24 hours, or the endpoint does not write it: CONTRAPPOSTO_EMF makes "
    "new ones do so."
)


def charts_title(name: str) -> str:
    """The title of the dialog."""
    return f"{name}: the last 24 hours"
