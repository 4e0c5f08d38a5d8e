"""A browser's file reaches S3 by routes that take it from one person alone, and nothing but it."""

import hashlib
import json
import os
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.ids import new_id
from core.studio.service import Studio
from core.team.users import LOCAL, User
from tests.support.helpers import wait_for
from tests.support.served import served
from ui.components.script_files import script_url
from ui.routes import upload_worker, uploads

PART = 16 * 2**20
NAMES = tuple(
    f"lora_unet_mid_block_attentions_0_proj_in.lora_{end}.weight" for end in ("down", "up")
)


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx.Client]:
    with served(Starlette(routes=[*uploads.routes, *upload_worker.routes])) as opened:
        opened.base_url = httpx.URL(f"{opened.base_url}".rstrip("/"))
        yield opened


def lora(size: int) -> tuple[bytes, bytes]:
    """A header, and a whole file with it, another one each time."""
    half = size // 2
    tensors = {
        name: {"dtype": "U8", "shape": [1, half], "data_offsets": [at, at + half]}
        for name, at in zip(NAMES, (0, half), strict=True)
    }
    text = json.dumps(tensors).encode()
    header = len(text).to_bytes(8, "little") + text
    return header, header + os.urandom(2 * half)


def asked(name: str, data: bytes, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "size": len(data),
        "modified": 1,
        "kind": "",
        "replace": "",
        "sha256": hashlib.sha256(data).hexdigest(),
        **more,
    }


def checksum(data: bytes) -> dict[str, str]:
    return {"x-amz-checksum-sha256": b64encode(hashlib.sha256(data).digest()).decode()}


def begin(client: httpx.Client, studio: Studio, name: str, size: int) -> tuple[str, bytes]:
    """Begin an upload; where its parts go, and its bytes."""
    header, data = lora(size)
    address = uploads.uploads_url(studio, LOCAL)
    answer = client.post(f"{address}/begin", params=asked(name, data), content=header)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["missing"], told["part_size"], told["stored"]) == ([1, 2], PART, False)
    return f"{told['address']}/{told['id']}", data


def test_the_whole_way(client: httpx.Client, studio: Studio) -> None:
    header, data = lora(PART + 10)
    address = uploads.uploads_url(studio, LOCAL)
    checked = client.post(
        f"{address}/check", params=asked("whole.safetensors", data), content=header
    )
    assert checked.json()["kind"] == "Lora"
    upload, data = begin(client, studio, "whole.safetensors", PART + 10)
    for number, part in enumerate((data[:PART], data[PART:]), 1):
        put = client.put(f"{upload}/parts/{number}", content=part, headers=checksum(part))
        assert put.status_code == 200, put.text
    assert client.post(f"{upload}/finish").status_code == 200
    wait_for(lambda: client.get(upload).json()["stage"] == "done")
    assert studio.storage.read("models/Lora/whole.safetensors").data == data
    again = client.post(f"{address}/begin", params=asked("whole.safetensors", data), content=header)
    assert (again.json()["stored"], again.json()["missing"]) == (True, [])


@pytest.mark.parametrize(
    ("number", "cut", "headers", "status"),
    [
        (1, slice(0, PART), {"x-amz-checksum-sha256": "AAAA"}, 422),
        (1, slice(0, PART), {}, 422),
        (1, slice(0, PART - 1), None, 400),
        (2, slice(0, PART), None, 400),
        (3, slice(0, PART), None, 400),
        (0, slice(0, PART), None, 400),
        (2, slice(PART, None), None, 200),
    ],
)
def test_a_part_is_the_one_that_was_agreed(
    client: httpx.Client, studio: Studio, number: int, cut: slice, headers: Any, status: int
) -> None:
    upload, data = begin(client, studio, f"part-{new_id()}.safetensors", PART + 10)
    part = data[cut]
    sent = checksum(part) if headers is None else headers
    answer = client.put(f"{upload}/parts/{number}", content=part, headers=sent)
    assert (answer.status_code, bool(answer.json().get("message"))) == (status, status != 200)
    client.post(f"{upload}/cancel")


def test_pausing_is_told_to_the_browser(client: httpx.Client, studio: Studio) -> None:
    upload, data = begin(client, studio, "paused.safetensors", PART + 10)
    assert client.post(f"{upload}/pause").status_code == 200
    part = data[PART:]
    refused = client.put(f"{upload}/parts/2", content=part, headers=checksum(part))
    assert (refused.status_code, refused.json()["stage"]) == (409, "paused")
    assert client.get(upload).json()["stage"] == "paused"
    assert client.post(f"{upload}/resume").status_code == 200
    assert client.get(upload).json()["stage"] in {"uploading", "away"}
    assert client.post(f"{upload}/cancel").status_code == 200


@pytest.mark.parametrize(
    ("name", "changes", "status", "ask"),
    [
        ("a.ckpt", {}, 400, ""),
        ("a.pt", {}, 400, "kind"),
        ("a.pt", {"kind": "no such"}, 400, ""),
        ("a.safetensors", {"size": 5}, 400, ""),
        ("a.safetensors", {"size": -1}, 400, ""),
        ("a.safetensors", {"kind": "Stable-diffusion"}, 400, ""),
        ("../../a.safetensors", {}, 400, ""),
        ("a.safetensors", {"sha256": "0" * 63}, 400, ""),
        ("a.safetensors", {"modified": "now"}, 400, ""),
    ],
)
def test_what_can_not_be_begun(
    client: httpx.Client, studio: Studio, name: str, changes: dict[str, Any], status: int, ask: str
) -> None:
    header, data = lora(100)
    address = uploads.uploads_url(studio, LOCAL)
    answer = client.post(f"{address}/begin", params=asked(name, data, **changes), content=header)
    assert (answer.status_code, answer.json().get("ask", "")) == (status, ask)
    assert answer.json()["message"]


def test_more_than_a_header_is_not_read(client: httpx.Client, studio: Studio) -> None:
    address = uploads.uploads_url(studio, LOCAL)
    answer = client.post(f"{address}/check", params=asked("a", b"x"), content=bytes(9 * 2**20))
    assert answer.status_code == 413


def test_only_an_address_that_the_page_signed_for_that_person(
    client: httpx.Client, studio: Studio
) -> None:
    upload, _ = begin(client, studio, "mine.safetensors", PART + 10)
    token, upload_id = upload.split("/")[-2:]
    others = uploads.uploads_url(studio, User(name="bob")).rpartition("/")[2]
    old = studio.tokens.token("uploads/local", 1)
    for wrong in (others, old, f"9{token}", "x"):
        for method, path in (
            ("POST", "check"),
            ("POST", "begin"),
            ("GET", upload_id),
            ("POST", f"{upload_id}/parts"),
            ("PUT", f"{upload_id}/parts/2"),
            ("POST", f"{upload_id}/finish"),
            ("POST", f"{upload_id}/cancel"),
        ):
            answer = client.request(method, f"/api/uploads/{wrong}/{path}", content=b"")
            assert (answer.status_code, answer.json()["expired"]) == (403, True), (wrong, path)
    gone = client.put(
        f"/api/uploads/{token}/{new_id()}/parts/1", content=b"", headers=checksum(b"")
    )
    assert gone.status_code == 404
    client.post(f"{upload}/cancel")


def test_the_worker_alone_may_compile_the_hash(client: httpx.Client, studio: Studio) -> None:
    address = upload_worker.worker_url()
    policy = client.get(address).headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("connect-src 'self'")
    other = address.replace("/api/upload-worker/", "/api/upload-worker/0")
    assert client.get(other).status_code == 404
    version = script_url("").split("/")[-2]
    assert version in address
