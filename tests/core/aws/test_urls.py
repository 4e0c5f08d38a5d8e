"""Addresses of pictures are signed, expire, and stay the same for a browser's cache."""

from datetime import UTC, datetime, timedelta

import pytest

from core.aws.urls import ROUTE, PictureUrls, TokenSigner

JOB = "01JD8Z5M3Q8V4T0W9X2Y7R6N5K"
KEY = f"jobs/{JOB}/outputs/0.png"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def split(url: str) -> tuple[str, str]:
    token, _, key = url.removeprefix(f"{ROUTE}/").partition("/")
    return token, key


def test_an_address_opens_its_own_object_only() -> None:
    signer = TokenSigner(b"secret", Clock())
    token, key = split(PictureUrls(signer).output(JOB, 0))
    assert key == KEY
    assert signer.accepts(token, KEY)
    assert not signer.accepts(token, KEY.replace("0.png", "1.png"))
    assert not TokenSigner(b"other", Clock()).accepts(token, KEY)


def test_addresses_last_an_hour_and_expire() -> None:
    clock = Clock()
    signer = TokenSigner(b"secret", clock)
    first = signer(KEY)
    clock.now += timedelta(minutes=45)
    assert signer(KEY) == first
    assert signer.accepts(*split(first))
    clock.now += timedelta(hours=2)
    assert signer(KEY) != first
    assert not signer.accepts(*split(first))


@pytest.mark.parametrize("token", ["", ".", "1.x", "x.y", "9" * 20 + ".x", "é.é", "²." + "a" * 43])
def test_strange_tokens_are_refused(token: str) -> None:
    assert not TokenSigner(b"secret", Clock()).accepts(token, KEY)
