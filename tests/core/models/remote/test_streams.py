"""A file comes whole or not at all: over cuts, slow sites, and those that know no ranges."""

import hashlib
from collections.abc import Iterator

import pytest

from core.errors import RemoteError
from core.models.uploads.sources import UrlSource
from tests.core.models.remote.conftest import Asking
from tests.support.web.server import Asked, Handler, LocalWeb, Sent, head, ranged, reply
from tests.support.web.sites import Repository

DATA = bytes(range(256)) * 4096
URL = "https://files.example.com/a.safetensors"
ROUTE = "files.example.com/a.safetensors"


def source(etag: str = '"v1"', url: str = URL) -> UrlSource:
    return UrlSource(url=url, etag=etag)


def received(asking: Asking, etag: str = '"v1"', start: int = 0) -> tuple[bytes, bool]:
    with asking.remote.open(source(etag), start) as stream:
        return b"".join(stream.blocks), stream.is_from_start


def cut_off(times: int, at: int, then: Handler | None = None) -> Handler:
    """The part that is asked for, broken off `times` times after `at` bytes of it."""
    left = [times]

    def send(asked: Asked) -> Sent:
        whole = ranged(DATA, asked)
        if not left[0]:
            return then(asked) if then else whole
        left[0] -= 1
        end = whole.index(b"\r\n\r\n") + 4 + at
        return whole[:end]

    return send


def test_a_whole_file_through_a_redirect(asking: Asking, web: LocalWeb) -> None:
    Repository(web, "a/b", {"c.safetensors": DATA}).serve()
    url = "https://huggingface.co/a/b/resolve/main/c.safetensors"
    with asking.remote.open(source(url=url), 0) as stream:
        data = b"".join(stream.blocks)
    assert (data, stream.size, stream.etag) == (DATA, len(DATA), '"v1"')
    assert stream.sha256 == hashlib.sha256(DATA).hexdigest()
    assert stream.is_from_start


@pytest.mark.parametrize(
    ("etag", "start", "begins"),
    [
        ('"v1"', 1000, 1000),
        ('"v1"', len(DATA) - 1, len(DATA) - 1),
        ('"v0"', 1000, 0),
        ("", 1000, 0),
        ('"v1"', len(DATA), len(DATA)),
    ],
    ids=["the rest", "the last byte", "another version", "no version", "nothing more"],
)
def test_the_rest_of_the_same_version(
    asking: Asking, web: LocalWeb, etag: str, start: int, begins: int
) -> None:
    web.routes[ROUTE] = lambda asked: ranged(DATA, asked)
    assert received(asking, etag, start) == (DATA[begins:], not begins)


def test_a_site_without_ranges_begins_anew(asking: Asking, web: LocalWeb) -> None:
    web.routes[ROUTE] = reply(DATA, etag='"v1"')
    assert received(asking, start=1000) == (DATA, True)


def test_one_stream_over_many_cuts(asking: Asking, web: LocalWeb) -> None:
    web.routes[ROUTE] = cut_off(times=9, at=100_000)
    assert received(asking) == (DATA, True)
    ranges = [asked.headers.get("range") for asked in web.asked]
    assert ranges[1:3] == ["bytes=100000-", "bytes=200000-"]
    assert {asked.headers.get("if-range") for asked in web.asked[1:]} == {'"v1"'}
    assert len(asking.pauses) == 9
    assert max(asking.pauses) <= 2  # as each try brought something


def test_a_stream_gives_up_after_four_tries_that_bring_nothing(
    asking: Asking, web: LocalWeb
) -> None:
    web.routes[ROUTE] = cut_off(times=99, at=0)
    with pytest.raises(RemoteError, match="broke off the connection") as failed:
        received(asking)
    assert failed.value.can_retry
    assert len(web.asked) == 4
    assert asking.pauses == sorted(asking.pauses)


def test_without_a_version_nothing_is_resumed(asking: Asking, web: LocalWeb) -> None:
    web.routes[ROUTE] = head(content_length=len(DATA)) + DATA[:5000]
    with pytest.raises(RemoteError, match="broke off") as failed:
        received(asking, "")
    assert failed.value.can_retry
    assert len(web.asked) == 1


def test_another_version_in_the_middle_is_said(asking: Asking, web: LocalWeb) -> None:
    web.routes[ROUTE] = cut_off(1, 5000, lambda asked: ranged(DATA, asked, etag='"v2"'))
    with pytest.raises(RemoteError, match="another file there than when this began") as failed:
        received(asking)
    assert failed.value.can_retry


def test_what_a_site_asks_to_wait_for_is_waited_for(asking: Asking, web: LocalWeb) -> None:
    answers = [reply(status=503, retry_after=7), reply(status=429, retry_after=3)]
    web.routes[ROUTE] = lambda asked: answers.pop(0) if answers else ranged(DATA, asked)
    assert received(asking)[0] == DATA
    assert asking.pauses == [7, 3]


def test_who_is_to_wait_long_is_told(asking: Asking, web: LocalWeb) -> None:
    web.routes[ROUTE] = reply(status=429, retry_after=600)
    with pytest.raises(RemoteError, match="in 600 seconds") as failed:
        received(asking)
    assert (failed.value.can_retry, failed.value.retry_after) == (True, 600)
    assert asking.pauses == []


def chunked(body: bytes, end: bytes) -> bytes:
    return head(transfer_encoding="chunked") + f"{len(body):x}\r\n".encode() + body + b"\r\n" + end


def test_a_file_of_unknown_length(asking: Asking, web: LocalWeb) -> None:
    web.routes[ROUTE] = chunked(DATA, b"0\r\n\r\n")
    with asking.remote.open(source(""), 0) as stream:
        assert stream.size is None
        assert b"".join(stream.blocks) == DATA


def test_a_cut_in_a_file_of_unknown_length_is_seen(asking: Asking, web: LocalWeb) -> None:
    web.routes[ROUTE] = chunked(DATA, b"")
    with pytest.raises(RemoteError, match="broke off"):
        received(asking, "")


def test_who_stops_reading_closes_the_connection(asking: Asking, web: LocalWeb) -> None:
    sent = [0]

    def endless(asked: Asked) -> Iterator[bytes]:
        yield head(content_length=1 << 40)
        while True:
            yield bytes(1 << 16)
            sent[0] += 1

    web.routes[ROUTE] = endless
    with asking.remote.open(source(), 0) as stream:
        next(stream.blocks)
    assert list(stream.blocks) == []
    assert len(web.asked) == 1
    assert sent[0] < 1000
