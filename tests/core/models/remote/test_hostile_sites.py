"""Addresses and answers that are refused, each with its words, and none of which stores a byte."""

import gzip
import json
import struct
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import ContrappostoError, InvalidInput, RemoteError
from core.models.remote.http.public_addresses import is_public
from core.models.uploads.sources import UrlSource
from core.settings import Settings
from core.team.users import Role, User
from tests.core.models.remote.conftest import Asking
from tests.support.web.network import PUBLIC
from tests.support.web.server import Asked, Handler, LocalWeb, head, ranged, redirect, reply
from tests.support.web.sites import CivitaiModelPage, Repository, as_json

ANN = User(name="ann", role=Role.ARTIST)
FILE = "https://files.example.com/a.safetensors"
TOKENS = Settings(huggingface_token=SecretStr("hf-secret"), civitai_token=SecretStr("civ-secret"))
PRIVATE = "private network"

HOSTS = {
    "https://127.0.0.1/a.safetensors": PRIVATE,
    "https://127.1/a.safetensors": PRIVATE,
    "https://2130706433/a.safetensors": PRIVATE,
    "https://0x7f000001/a.safetensors": PRIVATE,
    "https://0177.0.0.1/a.safetensors": PRIVATE,
    "https://\uff11\uff12\uff17.0.0.1/a.safetensors": PRIVATE,
    "https://0.0.0.0/a.safetensors": PRIVATE,
    "https://10.0.0.5/a.safetensors": PRIVATE,
    "https://172.16.0.1/a.safetensors": PRIVATE,
    "https://192.168.1.1/a.safetensors": PRIVATE,
    "https://100.64.0.1/a.safetensors": PRIVATE,
    "https://169.254.169.254/latest/meta-data/": PRIVATE,
    "https://169.254.170.2/v2/credentials": PRIVATE,
    "https://224.0.0.1/a.safetensors": PRIVATE,
    "https://255.255.255.255/a.safetensors": PRIVATE,
    "https://[::1]/a.safetensors": PRIVATE,
    "https://[::]/a.safetensors": PRIVATE,
    "https://[::ffff:127.0.0.1]/a.safetensors": PRIVATE,
    "https://[::ffff:a9fe:a9fe]/a.safetensors": PRIVATE,
    "https://[64:ff9b::a9fe:a9fe]/a.safetensors": PRIVATE,
    "https://[2002:7f00:1::]/a.safetensors": PRIVATE,
    "https://[fd00:ec2::254]/a.safetensors": PRIVATE,
    "https://[fe80::1]/a.safetensors": PRIVATE,
    "https://localhost/a.safetensors": PRIVATE,
    "https://printer.local/a.safetensors": PRIVATE,
    "https://intranet/a.safetensors": PRIVATE,
    "https://metadata.google.internal/a.safetensors": PRIVATE,
    "https://one-public-one-private.example.com/a.safetensors": PRIVATE,
    "https://nobody.example.com/a.safetensors": "There is no site",
    "https://wrong-name.example.com/a.safetensors": "certificate",
    "https://files.example.com:22/a.safetensors": "Port 22",
    "https://files.example.com:8443/a.safetensors": "Port 8443",
    "https://user:secret@files.example.com/a.safetensors": "user or a password",
    "https://files.example.com/a.safetensors\r\nHost: intranet": "can't be read",
    "https://files.example.com/a.safetensors?token=secret": "`token=`",
    "http://files.example.com/a.safetensors": "Use https",
    "gopher://files.example.com/a.safetensors": "gopher:",
}
NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "printer.local": ["192.168.1.5"],
    "intranet": ["10.0.0.7"],
    "metadata.google.internal": ["169.254.169.254"],
    "one-public-one-private.example.com": [PUBLIC, "10.0.0.1"],
    "wrong-name.example.com": [PUBLIC],
}


def refusals(asking: Asking, address: str) -> list[ContrappostoError]:
    """What a preview says, and what says a stream of the same address."""
    found: list[ContrappostoError] = []
    with pytest.raises((InvalidInput, RemoteError)) as refused:
        asking.remote.preview(ANN, address)
    found.append(refused.value)
    with (
        pytest.raises((InvalidInput, RemoteError)) as refused,
        asking.remote.open(UrlSource(url=address[:2048], etag='"v1"'), 0) as stream,
    ):
        b"".join(stream.blocks)
    found.append(refused.value)
    assert not any("secret" in str(error).replace("a secret in it", "") for error in found)
    return found


