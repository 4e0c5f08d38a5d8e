"""The hashes that a browser takes of a file are those that Python takes."""

import hashlib
from base64 import b64encode

import pytest
from playwright.sync_api import Page

from tests.ui.components.module_page import FOLDER, url_of

pytestmark = pytest.mark.browser

SENDING = FOLDER / "models" / "upload_drop" / "sending"
BLOCK = 4 * 2**20
_FILE = "const file = new Blob([new Uint8Array(size).map((_, at) => (at * 31 + (at >> 8)) & 255)]);"


def content(size: int) -> bytes:
    return bytes((at * 31 + (at >> 8)) & 255 for at in range(size))


@pytest.mark.parametrize(
    "size",
    # SHA-256 pads at 55 and 56 bytes into a block of 64; ours are read in blocks of 4 MiB.
    [0, 1, 55, 56, 63, 64, 65, 119, 120, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 55],
)
def test_the_whole_file_in_blocks(empty_page: Page, size: int) -> None:
    found = empty_page.evaluate(
        f"""async ([url, size]) => {{
          {_FILE}
          const seen = [];
          const {{ BLOCK, fileHash }} = await import(url);
          const hash = await fileHash(file, (done) => seen.push(done));
          return [BLOCK, hash, seen];
        }}""",
        [url_of(SENDING / "hashing.js"), size],
    )
    ends = [min(start + BLOCK, size) for start in range(0, size, BLOCK)]
    assert found == [BLOCK, hashlib.sha256(content(size)).hexdigest(), ends]
    empty_page.evaluate("delete globalThis.hashwasm")


@pytest.mark.parametrize("size", [1, 64, 5 * 2**20])
def test_a_part_as_s3_takes_it(empty_page: Page, size: int) -> None:
    found = empty_page.evaluate(
        f"""async ([url, size]) => {{
          {_FILE}
          return (await import(url)).partChecksum(await file.arrayBuffer());
        }}""",
        [url_of(SENDING / "hashing.js"), size],
    )
    assert found == b64encode(hashlib.sha256(content(size)).digest()).decode()


@pytest.mark.parametrize(
    ("start", "most", "size"),
    [
        (b"", 100, 0),
        (b"\x01\x02", 100, 2),
        ((10).to_bytes(8, "little") + bytes(50), 100, 18),
        ((100).to_bytes(8, "little") + bytes(50), 100, 58),
        ((101).to_bytes(8, "little") + bytes(500), 100, 8),
        (b"\xff" * 500, 100, 8),
        (b"PK\x03\x04" + bytes(100), 2**30, 104),
    ],
)
def test_the_header_and_no_more_than_one_may_have(
    empty_page: Page, start: bytes, most: int, size: int
) -> None:
    found = empty_page.evaluate(
        """async ([url, bytes, most]) => {
          const { headerBytes } = await import(url);
          return [...new Uint8Array(await headerBytes(new Blob([new Uint8Array(bytes)]), most))];
        }""",
        [url_of(SENDING / "header.js"), list(start), most],
    )
    assert bytes(found) == start[:size]
