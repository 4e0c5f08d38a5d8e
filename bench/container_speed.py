"""Measures the container against plain diffusers: the same weights, turn by turn, in one run.

    .venv/bin/python -m bench.container_speed [--checkpoint FILE] [--control FILE] [--rounds 7]

The container is the real process and takes whole jobs over HTTP, from an embedded S3 and back to
it; plain diffusers is one warm pipeline in a process of its own (bench/plain_diffusers.py), with
no S3, no PNG and no preview. Medians, and the ratio of the two. All the while `/ping` is asked
twenty times a second; its slowest answer is shown for each phase.
"""

import argparse
import hashlib
import io
import json
import os
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import boto3
import httpx
from ulid import ULID

from formats import keys
from formats.generation.result import GenerationResult
from formats.models.kinds import ModelKind
from formats.openpose.pose_map import draw
from local_aws.launcher import launch
from poses.canvas import fit_to_canvas
from poses.preset_poses import default_pose

ROOT: Final = Path(__file__).parents[1]
BUCKET: Final = "bench"
PING_SECONDS: Final = 0.05
READY_SECONDS: Final = 120.0


class Pinger:
    """Asks `/ping` every 50 ms in a thread of its own, and keeps how long each answer took."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._phase = ""
        self._over = threading.Event()
        self.seconds: dict[str, list[float]] = {}
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """Keep the answers while this lasts."""
        self._phase = phase
        yield
        self._phase = ""

    def stop(self) -> None:
        """Ask no more."""
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as http:
            while not self._over.wait(PING_SECONDS):
                phase, start = self._phase, time.perf_counter()
                http.get("/ping").raise_for_status()
                taken = time.perf_counter() - start
                if phase:
                    self.seconds.setdefault(phase, []).append(taken)


class BenchContainer:
    """The real container process, with a bucket that holds the models."""

    def __init__(self, url: str, bucket: Any) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=600)
        self._bucket = bucket

    def is_ready(self) -> bool:
        """Whether `/ping` says so."""
        try:
            return self._http.get("/ping").status_code == 200
        except httpx.ConnectError:
            return False

    def put(self, kind: ModelKind, path: Path) -> str:
        """Upload a model file; its name."""
        self._bucket.upload_file(str(path), keys.model_key(kind, path.name))
        return path.name

    def put_image(self, data: bytes) -> str:
        """Upload an input image; its name in a request."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._bucket.put_object(Key=keys.input_key(sha256), Body=data)
        return sha256

    def generate(self, **fields: Any) -> tuple[float, GenerationResult]:
        """A whole job: its seconds for the caller, and what the result says."""
        start = time.perf_counter()
        answer = self._http.post("/invocations", json={"id": str(ULID()), **fields})
        seconds = time.perf_counter() - start
        answer.raise_for_status()
        return seconds, GenerationResult.model_validate_json(answer.content)


@contextmanager
def container(python: Path, folder: Path) -> Iterator[BenchContainer]:
    """Start both processes; they end with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with launch(folder / "aws", container_command=("true",)) as aws:
        s3 = boto3.resource(
            "s3",
            endpoint_url=aws.url,
            region_name=aws.region,
            aws_access_key_id=aws.access_key,
            aws_secret_access_key=aws.secret_key,
        )
        bucket = s3.create_bucket(Bucket=BUCKET)
        environment = {
            **os.environ,
            **aws.environment(),
            "CONTRAPPOSTO_BUCKET": BUCKET,
            "SAGEMAKER_BASE_DIR": str(folder),
            "SAGEMAKER_BIND_TO_PORT": str(port),
            "CONTRAPPOSTO_LOG_LEVEL": "ERROR",
        }
        command = [str(python), "-m", "sagemaker_container", "serve"]
        process = subprocess.Popen(command, env=environment, cwd=ROOT)
        try:
            made = BenchContainer(f"http://127.0.0.1:{port}", bucket)
            deadline = time.monotonic() + READY_SECONDS
            while not made.is_ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("The container did not get ready; its log says why.")
                time.sleep(0.2)
            yield made
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def plain(python: Path, options: argparse.Namespace) -> Iterator["subprocess.Popen[str]"]:
    """Plain diffusers, warm."""
    sizes = ["--side", str(options.side), "--steps", str(options.steps)]
    module = ["-W", "ignore", "-m", "bench.plain_diffusers"]
    command = [str(python), *module, str(options.checkpoint), *sizes]
    # Its threads must not spin, as ours don't: beside other work they made it ten times slower.
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "passive"}
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment
    )
    try:
        assert process.stdout
        assert process.stdout.readline().startswith("ready")
        yield process
    finally:
        process.kill()
        process.wait()


def ask(process: "subprocess.Popen[str]", seed: int) -> dict[str, float]:
    """One image of plain diffusers."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{seed}\n")
    process.stdin.flush()
    answer: dict[str, float] = json.loads(process.stdout.readline())
    return answer


