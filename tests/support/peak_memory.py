"""Measures what a reader costs in memory: in a process of its own, which reads one file.

The kernel's own peak (`VmHWM`, which `clear_refs` sets back) counts what any library takes. Its
`ru_maxrss` would be the parent's, where that is larger.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

_CHILD: Final = """
import re, sys
from importlib import import_module
from pathlib import Path

def kilobytes(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

module, _, name = sys.argv[1].partition(":")
read, data = getattr(import_module(module), name), Path(sys.argv[2]).read_bytes()
Path("/proc/self/clear_refs").write_text("5")
before = kilobytes("VmRSS")
try:
    read(data)
    said = ""
except ValueError as error:
    said = str(error)
print(kilobytes("VmHWM") - before)
print(said)
"""
_LONGEST_SECONDS: Final = 60
"""Ends a reader that would never end; how long one takes is not measured."""


class ReadingCost(NamedTuple):
    """What a reader took, and what it said."""

    megabytes: float
    error: str
    """The text of the ValueError it raised, or ""."""


def reading_cost(reader: str, data: bytes, folder: Path) -> ReadingCost:
    """Read `data` by `module:function` in a new process, with files kept in `folder`."""
    file = folder / "input"
    file.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, reader, str(file)],
        capture_output=True,
        text=True,
        check=True,
        timeout=_LONGEST_SECONDS,
    )
    kilobytes, said = done.stdout.split("\n", 1)
    return ReadingCost(int(kilobytes) / 1024, said.strip())
