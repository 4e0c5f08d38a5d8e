"""Texts of an endpoint's scaling: its form, its line on the card, the doctor, what is left over."""

from typing import Final

from core.endpoints.scaling.findings import ScalingProblem
from core.endpoints.scaling.reports import Leftover
from core.endpoints.scaling.spec import OfficeHours, ScalingSpec, Weekday
from core.endpoints.service import Endpoint
from core.settings import Settings
from ui.texts.formatting import number_of_instances

# ---- the fields
MINIMUM: Final = "Minimum"
MINIMUM_HELP: Final = (
    "Fewest instances. With 0 the endpoint costs nothing while nobody uses it, and the first job "
    "after a pause waits until an instance has started."
)
MAXIMUM: Final = "Maximum"
MAXIMUM_HELP: Final = "Most instances."
BACKLOG: Final = "Jobs per instance"
BACKLOG_HELP: Final = "With more jobs than this for each instance, more instances are started."
IDLE: Final = "Idle minutes"
IDLE_HELP: Final = (
    "How long the instances are kept without jobs; then all but the minimum stop at once. A woken "
    "endpoint is kept for as long."
)
SCHEDULE: Final = "Office hours and end date"
OFFICE: Final = "Keep instances running in office hours"
OFFICE_HELP: Final = (
    "At other times the endpoint has its minimum, and a job wakes it. AWS keeps the hours, also "
    "while no dashboard runs."
)
DAYS: Final = "Days"
START: Final = "From"
END: Final = "To"
TIMEZONE: Final = "Time zone"
WARM: Final = "Instances kept running"
ENDS_AT: Final = "End date"
ENDS_AT_HELP: Final = (
    "Then AWS stops all instances, and the endpoint takes no more jobs. Empty for no end; in the "
    "time zone above, or in yours."
)

DAY_NAMES: Final = {
    Weekday.MONDAY: "Mon",
    Weekday.TUESDAY: "Tue",
    Weekday.WEDNESDAY: "Wed",
    Weekday.THURSDAY: "Thu",
    Weekday.FRIDAY: "Fri",
    Weekday.SATURDAY: "Sat",
    Weekday.SUNDAY: "Sun",
}

# ---- on the card
AT_ZERO: Final = "At zero"
WAKING: Final = "Waking"
ENDED: Final = "Ended"
HELD: Final = "Budget used up"
HELD_NOTE: Final = (
    "Kept at zero: neither a job nor the office hours start an instance until the next month "
    "begins, the budget is raised, or you let it go on."
)
HELD_JOB: Final = "the endpoint's budget is used up: waits until it may go on"
STOP_NOW: Final = "Stop now"
STOP_HELP: Final = "Stops all instances; the next job starts one again."
WAKE_NOW: Final = "Wake now"
WAKE_HELP: Final = "Starts an instance before there is a job."
EDIT: Final = "Scaling"
SAVE: Final = "Save"
PENDING: Final = (
    "The scaling is set up once the endpoint is InService; until then its instances stay."
)
STOPS_SOON: Final = "Idle; it stops within a few minutes."


def own_state(endpoint: Endpoint) -> str:
    """The word for what SageMaker has no state of; empty where its own says it."""
    if endpoint.has_ended:
        return ENDED
    if endpoint.is_held:
        return HELD
    if endpoint.is_at_zero:
        return AT_ZERO
    return WAKING if endpoint.is_waking else ""


def edit_title(name: str) -> str:
    """The dialog's."""
    return f"Scaling of {name}"


def wake_duration(settings: Settings) -> str:
    """How long the first instance takes."""
    return "usually half a minute" if settings.embedded else "usually 5 to 10 minutes"


def at_zero(settings: Settings) -> str:
    """An endpoint without instances."""
    return f"No instance runs, and none costs. The next job wakes it: {wake_duration(settings)}."


def waking(age: str, settings: Settings) -> str:
    """An endpoint whose first instance starts."""
    return f"Waking for {age}, {wake_duration(settings)}; jobs wait meanwhile."


def waking_job(settings: Settings) -> str:
    """A job that waits for the first instance."""
    return f"waking the endpoint, {wake_duration(settings)}"


def stops_at(time: str) -> str:
    """An idle endpoint; `time` as on a clock."""
    return f"Idle; will stop at about {time}."


def summary(spec: ScalingSpec, ends_at: str) -> str:
    """The order in one line; `ends_at` in the viewer's zone, empty where there is no end."""
    instances = (
        f"{spec.minimum} to {spec.maximum} instances"
        if spec.minimum < spec.maximum
        else f"always {number_of_instances(spec.maximum)}"
    )
    parts = [
        instances,
        f"{spec.backlog_target} jobs each" if spec.maximum > spec.minimum else "",
        f"idle {spec.idle_minutes} min" if spec.maximum > spec.minimum else "",
        _hours(spec.hours) if spec.hours else "",
        f"ends {ends_at}" if ends_at else "",
    ]
    return " · ".join(part for part in parts if part)


def _hours(hours: OfficeHours) -> str:
    times = f"{hours.start:%H:%M} to {hours.end:%H:%M}"
    return f"{hours.warm} kept running {_days(hours.days)} {times} ({hours.timezone})"


def _days(days: tuple[Weekday, ...]) -> str:
    """`Mon to Fri`, or each day where they are not in a row."""
    names = [DAY_NAMES[day] for day in days]
    week = list(DAY_NAMES)
    first = week.index(days[0])
    in_a_row = tuple(week[first : first + len(days)]) == days
    return f"{names[0]} to {names[-1]}" if in_a_row and len(days) > 2 else " ".join(names)


# ---- the doctor
DOCTOR: Final = "The scaling on AWS is not as ordered:"
REPAIR: Final = "Repair"
PROBLEMS: Final = {
    ScalingProblem.MISSING: "is missing",
    ScalingProblem.DIFFERENT: "is different",
    ScalingProblem.UNWANTED: "was not ordered",
    ScalingProblem.FOREIGN: "is somebody else's",
}


def finding(what: str, problem: ScalingProblem, detail: str) -> str:
    """One object that is not as ordered."""
    return f"**{what}** {PROBLEMS[problem]}. {detail}"


# ---- what is left over
LEFTOVERS: Final = "Left over from deleted endpoints"
LEFTOVERS_HELP: Final = (
    "Their endpoints are gone, and these are not. An alarm costs $0.10 to $0.30 a month; a "
    "target would scale a new endpoint of the same name."
)
CLEAN: Final = "Remove"


def leftover(one: Leftover) -> str:
    """What is left of one endpoint."""
    alarms = "1 alarm" if one.alarms == 1 else f"{one.alarms} alarms"
    others = f"{one.others} scaling object" + ("" if one.others == 1 else "s")
    return f"{one.endpoint}: {alarms}, {others}"
