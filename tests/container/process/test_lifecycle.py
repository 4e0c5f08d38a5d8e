"""Jobs that are sent twice, cancelled, lost or too many; workers that die; the end by SIGTERM."""

import io
import json
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from formats import keys
from formats.generation.result import ErrorCode, Outcome
from formats.models.kinds import ModelKind
from local_aws.launcher import LocalAws
from tests.container.conftest import (
    QUEUE,
    Container,
    Store,
    long_request,
    ready,
    request,
    running,
    send,
    wait_accepted,
    wait_running,
)
from tests.support.helpers import wait_for


def test_the_same_id_again_gives_the_stored_result(container: Container, store: Store) -> None:
    """The same request, that is: the order of its JSON and values left to defaults don't count."""
    job = request()
    first = container.http.post("/invocations", json=job)
    log = container.log.read_text().count("event=started")
    reordered = dict(reversed([*job.items(), ("vae", None), ("clip_skip", 1)]))
    again = container.http.post("/invocations", json=reordered)
    assert (again.status_code, again.json()) == (200, first.json())
    assert container.log.read_text().count("event=started") == log


@pytest.mark.parametrize(
    ("first", "second"),
    [({}, {"seed": 99}), ({}, {"hashes": {"a": "0" * 64}}), ({"steps": 0}, {})],
    ids=["another seed", "another model file", "one that could not be read"],
)
def test_the_id_of_another_request_is_refused(
    container: Container, store: Store, first: dict[str, Any], second: dict[str, Any]
) -> None:
    job = request()
    container.http.post("/invocations", json={**job, **first})
    stored = store.result(str(job["id"]))
    refused = container.http.post("/invocations", json={**job, **second})
    assert (refused.status_code, refused.json()["code"]) == (409, "request_conflict")
    assert (refused.json()["field"], store.result(str(job["id"]))) == ("id", stored)


def test_the_id_of_another_running_request_is_refused(
    container: Container, store: Store, callers: ThreadPoolExecutor
) -> None:
    job = request(steps=20)
    answer = send(container, callers, job)
    wait_accepted(container, job)
    refused = container.http.post("/invocations", json={**job, "prompt": "a cat"})
    assert (refused.status_code, refused.json()["code"]) == (409, "request_conflict")
    assert answer.result().status_code == 200


def test_a_result_of_an_older_version_is_its_ids(container: Container, store: Store) -> None:
    job = request()
    first = container.http.post("/invocations", json=job).json()
    older = {name: value for name, value in first.items() if name != "request_sha256"}
    store.put(keys.result_key(str(job["id"])), json.dumps(older).encode())
    again = container.http.post("/invocations", json=job)
    assert (again.status_code, again.json()) == (200, {**first, "request_sha256": None})


def test_the_same_id_at_once_joins_the_running_job(
    container: Container, callers: ThreadPoolExecutor
) -> None:
    job = request(steps=20)
    answers = [send(container, callers, job) for _ in range(5)]
    assert len({answer.result().text for answer in answers}) == 1
    assert all(answer.result().status_code == 200 for answer in answers)


def test_a_job_that_was_cancelled_before_it_came(container: Container, store: Store) -> None:
    job = request()
    store.cancel(job["id"])
    answer = container.http.post("/invocations", json=job)
    assert (answer.status_code, answer.json()["code"]) == (409, "cancelled")
    assert store.result(str(job["id"])).outcome is Outcome.CANCELLED


def test_cancel_stops_a_running_job_and_the_next_one_runs(
    container: Container, store: Store, callers: ThreadPoolExecutor
) -> None:
    job = long_request()
    answer = send(container, callers, job)
    wait_running(store, job["id"])
    progress = wait_for(lambda: p if (p := store.progress(job["id"])) and p.preview else None)
    heartbeat = store.heartbeat(job["id"])
    store.cancel(job["id"])
    assert (answer.result().status_code, answer.result().json()["code"]) == (409, "cancelled")
    result = store.result(str(job["id"]))
    assert result.outcome is Outcome.CANCELLED
    assert progress.steps == 150 * 16
    assert progress.step < progress.steps
    assert progress.preview
    with Image.open(io.BytesIO(progress.preview)) as preview:
        assert preview.format == "WEBP"
    wait_for(lambda: heartbeat not in store.names(keys.HEARTBEATS))
    container.generate()


def test_a_full_queue_refuses_and_ping_answers_meanwhile(
    container: Container, store: Store, callers: ThreadPoolExecutor
) -> None:
    jobs = [long_request(exact=True) for _ in range(QUEUE)]
    answers = [send(container, callers, job) for job in jobs]
    wait_accepted(container, *jobs)
    refused = container.post()
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert int(refused.headers["Retry-After"]) > 0
    assert [container.ping() for _ in range(20)] == [200] * 20
    for job in jobs:
        store.cancel(job["id"])
    assert {answer.result().status_code for answer in answers} == {409}


def test_a_killed_worker_is_replaced_and_its_job_fails(
    container: Container, store: Store, callers: ThreadPoolExecutor
) -> None:
    job = long_request()
    answer = send(container, callers, job)
    wait_running(store, job["id"])
    workers = container.workers()
    container.kill_worker()
    assert (answer.result().status_code, answer.result().json()["code"]) == (500, "worker_lost")
    failure = store.result(str(job["id"])).failure
    assert failure
    assert (failure.code, "signal 9" in failure.message) == (ErrorCode.WORKER_LOST, True)
    assert container.ping() == 200  # within its grace
    container.generate()
    assert container.workers() == workers + 1


