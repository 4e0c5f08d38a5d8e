"""Which endpoint has a checkpoint, by its instances, and which one a job is best sent to."""

from datetime import datetime, timedelta

import pytest

from core.endpoints.model_caches.caches import CacheTier, ModelCaches
from core.endpoints.service import Endpoint, EndpointStatus
from core.ids import utc_now
from core.studio.service import Studio
from formats.generation.progress import CacheReport
from formats.keys import CACHE_REPORTS, cache_report_key

A, B = "a" * 64, "b" * 64
NOW = utc_now()
DAY_AGO = NOW - timedelta(days=1)


def endpoint(name: str, instances: int = 1, **changes: object) -> Endpoint:
    values: dict[str, object] = {
        "name": name,
        "status": EndpointStatus.IN_SERVICE,
        "instance_type": "ml.g5.xlarge",
        "instances": instances,
        "desired": instances,
        "created_at": DAY_AGO,
        "changed_at": DAY_AGO,
        "accepts_jobs": True,
        **changes,
    }
    return Endpoint.model_validate(values)


@pytest.fixture
def caches(studio: Studio) -> ModelCaches:
    """Three instances: of `red` two, of `blue` one."""
    studio.storage.delete_prefix(CACHE_REPORTS)
    write(studio, "1", "red", memory=(A,), disk=(A,))
    write(studio, "2", "red", disk=(B,))
    write(studio, "3", "blue", disk=(A,))
    return ModelCaches(studio.storage, lambda: NOW)


def write(
    studio: Studio,
    instance: str,
    name: str,
    memory: tuple[str, ...] = (),
    disk: tuple[str, ...] = (),
    at: datetime = NOW,
) -> None:
    report = CacheReport(endpoint=name, in_memory=memory, on_disk=disk, at=at)
    body = report.model_dump_json().encode()
    studio.storage.write(cache_report_key(instance), body, "application/json")


@pytest.mark.parametrize(
    ("found", "sha256", "tier"),
    [
        (endpoint("red"), A, CacheTier.MEMORY),
        (endpoint("red"), B, CacheTier.DISK),
        (endpoint("blue"), A, CacheTier.DISK),
        (endpoint("blue"), B, CacheTier.NONE),
        (endpoint("green"), A, CacheTier.NONE),
        (endpoint("red"), None, CacheTier.NONE),
        (endpoint("red", instances=0), A, CacheTier.NONE),
        (endpoint("red", created_at=NOW + timedelta(hours=1)), A, CacheTier.NONE),
    ],
)
def test_the_best_tier_of_an_endpoint(
    caches: ModelCaches, found: Endpoint, sha256: str | None, tier: CacheTier
) -> None:
    assert caches.tier(found, sha256) is tier


def test_a_report_without_a_sign_of_life_counts_for_nothing(studio: Studio) -> None:
    write(studio, "4", "old", memory=(A,), at=NOW - timedelta(hours=3))
    assert ModelCaches(studio.storage, lambda: NOW).tier(endpoint("old"), A) is CacheTier.NONE


@pytest.mark.parametrize(
    ("endpoints", "jobs", "chosen", "why"),
    [
        ([endpoint("blue"), endpoint("red")], {}, "red", "idle and has the checkpoint in memory"),
        ([endpoint("green"), endpoint("blue")], {}, "blue", "idle and has the checkpoint on its"),
        ([endpoint("red"), endpoint("green")], {"red": 1}, "green", "it is idle."),
        ([endpoint("red"), endpoint("blue")], {"red": 2, "blue": 1}, "red", "fewest open jobs (2)"),
        (
            [endpoint("green"), endpoint("grey", instances=3)],
            {"green": 2, "grey": 3},
            "grey",
            "fewest open jobs (3)",
        ),
        ([endpoint("cold", instances=0), endpoint("green")], {"green": 9}, "green", "(9)"),
        ([endpoint("cold", instances=0)], {}, "cold", "the job wakes it"),
        ([endpoint("broken", accepts_jobs=False)], {}, "", ""),
        ([], {}, "", ""),
    ],
)
def test_where_a_job_is_best_sent(
    caches: ModelCaches, endpoints: list[Endpoint], jobs: dict[str, int], chosen: str, why: str
) -> None:
    route = caches.route(endpoints, A, jobs)
    assert (route.endpoint.name if route else "") == chosen
    assert why in (route.reason if route else "")
