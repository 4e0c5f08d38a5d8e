"""What SageMaker asks of a container, one row for each rule, over raw sockets and the real process.

Sources: SageMaker's developer guide (your-algorithms-inference-code, async-inference,
API_MetricsConfig) and what others met: chunked answers (deepjavalibrary/djl-serving#2567), headers
over 4096 bytes (aws/deep-learning-containers#4668), a ping that waits for the model
(aws/sagemaker-python-sdk#605), one that is 200 too early (aws/deep-learning-containers#2917),
retries that run a job twice (boto/boto3#1104).
"""

import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from formats import keys
from local_aws.launcher import LocalAws
from sagemaker_container.settings import ContainerSettings
from tests.container.conftest import (
    Container,
    Store,
    long_request,
    request,
    running,
    send,
    wait_running,
)
from tests.support.helpers import ROOT, wait_for

HEADER_LIMIT = 4096
DOCKERFILE = (ROOT / "sagemaker_container" / "Dockerfile").read_text("utf-8")
FORWARDED = {
    "X-Amzn-SageMaker-Custom-Attributes": "trace=1",
    "X-Amzn-SageMaker-Inference-Id": "01M82KW0B1ZSQ5JRV5KNRGBS67",
    "X-Amzn-SageMaker-Target-Variant": "main",
    "Accept": "image/png",
    "Content-Type": "application/octet-stream",
    "X-Nobody-Knows": "x" * 2000,
}


@dataclass(frozen=True)
class Answer:
    """An answer as it came through the socket."""

    status: int
    headers: dict[str, str]
    header_bytes: int
    body: bytes


def port_of(container: Container) -> int:
    return int(container.http.base_url.port or 0)


def exchange(port: int, head: str, body: bytes = b"") -> Answer:
    """Send bytes on a connection of their own, and read until the server closes it."""
    with socket.create_connection(("127.0.0.1", port), timeout=600) as connection:
        lines = f"{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(lines.encode() + body)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    top, _, content = received.partition(b"\r\n\r\n")
    status, *lines_of_headers = top.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines_of_headers)
    return Answer(int(status.split()[1]), headers, len(top) + 4, content)


def post(port: int, body: bytes, headers: dict[str, str] | None = None) -> Answer:
    lines = "".join(f"\r\n{name}: {value}" for name, value in (headers or {}).items())
    return exchange(port, f"POST /invocations HTTP/1.1\r\nContent-Length: {len(body)}{lines}", body)


def encoded(**fields: object) -> bytes:
    return json.dumps(request(**fields)).encode()


def chunked(port: int) -> Answer:
    """A request whose body comes in pieces."""
    body = encoded()
    half = len(body) // 2
    pieces = b"".join(f"{len(p):x}\r\n".encode() + p + b"\r\n" for p in (body[:half], body[half:]))
    head = "POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked"
    return exchange(port, head, pieces + b"0\r\n\r\n")


EXCHANGES: dict[str, tuple[int, Callable[[int], Answer]]] = {
    "a ping": (200, lambda port: exchange(port, "GET /ping HTTP/1.1")),
    "the figures": (200, lambda port: exchange(port, "GET /metrics HTTP/1.1")),
    "a job": (200, lambda port: post(port, encoded())),
    "a job of many images": (200, lambda port: post(port, encoded(steps=1, batch_count=8))),
    "headers that SageMaker forwards, and unknown ones": (
        200,
        lambda port: post(port, encoded(), FORWARDED),
    ),
    "a body in pieces": (200, chunked),
    "bad input": (400, lambda port: post(port, encoded(steps=0))),
    "no JSON": (400, lambda port: post(port, b"{")),
    "a missing model": (404, lambda port: post(port, encoded(checkpoint="none.safetensors"))),
    "a name that fills every message": (
        404,
        lambda port: post(port, encoded(checkpoint="é" * 80 + ".safetensors")),
    ),
    "a body that is too large": (413, lambda port: post(port, b" " * (2**20 + 1))),
    "another route": (404, lambda port: exchange(port, "GET /models HTTP/1.1")),
    "another method": (405, lambda port: exchange(port, "GET /invocations HTTP/1.1")),
}


@pytest.mark.parametrize("case", EXCHANGES)
def test_an_answer_has_its_length_and_small_headers(container: Container, case: str) -> None:
    """Never chunked: an asynchronous invocation then fails for want of a Content-Length."""
    status, send_request = EXCHANGES[case]
    answer = send_request(port_of(container))
    assert answer.status == status, answer.body
    assert "transfer-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.header_bytes < HEADER_LIMIT / 4
    assert set(answer.headers) <= {
        "allow",
        "connection",
        "content-length",
        "content-type",
        "date",
        "retry-after",
        "server",
    }


