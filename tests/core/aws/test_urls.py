"""Addresses of images are signed, expire, and stay the same for a browser's cache."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.aws.urls import (
    BUCKET_FIELD,
    ROUTE,
    ImageUrls,
    TokenSigner,
    object_subject,
)
from core.errors import AwsDenied

JOB = "01JD8Z5M3Q8V4T0W9X2Y7R6N5K"
KEY = f"jobs/{JOB}/outputs/0.png"
BUCKET = "a.bucket"
ANN = "login.example.com/ann"
SUBJECT = object_subject(ANN, KEY, BUCKET)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def split(url: str) -> tuple[str, str]:
    """The token of an address, and what it is for."""
    path, _, bucket = url.removeprefix(f"{ROUTE}/").partition(f"?{BUCKET_FIELD}=")
    token, _, key = path.partition("/")
    return token, object_subject(ANN, key, bucket)


def test_an_address_opens_its_own_object_only() -> None:
    signer = TokenSigner([b"secret"], Clock())
    token, key = split(ImageUrls(signer, ANN).output(JOB, 0, BUCKET))
    assert key == SUBJECT
    assert signer.accepts(token, SUBJECT)
    for other in (KEY, KEY.replace("0.png", "1.png")):
        for bucket in ("", "another", BUCKET if other != KEY else "mine"):
            assert not signer.accepts(token, object_subject(ANN, other, bucket))
    assert not signer.accepts(token, object_subject("login.example.com/bob", KEY, BUCKET))
    assert not TokenSigner([b"other"], Clock()).accepts(token, SUBJECT)


def test_addresses_last_an_hour_and_expire() -> None:
    clock = Clock()
    signer = TokenSigner([b"secret"], clock)
    first = signer.url(ANN, KEY, BUCKET)
    clock.now += timedelta(minutes=45)
    assert signer.url(ANN, KEY, BUCKET) == first
    assert signer.accepts(*split(first))
    clock.now += timedelta(hours=2)
    assert signer.url(ANN, KEY, BUCKET) != first
    assert not signer.accepts(*split(first))


@pytest.mark.parametrize("token", ["", ".", "1.x", "x.y", "9" * 20 + ".x", "é.é", "²." + "a" * 43])
def test_strange_tokens_are_refused(token: str) -> None:
    assert not TokenSigner([b"secret"], Clock()).accepts(token, SUBJECT)


@pytest.mark.parametrize(
    ("seconds", "accepted"),
    [(-1, False), (0, True), (3600, True), (7200, True), (7201, False), (10**9, False)],
)
def test_a_token_is_good_for_two_hours_at_most(seconds: int, accepted: bool) -> None:
    clock = Clock()
    signer = TokenSigner([b"secret"], clock)
    token = signer.token(SUBJECT, int(clock.now.timestamp()) + seconds)
    assert signer.accepts(token, SUBJECT) is accepted


def test_no_credentials_are_our_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    storage = Storage(Aws(Connection(region="us-east-1")), "bucket")
    with pytest.raises(AwsDenied, match="Configure AWS credentials"):
        storage.presign(KEY, 60)


def test_a_job_of_another_bucket_has_its_address() -> None:
    urls = ImageUrls(TokenSigner([b"secret"], Clock()), ANN)
    here, there = urls.output(JOB, 0, ""), urls.output(JOB, 0, "old")
    assert (here.split("?")[1], there.split("?")[1]) == ("bucket=", "bucket=old")
    assert urls.output(JOB, 0, "") == here


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        (("a", "b/c", "d"), ("a", "b", "c/d")),
        (("a/b", "c", "d"), ("a", "b/c", "d")),
        (("a/", "", "d"), ("a", "/", "d")),
        (("a%2Fb", "", "d"), ("a/b", "", "d")),
    ],
)
def test_no_two_looks_have_one_token(
    mine: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    signer = TokenSigner([b"secret"], Clock())
    token = signer.fresh_token(object_subject(*mine))
    assert signer.accepts(token, object_subject(*mine))
    assert not signer.accepts(token, object_subject(*other))


def test_the_key_before_is_accepted_until_it_goes() -> None:
    clock = Clock()
    old, both, new = (TokenSigner(keys, clock) for keys in ([b"1"], [b"2", b"1"], [b"2"]))
    token = old.fresh_token(SUBJECT)
    assert both.accepts(token, SUBJECT)
    assert not new.accepts(token, SUBJECT)
    assert new.accepts(both.fresh_token(SUBJECT), SUBJECT)
