"""Measures the zip of many jobs: how fast it streams, and the memory that it takes.

    .venv/bin/python -m bench.jobs.zip [--images 500] [--kilobytes 1024]

Starts the embedded AWS in a folder of its own and keeps a job of one image each, of bytes that
don't pack, as a PNG's. Prints JSON: seconds, MB/s, and by how many MB this process's resident
memory grew at most, for

- archive: the archive as the route streams it, read and dropped;
- files: `zip -0` of the same files on disk into a pipe, where there is such a command.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import psutil
from pydantic import SecretStr

from core.aws.client import Connection
from core.ids import created_at, new_id, utc_now
from core.jobs.records import Job, JobState
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.keys import output_key, request_key
from local_aws.launcher import launch

_MB: Final = 1024**2
_PIPE_READ: Final = _MB


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--kilobytes", type=int, default=1024)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, launch(Path(name) / "aws") as aws:
        folder = Path(name)
        secret = SecretStr(aws.secret_key)
        connection = Connection(
            url=aws.url, access_key=aws.access_key, secret_key=secret, region=aws.region
        )
        settings = Settings(demo=False, data=folder / "data", bucket="bench")
        (folder / "files").mkdir()
        with open_studio(settings, connection) as studio:
            ids = [
                _keep(studio, folder / "files", os.urandom(options.kilobytes * 1024))
                for _ in range(options.images)
            ]
            b"".join(studio.archives.open(LOCAL, ids[:1]))  # imports and connections
            figures = {"archive": _measure(studio.archives.open(LOCAL, ids))}
        if shutil.which("zip"):
            figures["files"] = _measure(_zip(folder / "files"))
    print(json.dumps(figures, indent=2))


def _keep(studio: Studio, files: Path, image: bytes) -> str:
    job_id = new_id()
    request = GenerationRequest(id=job_id, owner=LOCAL.name, checkpoint="a", prompt="a", seed=1)
    body = request.model_dump_json().encode()
    studio.storage.write(request_key(job_id), body, "application/json")
    studio.storage.write(output_key(job_id, 0), image, "image/png")
    (files / f"{job_id}.png").write_bytes(image)
    studio.jobs._authorized.store.add(
        Job(
            id=job_id,
            owner=LOCAL.name,
            endpoint="bench",
            state=JobState.SUCCEEDED,
            created_at=created_at(job_id),
            updated_at=utc_now(),
            mode=Mode.TXT2IMG,
            checkpoint="a",
            prompt="a",
            image_count=1,
        )
    )
    return job_id


def _zip(files: Path) -> Iterable[bytes]:
    command = ["zip", "-0", "-q", "-r", "-", "."]
    with subprocess.Popen(command, cwd=files, stdout=subprocess.PIPE) as process:
        assert process.stdout
        while chunk := process.stdout.read(_PIPE_READ):
            yield chunk


def _measure(chunks: Iterable[bytes]) -> dict[str, Any]:
    process = psutil.Process()
    before = most = process.memory_info().rss
    size, start = 0, time.perf_counter()
    for chunk in chunks:
        size += len(chunk)
        most = max(most, process.memory_info().rss)
    seconds = time.perf_counter() - start
    return {
        "seconds": round(seconds, 2),
        "mb_per_second": round(size / seconds / _MB, 1),
        "mb": round(size / _MB, 1),
        "memory_grew_mb": round((most - before) / _MB, 1),
    }


if __name__ == "__main__":
    main()
