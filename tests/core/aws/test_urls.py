"""Addresses of images are signed, expire, and stay the same for a browser's cache."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.aws.urls import ROUTE, ImageUrls, TokenSigner, UrlPresigner
from core.errors import AwsDenied

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
    token, key = split(ImageUrls(signer).output(JOB, 0))
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
    sign(KEY)
    first = sign._urls[KEY]
    clock.now += later
    sign("another key")
    assert (sign._urls.get(KEY) == first) is is_same, "what is out of date is forgotten"
    assert sign(KEY).startswith(f"http://127.0.0.1:9/bucket/{KEY}?")
    assert (sign._urls[KEY] == first) is is_same


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
        mine = [sign(f"{thread}/{number}") for number in range(50)]
        return [*mine, sign(KEY)]

    with ThreadPoolExecutor(THREADS) as pool:
        everybody = list(pool.map(sign_many, range(THREADS)))
    assert len({url for urls in everybody for url in urls}) == 50 * THREADS + 1
    clock.now += timedelta(hours=1)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(sign_many, range(THREADS)))
    assert {entry.signed_at for entry in sign._urls.values()} == {clock.now}


def test_no_credentials_are_our_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    storage = Storage(Aws(Connection(region="us-east-1")), "bucket")
    with pytest.raises(AwsDenied, match="Configure AWS credentials"):
        storage.presign(KEY, 60)
