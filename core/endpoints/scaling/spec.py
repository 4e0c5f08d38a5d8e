"""What somebody orders of an endpoint's scaling: bounds, backlog, idle time, office hours, end."""

from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Final, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from core.errors import InvalidDraft, InvalidInput, Problem
from core.texts import scaling as texts
from formats.frozen import Frozen

MAX_INSTANCES: Final = 10
MAX_BACKLOG_TARGET: Final = 100
MAX_IDLE_MINUTES: Final = 24 * 60


class Weekday(StrEnum):
    """A day of the week, as AWS's cron expressions name it."""

    MONDAY = "MON"
    TUESDAY = "TUE"
    WEDNESDAY = "WED"
    THURSDAY = "THU"
    FRIDAY = "FRI"
    SATURDAY = "SAT"
    SUNDAY = "SUN"


def _error(kind: str, message: str) -> PydanticCustomError:
    """An error whose message is the text itself, whatever braces it has."""
    return PydanticCustomError(kind, "{message}", {"message": message})


def _within(low: int, high: int) -> AfterValidator:
    def check(value: int) -> int:
        if not low <= value <= high:
            raise _error("out_of_bounds", texts.out_of_bounds(low, high))
        return value

    return AfterValidator(check)


class OfficeHours(Frozen):
    """When instances are kept running, in a time zone's own time; `end` before `start` is the next
    day's."""

    days: tuple[Weekday, ...]
    start: time
    end: time
    timezone: str
    """An IANA name: `Europe/Berlin`."""
    warm: Annotated[int, _within(1, MAX_INSTANCES)] = 1
    """Instances that are kept running meanwhile."""

    @field_validator("days")
    @classmethod
    def _check_days(cls, days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if not days:
            raise _error("no_day", texts.NO_DAY)
        return tuple(day for day in Weekday if day in days)

    @field_validator("end")
    @classmethod
    def _check_end(cls, end: time, info: ValidationInfo) -> time:
        if end == info.data.get("start"):
            raise _error("no_time", texts.NO_TIME_BETWEEN)
        return end

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, name: str) -> str:
        if name not in available_timezones():
            raise _error("no_zone", texts.no_such_timezone(name))
        return name


class ScalingSpec(Frozen):
    """The scaling of an endpoint as it was ordered."""

    minimum: Annotated[int, _within(0, MAX_INSTANCES)] = 0
    maximum: Annotated[int, _within(1, MAX_INSTANCES)] = 1
    backlog_target: Annotated[int, _within(1, MAX_BACKLOG_TARGET)] = 4
    """Jobs that wait or run, for each instance; with more of them instances are added."""
    idle_minutes: Annotated[int, _within(1, MAX_IDLE_MINUTES)] = 15
    """How long an instance without jobs is kept."""
    hours: OfficeHours | None = None
    ends_at: datetime | None = None
    """When all instances are stopped for good, UTC, to the second."""

    @field_validator("maximum")
    @classmethod
    def _check_maximum(cls, maximum: int, info: ValidationInfo) -> int:
        if maximum < info.data.get("minimum", 0):
            raise _error("order", texts.MAXIMUM_BELOW_MINIMUM)
        return maximum

    @field_validator("hours")
    @classmethod
    def _check_hours(cls, hours: OfficeHours | None, info: ValidationInfo) -> OfficeHours | None:
        if hours and hours.warm > info.data.get("maximum", MAX_INSTANCES):
            raise _error("order", texts.WARM_ABOVE_MAXIMUM)
        return hours

    @field_validator("ends_at")
    @classmethod
    def _to_utc(cls, moment: datetime | None) -> datetime | None:
        return moment.astimezone(UTC).replace(microsecond=0) if moment else None

    @property
    def first_instances(self) -> int:
        """Instances that the endpoint starts with: SageMaker starts none with 0."""
        return max(1, self.minimum)

    def has_ended(self, now: datetime) -> bool:
        """Whether its end date is over."""
        return self.ends_at is not None and self.ends_at <= now

    def check_end(self, now: datetime) -> None:
        """Raise InvalidInput where the order would end before it begins."""
        if self.has_ended(now):
            raise InvalidInput(texts.ENDS_IN_THE_PAST, "ends_at")

    @classmethod
    def ordered(cls, **fields: Any) -> Self:
        """The spec of a form's fields. Raises InvalidDraft with the problem of each field."""
        try:
            return cls(**fields)
        except ValidationError as error:
            raise InvalidDraft(problems_of(error)) from error


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """Pydantic's errors at the fields of the form: `hours.days` is the field `days`."""
    return tuple(
        Problem(str(details["loc"][-1]), str(details["msg"]))
        for details in error.errors(include_url=False)
    )


def can_scale_to_zero(*, is_asynchronous: bool) -> bool:
    """Whether an endpoint can be without instances: only an asynchronous one has a queue in which
    jobs wait for the first; a real-time endpoint needs one instance at least."""
    return is_asynchronous
