"""What a grid will take, told before the click: jobs, images, seconds and dollars."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from core.endpoints.model_caches.service import ANY_ENDPOINT
from core.endpoints.service import Endpoint, Endpoints
from core.ids import Clock
from core.jobs.grids.plan import GridPlan
from core.jobs.preparing.draft import Draft
from core.records.recent_answers import RecentAnswers
from core.team.users import User
from formats.frozen import Frozen
from formats.generation.parameters import Mode

Speed = Callable[[str, str], float]
"""Seconds for a step of a megapixel on an instance type with a checkpoint; 0 where not known."""

PricePerHour = Callable[[str], float | None]
"""Dollars for an hour of an instance type; None where it is not known, or nothing is paid."""


class GridEstimate(Frozen):
    """Seconds are of all endpoints together working side by side, their models loaded; None where
    they, or the price, are not known."""

    jobs: int
    images: int
    seconds: float | None
    dollars: float | None


class GridEstimates:
    """Estimates by what the last jobs took, and what an hour costs."""

    def __init__(
        self, endpoints: Endpoints, speed: Speed, per_hour: PricePerHour, clock: Clock
    ) -> None:
        self._endpoints = endpoints
        self._speed = speed
        self._per_hour = per_hour
        self._known = RecentAnswers[float](clock)

    def of(self, user: User, plan: GridPlan) -> GridEstimate:
        """The estimate of a plan. Raises AwsError."""
        drafts = [cell.draft for cell in plan.cells]
        images = sum(_images(draft) for draft in drafts)
        used = self._used(user, drafts[0].endpoint)
        seconds = self._seconds(used[0].instance_type, drafts) if used else None
        if not seconds:
            return GridEstimate(jobs=len(drafts), images=images, seconds=None, dollars=None)
        per_hour = self._per_hour(used[0].instance_type)
        return GridEstimate(
            jobs=len(drafts),
            images=images,
            seconds=seconds / max(1, sum(one.instances for one in used)),
            dollars=None if per_hour is None else seconds / 3600 * per_hour,
        )

    def _used(self, user: User, name: str) -> list[Endpoint]:
        """The endpoints that the jobs may go to."""
        found = self._endpoints.list(user)
        if name != ANY_ENDPOINT:
            return [one for one in found if one.name == name]
        return [one for one in found if one.accepts_jobs]

    def _seconds(self, instance_type: str, drafts: Sequence[Draft]) -> float | None:
        """Of all drafts, one after another."""
        work: defaultdict[str, float] = defaultdict(float)
        for draft in drafts:
            if draft.mode is Mode.UPSCALE or not draft.checkpoints:
                return None
            work[draft.checkpoints[0]] += _megapixel_steps(draft)
        speeds = {name: self._speed_of(instance_type, name) for name in work}
        if not all(speeds.values()):
            return None
        return sum(each * speeds[name] for name, each in work.items())

    def _speed_of(self, instance_type: str, checkpoint: str) -> float:
        key = f"{instance_type}/{checkpoint}"
        return self._known.get(key, lambda: self._speed(instance_type, checkpoint))


def _images(draft: Draft) -> int:
    return draft.batch_size * draft.batch_count


def _megapixel_steps(draft: Draft) -> float:
    """As the speeds are measured: steps of the first pass at the size of the result."""
    scale = draft.hires.scale if draft.hires and draft.mode is Mode.TXT2IMG else 1.0
    return draft.steps * _images(draft) * draft.width * draft.height * scale**2 / 1e6