def test_ping_is_empty_and_200_only_once_the_worker_is_ready(
    aws: LocalAws, store: Store, tmp_path: Path
) -> None:
    with running(aws, tmp_path) as starting:
        seen: list[int] = []

        def is_ready() -> bool:
            answer = ping_or_none(port_of(starting))
            if answer is None:
                return False
            assert answer.body == b""
            assert answer.status == 503 or "event=worker_ready" in starting.log.read_text()
            seen.append(answer.status)
            return answer.status == 200

        wait_for(is_ready, every=0.02)
        assert set(seen[:-1]) == {503}


def ping_or_none(port: int) -> Answer | None:
    try:
        return exchange(port, "GET /ping HTTP/1.1")
    except ConnectionRefusedError:
        return None


@contextmanager
def stopped_worker(container: Container) -> Iterator[None]:
    """A worker that does nothing, as while a kernel of the GPU runs for ever."""
    pid = container.worker_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("path", ["/ping", "/metrics"])
def test_it_is_answered_whatever_the_worker_does(container: Container, path: str) -> None:
    with stopped_worker(container):
        assert exchange(port_of(container), f"GET {path} HTTP/1.1").status == 200


def test_it_is_answered_while_a_job_runs(
    container: Container, store: Store, callers: ThreadPoolExecutor
) -> None:
    job = long_request()
    answer = send(container, callers, job)
    wait_running(store, job["id"])
    port = port_of(container)
    assert exchange(port, "GET /ping HTTP/1.1").status == 200
    told = exchange(port, "GET /metrics HTTP/1.1").body.decode()
    assert 'contrapposto_queue_jobs{state="running"} 1.0' in told
    store.put(keys.cancel_key(str(job["id"])), b"")
    assert answer.result().status_code == 409


def test_connections_that_say_nothing_keep_no_other_out(container: Container) -> None:
    port = port_of(container)
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
        assert exchange(port, "GET /ping HTTP/1.1").status == 200


def test_a_retry_runs_no_job_twice(container: Container) -> None:
    body, port = encoded(), port_of(container)
    first, second = post(port, body), post(port, body)
    assert (first.status, first.body) == (second.status, second.body)


def test_the_figures_are_prometheus_text_of_what_was_done(container: Container) -> None:
    """As AWS's collector reads them where the endpoint has detailed observability."""
    container.generate()
    answer = exchange(port_of(container), "GET /metrics HTTP/1.1")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    figures = dict(line.rsplit(" ", 1) for line in answer.body.decode().splitlines())
    for name in (
        'contrapposto_jobs_total{code="",outcome="succeeded"}',
        "contrapposto_images_total",
        'contrapposto_stage_seconds_count{stage="draw"}',
        'contrapposto_host_memory_bytes{kind="worker"}',
        "contrapposto_batch_jobs_count",
        "contrapposto_worker_start_seconds",
    ):
        assert float(figures[name]) > 0, name
    tiers = {n.split('"')[1] for n in figures if n.startswith("contrapposto_cache_hits_total{")}
    assert tiers
    assert tiers <= {"memory", "RAM", "disk", "S3"}


def test_the_log_has_each_job_for_cloudwatch_where_it_is_asked_for(
    aws: LocalAws, store: Store, tmp_path: Path
) -> None:
    environment = {"CONTRAPPOSTO_EMF": "true", "CONTRAPPOSTO_ENDPOINT": "studio-1"}
    with running(aws, tmp_path, **environment) as told:
        told.wait_ready()
        job = told.generate()
        lines = [line for line in told.log.read_text().splitlines() if line.startswith("{")]
    (line,) = map(json.loads, lines)
    assert (line["Job"], line["Endpoint"], line["Outcome"]) == (job.id, "studio-1", "succeeded")
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Contrapposto"


def test_it_ends_by_sigterm(aws: LocalAws, store: Store, tmp_path: Path) -> None:
    """SIGKILL would come 30 s later; tests of the lifecycle tell what becomes of running jobs."""
    with running(aws, tmp_path) as ending:
        ending.wait_ready()
        ending.process.terminate()
        assert ending.process.wait(60) == 0


def test_model_data_may_be_read_only(aws: LocalAws, store: Store, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir(mode=0o500)
    with running(aws, tmp_path) as started:
        started.wait_ready()
        started.generate()
    assert list((tmp_path / "model").iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [
        # Exec form: process 1 gets SIGTERM itself; `serve` may be given again by SageMaker.
        r'ENTRYPOINT \["python", "-m", "sagemaker_container"\]',
        r'CMD \["serve"\]',
        r"EXPOSE 8080",
        r"LABEL com\.amazonaws\.sagemaker\.capabilities\.accept-bind-to-port=true",
    ],
)
def test_the_image_says_how_it_is_run(line: str) -> None:
    assert re.search(f"^{line}$", DOCKERFILE, re.MULTILINE)


def test_the_port_is_8080_unless_sagemaker_sets_another() -> None:
    environment = {"CONTRAPPOSTO_BUCKET": "things"}
    assert ContainerSettings.from_environment(environment).port == 8080
    environment["SAGEMAKER_BIND_TO_PORT"] = "9090"
    assert ContainerSettings.from_environment(environment).port == 9090
