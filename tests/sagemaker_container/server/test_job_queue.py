"""Which queued jobs share a batch: compatible ones, in order, and none is passed over."""

import asyncio
from itertools import count
from typing import Any

import pytest

from formats.generation.batching import batch_key
from formats.generation.request import GenerationRequest
from sagemaker_container.server.job_queue import JobQueue

UNIT: dict[str, Any] = {"model": "c.safetensors", "image": "0" * 64}
IMG2IMG: dict[str, Any] = {"mode": "img2img", "init_image": "0" * 64}


NUMBERS = count(10)


def request(**fields: Any) -> GenerationRequest:
    good = {
        "id": f"01M82KW0B1ZSQ5JRV5KNRGBS{next(NUMBERS)}",
        "checkpoint": "x.safetensors",
        "prompt": "a dog",
        "seed": 1,
    }
    return GenerationRequest.model_validate({**good, **fields})


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ({}, {"prompt": "a cat", "negative_prompt": "b", "seed": 9, "clip_skip": 2}, True),
        ({}, {"batch_size": 3, "batch_count": 2}, True),
        ({}, {"variation_seed": 3, "variation_strength": 0.5}, True),
        ({}, {"embeddings": ["e.safetensors"]}, True),
        ({}, {"checkpoint": "y.safetensors"}, False),
        ({}, {"vae": "v.safetensors"}, False),
        ({}, {"steps": 21}, False),
        ({}, {"width": 640}, False),
        ({}, {"cfg_scale": 7.5}, False),
        ({}, {"sampler": "Euler"}, False),
        ({}, {"schedule": "Exponential"}, False),
        ({"cfg_scale": 1}, {"cfg_scale": 1, "negative_prompt": "not drawn"}, True),
        ({"cfg_scale": 1}, {"cfg_scale": 1.5}, False),
        ({"sampler": "LCM"}, {"sampler": "TCD"}, False),
        (
            {"sampler": "Euler", "schedule": "SGM Uniform"},
            {"sampler": "Euler", "schedule": "Uniform"},
            False,
        ),
        ({}, {"prompt": "a <lora:x>"}, False),
        ({"loras": [{"name": "x.safetensors"}]}, {"prompt": "a <lora:x>"}, True),
        ({"prompt": "<lora:x:0.5> a"}, {"prompt": "a <lora:x:0.6>"}, False),
        ({"controlnets": [UNIT]}, {}, False),
        (
            {"controlnets": [UNIT]},
            {"controlnets": [{**UNIT, "image": "1" * 64, "preprocessor": "canny"}]},
            True,
        ),
        ({"controlnets": [UNIT]}, {"controlnets": [{**UNIT, "weight": 0.5}]}, False),
        ({"controlnets": [UNIT]}, {"controlnets": [{**UNIT, "end": 0.5}]}, False),
        (IMG2IMG, {**IMG2IMG, "init_image": "1" * 64, "resize_mode": "Crop and resize"}, True),
        (IMG2IMG, {**IMG2IMG, "denoising_strength": 0.5}, False),
        (IMG2IMG, {}, False),
        ({"hires": {}}, {"hires": {}}, True),
        ({"hires": {}}, {"hires": {"scale": 1.5}}, False),
    ],
)
def test_which_jobs_may_share_a_batch(
    one: dict[str, Any], other: dict[str, Any], together: bool
) -> None:
    keys = batch_key(request(**one)), batch_key(request(**other))
    assert None not in keys
    assert (keys[0] == keys[1]) is together


@pytest.mark.parametrize(
    "fields",
    [
        {"exact": True},
        {"sampler": "DPM++ SDE"},
        {"hires": {"sampler": "DPM++ SDE"}},
        {"mode": "upscale", "init_image": "0" * 64, "checkpoint": None, "upscale": {}},
    ],
)
def test_which_jobs_always_run_alone(fields: dict[str, Any]) -> None:
    assert batch_key(request(**fields)) is None


def batches_of(requests: list[GenerationRequest], limit: int = 8) -> list[list[int]]:
    """Each batch, as the positions of its jobs in the queue."""

    async def take() -> list[list[int]]:
        queue = JobQueue(limit)
        places = {queue.add(request, i).request.id: i for i, request in enumerate(requests)}
        batches = []
        while batch := queue.take_batch():
            batches.append([places[one.request.id] for one in batch])
        return batches

    return asyncio.run(take())


def test_compatible_jobs_join_the_oldest() -> None:
    assert batches_of([request(steps=steps) for steps in (5, 6, 5, 6, 6)]) == [[0, 2], [1, 3, 4]]


def test_the_oldest_is_always_next() -> None:
    """However many of another kind come after it."""
    lone = request(exact=True)
    assert batches_of([request(steps=5), lone, *[request(steps=5) for _ in range(3)]])[1] == [1]


def test_no_more_images_than_the_limit_and_smaller_jobs_fill_up() -> None:
    sizes = [3, 4, 8, 2, 1]
    assert batches_of([request(batch_size=size) for size in sizes]) == [[0, 1, 4], [2], [3]]


def test_a_job_that_is_larger_than_the_limit_runs_alone() -> None:
    assert batches_of([request(batch_size=8), request()], limit=4) == [[0], [1]]


def test_a_job_with_an_unreadable_tag_runs_alone() -> None:
    assert batches_of([request(prompt="<lora:x:9>"), request(prompt="<lora:x:9>")]) == [[0], [1]]


def test_a_job_that_was_delayed_before_the_queue_is_not_overtaken() -> None:
    async def take() -> list[int]:
        queue = JobQueue(8)
        for arrival in (2, 0, 1):
            queue.add(request(exact=True), arrival)
        return [queue.take_batch()[0].arrival for _ in range(3)]

    assert asyncio.run(take()) == [0, 1, 2]
