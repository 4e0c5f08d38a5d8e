"""Jobs that share a batch: the same images, in order of arrival, and each ends by itself."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from formats.generation.result import GenerationResult, Outcome
from tests.container.conftest import (
    CONTROL,
    Container,
    Store,
    long_request,
    request,
    send,
    wait_accepted,
    wait_running,
)


class Together:
    """Sends jobs while the worker is busy with another one, and then lets them run."""

    def __init__(self, container: Container, store: Store, callers: ThreadPoolExecutor) -> None:
        self._container = container
        self._store = store
        self._callers = callers

    def sent(self, *jobs: dict[str, Any]) -> list["Future[httpx.Response]"]:
        """The jobs' answers to come; all of them began at once."""
        blocking = long_request(exact=True)
        first = send(self._container, self._callers, blocking)
        wait_running(self._store, blocking["id"])
        answers = []
        for job in jobs:  # one by one, so that their order is known
            answers.append(send(self._container, self._callers, job))
            wait_accepted(self._container, job)
        self._store.cancel(blocking["id"])
        assert first.result().status_code == 409
        return answers

    def answers(self, *jobs: dict[str, Any]) -> list[httpx.Response]:
        return [answer.result() for answer in self.sent(*jobs)]

    def generated(self, *jobs: dict[str, Any]) -> list[GenerationResult]:
        answers = self.answers(*jobs)
        assert {answer.status_code for answer in answers} == {200}, answers
        return [GenerationResult.model_validate_json(answer.content) for answer in answers]


@pytest.fixture
def together(container: Container, store: Store, callers: ThreadPoolExecutor) -> Together:
    return Together(container, store, callers)


def batch_positions(result: GenerationResult) -> list[tuple[int, int]]:
    return [(image.batch, image.seat) for image in result.pictures]


def pixels(store: Store, result: GenerationResult, index: int = 0) -> Any:
    return np.asarray(store.image(result.id, index), dtype=np.int16)


def same(store: Store, container: Container, result: GenerationResult, job: dict[str, Any]) -> bool:
    """Whether a job has the same images as alone, to numeric tolerance."""
    alone = container.generate(**{**job, "id": request()["id"], "exact": True})
    assert {image.batch for image in alone.pictures} == {job.get("batch_size", 1)}
    pairs = ((pixels(store, of, i) for of in (result, alone)) for i in range(len(alone.pictures)))
    return all(np.abs(a - b).max() <= 2 for a, b in pairs)


def test_different_jobs_share_a_batch(
    container: Container, store: Store, together: Together
) -> None:
    jobs = [
        request(prompt="a cute dog"),
        request(prompt="a [cat:bird:0.5] AND a tree :0.7", negative_prompt="dark", seed=3),
        request(prompt="a boat", batch_size=2, batch_count=2, variation_strength=0.3),
    ]
    results = together.generated(*jobs)
    assert [batch_positions(result) for result in results] == [
        [(4, 0)],
        [(4, 1)],
        [(4, 2), (4, 3), (2, 0), (2, 1)],
    ]
    assert all(same(store, container, *both) for both in zip(results, jobs, strict=True))
    log = container.log.read_text()
    assert all(f"job={job['id']} mode=txt2img together=3" in log for job in jobs)
    assert [result.pictures[0].infotext.split("\n")[0] for result in results] == [
        job["prompt"] for job in jobs
    ]


@pytest.mark.parametrize("mode", ["hires", "inpaint", "controlnet"])
def test_each_image_has_its_own_inputs(
    container: Container, store: Store, together: Together, pose: str, mode: str
) -> None:
    gradient = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
    start, other = store.put_image(gradient), store.put_image(gradient.rotate(90))
    whole, half = Image.new("L", (64, 64), 255), Image.new("L", (64, 64))
    half.paste(255, (0, 0, 32, 64))
    masks = [store.put_image(mask) for mask in (whole, half)]
    unit = {"model": CONTROL, "weight": 0.8}
    fields: dict[str, list[dict[str, Any]]] = {
        "hires": [{"hires": {"scale": 1.5, "denoising_strength": 0.6}}] * 2,
        "inpaint": [
            {"mode": "inpaint", "init_image": image, "inpaint": {"mask": mask}}
            for image, mask in zip((start, other), masks, strict=True)
        ],
        "controlnet": [{"controlnets": [{**unit, "image": i}]} for i in (pose, start)],
    }
    jobs = [request(**own, seed=seed) for seed, own in enumerate(fields[mode])]
    results = together.generated(*jobs)
    assert [batch_positions(result) for result in results] == [[(2, 0)], [(2, 1)]]
    assert all(same(store, container, *both) for both in zip(results, jobs, strict=True))


def test_jobs_that_run_alone(container: Container, together: Together) -> None:
    """DPM++ SDE, `exact`, and a prompt of another length."""
    jobs = [
        request(sampler="DPM++ SDE"),
        request(sampler="DPM++ SDE"),
        request(exact=True),
        request(),
        request(prompt="dog " * 80),
    ]
    results = together.generated(*jobs)
    assert [batch_positions(result) for result in results] == [[(1, 0)]] * 5
    log = container.log.read_text()
    told = [
        f"job={job['id']} mode=txt2img together={n}"
        for job, n in zip(jobs, (1, 1, 1, 2, 2), strict=True)
    ]
    assert all(one in log for one in told)


def test_a_failing_job_fails_alone(container: Container, store: Store, together: Together) -> None:
    job = {"mode": "img2img", "init_image": store.put_image(Image.new("RGB", (64, 64), "red"))}
    good, bad, odd = (
        request(**job),
        request(**{**job, "init_image": "0" * 64}),
        request(**job, clip_skip=3),
    )
    answers = together.answers(good, bad, odd)
    assert [answer.status_code for answer in answers] == [200, 404, 400]
    assert store.result(bad["id"]).outcome is Outcome.FAILED
    assert same(store, container, store.result(good["id"]), good)


def test_a_cancelled_job_ends_at_once_and_the_other_continues(
    container: Container, store: Store, together: Together
) -> None:
    jobs = [request(steps=150, width=256, height=256, batch_count=n) for n in (16, 2)]
    answers = together.sent(*jobs)
    for job in jobs:
        wait_running(store, job["id"])
    store.cancel(jobs[0]["id"])
    assert answers[0].result().status_code == 409
    assert not answers[1].done()
    assert store.result(jobs[0]["id"]).outcome is Outcome.CANCELLED
    result = GenerationResult.model_validate_json(answers[1].result().content)
    assert batch_positions(result)[0] == (2, 1)
    assert same(store, container, result, {**jobs[1], "batch_count": 1})


def test_a_dead_worker_fails_all_of_them(
    container: Container, store: Store, together: Together
) -> None:
    jobs = [long_request() for _ in range(2)]
    answers = together.sent(*jobs)
    for job in jobs:
        wait_running(store, job["id"])
    container.kill_worker()
    assert [answer.result().json()["code"] for answer in answers] == ["worker_lost"] * 2
    container.generate()