def compare(options: argparse.Namespace, folder: Path) -> None:
    """Turn by turn, so that whatever else the machine does slows both."""
    with container(options.python, folder) as ours, plain(options.python, options) as theirs:
        name = ours.put(ModelKind.CHECKPOINT, options.checkpoint)
        asked = {
            "checkpoint": name,
            "prompt": "a cute dog",
            "steps": options.steps,
            "width": options.side,
            "height": options.side,
            "cfg_scale": 6.0,
        }
        pinger = Pinger(ours.url)
        with pinger.during("fetching and loading"):
            first, _ = ours.generate(**asked | {"steps": 1}, seed=0)
        rounds = []
        for seed in range(1, options.rounds + 1):
            plain_one = ask(theirs, seed)
            with pinger.during("generating"):
                rounds.append((plain_one, *ours.generate(**asked, seed=seed)))
        pinger.stop()
        unit = {
            "model": ours.put(ModelKind.CONTROLNET, options.control),
            "image": ours.put_image(pose_map(options.side)),
        }
        posed = [
            ours.generate(**asked, controlnets=[unit], seed=seed)[0]
            for seed in range(options.rounds + 1)
        ][1:]
    plain_s = statistics.median(answer["seconds"] for answer, _, _ in rounds)
    whole_s = statistics.median(seconds for _, seconds, _ in rounds)
    show("first job of one step, its models fetched and loaded", f"{first:.2f} s")
    show("plain diffusers, one image", f"{plain_s:.2f} s")
    show("the container, a whole job", f"{whole_s:.2f} s, {whole_s / plain_s:.2f} of plain")
    for stage in rounds[0][2].seconds:
        show(f"  {stage}", f"{statistics.median(r.seconds[stage] for _, _, r in rounds):.3f} s")
    show("the same with a ControlNet", f"{statistics.median(posed):.2f} s")
    for phase, taken in pinger.seconds.items():
        worst, usual = 1000 * max(taken), 1000 * statistics.median(taken)
        show(f"/ping while {phase}", f"{worst:.0f} ms at worst, {usual:.1f} ms usually")
    result = rounds[-1][2]
    show("memory of the worker", f"{(result.peak_bytes or 0) / 2**20:,.0f} MiB on {result.device}")
    show("memory of plain diffusers", f"{rounds[-1][0]['bytes'] / 2**20:,.0f} MiB")


def pose_map(side: int) -> bytes:
    """The editor's first pose at that size."""
    out = io.BytesIO()
    draw(fit_to_canvas(default_pose(), side, side)).save(out, "PNG")
    return out.getvalue()


def show(what: str, value: str) -> None:
    """One row of the table."""
    print(f"{what:<56} {value}", flush=True)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    demo = ROOT / "demo" / "models" / "toon-v1.safetensors"
    parser.add_argument("--checkpoint", type=Path, default=demo)
    control = demo.with_name("control_openpose-toon.safetensors")
    parser.add_argument("--control", type=Path, default=control)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=7)
    own = ROOT / ".venv-container" / "bin" / "python"
    parser.add_argument("--python", type=Path, default=own, help="of the container's environment")
    with tempfile.TemporaryDirectory() as folder:
        compare(parser.parse_args(), Path(folder))


if __name__ == "__main__":
    main()
