"""The real container process, its S3 (the local AWS's), and what the tests do with them."""

import hashlib
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from PIL import Image, ImageDraw
from types_boto3_s3 import S3Client
from ulid import ULID

from formats import keys
from formats.generation.progress import Heartbeat, Progress, Stage
from formats.generation.result import GenerationResult
from formats.models.kinds import ModelKind
from local_aws.launcher import LocalAws, launch
from tests.support.helpers import CONTAINER, ROOT, free_port, wait_for

# Only Linux limits the memory of another process while it runs.
collect_ignore = [] if sys.platform == "linux" else ["process/test_memory.py"]
BUCKET = "container-tests"
QUEUE = 6
"""Jobs that the shared container holds at a time."""
CHECKPOINT = "tiny-noise-v1.safetensors"
CONTROL = "tiny-control-openpose.safetensors"
LORA = "tiny-style-lora.safetensors"
_KINDS = {
    "control": ModelKind.CONTROLNET,
    "lora": ModelKind.LORA,
    "vae": ModelKind.VAE,
    "embedding": ModelKind.EMBEDDING,
    "upscaler": ModelKind.UPSCALER,
}


class Store:
    """The bucket, as the container's clients see it."""

    def __init__(self, client: S3Client) -> None:
        self.client = client

    def put(self, key: str, data: bytes, **more: Any) -> None:
        self.client.put_object(Bucket=BUCKET, Key=key, Body=data, **more)

    def get(self, key: str) -> bytes:
        return self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def names(self, prefix: str) -> set[str]:
        found = self.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {entry["Key"].removeprefix(prefix) for entry in found}

    def put_model(self, path: Path, name: str | None = None, *, hashed: bool = True) -> str:
        """Upload a file under its kind, as the dashboard does; returns its key."""
        kind = next((k for word, k in _KINDS.items() if word in path.name), ModelKind.CHECKPOINT)
        key, data = keys.model_key(kind, name or path.name), path.read_bytes()
        self.put(key, data, Metadata={"sha256": hashlib.sha256(data).hexdigest()} if hashed else {})
        return key

    def put_image(self, image: Image.Image) -> str:
        """Upload an input image; returns its hash."""
        data = io.BytesIO()
        image.save(data, "PNG")
        sha256 = hashlib.sha256(data.getvalue()).hexdigest()
        self.put(keys.input_key(sha256), data.getvalue())
        return sha256

    def image(self, job_id: str, index: int = 0) -> Image.Image:
        return Image.open(io.BytesIO(self.get(keys.output_key(job_id, index))))

    def cancel(self, job_id: object) -> None:
        """Ask for the end of a job, as the dashboard does."""
        self.put(keys.cancel_key(str(job_id)), b"")
        self.put(keys.LAST_CANCEL, str(job_id).encode())

    def progress(self, job_id: object) -> Progress | None:
        """How far a running job is; None where no instance tells of it."""
        return next((told for _, told in self._running() if told.id == str(job_id)), None)

    def heartbeat(self, job_id: object) -> str:
        """The name of the heartbeat that tells of a running job."""
        return next(name for name, told in self._running() if told.id == str(job_id))

    def _running(self) -> Iterator[tuple[str, Progress]]:
        """Each running job, after the heartbeat that tells of it."""
        for name in self.names(keys.HEARTBEATS):
            try:
                heartbeat = Heartbeat.model_validate_json(self.get(keys.HEARTBEATS + name))
            except self.client.exceptions.NoSuchKey:
                continue  # nothing runs there any more
            yield from ((name, told) for told in heartbeat.jobs)

    def result(self, job_id: str) -> GenerationResult:
        return GenerationResult.model_validate_json(self.get(keys.result_key(job_id)))


Bits = Callable[[GenerationResult], tuple[str, ...]]
"""Hashes of a result's pixels; a file's own hash counts its infotext too."""


@pytest.fixture(scope="session")
def bits(store: Store) -> Bits:
    def hashes(result: GenerationResult) -> tuple[str, ...]:
        images = (store.image(result.id, i) for i in range(len(result.pictures)))
        return tuple(hashlib.sha256(image.tobytes()).hexdigest() for image in images)

    return hashes


@pytest.fixture(scope="session")
def pose(store: Store) -> str:
    """A pose map of one line."""
    image = Image.new("RGB", (64, 64))
    ImageDraw.Draw(image).line((8, 8, 56, 56), fill=(255, 85, 0), width=6)
    return store.put_image(image)


