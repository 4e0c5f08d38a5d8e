"""Reads what the containers have written to their log files since the last reading."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FIRST_BYTES = 64 << 10
"""Of a file that is read for the first time, as after a start of the local AWS: its end."""

_MOST_BYTES = 256 << 10  # at one reading


@dataclass(frozen=True)
class LogLines:
    """New lines of one instance's log. `stream` is `main/1`: variant and instance."""

    endpoint: str
    stream: str
    lines: tuple[str, ...]


@dataclass
class ContainerLogs:
    """The log files below the folder of all endpoints: `NAME/logs/VARIANT-NUMBER.log`."""

    folder: Path
    _read: dict[Path, int] = field(default_factory=dict)
    """How much of each file was read, in bytes."""

    def new_lines(self) -> Iterator[LogLines]:
        """The whole lines that came to each file, oldest first."""
        for path in sorted(self.folder.glob("*/logs/*.log")):
            lines = self._new_lines_of(path)
            if lines:
                variant, _, number = path.stem.rpartition("-")
                yield LogLines(path.parents[1].name, f"{variant}/{number}", lines)

    def _new_lines_of(self, path: Path) -> tuple[str, ...]:
        try:
            size = path.stat().st_size
            start = self._read.get(path, max(0, size - _FIRST_BYTES))
            if size < start:  # it was rotated
                start = 0
            if size == start:
                return ()
            with path.open("rb") as file:
                file.seek(start)
                data = file.read(_MOST_BYTES)
        except FileNotFoundError:  # its endpoint was deleted
            self._read.pop(path, None)
            return ()
        whole = data[: data.rfind(b"\n") + 1] if len(data) < _MOST_BYTES else data
        self._read[path] = start + len(whole)
        lines = whole.decode(errors="replace").splitlines()
        return tuple(line for line in lines if line.strip())