@pytest.mark.parametrize("address", HOSTS)
def test_an_address_is_refused_before_it_is_connected(
    asking: Asking, web: LocalWeb, address: str
) -> None:
    asking.internet.names |= NAMES
    with pytest.raises((InvalidInput, RemoteError)) as refused:
        asking.remote.preview(ANN, address)
    assert HOSTS[address] in str(refused.value)
    assert web.asked == []
    assert all(is_public(host) for host, _ in asking.internet.connected)
    assert asking.internet.connected == [] or "wrong-name" in address


def test_a_name_that_leads_elsewhere_the_second_time_is_not_followed(
    asking: Asking, web: LocalWeb
) -> None:
    """DNS rebinding: a connection is made to the very address that was checked for it."""
    asking.internet.in_turn["files.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    web.routes["files.example.com/a.safetensors"] = redirect("/b.safetensors")
    with pytest.raises(RemoteError, match=PRIVATE):
        asking.remote.preview(ANN, FILE)
    assert asking.internet.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://files.example.com/b.safetensors", "Use https"),
        ("file:///etc/passwd", "file:"),
        ("ftp://files.example.com/b", "ftp:"),
        ("//intranet/b.safetensors", PRIVATE),
        ("https://169.254.169.254/latest/meta-data/", PRIVATE),
        ("https://[::ffff:10.0.0.1]/b", PRIVATE),
        ("https://2130706433/b", PRIVATE),
        ("https://other.example.com:8080/b", "Port 8080"),
        ("https://user:secret@other.example.com/b", "user or a password"),
        ("https://other.example.com\\@intranet/b", "can't be read"),
        ("https://other.example.com/a b", "can't be read"),
        ("https://nobody.example.com/b", "There is no site"),
        ("https://other.example.com/" + "a" * 20_000, "16,384 characters"),
        ("/a.safetensors", "more than 5 times"),
        ("", "more than 5 times"),
        ("/login?returnUrl=%2F", "wants a login"),
        ("https://other.example.com/users/sign_in", "wants a login"),
    ],
)
def test_a_redirect_is_refused(asking: Asking, web: LocalWeb, location: str, words: str) -> None:
    asking.internet.names |= NAMES
    web.routes["files.example.com/a.safetensors"] = redirect(location, 302)
    for error in refusals(asking, FILE):
        assert words in str(error)
    assert all(is_public(host) for host, _ in asking.internet.connected)


