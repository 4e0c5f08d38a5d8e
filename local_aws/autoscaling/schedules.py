"""Parses schedule expressions of scheduled actions, and finds when they were due. Pure functions.

Source: "PutScheduledAction" of the Application Auto Scaling API reference: `at(date and time)`,
`rate(value unit)`, `cron(minutes hours day-of-month month day-of-week [year])`, days of the week
1-7 or SUN-SAT. The signs L, W and # are not read here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_ANY = {"*", "?"}
_RATE_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_LONGEST_LOOK_BACK = timedelta(days=366)


@dataclass(frozen=True)
class _CronField:
    """The range of one field, and the names of its values."""

    low: int
    high: int
    names: tuple[str, ...] = ()

    def parse(self, text: str) -> frozenset[int]:
        """The values that match. Raises ValueError."""
        values: set[int] = set()
        for part in text.split(","):
            span, _, step = part.partition("/")
            first, _, last = span.partition("-")
            low = self.low if first in _ANY else self._value(first)
            if first in _ANY or (step and not last):
                high = self.high
            else:
                high = self._value(last) if last else low
            if low > high:
                raise ValueError(f"{span} goes backwards")
            values.update(range(low, high + 1, int(step) if step else 1))
        return frozenset(values)

    def _value(self, text: str) -> int:
        if text.upper() in self.names:
            return self.low + self.names.index(text.upper())
        value = int(text)
        if not self.low <= value <= self.high:
            raise ValueError(f"{value} is not within {self.low}-{self.high}")
        return value


_FIELDS = (
    _CronField(0, 59),
    _CronField(0, 23),
    _CronField(1, 31),
    _CronField(1, 12, tuple(_MONTHS)),
    _CronField(1, 7, tuple(_DAYS)),
    _CronField(1970, 2199),
)

Schedule = Callable[[datetime, datetime], datetime | None]
"""The last moment after the first time and until the second at which the action was due."""


def parse_schedule(expression: str, timezone: str, anchor: datetime) -> Schedule:
    """The schedule of an expression; a rate counts from `anchor`. Raises ValueError."""
    zone = ZoneInfo(timezone)
    match = re.fullmatch(r"(at|rate|cron)\((.+)\)", expression.strip())
    if match is None:
        raise ValueError("it is neither at(), rate() nor cron()")
    kind, text = match.groups()
    if kind == "at":
        return _at(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone))
    return _rate(text, anchor) if kind == "rate" else _cron(text, zone)


def _at(moment: datetime) -> Schedule:
    return lambda after, until: moment.astimezone(UTC) if after < moment <= until else None


def _rate(text: str, anchor: datetime) -> Schedule:
    value, unit = text.split()
    seconds = int(value) * _RATE_UNITS[unit.removesuffix("s")]
    if seconds <= 0:
        raise ValueError("a rate is positive")

    def due(after: datetime, until: datetime) -> datetime | None:
        count = int((until - anchor).total_seconds() // seconds)
        moment = anchor + timedelta(seconds=count * seconds)
        return moment if count >= 1 and moment > after else None

    return due


def _cron(text: str, zone: ZoneInfo) -> Schedule:
    parts = text.split()
    if len(parts) == len(_FIELDS) - 1:
        parts.append("*")
    if len(parts) != len(_FIELDS):
        raise ValueError("cron has 5 or 6 fields")
    if parts[2] not in _ANY and parts[4] not in _ANY:
        raise ValueError("one of day-of-month and day-of-week must be ?")
    values = [field.parse(part) for field, part in zip(_FIELDS, parts, strict=True)]
    minutes, hours, days, months, weekdays, years = values
    times = [time(h, m) for h in sorted(hours, reverse=True) for m in sorted(minutes, reverse=True)]

    def is_due(day: date) -> bool:
        weekday = day.isoweekday() % 7 + 1
        fits = day.day in days and day.month in months and weekday in weekdays
        return fits and day.year in years

    def due(after: datetime, until: datetime) -> datetime | None:
        after = max(after, until - _LONGEST_LOOK_BACK)
        day, first = until.astimezone(zone).date(), after.astimezone(zone).date()
        while day >= first:
            for at in times if is_due(day) else ():
                moment = datetime.combine(day, at, zone).astimezone(UTC)
                if after < moment <= until:
                    return moment
            day -= timedelta(days=1)
        return None

    return due
