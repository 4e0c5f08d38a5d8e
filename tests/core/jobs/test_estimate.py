"""What jobs will take, by the speed of each checkpoint, what waits before them and the price."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from core.endpoints.real_time.service import GenerationSpeed
from core.jobs.grids.axes import AxisField, AxisSpec
from core.jobs.grids.plan import GridSpec, plan_grid
from core.jobs.preparing.draft import Draft, DraftUnit
from core.jobs.preparing.estimate import JobEstimate, JobEstimates
from core.jobs.records import Job
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from formats.generation.samplers import Sampler
from formats.generation.upscaling import UncheckedHires
from formats.openpose.skeleton import Skeleton
from tests.support.page_fixtures import connection, studio

__all__ = ["connection", "studio"]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SPEEDS = {
    "slow": GenerationSpeed(seconds=2.0, job_seconds=30, errors=(0.1, 0.3, 0.2)),
    "fast": GenerationSpeed(seconds=0.5, job_seconds=4, errors=(0.05,)),
}


def no_poses(_ids: Sequence[str]) -> Sequence[tuple[str, Skeleton]]:
    return ()


def draft(**changes: Any) -> Draft:
    """A megapixel of ten steps takes five seconds with `fast`, twenty with `slow`."""
    values = {"endpoint": "estimate", "checkpoints": ("fast",), "width": 1000, "height": 1000}
    return Draft(**{**values, "steps": 10, **changes})


def estimate(
    studio: Studio,
    *drafts: Draft,
    per_hour: float | None = None,
    open_jobs: Sequence[Job] = (),
) -> JobEstimate:
    estimates = JobEstimates(
        studio.endpoints,
        lambda _type, checkpoint: SPEEDS.get(checkpoint),
        lambda _type: per_hour,
        lambda: open_jobs,
    )
    return estimates.of(LOCAL, drafts)


def cells(*axes: tuple[AxisField, str]) -> list[Draft]:
    specs = tuple(AxisSpec(field=field, values=typed) for field, typed in axes)
    plan = plan_grid(draft(), GridSpec(axes=specs), no_poses, lambda: 1)
    return [cell.draft for cell in plan.cells]


@pytest.mark.parametrize(
    ("changes", "jobs", "seconds"),
    [
        ({}, 1, 5),
        ({"batch_count": 2, "batch_size": 2}, 1, 20),
        ({"checkpoints": ("fast", "slow")}, 2, 25),
        ({"checkpoints": ("fast", "unknown")}, 2, None),
        ({"checkpoints": ()}, 1, None),
        ({"hires": UncheckedHires(scale=2, denoising_strength=0.5)}, 1, 15),
        ({"hires": UncheckedHires(scale=2, steps=5, denoising_strength=1)}, 1, 15),
        ({"sampler": Sampler.HEUN}, 1, 10),
        ({"mode": Mode.IMG2IMG, "denoising_strength": 0.4}, 1, 2),
        ({"units": (DraftUnit(), DraftUnit())}, 1, 8.5),
        ({"cfg_scale": 1.0}, 1, 2.5),
        ({"endpoint": "gone"}, 1, None),
        ({"endpoint": "*"}, 1, 5),
        ({"mode": Mode.UPSCALE}, 1, None),
        ({"steps": None}, 1, None),
    ],
)
def test_seconds_follow_the_work(
    studio: Studio, changes: dict[str, Any], jobs: int, seconds: float | None
) -> None:
    found = estimate(studio, draft(**changes))
    assert found.jobs == jobs
    assert found.seconds == (None if seconds is None else pytest.approx(seconds))
    assert found.dollars is None


@pytest.mark.parametrize(
    ("axes", "jobs", "seconds"),
    [
        ([(AxisField.SEED, "1-4")], 4, 20),
        ([(AxisField.CHECKPOINT, "fast, slow")], 2, 25),
        ([(AxisField.STEPS, "10, 30")], 2, 20),
    ],
)
def test_a_grid_takes_as_long_as_its_cells(
    studio: Studio, axes: list[tuple[AxisField, str]], jobs: int, seconds: float
) -> None:
    found = estimate(studio, *cells(*axes))
    assert found.jobs == jobs
    assert found.seconds == pytest.approx(seconds)


def test_dollars_are_those_of_the_seconds(studio: Studio) -> None:
    found = estimate(studio, *cells((AxisField.SEED, "1-4")), per_hour=3.6)
    assert found.dollars == pytest.approx(20 * 0.001)


def test_the_error_is_the_middle_one_of_the_worst_checkpoint(studio: Studio) -> None:
    found = estimate(studio, draft(checkpoints=("fast", "slow")))
    assert (found.error, found.compared) == (0.2, 3)


@pytest.mark.parametrize(
    ("checkpoints", "ahead", "wait"),
    [([], 0, 0), (["slow", "fast"], 2, 34), (["slow", "unknown"], 2, None)],
)
def test_what_waits_comes_first(
    studio: Studio, checkpoints: list[str], ahead: int, wait: float | None
) -> None:
    jobs = [
        Job(
            id=f"{number:026}",
            owner="bob",
            endpoint=endpoint,
            created_at=NOW,
            updated_at=NOW,
            mode=Mode.TXT2IMG,
            checkpoint=checkpoint,
            prompt="",
        )
        for endpoint in ("estimate", "another")
        for number, checkpoint in enumerate(checkpoints)
    ]
    found = estimate(studio, draft(), open_jobs=jobs)
    assert (found.ahead, found.wait) == (ahead, wait)
