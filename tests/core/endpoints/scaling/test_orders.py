"""Orders: what is refused at which field, their tag on AWS, and their hours as bounds and cron."""

import re
from datetime import UTC, datetime, time
from typing import Any

import pytest

from core.endpoints.scaling.order_tag import decode_order, encode_order
from core.endpoints.scaling.schedule import bounds_at, closing_cron, opening_cron
from core.endpoints.scaling.spec import OfficeHours, ScalingSpec, Weekday, can_scale_to_zero
from core.errors import InvalidDraft

OFFICE = OfficeHours(
    days=tuple(Weekday)[:5], start=time(8), end=time(18), timezone="Europe/Berlin", warm=1
)
NIGHT = OfficeHours(
    days=(Weekday.FRIDAY, Weekday.SUNDAY),
    start=time(22, 30),
    end=time(6),
    timezone="America/New_York",
    warm=2,
)
END = datetime(2026, 12, 31, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"minimum": -1}, "minimum"),
        ({"minimum": 11, "maximum": 11}, "minimum"),
        ({"maximum": 0}, "maximum"),
        ({"maximum": 11}, "maximum"),
        ({"minimum": 3, "maximum": 2}, "maximum"),
        ({"backlog_target": 0}, "backlog_target"),
        ({"backlog_target": 101}, "backlog_target"),
        ({"idle_minutes": 0}, "idle_minutes"),
        ({"idle_minutes": 1441}, "idle_minutes"),
        ({"hours": {**OFFICE.model_dump(), "days": ()}}, "days"),
        ({"hours": {**OFFICE.model_dump(), "end": time(8)}}, "end"),
        ({"hours": {**OFFICE.model_dump(), "timezone": "Mars/Base"}}, "timezone"),
        ({"hours": {**OFFICE.model_dump(), "warm": 0}}, "warm"),
        ({"hours": {**OFFICE.model_dump(), "warm": 2}}, "hours"),
    ],
)
def test_what_is_refused_is_refused_at_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidDraft) as caught:
        ScalingSpec.ordered(**fields)
    assert field in {problem.field for problem in caught.value.problems}


SPECS = [
    ScalingSpec(),
    ScalingSpec(minimum=1, maximum=10, backlog_target=100, idle_minutes=1440),
    ScalingSpec(maximum=3, hours=OFFICE),
    ScalingSpec(maximum=2, hours=NIGHT, ends_at=END),
]


@pytest.mark.parametrize("spec", SPECS)
def test_an_order_is_a_tag_that_aws_takes(spec: ScalingSpec) -> None:
    """The pattern and length of a tag's value in SageMaker's model."""
    value = encode_order(spec)
    assert re.fullmatch(r"[\w\s.:/=+\-@]{0,256}", value)
    assert decode_order(value) == spec


def test_the_longest_order_fits_a_tag() -> None:
    hours = OfficeHours(
        days=tuple(Weekday),
        start=time(8, 30),
        end=time(18, 30),
        timezone="America/Argentina/ComodRivadavia",
        warm=10,
    )
    spec = ScalingSpec(maximum=10, backlog_target=100, idle_minutes=1440, hours=hours, ends_at=END)
    assert len(encode_order(spec)) <= 256


@pytest.mark.parametrize("value", ["", "hello", "min=0 max=0 backlog=4 idle=5", "min=0"])
def test_a_tag_that_says_nothing_is_no_order(value: str) -> None:
    assert decode_order(value) is None


@pytest.mark.parametrize(
    ("spec", "moment", "bounds"),
    [
        # Berlin is at UTC+1 in November and at UTC+2 in July.
        (ScalingSpec(maximum=3, hours=OFFICE), "2026-11-27T06:59", (0, 3)),
        (ScalingSpec(maximum=3, hours=OFFICE), "2026-11-27T07:00", (1, 3)),
        (ScalingSpec(maximum=3, hours=OFFICE), "2026-11-27T17:00", (0, 3)),
        (ScalingSpec(maximum=3, hours=OFFICE), "2026-11-28T10:00", (0, 3)),
        (ScalingSpec(maximum=3, hours=OFFICE), "2026-07-24T06:00", (1, 3)),
        # Friday 22:30 to Saturday 6:00 in New York, UTC-5.
        (ScalingSpec(maximum=2, hours=NIGHT), "2026-11-28T03:30", (2, 2)),
        (ScalingSpec(maximum=2, hours=NIGHT), "2026-11-28T10:59", (2, 2)),
        (ScalingSpec(maximum=2, hours=NIGHT), "2026-11-28T11:00", (0, 2)),
        (ScalingSpec(minimum=1, maximum=2), "2026-11-28T11:00", (1, 2)),
        (ScalingSpec(maximum=2, ends_at=END), "2026-12-31T17:59", (0, 2)),
        (ScalingSpec(maximum=2, hours=OFFICE, ends_at=END), "2026-12-31T18:00", (0, 0)),
    ],
)
def test_the_bounds_of_a_moment(spec: ScalingSpec, moment: str, bounds: tuple[int, int]) -> None:
    assert bounds_at(spec, datetime.fromisoformat(moment).replace(tzinfo=UTC)) == bounds


@pytest.mark.parametrize(
    ("hours", "opening", "closing"),
    [
        (OFFICE, "cron(0 8 ? * MON,TUE,WED,THU,FRI *)", "cron(0 18 ? * MON,TUE,WED,THU,FRI *)"),
        (NIGHT, "cron(30 22 ? * FRI,SUN *)", "cron(0 6 ? * SAT,MON *)"),
    ],
)
def test_hours_over_midnight_close_on_the_next_day(
    hours: OfficeHours, opening: str, closing: str
) -> None:
    assert (opening_cron(hours), closing_cron(hours)) == (opening, closing)


@pytest.mark.parametrize("is_asynchronous", [True, False])
def test_only_an_asynchronous_endpoint_can_be_at_zero(is_asynchronous: bool) -> None:
    assert can_scale_to_zero(is_asynchronous=is_asynchronous) is is_asynchronous
