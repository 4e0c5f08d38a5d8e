"""A listing is read by one session for all; an older one beats none."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from core.aws.shared_listing import SharedListing
from core.errors import AwsError, AwsUnreachable

START = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)


class Aws:
    """Answers in turn; an error is raised. Its clock is moved by hand."""

    def __init__(self, *answers: str | AwsError) -> None:
        self.now = START
        self._answers: Iterator[str | AwsError] = iter(answers)
        self.listing = SharedListing(self.read, lambda: self.now, fresh_seconds=2)

    def read(self) -> tuple[str, ...]:
        answer = next(self._answers)
        if isinstance(answer, AwsError):
            raise answer
        return (answer,)

    def after(self, seconds: float, **how: bool) -> str:
        self.now += timedelta(seconds=seconds)
        return self.listing.get(**how)[0]


SILENT = AwsUnreachable("AWS did not answer.")


@pytest.mark.parametrize(
    ("answers", "calls", "seen", "is_old"),
    [
        (("a", "b"), ((0, False), (1, False), (2, False)), "aab", False),
        (("a", "b"), ((0, False), (1, True)), "ab", False),
        (("a", SILENT), ((0, False), (3, False), (1, False), (1, True)), "aaaa", True),
        (("a", SILENT, "b"), ((0, False), (3, False), (6, False)), "aab", False),
    ],
)
def test_when_aws_is_asked_again(
    answers: tuple[str | AwsError, ...],
    calls: tuple[tuple[float, bool], ...],
    seen: str,
    is_old: bool,
) -> None:
    aws = Aws(*answers)
    assert "".join(aws.after(seconds, refresh=refresh) for seconds, refresh in calls) == seen
    assert (aws.listing.error is not None) is is_old
    assert (aws.listing.read_at == START) is (is_old or len(set(seen)) == 1)


def test_without_any_listing_the_error_is_told_to_each() -> None:
    aws = Aws(SILENT, "a")
    for _ in range(2):
        with pytest.raises(AwsUnreachable, match="did not answer"):
            aws.after(1)
    assert aws.after(6) == "a"


def test_a_change_makes_the_next_call_read_again() -> None:
    aws = Aws("a", "b")
    assert aws.after(0) == "a"
    aws.listing.expire()
    assert aws.after(0) == "b"


def test_a_slow_reading_keeps_nobody_waiting() -> None:
    reading, go_on = Event(), Event()
    now = [START]

    def read() -> tuple[str, ...]:
        if now[0] == START:
            return ("old",)
        reading.set()
        assert go_on.wait(60)
        return ("new",)

    listing = SharedListing(read, lambda: now[0], fresh_seconds=2)
    assert listing.get() == ("old",)
    now[0] += timedelta(seconds=10)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(listing.get)
        assert reading.wait(60)
        assert listing.get() == ("old",)
        go_on.set()
        assert first.result() == ("new",)
