"""What a grid will take, by the speed of each checkpoint and the price of an hour."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.ids import utc_now
from core.jobs.grids.axes import AxisField, AxisSpec
from core.jobs.grids.estimate import GridEstimate, GridEstimates
from core.jobs.grids.plan import GridSpec, plan_grid
from core.jobs.preparing.draft import Draft
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from formats.generation.upscaling import UncheckedHires
from formats.openpose.skeleton import Skeleton
from tests.support.page_fixtures import connection, studio

__all__ = ["connection", "studio"]

SPEEDS = {"slow": 2.0, "fast": 0.5}


def no_poses(_ids: Sequence[str]) -> Sequence[tuple[str, Skeleton]]:
    return ()


def estimate(
    studio: Studio, per_hour: float | None, *axes: tuple[AxisField, str], **changes: Any
) -> GridEstimate:
    """A megapixel of ten steps takes five seconds with `fast`, twenty with `slow`."""
    values = {"endpoint": "estimate", "checkpoints": ("fast",), "width": 1000, "height": 1000}
    draft = Draft(**{**values, "steps": 10, **changes})
    specs = tuple(AxisSpec(field=field, values=typed) for field, typed in axes)
    plan = plan_grid(draft, GridSpec(axes=specs), no_poses, lambda: 1)
    estimates = GridEstimates(
        studio.endpoints,
        lambda _type, checkpoint: SPEEDS.get(checkpoint, 0),
        lambda _type: per_hour,
        utc_now,
    )
    return estimates.of(LOCAL, plan)


@pytest.mark.parametrize(
    ("axes", "changes", "jobs", "seconds"),
    [
        ([(AxisField.SEED, "1-4")], {}, 4, 20),
        ([(AxisField.CHECKPOINT, "fast, slow")], {}, 2, 25),
        ([(AxisField.CHECKPOINT, "fast, unknown")], {}, 2, None),
        ([(AxisField.STEPS, "10, 30")], {}, 2, 20),
        ([(AxisField.SEED, "1")], {"hires": UncheckedHires(scale=2)}, 1, 20),
        ([(AxisField.SEED, "1")], {"endpoint": "gone"}, 1, None),
        ([(AxisField.SEED, "1")], {"endpoint": "*"}, 1, 5),
        ([(AxisField.SEED, "1")], {"mode": Mode.UPSCALE}, 1, None),
    ],
)
def test_seconds_are_those_of_all_cells(
    studio: Studio,
    axes: list[tuple[AxisField, str]],
    changes: dict[str, Any],
    jobs: int,
    seconds: float | None,
) -> None:
    found = estimate(studio, None, *axes, **changes)
    assert (found.jobs, found.images, found.seconds) == (jobs, jobs, seconds)
    assert found.dollars is None


def test_the_price_is_that_of_the_seconds(studio: Studio) -> None:
    found = estimate(studio, 36.0, (AxisField.SEED, "1-4"))
    assert found.dollars == pytest.approx(0.2)
