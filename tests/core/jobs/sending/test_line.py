"""Whose turn it is: the line's order as a table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.jobs.records import Job, JobState
from core.jobs.sending.line import LinePosition, in_order, last_served, positions
from formats.generation.parameters import Mode

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def job(name: str, **changes: Any) -> Job:
    """A waiting job: `b07` is the eighth that anybody asked for, and b's."""
    fields: dict[str, Any] = {
        "id": f"01JD8Z5M3Q8V4T0W9X2Y7R6{int(name[1:]):03d}",
        "owner": name[0],
        "endpoint": "team",
        "created_at": NOW,
        "updated_at": NOW,
        "stored_at": NOW,
        "mode": Mode.TXT2IMG,
        "checkpoint": "a",
        "prompt": name,
    }
    return Job(**{**fields, **changes})


def jobs(names: str, **changes: Any) -> list[Job]:
    return [job(name, **changes) for name in names.split()]


def names(line: Any) -> str:
    return " ".join(each.prompt for each in line)


FIFTY_AND_ONE = [*jobs(" ".join(f"a{n}" for n in range(50))), job("b50")]
SERVED = {"a": at(1), "b": at(2)}


@pytest.mark.parametrize(
    ("waiting", "how", "begins"),
    [
        (FIFTY_AND_ONE, {}, "a0 b50 a1 a2"),
        (FIFTY_AND_ONE, {"served": {"a": at(0)}}, "b50 a0 a1"),
        (jobs("a0 a1 b2 b3 c4"), {}, "a0 b2 c4 a1 b3"),
        (jobs("a0 a1 b2 b3 c4"), {"served": SERVED}, "c4 a0 b2 a1 b3"),
        (jobs("b3 a1 b2 a0"), {}, "a0 b2 a1 b3"),  # in whatever order they are listed
        # an admin's are first, but for every second turn
        ([*jobs("a0 a1 b2"), *jobs("z3 z4 z5", has_priority=True)], {}, "z3 a0 z4 b2 z5 a1"),
        ([*jobs("a0 a1"), job("z2", has_priority=True)], {"after_priority": True}, "a0 z2 a1"),
        (jobs("y0 y1 z2", has_priority=True), {"after_priority": True}, "y0 z2 y1"),
        # what was moved to the front is before its owner's others alone
        ([*jobs("a0 a1 b2"), job("a3", moved_at=NOW)], {}, "b2 a3 a0 a1"),
        (
            [job("a0"), job("a1", moved_at=at(1)), job("a2", moved_at=at(2)), job("b3")],
            {"served": SERVED},
            "a2 b3 a1 a0",
        ),
        ([], {}, ""),
    ],
)
def test_whose_turn_it_is(waiting: list[Job], how: dict[str, Any], begins: str) -> None:
    order = list(in_order(waiting, **{"served": {}, **how}))
    assert names(order[: max(1, len(begins.split()))]) == begins


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({}, True),
        ({"stored_at": None}, False),  # still stored, or of an older version
        ({"sent_at": NOW}, False),
        ({"sent_at": NOW, "claimed_by": "another"}, False),
        ({"state": JobState.RUNNING, "sent_at": NOW}, False),
        ({"state": JobState.CANCELLED}, False),
    ],
)
def test_what_waits(changes: dict[str, Any], waits: bool) -> None:
    found = job("a0", **changes)
    assert found.is_in_line is waits
    assert names(in_order([found], {})) == ("a0" if waits else "")


def test_positions_count_everybodys_and_ones_own() -> None:
    found = positions(in_order(jobs("a0 a1 a2 b3"), {}))
    by_name = {each.prompt: found[each.id] for each in jobs("a0 a1 a2 b3")}
    assert by_name == {
        "a0": LinePosition(1, 0),
        "b3": LinePosition(2, 0),
        "a1": LinePosition(3, 1),
        "a2": LinePosition(4, 2),
    }


def test_when_owners_were_served() -> None:
    sent = [job("a0", sent_at=at(5)), job("a1", sent_at=at(3)), job("b2")]
    assert last_served(sent) == {"a": at(5)}
