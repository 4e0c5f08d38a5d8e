"""How often somebody may ask."""

import pytest

from core.team import rate_limit
from core.team.rate_limit import RateLimit


def test_a_burst_then_so_many_a_second_for_each_by_themselves() -> None:
    now = [0.0]
    limit = RateLimit(per_second=2, burst=3, monotonic=lambda: now[0])
    rows = [  # when, who, seconds to wait
        (0, "ann", 0),
        (0, "ann", 0),
        (0, "ann", 0),
        (0, "ann", 1),
        (0, "bob", 0),
        (0.5, "ann", 0),
        (0.5, "ann", 1),
        (100, "ann", 0),
        (100, "ann", 0),
        (100, "ann", 0),
        (100, "ann", 1),
    ]
    for at, who, seconds in rows:
        now[0] = at
        assert limit.seconds_to_wait(who) == seconds, (at, who)


def test_it_knows_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "_MOST_KEYS", 2)
    limit = RateLimit(per_second=0.1, burst=1, monotonic=lambda: 0.0)
    assert [limit.seconds_to_wait(who) for who in ("ann", "ann", "bob", "eve", "ann")] == [
        0,
        10,
        0,
        0,
        0,
    ]