@dataclass
class Container:
    """One running container."""

    process: "subprocess.Popen[bytes]"
    http: httpx.Client
    log: Path

    def ping(self) -> int:
        try:
            return self.http.get("/ping").status_code
        except httpx.ConnectError:
            assert self.process.poll() is None, self.log.read_text()
            return 0

    def wait_ready(self) -> None:
        wait_for(lambda: self.ping() == 200)

    def post(self, **fields: Any) -> httpx.Response:
        return self.http.post("/invocations", json=request(**fields))

    def generate(self, **fields: Any) -> GenerationResult:
        """Run a job that must succeed."""
        answer = self.post(**fields)
        assert answer.status_code == 200, answer.text
        return GenerationResult.model_validate_json(answer.content)

    def worker_pid(self) -> int:
        """The present worker's, from the log."""
        return int(re.findall(r"event=worker_started pid=(\d+)", self.log.read_text())[-1])

    def kill_worker(self) -> None:
        """As the system does when memory runs out."""
        os.kill(self.worker_pid(), signal.SIGKILL)

    def workers(self) -> int:
        """How many were started so far."""
        return self.log.read_text().count("event=worker_started")


def request(**fields: Any) -> dict[str, Any]:
    """A small job: 4 steps at 64 px."""
    return {
        "id": str(ULID()),
        "checkpoint": CHECKPOINT,
        "prompt": "a cute dog",
        "seed": 7,
        "steps": 4,
        "width": 64,
        "height": 64,
        **fields,
    }


def long_request(**fields: Any) -> dict[str, Any]:
    """A job of 2400 steps, which no machine ends before a test has done what it came for."""
    return request(steps=150, width=512, height=512, batch_count=16, **fields)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with launch(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture(scope="session")
def store(aws: LocalAws, models: Path) -> Store:
    client = boto3.client(
        "s3",
        endpoint_url=aws.url,
        aws_access_key_id=aws.access_key,
        aws_secret_access_key=aws.secret_key,
        region_name=aws.region,
    )
    client.create_bucket(Bucket=BUCKET)
    made = Store(client)
    for path in models.iterdir():
        made.put_model(path)
    return made


def send(
    container: Container, callers: ThreadPoolExecutor, job: dict[str, Any]
) -> "Future[httpx.Response]":
    """Post a job without waiting for its answer."""
    return callers.submit(lambda: container.http.post("/invocations", json=job))


def wait_accepted(container: Container, *jobs: dict[str, Any]) -> None:
    """Until the container's front process has accepted these jobs."""
    wait_for(
        lambda: all(f"event=accepted job={job['id']}" in container.log.read_text() for job in jobs)
    )


def wait_running(store: Store, job_id: object, steps: int = 1) -> None:
    """Until a job's heartbeat says that it has run some steps."""

    def has_run_steps() -> bool:
        progress = store.progress(job_id)
        return bool(progress and progress.stage is Stage.DRAWING and progress.step >= steps)

    wait_for(has_run_steps)


@pytest.fixture(scope="session")
def callers() -> Iterator[ThreadPoolExecutor]:
    """Threads that post jobs at the same time."""
    with ThreadPoolExecutor(QUEUE) as threads:
        yield threads


@contextmanager
def running(aws: LocalAws, folder: Path, **settings: str) -> Iterator[Container]:
    """A container of one's own; it is killed at the end if it is still there."""
    port = free_port()
    environment = {
        **os.environ,
        **aws.environment(),
        "CONTRAPPOSTO_BUCKET": BUCKET,
        "SAGEMAKER_BASE_DIR": str(folder),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        **settings,
    }
    log = folder / "container.log"
    with (
        log.open("wb") as output,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600) as http,
    ):
        process = subprocess.Popen(
            CONTAINER, env=environment, cwd=ROOT, stdout=output, stderr=output
        )
        try:
            yield Container(process, http, log)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


@contextmanager
def ready(aws: LocalAws, folder: Path, **settings: str) -> Iterator[Container]:
    """The same, once it takes jobs."""
    with running(aws, folder, **settings) as started:
        started.wait_ready()
        yield started


@pytest.fixture(scope="session")
def container(
    aws: LocalAws, store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Container]:
    """The one that most tests share."""
    folder = tmp_path_factory.mktemp("container")
    with ready(aws, folder, CONTRAPPOSTO_QUEUE_DEPTH=str(QUEUE)) as started:
        yield started
