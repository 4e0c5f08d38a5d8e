"""Measures a model file far larger than memory: seconds, and the embedded AWS's peak memory.

    .venv/bin/python -m bench.large_file [--gigabytes 5]

Writes a sparse file, sends it by path as the Models page does, in a process that is killed on the
way, goes on where that one stopped, reads the object back and compares the hash. Needs Linux.
"""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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

BUCKET = "large"
NAME = "large.safetensors"


def main() -> None:
    """Print the figures of one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=5)
    parser.add_argument("--send", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send:
        send(options.send)
    else:
        measure(int(options.gigabytes * 1e9))


def measure(size: int) -> None:
    """The whole way of one file."""
    with tempfile.TemporaryDirectory() as folder:
        path = sparse_file(Path(folder) / NAME, size)
        with launch(Path(folder) / "data") as aws:
            storage(aws.environment())._s3.create_bucket(Bucket=BUCKET)
            print(f"{'memory of the embedded AWS before':44s} {peak(aws):6.0f} MB")
            begun = time.monotonic()
            send_elsewhere(aws, path, until=0.25)
            print(f"{'killed after a quarter, seconds':44s} {time.monotonic() - begun:6.1f}")
            begun = time.monotonic()
            said = send_elsewhere(aws, path)
            print(f"{'hashing and sending the rest, seconds':44s} {time.monotonic() - begun:6.1f}")
            print(f"{'parts: skipped, all':44s} {said['parts_skipped']:3} {said['parts']:3}")
            begun = time.monotonic()
            same = read_back(aws) == hashlib.file_digest(path.open("rb"), "sha256").hexdigest()
            print(f"{'reading it back, seconds':44s} {time.monotonic() - begun:6.1f}")
            print(f"{'the same bytes':44s} {same!s:>6s}")
            print(f"{'peak memory of the embedded AWS':44s} {peak(aws):6.0f} MB")


def sparse_file(path: Path, size: int) -> Path:
    """A well-formed file of one tensor that takes no room on the disk."""
    shape: dict[str, object] = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    header = json.dumps({"nothing": shape}).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + size)
    return path


def send_elsewhere(aws: LocalAws, path: Path, until: float = 1.0) -> dict[str, int]:
    """Send in a process of its own, killed when that share is in S3. Returns its last words."""
    command = [sys.executable, "-m", "bench.large_file", "--send", str(path)]
    said: dict[str, int] = {}
    environment = {**os.environ, **aws.environment()}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as sender:
        for line in sender.stdout or ():
            said = json.loads(line)
            if until < 1 and said["parts_done"] >= until * (said["parts"] or sys.maxsize):
                sender.send_signal(signal.SIGKILL)
    return said


def send(path: Path) -> None:
    """Upload as a dashboard does, and tell how far it is."""
    aws, access = connected(dict(os.environ)), Access(allow_all)
    kept, files = SqliteRecordStore(path.with_suffix(".sqlite")), Storage(aws, BUCKET)
    library = ModelLibrary(files, kept, access, utc_now)
    queue = UploadQueue(UploadServices(aws, files, kept, library, access, utc_now, new_id))
    queue.begin_work()
    queue.start_paths(LOCAL, [str(path)], ModelKind.CHECKPOINT)
    upload = queue.list(LOCAL)[0]
    while upload.active:
        if upload.stage is UploadStage.UPLOADING:
            tell(upload)
        time.sleep(0.05)
        upload = queue.list(LOCAL)[0]
    tell(upload)
    queue.close()


def tell(upload: Upload) -> None:
    """One line for each look."""
    print(upload.model_dump_json(include={"parts", "parts_done", "parts_skipped"}), flush=True)


def connected(environment: dict[str, str]) -> Aws:
    """The clients for an address and keys in variables."""
    return Aws(
        Connection(
            url=environment["AWS_ENDPOINT_URL"],
            access_key=environment["AWS_ACCESS_KEY_ID"],
            secret_key=SecretStr(environment["AWS_SECRET_ACCESS_KEY"]),
            region=environment["AWS_DEFAULT_REGION"],
        )
    )


def storage(environment: dict[str, str]) -> Storage:
    """The bucket there."""
    return Storage(connected(environment), BUCKET)


def read_back(aws: LocalAws) -> str:
    """The hash of the object's bytes."""
    digest = hashlib.sha256()
    for chunk in storage(aws.environment()).stream(f"models/Stable-diffusion/{NAME}").chunks:
        digest.update(chunk)
    return digest.hexdigest()


def peak(aws: LocalAws) -> float:
    """The most memory that the process ever had, MB."""
    status = Path(f"/proc/{aws.pid}/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    main()
