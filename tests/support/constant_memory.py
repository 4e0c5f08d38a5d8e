"""A file far larger than memory, and how much this process grows while it is passed on."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GIGABYTES = 5
MOST_MEGABYTES = 200
MOST_SECONDS = 3000
"""For a slow disk; `make soak` gives a test an hour."""
BYTES = GIGABYTES * 10**9


def header() -> bytes:
    """Of a checkpoint with so many zeros behind it."""
    entries = {
        "model.diffusion_model.x": {"dtype": "U8", "shape": [BYTES], "data_offsets": [0, BYTES]},
        "cond_stage_model.transformer.x": {
            "dtype": "U8",
            "shape": [0],
            "data_offsets": [BYTES, BYTES],
        },
    }
    data = json.dumps(entries).encode()
    return len(data).to_bytes(8, "little") + data


SIZE = len(header()) + BYTES


@contextmanager
def constant_memory() -> Iterator[None]:
    """Fails where this process grew by more than may be. Needs Linux."""
    Path("/proc/self/clear_refs").write_text("5", "utf-8")  # sets the peak back
    before = kilobytes("VmRSS")
    yield
    assert kilobytes("VmHWM") - before < MOST_MEGABYTES * 1000


def kilobytes(name: str) -> int:
    """A line of what the kernel says of this process's memory."""
    status = Path("/proc/self/status").read_text("utf-8")
    (found,) = re.findall(rf"{name}:\s+(\d+)", status)
    return int(found)
