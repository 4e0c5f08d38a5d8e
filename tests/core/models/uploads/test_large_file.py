"""A file far larger than memory goes through in constant memory."""

import json
import re
from pathlib import Path

import pytest

from core.models.uploads.records import UploadStage
from core.studio.service import Studio
from formats.models.kinds import ModelKind
from tests.core.models.uploads.conftest import finished

GIGABYTES = 5
MOST_MEGABYTES = 200
MOST_SECONDS = 3000
"""For a slow disk; `make soak` gives a test an hour."""


@pytest.mark.soak
def test_five_gigabytes_by_path(studio: Studio, tmp_path: Path) -> None:
    size = GIGABYTES * 10**9
    entry = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    header = json.dumps({"nothing": entry}).encode()
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + size)
    Path("/proc/self/clear_refs").write_text("5", "utf-8")  # sets the peak back
    before = kilobytes("VmRSS")
    (upload,) = finished(studio, [path], MOST_SECONDS, kind=ModelKind.CHECKPOINT)
    assert upload.stage is UploadStage.DONE
    assert kilobytes("VmHWM") - before < MOST_MEGABYTES * 1000
    head = studio.storage.head(upload.key)
    assert head
    assert head.size == path.stat().st_size


def kilobytes(name: str) -> int:
    """A line of what the kernel says of this process's memory."""
    status = Path("/proc/self/status").read_text("utf-8")
    (found,) = re.findall(rf"{name}:\s+(\d+)", status)
    return int(found)
