"""Addresses of images are signed, expire, and stay the same for a browser's cache."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.credentials import Credentials, RefreshableCredentials
from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.aws.urls import (
    BUCKET_FIELD,
    ROUTE,
    ImageUrls,
    TokenSigner,
    UrlPresigner,
    object_subject,
)
from core.errors import AwsDenied
from core.ids import new_id

JOB = "01JD8Z5M3Q8V4T0W9X2Y7R6N5K"
KEY = f"jobs/{JOB}/outputs/0.png"
BUCKET = "a.bucket"
SUBJECT = object_subject(KEY, BUCKET)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def split(url: str) -> tuple[str, str]:
    """The token of an address, and what it is for."""
    path, _, bucket = url.removeprefix(f"{ROUTE}/").partition(f"?{BUCKET_FIELD}=")
    token, _, key = path.partition("/")
    return token, object_subject(key, bucket)


def test_an_address_opens_its_own_object_only() -> None:
    signer = TokenSigner([b"secret"], Clock())
    token, key = split(ImageUrls(signer).output(JOB, 0, BUCKET))
    assert key == SUBJECT
    assert signer.accepts(token, SUBJECT)
    for other in (KEY, KEY.replace("0.png", "1.png")):
        for bucket in ("", "another", BUCKET if other != KEY else "mine"):
            assert not signer.accepts(token, object_subject(other, bucket))
    assert not TokenSigner([b"other"], Clock()).accepts(token, SUBJECT)


def test_addresses_last_an_hour_and_expire() -> None:
    clock = Clock()
    signer = TokenSigner([b"secret"], clock)
    first = signer(KEY, BUCKET)
    clock.now += timedelta(minutes=45)
    assert signer(KEY, BUCKET) == first
    assert signer.accepts(*split(first))
    clock.now += timedelta(hours=2)
    assert signer(KEY, BUCKET) != first
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


THREADS = 8


@pytest.fixture
def storage() -> Storage:
    """A bucket that nobody asks: an address is signed without a call."""
    connection = Connection(
        url="http://127.0.0.1:9", access_key="a", secret_key=SecretStr("b"), region="us-east-1"
    )
    return Storage(Aws(connection), "bucket")


@pytest.mark.parametrize(
    ("later", "is_same"),
    [
        (timedelta(minutes=59), True),
        (timedelta(minutes=60), False),
        (timedelta(days=1, minutes=10), False),
    ],
)
def test_a_presigned_address_is_kept_for_an_hour(
    storage: Storage, later: timedelta, is_same: bool
) -> None:
    clock = Clock()
    sign = UrlPresigner(storage, clock)
    sign(KEY, "")
    first = sign._urls["", KEY]
    clock.now += later
    sign("another key", "")
    assert (sign._urls.get(("", KEY)) == first) is is_same, "what is out of date is forgotten"
    assert sign(KEY, "").startswith(f"http://127.0.0.1:9/bucket/{KEY}?")
    assert (sign._urls["", KEY] == first) is is_same


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns as often as they can, so that they get into each other's way."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_threads_may_sign_at_the_same_time(storage: Storage) -> None:
    clock = Clock()
    sign = UrlPresigner(storage, clock)
    start = Barrier(THREADS)

    def sign_many(thread: int) -> list[str]:
        start.wait()
        mine = [sign(f"{thread}/{number}", "") for number in range(50)]
        return [*mine, sign(KEY, "")]

    with ThreadPoolExecutor(THREADS) as pool:
        everybody = list(pool.map(sign_many, range(THREADS)))
    assert len({url for urls in everybody for url in urls}) == 50 * THREADS + 1
    clock.now += timedelta(hours=1)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(sign_many, range(THREADS)))
    assert {entry.fresh_until for entry in sign._urls.values()} == {clock.now + timedelta(hours=1)}


def session_credentials(name: str, left: timedelta | None, now: datetime) -> Credentials:
    """A session's credentials, as a role's or SSO's are; without an end where none is given."""
    if left is None:
        return Credentials(f"AKID{name}", "secret", name)
    return RefreshableCredentials(f"AKID{name}", "secret", name, now + left, dict, "test")


def sign_with(aws: Aws, credentials: Credentials) -> None:
    """Let the client sign with others, as boto3 does when a session is renewed."""
    signer: Any = aws.s3
    signer._request_signer._credentials = credentials


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize(
    ("left", "longest"),
    [
        (None, 7200),
        (timedelta(hours=12), 7200),
        (timedelta(hours=2), 7200),
        (timedelta(hours=1), 3600),
        (timedelta(minutes=20), 1200),
    ],
)
def test_an_address_claims_no_longer_life_than_its_session(
    left: timedelta | None, longest: int
) -> None:
    aws = Aws(Connection(region="eu-west-1", access_key="a", secret_key=SecretStr("b")))
    sign = UrlPresigner(Storage(aws, "bucket"), lambda: now[0])
    now = [datetime.now(UTC)]
    sign_with(aws, session_credentials("first", left, now[0]))
    first = sign(KEY, "")
    life = int(query(first)["X-Amz-Expires"])
    assert life == longest
    now[0] += timedelta(seconds=life // 2 - 60)
    assert sign(KEY, "") == first, "a browser may cache it"
    now[0] += timedelta(seconds=120)
    assert int(query(sign(KEY, ""))["X-Amz-Expires"]) <= life


@pytest.mark.parametrize("left", [None, timedelta(hours=12)])
def test_an_address_is_forgotten_with_the_credentials_that_signed_it(
    left: timedelta | None,
) -> None:
    now = [datetime.now(UTC)]
    aws = Aws(Connection(region="eu-west-1", access_key="a", secret_key=SecretStr("b")))
    sign = UrlPresigner(Storage(aws, "bucket"), lambda: now[0])
    for name in ("first", "second", "third"):
        sign_with(aws, session_credentials(name, left, now[0]))
        assert query(sign(KEY, ""))["X-Amz-Security-Token"] == name
        assert query(sign(KEY, ""))["X-Amz-Credential"].startswith(f"AKID{name}/")
        now[0] += timedelta(minutes=1)


def test_no_credentials_are_our_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    storage = Storage(Aws(Connection(region="us-east-1")), "bucket")
    with pytest.raises(AwsDenied, match="Configure AWS credentials"):
        storage.presign(KEY, 60)


def test_a_job_of_another_bucket_has_its_address(storage: Storage) -> None:
    urls = ImageUrls(UrlPresigner(storage, Clock()))
    job_id = new_id()
    here, there = urls.output(job_id, 0, ""), urls.output(job_id, 0, "old")
    assert there.split("?")[0] == here.split("?")[0].replace("/bucket/", "/old/")
    assert urls.output(job_id, 0, "") == here
