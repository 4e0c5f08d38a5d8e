"""Office hours and end date as bounds of the instance count, and as AWS's schedule expressions."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from core.endpoints.scaling.spec import OfficeHours, ScalingSpec, Weekday

_ORDER: Final = tuple(Weekday)


class Bounds(NamedTuple):
    """Fewest and most instances."""

    minimum: int
    maximum: int


STOPPED: Final = Bounds(0, 0)


def open_bounds(spec: ScalingSpec) -> Bounds:
    """The bounds within the office hours."""
    warm = spec.hours.warm if spec.hours else 0
    return Bounds(max(spec.minimum, warm), spec.maximum)


def closed_bounds(spec: ScalingSpec) -> Bounds:
    """The bounds outside the office hours, or always where there are none."""
    return Bounds(spec.minimum, spec.maximum)


def bounds_at(spec: ScalingSpec, now: datetime) -> Bounds:
    """The bounds that the order wants at a time."""
    if spec.has_ended(now):
        return STOPPED
    if spec.hours and is_open(spec.hours, now):
        return open_bounds(spec)
    return closed_bounds(spec)


def is_open(hours: OfficeHours, now: datetime) -> bool:
    """Whether it is within the office hours."""
    local = now.astimezone(ZoneInfo(hours.timezone))
    today, yesterday = (_ORDER[(local.weekday() - back) % 7] in hours.days for back in (0, 1))
    at = local.time()
    if hours.start < hours.end:
        return today and hours.start <= at < hours.end
    return (today and at >= hours.start) or (yesterday and at < hours.end)


def opening_cron(hours: OfficeHours) -> str:
    """When the office opens: `cron(0 8 ? * MON,TUE *)`."""
    return _cron(hours.start.hour, hours.start.minute, hours.days)


def closing_cron(hours: OfficeHours) -> str:
    """When it closes; hours over midnight close on the day after."""
    days = hours.days
    if hours.end < hours.start:
        days = tuple(_ORDER[(_ORDER.index(day) + 1) % 7] for day in days)
    return _cron(hours.end.hour, hours.end.minute, days)


def _cron(hour: int, minute: int, days: tuple[Weekday, ...]) -> str:
    return f"cron({minute} {hour} ? * {','.join(days)} *)"


def ending_at(moment: datetime) -> str:
    """The end date, UTC: `at(2026-12-31T18:00:00)`."""
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


def last_office_moment(moment: datetime) -> datetime:
    """Until when the office opens: its hours must not bring instances back after the end."""
    return moment - timedelta(seconds=1)
