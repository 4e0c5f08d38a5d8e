"""Makes `tests/data/data-<version>.tar.gz`: a data folder as this version leaves it to the next.

Run it at each release, before the next version changes anything that is stored:

    .venv/bin/python -m scripts.stored_data

It does with the real parts what a team does (embedded AWS, container, pages, Chromium), kills
them in the middle of their work, and packs what is left. Takes about a minute. Two minutes later,
when its open jobs are old enough to be given up,
`tests/repository/test_stored_by_older_versions.py` must pass on the new file as on the older ones.
"""

import os
import signal
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from formats.version import VERSION
from local_aws.launcher import launch
from scripts.stored_data.dashboards import killed_after_a_click, killed_at_work, work_whole
from scripts.stored_data.forms import paint
from tests.support.helpers import CONTAINER, ROOT

_LEFT_OUT: Final = ("lock", "endpoints")
"""The working folders of containers: a start makes them anew, as it does the logs."""


def main() -> None:
    """Let several dashboards work on one folder, each after the other, and pack it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data = Path(folder) / ".data"
        with launch(data, container_command=CONTAINER) as aws:
            for work, ends in (
                (work_whole, 0), (paint, 0),
                (killed_after_a_click, -signal.SIGKILL), (killed_at_work, -signal.SIGKILL),
            ):  # fmt: skip
                process = get_context("spawn").Process(target=work, args=(data,))
                process.start()
                process.join()
                if process.exitcode != ends:
                    raise SystemExit(f"{work.__name__} ended with {process.exitcode}.")
            os.kill(aws.pid, signal.SIGKILL)
        pack(data, ROOT / "tests" / "data" / f"data-{VERSION}.tar.gz")


def pack(data: Path, archive: Path) -> None:
    """Pack all that is stored. Raises SystemExit where it names a place on this machine."""
    for path in (*data.rglob("*.sqlite"), *data.rglob("*.sqlite3")):
        with closing(sqlite3.connect(path)) as database:
            database.execute("vacuum")
    archive.parent.mkdir(exist_ok=True)
    with tarfile.open(archive, "w:gz") as packed:
        for path in sorted(path for path in data.rglob("*") if path.is_file()):
            name = path.relative_to(data)
            if name.parts[0] in _LEFT_OUT or name.suffix == ".log":
                continue
            for place in (data.parent, ROOT, Path.home()):
                if str(place).encode() in path.read_bytes():
                    raise SystemExit(f"{path} names {place}.")
            packed.add(path, name, filter=_of_nobody)
    print(f"{archive}: {archive.stat().st_size / 1000:.0f} KB")


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main()
