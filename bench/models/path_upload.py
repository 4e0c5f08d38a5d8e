"""Measures the upload of one model by its path beside `aws s3 cp` and `s5cmd`, and its resume.

    .venv/bin/python -m bench.models.path_upload [--gigabytes 2] [--tools FOLDER]

All of them send the same file to the same embedded AWS, one after the other: seconds, MB/s, peak
memory and CPU seconds of the client. Then an upload is killed half way, and another process ends
it: parts that were sent twice. `--tools` is where `aws` and `s5cmd` lie, else PATH. Needs Linux.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.ids import new_id, utc_now
from core.models.service import ModelLibrary
from core.models.uploads.queue import UploadQueue
from core.models.uploads.queue_parts import UploadServices
from core.models.uploads.records import Upload, UploadStage
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from formats.models.kinds import ModelKind
from local_aws.launcher import LocalAws, launch

BUCKET = "models"
NAME = "large.safetensors"
KEY = f"models/Stable-diffusion/{NAME}"


class Figures(NamedTuple):
    """One client's upload: wall and CPU seconds, peak memory in MB."""

    seconds: float
    cpu: float
    megabytes: float


def main() -> None:
    """Print the figures of one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--tools", type=Path, default=None)
    parser.add_argument("--send", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send:
        send(options.send)
    else:
        measure(int(options.gigabytes * 1e9), options.tools)


def measure(size: int, tools: Path | None) -> None:
    """Every client in turn, and a resume."""
    with tempfile.TemporaryDirectory() as folder, launch(Path(folder) / "data") as aws:
        path = written_file(Path(folder) / NAME, size)
        storage(aws.environment())._s3.create_bucket(Bucket=BUCKET)
        own = (sys.executable, "-m", "bench.models.path_upload", "--send", str(path))
        clients = {"this studio": own, **other_clients(path, tools)}
        figures = {}
        for name, command in clients.items():
            figures[name] = timed(command, aws)
            tell(name, figures[name], size)
            storage(aws.environment()).delete((KEY, "other"))
            path.with_suffix(".sqlite").unlink(missing_ok=True)
        others = [each.seconds for name, each in figures.items() if name != "this studio"]
        if others:
            ratio = min(others) / figures["this studio"].seconds
            print(f"{'of the faster one':36s} {ratio:6.2f}")
        resumed(own, aws, path)


def other_clients(path: Path, tools: Path | None) -> dict[str, tuple[str, ...]]:
    """Those that are installed."""
    place = str(tools) if tools else None
    found = {name: shutil.which(name, path=place) for name in ("aws", "s5cmd")}
    target = f"s3://{BUCKET}/other"
    commands = {
        "aws": ("s3", "cp", "--only-show-errors", str(path), target),
        "s5cmd": ("--log", "error", "cp", str(path), target),
    }
    return {name: (at, *commands[name]) for name, at in found.items() if at}


def timed(command: tuple[str, ...], aws: LocalAws) -> Figures:
    """Run one client to its end."""
    environment = {**os.environ, **aws.environment(), "S3_ENDPOINT_URL": aws.url}
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_of(process.pid))
        time.sleep(0.02)
    seconds, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(seconds, cpu, peak)


def memory_of(pid: int) -> float:
    """The most memory that a process had so far, MB; 0 once it is over."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0.0
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(lines.get("VmHWM", "0 kB").split()[0]) * 1024 / 1e6


def tell(name: str, figures: Figures, size: int) -> None:
    """One line for each client."""
    speed = size / 1e6 / figures.seconds
    print(
        f"{name:14s} {figures.seconds:6.1f} s {speed:6.0f} MB/s "
        f"{figures.megabytes:6.0f} MB {figures.cpu:6.1f} CPU s",
        flush=True,
    )


def resumed(command: tuple[str, ...], aws: LocalAws, path: Path) -> None:
    """Kill an upload half way, and end it."""
    said = watched(command, aws, until=0.5)
    kept = said["parts_done"]
    said = watched(command, aws)
    twice = max(0, kept - said["parts_skipped"])
    print(f"{'killed with parts in S3':36s} {kept:3} of {said['parts']}")
    print(f"{'parts sent twice':36s} {twice:3}")
    digest = hashlib.sha256()
    for chunk in storage(aws.environment()).stream(KEY).chunks:
        digest.update(chunk)
    with path.open("rb") as file:
        same = digest.hexdigest() == hashlib.file_digest(file, "sha256").hexdigest()
    print(f"{'the same bytes':36s} {same!s:>6s}")


def watched(command: tuple[str, ...], aws: LocalAws, until: float = 1.0) -> dict[str, int]:
    """Upload in a process of its own, killed when that share is in S3. Returns its last words."""
    said: dict[str, int] = {"parts_done": 0, "parts": 0, "parts_skipped": 0}
    environment = {**os.environ, **aws.environment()}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as sender:
        for line in sender.stdout or ():
            said = json.loads(line)
            if until < 1 and said["parts_done"] >= until * (said["parts"] or sys.maxsize):
                sender.send_signal(signal.SIGKILL)
    return said


def written_file(path: Path, size: int) -> Path:
    """A well-formed file of one tensor of random bytes."""
    shape: dict[str, object] = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    header = json.dumps({"nothing": shape}).encode()
    block = os.urandom(1 << 24)
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for start in range(0, size, len(block)):
            file.write(block[: min(len(block), size - start)])
    return path


def send(path: Path) -> None:
    """Upload as a dashboard does, and tell how far it is."""
    aws, access = connected(os.environ), Access(allow_all)
    kept, files = SqliteRecordStore(path.with_suffix(".sqlite")), Storage(aws, BUCKET)
    library = ModelLibrary(files, kept, access, utc_now)
    queue = UploadQueue(UploadServices(aws, files, kept, library, access, utc_now, new_id))
    queue.begin_work()
    queue.start_paths(LOCAL, [str(path)], ModelKind.CHECKPOINT)
    while (upload := queue.list(LOCAL)[0]).active:
        say(upload)
        time.sleep(0.05)
    say(upload)
    queue.close()
    if upload.stage is not UploadStage.DONE:
        raise SystemExit(upload.message)


def say(upload: Upload) -> None:
    """One line for each look, once parts are sent."""
    if upload.parts:
        print(upload.model_dump_json(include={"parts", "parts_done", "parts_skipped"}), flush=True)


def connected(environment: Mapping[str, str]) -> Aws:
    """The clients for an address and keys in variables."""
    return Aws(
        Connection(
            url=environment["AWS_ENDPOINT_URL"],
            access_key=environment["AWS_ACCESS_KEY_ID"],
            secret_key=SecretStr(environment["AWS_SECRET_ACCESS_KEY"]),
            region=environment["AWS_DEFAULT_REGION"],
        )
    )


def storage(environment: Mapping[str, str]) -> Storage:
    """The bucket there."""
    return Storage(connected(environment), BUCKET)


if __name__ == "__main__":
    main()
