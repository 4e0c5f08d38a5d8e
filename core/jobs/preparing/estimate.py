"""What jobs will take, told before the click: the wait, the seconds with their error, dollars."""

from collections.abc import Callable, Sequence

from core.endpoints.model_caches.service import ANY_ENDPOINT
from core.endpoints.real_time.service import GenerationSpeed, Workload, workload
from core.endpoints.service import Endpoint, Endpoints
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job
from core.team.users import User
from formats.frozen import Frozen
from formats.generation.parameters import Mode

KnownSpeed = Callable[[str, str], GenerationSpeed | None]
"""What was measured of an instance type and a checkpoint."""

PricePerHour = Callable[[str], float | None]
"""Dollars for an hour of an instance type; None where it is not known, or nothing is paid."""


class JobEstimate(Frozen):
    """Seconds are of all endpoints together working side by side, their models loaded; None where
    they, or the price, are not known."""

    jobs: int
    images: int
    seconds: float | None = None
    dollars: float | None = None
    error: float | None = None
    """The median of what the last estimates were off by, as a share; the worst checkpoint's."""
    compared: int = 0
    """How many estimates that is of."""
    ahead: int = 0
    """Open jobs on the endpoints, which come first or run."""
    wait: float | None = 0.0
    """Seconds for those; None where one of them was never measured."""
    is_at_zero: bool = False
    """No instance runs: the jobs wake one."""
    is_waking: bool = False


class JobEstimates:
    """Estimates by what the last jobs took, and what an hour costs; each costs no call of its own
    beside the list of endpoints, which every page has."""

    def __init__(
        self,
        endpoints: Endpoints,
        known: KnownSpeed,
        per_hour: PricePerHour,
        open_jobs: Callable[[], Sequence[Job]],
    ) -> None:
        self._endpoints = endpoints
        self._known = known
        self._per_hour = per_hour
        self._open_jobs = open_jobs

    def of(self, user: User, drafts: Sequence[Draft]) -> JobEstimate:
        """The estimate of drafts for one endpoint, each checkpoint of which is a job. Raises
        AwsError."""
        single = [each for draft in drafts for each in _by_checkpoint(draft)]
        count = sum(map(_images, single))
        used = self._used(user, single[0].endpoint) if single else []
        if not used:
            return JobEstimate(jobs=len(single), images=count)
        instances = max(1, sum(one.instances for one in used))
        ahead = [job for job in self._open_jobs() if job.endpoint in {one.name for one in used}]
        waits = [self._seconds_of(used[0], job) for job in ahead]
        seconds = self._seconds(used[0].instance_type, single)
        per_hour = self._per_hour(used[0].instance_type)
        is_paid = seconds is not None and per_hour is not None
        return JobEstimate(
            jobs=len(single),
            images=count,
            seconds=None if seconds is None else seconds / instances,
            dollars=(seconds or 0) / 3600 * (per_hour or 0) if is_paid else None,
            **self._errors(used[0].instance_type, single),
            ahead=len(ahead),
            wait=sum(filter(None, waits)) / instances if None not in waits else None,
            is_at_zero=all(one.is_at_zero for one in used),
            is_waking=any(one.is_waking for one in used),
        )

    def _used(self, user: User, name: str) -> list[Endpoint]:
        """The endpoints that the jobs may go to."""
        found = self._endpoints.list(user)
        if name != ANY_ENDPOINT:
            return [one for one in found if one.name == name]
        return [one for one in found if one.accepts_jobs]

    def _seconds_of(self, endpoint: Endpoint, job: Job) -> float | None:
        """Of an open job whose request is not looked at: the average of its checkpoint's."""
        speed = self._known(endpoint.instance_type, job.checkpoint)
        return (speed.job_seconds or None) if speed else None

    def _seconds(self, instance_type: str, drafts: Sequence[Draft]) -> float | None:
        """Of all drafts, one after another."""
        total = 0.0
        for draft in drafts:
            speed = self._known(instance_type, draft.checkpoints[0]) if draft.checkpoints else None
            work = _work(draft)
            if speed is None or work is None:
                return None
            total += speed.time(work)
        return total

    def _errors(self, instance_type: str, drafts: Sequence[Draft]) -> dict[str, float | int | None]:
        names = {draft.checkpoints[0] for draft in drafts if draft.checkpoints}
        speeds = [speed for name in names if (speed := self._known(instance_type, name))]
        compared = [speed for speed in speeds if speed.error is not None]
        worst = max(compared, key=lambda speed: speed.error or 0, default=None)
        if worst is None:
            return {}
        return {"error": worst.error, "compared": len(worst.errors)}


def _by_checkpoint(draft: Draft) -> list[Draft]:
    """A draft for each job that it becomes."""
    if len(draft.checkpoints) < 2 or draft.mode is Mode.UPSCALE:
        return [draft]
    return [draft.model_copy(update={"checkpoints": (name,)}) for name in draft.checkpoints]


def _images(draft: Draft) -> int:
    return max(0, (draft.batch_size or 0) * (draft.batch_count or 0))


def _work(draft: Draft) -> Workload | None:
    """None for a draft whose fields are emptied or wrong, and for an upscale job,
    whose time was never measured."""
    if draft.mode is Mode.UPSCALE:
        return None
    try:
        return workload(draft, draft.mode, _images(draft), len(draft.units))
    except ValueError:
        return None
