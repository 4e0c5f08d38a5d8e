"""How long a job takes is estimated from what others took; a real-time endpoint needs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.endpoints.real_time.service import RealTimeLimits
from core.endpoints.real_time.speeds import GenerationSpeeds
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


def result(draw: float) -> GenerationResult:
    image = Picture(index=0, seed=1, width=1000, height=1000, sha256="0" * 64, infotext="")
    now = utc_now()
    return GenerationResult(
        id=new_id(),
        outcome="succeeded",
        pictures=(image,),
        seconds={"load": 100, "draw": draw},
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
    assert again.estimate(TYPE, request()) == pytest.approx(0.7 * 4 + 0.3 * 14)


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