@pytest.mark.slow
def test_a_hung_worker_is_replaced_and_its_job_fails(
    aws: LocalAws, store: Store, callers: ThreadPoolExecutor, tmp_path: Path
) -> None:
    """Its clock is the real one; tests/sagemaker_container tells the rest with one that is set."""
    with ready(aws, tmp_path, CONTRAPPOSTO_HANG_SECONDS="20") as hanging:
        job = long_request()
        answer = send(hanging, callers, job)
        wait_running(store, job["id"])
        os.kill(hanging.worker_pid(), signal.SIGSTOP)
        store.cancel(job["id"])
        wait_for(lambda: hanging.ping() == 200 and answer.done())
        failure = store.result(str(job["id"])).failure
        assert failure
        assert (failure.code, answer.result().status_code) == (ErrorCode.WORKER_LOST, 500)
        assert "no sign of life for 20 s" in failure.message
        assert hanging.ping() == 200  # within its grace
        hanging.generate()
        assert hanging.workers() == 2


@pytest.mark.slow
def test_sigterm_lets_the_running_image_finish(
    aws: LocalAws, store: Store, callers: ThreadPoolExecutor, tmp_path: Path
) -> None:
    with ready(aws, tmp_path) as ending:
        job = request(exact=True)
        os.kill(ending.worker_pid(), signal.SIGSTOP)  # it runs when the end has begun
        answer = send(ending, callers, job)
        wait_for(lambda: store.progress(job["id"]))
        heartbeat = store.heartbeat(job["id"])
        ending.process.terminate()
        wait_for(lambda: ending.ping() == 503, every=0.01)
        assert not answer.done()
        os.kill(ending.worker_pid(), signal.SIGCONT)
        assert answer.result().status_code == 200
        assert store.result(str(job["id"])).outcome is Outcome.SUCCEEDED
        assert ending.process.wait(60) == 0
        assert heartbeat not in store.names(keys.HEARTBEATS)


@pytest.mark.slow
def test_sigterm_reports_a_job_whose_worker_is_starting(
    aws: LocalAws, store: Store, callers: ThreadPoolExecutor, tmp_path: Path
) -> None:
    with running(aws, tmp_path, CONTRAPPOSTO_DRAIN_SECONDS="0.5") as ending:
        wait_for(lambda: ending.ping() == 503, every=0.01)
        os.kill(ending.worker_pid(), signal.SIGSTOP)  # it will not be ready in time
        job = request()
        answer = send(ending, callers, job)
        wait_for(lambda: f"event=started job={job['id']}" in ending.log.read_text())
        ending.process.terminate()
        assert answer.result().json()["code"] == "worker_lost"
        failure = store.result(str(job["id"])).failure
        assert failure
        assert "stopped before" in failure.message
        assert ending.process.wait(60) == 0


@pytest.mark.slow
def test_sigterm_reports_the_running_job_and_ends(
    aws: LocalAws, store: Store, callers: ThreadPoolExecutor, tmp_path: Path
) -> None:
    job, waiting = long_request(), request()
    with ready(aws, tmp_path, CONTRAPPOSTO_DRAIN_SECONDS="6") as ending:
        answer = send(ending, callers, job)
        wait_running(store, job["id"])
        queued = send(ending, callers, waiting)
        wait_accepted(ending, waiting)
        ending.process.terminate()
        wait_for(lambda: ending.ping() == 503)
        assert ending.post().json()["code"] == "busy"
        assert answer.result().json()["code"] == "worker_lost"
        failure = store.result(str(job["id"])).failure
        assert failure
        assert "stopped before" in failure.message
        assert queued.result().status_code == 503
        assert store.names(keys.job_prefix(str(waiting["id"]))) == set()
        assert ending.process.wait(60) == 0


@pytest.mark.slow
def test_a_worker_never_outlives_a_killed_front(
    aws: LocalAws, store: Store, tmp_path: Path
) -> None:
    with running(aws, tmp_path) as doomed:
        wait_for(lambda: doomed.ping() == 503, every=0.01)  # while the libraries are imported
        pid = doomed.worker_pid()
        assert is_running(pid)
        doomed.process.kill()
        wait_for(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")


def test_the_next_jobs_files_are_fetched_while_a_job_runs(
    container: Container, store: Store, callers: ThreadPoolExecutor, models: Path
) -> None:
    data = bytearray((models / "tiny-noise-v2.safetensors").read_bytes())
    data[-1] ^= 1  # a file that this container never saw
    store.put(keys.model_key(ModelKind.CHECKPOINT, "fresh.safetensors"), bytes(data))
    first, second = long_request(), request(checkpoint="fresh.safetensors")
    answers = [send(container, callers, first)]
    wait_running(store, first["id"])
    answers.append(send(container, callers, second))
    arrived = f"event=prefetched job={second['id']}"
    wait_for(lambda: arrived in container.log.read_text())
    assert not answers[0].done()
    store.cancel(first["id"])
    assert answers[1].result().status_code == 200
    assert store.result(str(second["id"])).models[0].tier == "disk"
