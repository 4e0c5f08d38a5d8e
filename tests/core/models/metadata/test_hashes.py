"""The hashes of model files against A1111's own way of making them, and files by their hashes."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from core.models.metadata.hashes import Hashes, as_hash, find, of_blocks

HEADER = (300).to_bytes(8, "little") + b"{" + b" " * 299
LONG = HEADER + bytes(range(256)) * 5000


def legacy_hash(path: Path) -> str:
    """As modules/sd_models.py's `model_hash` does it."""
    with path.open("rb") as file:
        file.seek(0x100000)
        return hashlib.sha256(file.read(0x10000)).hexdigest()[0:8]


def body_hash(path: Path) -> str:
    """As modules/hashes.py's `addnet_hash_safetensors` does it."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        file.seek(size + 8)
        return hashlib.sha256(file.read()).hexdigest()


def blocks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1 << 20, 65_536, 1000, 308, 7])
@pytest.mark.parametrize("length", [len(LONG), 0x100000 + 10, 0x110000])
def test_the_hashes_are_a1111s(tmp_path: Path, size: int, length: int) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(LONG[:length])
    found = of_blocks(blocks(LONG[:length], size), is_safetensors=True)
    assert found.auto_v1 == legacy_hash(path)
    assert found.auto_v3 == body_hash(path)[:12]
    assert found.sha256 == hashlib.sha256(LONG[:length]).hexdigest()
    assert found.auto_v2 == found.sha256[:10]


@pytest.mark.parametrize("data", [b"", b"abc", HEADER, LONG[:0x100000]])
def test_a_short_file_has_no_legacy_hash(data: bytes) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    assert of_blocks([data], is_safetensors=False) == Hashes(sha256=sha256)
    assert of_blocks(blocks(data, 5), is_safetensors=True).auto_v1 == ""


class File(NamedTuple):
    name: str
    hashes: Hashes


SHA = hashlib.sha256(b"checkpoint").hexdigest()
BODY = hashlib.sha256(b"body").hexdigest()
CHECKPOINT = File("checkpoint", Hashes(sha256=SHA, auto_v1="0badcafe"))
LORA = File("lora", Hashes(sha256="ab" * 32, auto_v3=BODY[:12]))
UNKNOWN = File("unknown", Hashes())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0badcafe", ["checkpoint"]),
        (" 0BADCAFE ", ["checkpoint"]),
        (SHA[:8], ["checkpoint"]),
        (SHA[:10].upper(), ["checkpoint"]),
        (SHA[:12], ["checkpoint"]),
        (SHA, ["checkpoint"]),
        (f"0x{SHA}", ["checkpoint"]),
        (SHA[:63] + "g", []),
        (SHA[:-1] + "0", []),
        (SHA[:9], []),
        (BODY[:12], ["lora"]),
        (BODY[:10], ["lora"]),
        (BODY, ["lora"]),
        ("ab" * 32, ["lora"]),
        ("", []),
        ("checkpoint", []),
        ("0x", []),
    ],
)
def test_a_file_is_found_by_any_of_its_hashes(text: str, names: list[str]) -> None:
    found = find([CHECKPOINT, LORA, UNKNOWN], text)
    assert [file.name for file in found] == names


@pytest.mark.parametrize("text", ["٠١٢٣٤٥٦٧", "0badcafé", "0bad cafe"])
def test_other_digits_are_no_hash(text: str) -> None:
    assert as_hash(text) is None
