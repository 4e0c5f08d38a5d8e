"""Measures how long the container takes to be ready: without kernels, with the bucket's, its own.

    .venv/bin/python -m bench.start_time [--python FILE] [--rounds 3]

Each start is the real process on an empty disk, its S3 an embedded one. `cold` finds no kernels in
the bucket and stores what it compiles; `bucket` fetches them; `disk` finds them where the start
before it left them, as a replaced worker does. `off` compiles without the bucket. Seconds until
`/ping` is 200, medians; without a GPU nothing is compiled, and all are alike.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import boto3
import httpx

from formats.keys import KERNELS
from local_aws.launcher import LocalAws, launch
from tests.support.helpers import free_port

ROOT: Final = Path(__file__).parents[1]
BUCKET: Final = "bench"
READY_SECONDS: Final = 300.0
_KERNELS: Final = re.compile(r"event=kernels_\w+ .*")


def start(python: Path, aws: LocalAws, folder: Path, kernels: Path, *, cache: bool) -> float:
    """Seconds from the process's start until it is ready; it is ended again."""
    port, log = free_port(), folder / "container.log"
    environment = {
        **os.environ,
        **aws.environment(),
        "CONTRAPPOSTO_BUCKET": BUCKET,
        "CONTRAPPOSTO_KERNEL_CACHE": str(cache),
        "SAGEMAKER_BASE_DIR": str(folder),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "TRITON_CACHE_DIR": str(kernels),
    }
    command = [str(python), "-m", "sagemaker_container", "serve"]
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=output)
        try:
            while not _is_ready(port):
                if process.poll() is not None or time.perf_counter() - began > READY_SECONDS:
                    raise RuntimeError(log.read_text("utf-8"))
                time.sleep(0.02)
            return time.perf_counter() - began
        finally:
            process.terminate()
            process.wait(60)
            for line in _KERNELS.findall(log.read_text("utf-8")):
                print(f"    {line}", flush=True)


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ping", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def measure(python: Path, aws: LocalAws, rounds: int) -> dict[str, list[float]]:
    """The seconds of each start, by kind."""
    s3: Any = boto3.resource(
        "s3",
        endpoint_url=aws.url,
        region_name=aws.region,
        aws_access_key_id=aws.access_key,
        aws_secret_access_key=aws.secret_key,
    )
    bucket = s3.create_bucket(Bucket=BUCKET)
    found: dict[str, list[float]] = {"off": [], "cold": [], "bucket": [], "disk": []}
    for _ in range(rounds):
        bucket.objects.filter(Prefix=KERNELS).delete()
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for kind, kernels in (("off", "a"), ("cold", "b"), ("bucket", "c"), ("disk", "c")):
                took = start(python, aws, root, root / kernels, cache=kind != "off")
                print(json.dumps({"start": kind, "s": round(took, 2)}), flush=True)
                found[kind].append(took)
    return found


def main() -> None:
    """Run all rounds and print the medians as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, default=ROOT / ".venv-container" / "bin" / "python")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        launch(Path(folder), container_command=("true",)) as aws,
    ):
        found = measure(options.python, aws, options.rounds)
    print(json.dumps({kind: round(statistics.median(took), 2) for kind, took in found.items()}))


if __name__ == "__main__":
    main()