def safetensors(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


def tensor(size: int, start: int = 0) -> dict[str, object]:
    return {"dtype": "U8", "shape": [size], "data_offsets": [start, start + size]}


SHORT = safetensors(json.dumps({"a": tensor(1000)}).encode(), bytes(500))
OVERLAP = safetensors(json.dumps({"a": tensor(10), "b": tensor(10, 5)}).encode(), bytes(20))


def raw(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode() + body


def endless(start: bytes, block: bytes) -> Handler:
    """What never ends, up to 64 MB."""

    def send(asked: Asked) -> Iterator[bytes]:
        yield start
        for _ in range(min(10_000, (64 << 20) // len(block))):
            yield block

    return send


def lying_range(value: str | None, size: int = 100) -> bytes:
    return reply(bytes(size), 206, content_range=value)


ANSWERS: Mapping[str, tuple[Handler | bytes, str]] = {
    "a page": (reply(b"<html>", content_type="text/html; charset=utf-8"), "a page (text/html)"),
    "an error in JSON": (reply(b'{"error":1}', content_type="application/json"), "not with a file"),
    "XML": (reply(b"<Error/>", content_type="application/xml"), "not with a file"),
    "several ranges": (reply(b"--x", 206, content_type="multipart/byteranges"), "not with a file"),
    "401": (reply(status=401), "wants a login"),
    "403": (reply(status=403), "wants a login"),
    "404": (reply(status=404), "nothing at this address"),
    "410": (reply(status=410), "nothing at this address"),
    "418": (reply(status=418), "refuses (418)"),
    "429": (reply(status=429, retry_after=90), "Try again in 90 seconds"),
    "500": (reply(status=500), "fault of its own (500)"),
    "204": (reply(status=204, content_length=None, content_type=None), "refuses (204)"),
    "300": (reply(status=300), "refuses (300)"),
    "gzip": (
        reply(gzip.compress(bytes(1 << 20)), content_encoding="gzip"),
        "compresses what it sends",
    ),
    "brotli": (reply(b"\x0b\x02", content_encoding="br"), "compresses what it sends"),
    "gzip as a transfer": (
        raw("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
        "not HTTP as it should be",
    ),
    "two lengths": (
        raw("Content-Length: 10", "Content-Length: 1000", body=bytes(1000)),
        "not HTTP as it should be",
    ),
    "a negative length": (raw("Content-Length: -5"), "not HTTP as it should be"),
    "a length in words": (raw("Content-Length: many"), "not HTTP as it should be"),
    "two types": (
        raw("Content-Length: 0", "Content-Type: a/b", "Content-Type: text/html"),
        "content-type twice",
    ),
    "two places": (
        raw("Content-Length: 0", "Location: /a", "Location: https://intranet/").replace(
            b"200 OK", b"302 Found"
        ),
        "location twice",
    ),
    "a header with a NUL": (raw("X: a\0b", "Content-Length: 0"), "not HTTP as it should be"),
    "long headers": (raw("X: " + "a" * 200_000, "Content-Length: 0"), "not HTTP as it should be"),
    "many headers": (raw(*(f"X{i}: {'a' * 90}" for i in range(2000))), "not HTTP as it should be"),
    "headers without an end": (endless(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n" * 999), "not HTTP"),
    "interim answers without an end": (
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999),
        "not HTTP",
    ),
    "another protocol": (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "not HTTP as it should be"),
    "nothing": (b"", "broke off the connection"),
    "half of the headers": (b"HTTP/1.1 200 OK\r\nContent-Le", "broke off the connection"),
    "a switch of protocols": (head(101, upgrade="websocket"), "not HTTP as it should be"),
    "a bad chunk": (head(transfer_encoding="chunked") + b"zz\r\n", "not HTTP as it should be"),
    "an endless chunk size": (
        head(transfer_encoding="chunked") + b"1" * 300_000,
        "not HTTP as it should be",
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_is_refused(asking: Asking, web: LocalWeb, case: str) -> None:
    answer, words = ANSWERS[case]
    web.routes["files.example.com/a.safetensors"] = answer
    for error in refusals(asking, FILE):
        assert words in str(error)


RANGES: Mapping[str, tuple[str | None, int]] = {
    "no place": (None, 100),
    "another start": ("bytes 50-149/1000", 100),
    "an end before the start": ("bytes 0--1/1000", 0),
    "beyond the end": ("bytes 0-99/50", 100),
    "another length": ("bytes 0-199/1000", 100),
    "another unit": ("items 0-99/1000", 100),
    "words": ("bytes all/some", 100),
    "a number without an end": (f"bytes 0-99/{'9' * 400}", 100),
}


@pytest.mark.parametrize("case", RANGES)
def test_a_range_that_contradicts_itself_is_refused(
    asking: Asking, web: LocalWeb, case: str
) -> None:
    value, size = RANGES[case]
    web.routes["files.example.com/a.safetensors"] = lying_range(value, size)
    for error in refusals(asking, FILE):
        assert "another part of the file" in str(error)


FILES: Mapping[str, tuple[str, bytes, str]] = {
    "HTML with another type": ("a.safetensors", b"\n<!DOCTYPE html><title>Login", "a web page"),
    "an LFS pointer": (
        "a.safetensors",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n",
        "Git LFS",
    ),
    "a ZIP with another name": ("a.safetensors", b"PK\x03\x04\x14\0\0\0\x08\0 more", "archive"),
    "gzip with another name": ("a.safetensors", gzip.compress(b"x" * 99, mtime=9), "archive"),
    "a pickle with another name": (
        "a.safetensors",
        b"\x80\x02}q\x00(X\x05\x00\x00\x00",
        "run code",
    ),
    "GGUF with another name": ("a.safetensors", b"GGUF\x03\0\0\0\x01\0\0\0", "GGUF"),
    "an empty file": ("a.safetensors", b"", "empty"),
    "seven bytes": ("a.safetensors", bytes(7), "too short"),
    "a text": ("a.safetensors", b"just some words, no model", "not a safetensors file"),
    "a header of 9 MB": ("a.safetensors", struct.pack("<Q", 9 << 20) + b"{}", "9,437,184 bytes"),
    "a header without an end": ("a.safetensors", struct.pack("<Q", 2**63) + b"{}", "not a safe"),
    "half a header": ("a.safetensors", struct.pack("<Q", 5000) + b'{"a": ', "cut off"),
    "a shorter file than its header says": ("a.safetensors", SHORT, "header speaks of"),
    "tensors over each other": ("a.safetensors", OVERLAP, "damaged"),
    "brackets without an end": (
        "a.safetensors",
        safetensors(b'{"a":' + b"[" * 100_000),
        "more than 20,000 tensors",
    ),
    "a checkpoint that can run code": ("a.ckpt", b"\x80\x02", "run code"),
    "weights that can run code": ("a.bin", b"\x80\x02", "run code"),
    "an archive": ("a.zip", b"PK\x03\x04", "archive"),
    "a program": ("a.exe", b"MZ", "no model that can be used"),
    "no extension": ("a", b"x" * 99, "no model that can be used"),
    "half of a model": ("a-00001-of-00002.safetensors", SHORT, "one part of a model"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_is_refused(asking: Asking, web: LocalWeb, case: str) -> None:
    name, data, words = FILES[case]
    web.routes[f"files.example.com/{name}"] = lambda asked: ranged(data, asked)
    (file,) = asking.remote.preview(ANN, f"https://files.example.com/{name}").files
    assert words in file.problem


NAMED = {
    'attachment; filename="../../etc/passwd.safetensors"': "passwd.safetensors",
    'attachment; filename="C:\\\\models\\\\a.safetensors"': "a.safetensors",
    "attachment; filename*=UTF-8''%2e%2e%2f%2e%2e%2fb.safetensors": "b.safetensors",
    "attachment; filename*=UTF-8''%E2%82%AC%20rates.safetensors": "€ rates.safetensors",
    "attachment; filename=\"plain.safetensors\"; filename*=UTF-8''better.safetensors": (
        "better.safetensors"
    ),
    'attachment; filename=".hidden.safetensors"': "hidden.safetensors",
    'attachment; filename="CON.safetensors"': "_CON.safetensors",
    'attachment; filename="a:b*c?.safetensors"': "a_b_c_.safetensors",
    'attachment; filename="e\u0301.safetensors"': "é.safetensors",
    f'attachment; filename="{"x" * 300}.safetensors"': f"{'x' * 116}.safetensors",
    'attachment; filename="a\u202egnp.safetensors"': "agnp.safetensors",
    "attachment; filename*=nonsense''%ff.safetensors": "asked.safetensors",
    'attachment; filename=""': "asked.safetensors",
    'attachment; filename="/"': "asked.safetensors",
    "attachment": "asked.safetensors",
}


@pytest.mark.parametrize("disposition", NAMED)
def test_a_name_leads_nowhere(
    asking: Asking, web: LocalWeb, models: Path, disposition: str
) -> None:
    data = (models / "tiny-vae.safetensors").read_bytes()

    def send(asked: Asked) -> bytes:
        sent = ranged(data, asked, content_disposition="HERE")
        return sent.replace(b"HERE", disposition.encode())

    web.routes["files.example.com/asked.safetensors"] = send
    (file,) = asking.remote.preview(ANN, "https://files.example.com/asked.safetensors").files
    assert (file.name, file.problem) == (NAMED[disposition], "")


def test_a_pickle_of_unknown_length_is_refused(asking: Asking, web: LocalWeb) -> None:
    web.routes["files.example.com/a.pth"] = reply(b"PK\x03\x04", content_length=None)
    (file,) = asking.remote.preview(ANN, "https://files.example.com/a.pth").files
    assert "does not say how long" in file.problem


def test_storage_that_contradicts_the_site_is_refused(asking: Asking, web: LocalWeb) -> None:
    Repository(web, "a/b", {"c.safetensors": SHORT}).serve()
    route = "huggingface.co/a/b/resolve/main/c.safetensors"
    web.routes[route] = redirect("https://other.example.com/c", x_linked_size=999)
    web.routes["other.example.com/c"] = lambda asked: ranged(SHORT, asked)
    with pytest.raises(RemoteError, match="said that the file has 999 bytes"):
        asking.remote.preview(ANN, f"https://{route}")


@pytest.mark.parametrize("settings", [Settings(), TOKENS], ids=["no token", "a token"])
@pytest.mark.parametrize("code", ["GatedRepo", "RepoNotFound"])
def test_hugging_face_says_what_it_lacks(
    asking: Asking, web: LocalWeb, settings: Settings, code: str
) -> None:
    asking.set_up(settings)
    Repository(web, "a/b", {"c.safetensors": SHORT}, token="another", code=code).serve()
    with pytest.raises(RemoteError) as refused:
        asking.remote.preview(ANN, "https://huggingface.co/a/b/blob/main/c.safetensors")
    said = str(refused.value)
    assert "secret" not in said
    assert ("CONTRAPPOSTO_HUGGINGFACE_TOKEN" in said) is (settings is not TOKENS)
    assert ("https://huggingface.co/a/b" in said) is (code == "GatedRepo")
    assert ("nothing at this address" in said) is (code == "RepoNotFound")
    assert isinstance(refused.value, RemoteError)
    assert refused.value.link == "https://huggingface.co/a/b/blob/main/c.safetensors"


@pytest.mark.parametrize(
    "login",
    [
        "https://civitai.com/login?returnUrl=%2F&reason=download-auth",
        "https://auth.civitai.com/login?reason=download-auth",
    ],
)
@pytest.mark.parametrize(
    ("settings", "words"),
    [(Settings(), "no token was sent"), (TOKENS, "which was sent")],
    ids=["no token", "a token"],
)
def test_civitais_login_is_no_file(
    asking: Asking, web: LocalWeb, login: str, settings: Settings, words: str
) -> None:
    asking.set_up(settings)
    CivitaiModelPage(web, {"a.safetensors": SHORT}, token="another", login=login).serve()
    with pytest.raises(RemoteError) as refused:
        asking.remote.preview(ANN, "https://civitai.com/models/4384")
    assert words in str(refused.value)
    assert "CONTRAPPOSTO_CIVITAI_TOKEN" in str(refused.value)
    assert not any(asked.path == "/login" for asked in web.asked)


LISTS: Mapping[str, tuple[Handler | bytes, str]] = {
    "no JSON": (reply(b"<html>", content_type="text/html"), "can't be read"),
    "other JSON": (as_json([1, 2]), "can't be read"),
    "deep JSON": (reply(b"[" * 100_000), "can't be read"),
    "without an end": (
        endless(head(content_type="application/json"), b" " * 65536),
        "more than a list",
    ),
    "no files": (as_json({"siblings": []}), "no model files"),
    "names that lead out": (
        as_json({"siblings": [{"rfilename": "../../x.safetensors"}]}),
        "nothing at this address",
    ),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_list_is_refused(asking: Asking, web: LocalWeb, case: str) -> None:
    answer, words = LISTS[case]
    web.routes["huggingface.co/api/models/a/b"] = answer
    with pytest.raises(RemoteError, match=words):
        asking.remote.preview(ANN, "a/b")


def test_an_operators_host_may_be_private(asking: Asking) -> None:
    asking.internet.names["nas.intern"] = ["10.0.0.9"]
    asking.set_up(Settings(import_hosts="nas.intern:8443"))
    with pytest.raises(RemoteError, match="can't be reached"):
        asking.remote.preview(ANN, "https://nas.intern:8443/a.safetensors")
    assert asking.internet.connected == [("10.0.0.9", 8443)]
    with pytest.raises(RemoteError, match=PRIVATE):
        asking.remote.preview(ANN, "https://nas.intern/a.safetensors")


def test_a_site_that_sends_a_byte_now_and_then_is_given_up(asking: Asking, web: LocalWeb) -> None:
    asking.set_up(Settings(), monotonic=count(step=10).__next__)
    web.routes["files.example.com/a.safetensors"] = endless(head(content_length=1 << 20), b"x")
    for error in refusals(asking, FILE):
        assert "hardly anything" in str(error)
