"""A state that lasts for longer than usual says so; each has words."""

from datetime import UTC, datetime, timedelta

import pytest

from core.endpoints.lifecycle.state_times import is_late, usual_time
from core.endpoints.status import Endpoint, EndpointStatus
from ui.texts import lifecycle as texts

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def endpoint(status: EndpointStatus, minutes: float) -> Endpoint:
    since = NOW - timedelta(minutes=minutes)
    return Endpoint(
        name="team",
        status=status,
        instance_type="ml.g5.xlarge",
        instances=0,
        desired=1,
        created_at=since,
        changed_at=since,
    )


@pytest.mark.parametrize(
    ("status", "minutes", "embedded", "late"),
    [
        (EndpointStatus.CREATING, 10, False, False),
        (EndpointStatus.CREATING, 16, False, True),
        (EndpointStatus.CREATING, 4, True, False),
        (EndpointStatus.CREATING, 6, True, True),
        (EndpointStatus.UPDATING, 26, False, True),
        (EndpointStatus.SYSTEM_UPDATING, 31, False, True),
        (EndpointStatus.ROLLING_BACK, 31, False, True),
        (EndpointStatus.DELETING, 16, False, True),
        (EndpointStatus.IN_SERVICE, 10_000, False, False),
        (EndpointStatus.OUT_OF_SERVICE, 10_000, False, False),
        (EndpointStatus.FAILED, 10_000, False, False),
        (EndpointStatus.UPDATE_ROLLBACK_FAILED, 10_000, False, False),
    ],
)
def test_it_is_late(status: EndpointStatus, minutes: float, embedded: bool, late: bool) -> None:
    assert is_late(endpoint(status, minutes), NOW, embedded=embedded) is late


def test_every_state_has_words_and_each_that_can_be_late_a_next_step() -> None:
    assert texts.WORDS.keys() == set(EndpointStatus)
    passing = {one for one in EndpointStatus if usual_time(one, embedded=False)}
    assert texts.LATE.keys() == passing


def test_the_card_says_it_in_one_line() -> None:
    creating = endpoint(EndpointStatus.CREATING, 3)
    said = texts.state(creating, "3 min 0 s", usual_time(creating.status, embedded=False))
    assert said == (
        "ml.g5.xlarge · 0 of 1 instance · Creating for 3 min 0 s, usually 5 to 10 min: starting: "
        "AWS looks for an instance, fetches the image, loads it"
    )
