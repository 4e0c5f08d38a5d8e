"""How long a job takes is estimated from what others took; a real-time endpoint needs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.endpoints.real_time.service import RealTimeLimits
from core.endpoints.real_time.speeds import GenerationSpeeds
from core.endpoints.real_time.workload import workload_of_result
from core.endpoints.service import Endpoint, EndpointStatus
from core.errors import InvalidInput
from core.ids import new_id, utc_now
from core.records.sqlite import SqliteRecordStore
from core.settings import Backend, Settings
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult, Picture

TYPE = "ml.g5.xlarge"
ON_AWS = Settings(backend=Backend.AWS)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[SqliteRecordStore]:
    store = SqliteRecordStore(tmp_path / "records.sqlite")
    yield store
    store.close()


def request(steps: int = 20, side: int = 1000, images: int = 1) -> GenerationRequest:
    return GenerationRequest(
        id=new_id(),
        checkpoint="a.safetensors",
        prompt="a dog",
        seed=1,
        steps=steps,
        width=side // 8 * 8,
        height=side // 8 * 8,
        batch_count=images,
    )


def result(draw: float, infotext: str = "", rest: float = 0) -> GenerationResult:
    image = Picture(index=0, seed=1, width=1000, height=1000, sha256="0" * 64, infotext=infotext)
    now = utc_now()
    return GenerationResult(
        id=new_id(),
        outcome="succeeded",
        pictures=(image,),
        seconds={"load": 100, "draw": draw, "decode": rest},
        started_at=now,
        ended_at=now,
    )


@pytest.mark.parametrize(
    ("settings", "kind", "seconds"),
    [(ON_AWS, TYPE, 10), (ON_AWS, "ml.m5.xlarge", 160), (Settings(), TYPE, 0)],
)
def test_before_the_first_measurement(
    records: SqliteRecordStore, settings: Settings, kind: str, seconds: float
) -> None:
    assert GenerationSpeeds(records, settings).estimate(kind, request()) == pytest.approx(seconds)


def test_measurements_are_kept_and_loading_is_left_out(records: SqliteRecordStore) -> None:
    speeds = GenerationSpeeds(records, ON_AWS)
    speeds.measure(TYPE, "a.safetensors", 20, result(draw=4))
    assert speeds.estimate(TYPE, request()) == pytest.approx(4)
    speeds.measure(TYPE, "a.safetensors", 20, result(draw=14))
    again = GenerationSpeeds(records, ON_AWS)
    assert again.estimate(TYPE, request()) == pytest.approx(9)


@pytest.mark.parametrize(
    ("told", "work"),
    [
        ("Sampler: Euler", 20),
        ("Sampler: Heun", 40),
        ("Denoising strength: 0.5", 10),
        ("Hires upscale: 2, Hires steps: 10, Denoising strength: 0.5", 10),
        ("CFG scale: 1", 10),
        ('ControlNet 0: "Module: none, Model: a"', 27),
        ("CFG scale: x", 20),
    ],
)
def test_the_work_of_a_job_is_told_by_its_infotext(told: str, work: float) -> None:
    text = f"a dog\nSteps: 20, Seed: 1, Size: 1000x1000, {told}"
    found = workload_of_result(20, result(1, text))
    assert found is not None
    assert found.megapixel_steps == pytest.approx(work)


def test_few_steps_are_no_cheaper_than_what_lies_beside_them(records: SqliteRecordStore) -> None:
    speeds = GenerationSpeeds(records, ON_AWS)
    speeds.measure(TYPE, "a.safetensors", 20, result(draw=20, rest=3))
    assert speeds.estimate(TYPE, request(steps=2)) == pytest.approx(5)


def test_estimates_say_what_they_were_off_by(records: SqliteRecordStore) -> None:
    """A recorded series of one and the same job, whose first is slower than the others."""
    speeds = GenerationSpeeds(records, ON_AWS)
    series = [14.0, 10.4, 9.8, 10.1, 13.0, 10.2, 10.0, 9.9, 10.3, 10.1, 9.7, 10.0]
    for took in series:
        speeds.measure(TYPE, "a.safetensors", 20, result(took))
    known = speeds.known(TYPE, "a.safetensors")
    assert known is not None
    assert len(known.errors) == len(series) - 1
    assert known.error == pytest.approx(0.04, abs=0.02)
    other = GenerationSpeeds(records, ON_AWS)
    assert other.known(TYPE, "a.safetensors") is None
    other.load()
    kept = other.known(TYPE, "a.safetensors")
    assert kept is not None
    assert kept.errors == known.errors[: len(kept.errors)]
    assert len(known.errors) - len(kept.errors) < 5


@pytest.mark.parametrize(
    ("is_asynchronous", "instances", "requests", "fits"),
    [
        (False, 1, [request()], True),
        (False, 1, [request(images=7)], False),
        (True, 1, [request(images=7)], True),
        (False, 1, [request()] * 7, False),
        (False, 2, [request()] * 7, True),
        (False, 8, [request(images=7)], False),
    ],
)
def test_what_a_real_time_endpoint_takes(
    records: SqliteRecordStore,
    is_asynchronous: bool,
    instances: int,
    requests: list[GenerationRequest],
    fits: bool,
) -> None:
    endpoint = Endpoint(
        name="quick",
        status=EndpointStatus.IN_SERVICE,
        instance_type=TYPE,
        instances=instances,
        desired=instances,
        created_at=utc_now(),
        changed_at=utc_now(),
        is_asynchronous=is_asynchronous,
    )
    problem = ""
    try:
        RealTimeLimits(records, ON_AWS).check(endpoint, requests)
    except InvalidInput as error:
        problem = str(error)
    assert ("answers within 60 s" in problem) is not fits
