"""What a dashboard does again and again beside the jobs: costs, scaling, wishes, old entries."""

from dataclasses import dataclass
from typing import Final

from core.endpoints.periodic_worker import PeriodicWorker
from core.endpoints.scaling.reconciler import ScalingReconciler
from core.jobs.inputs.sweep import InputSweep
from core.jobs.trash.service import JobTrash
from core.models.service import ModelLibrary
from core.models.uploads.queue import UploadQueue
from core.studio.base import Base
from core.studio.endpoint_parts import EndpointParts
from core.studio.job_workers import JobWorkers
from core.team.administration.belongings import BelongingsMoves
from core.team.audit.trail import AuditRetention

_LIFECYCLE_SECONDS: Final = 15.0
"""Between two tries of what AWS did not let be done with an endpoint."""

_MOVES_SECONDS: Final = 10.0
"""Between two looks at who is to be removed."""

_COSTS_SECONDS: Final = 60.0
_COSTS_AGAIN_SECONDS: Final = 5.0
"""After a look that failed: at a first start the tables are yet to be created."""

_AUDIT_SECONDS: Final = 3600.0
"""Between two looks for entries of the audit that are too old."""

_MODELS_SECONDS: Final = 30.0
"""Another dashboard's change of a model's record counts after that."""

_INDEX_SECONDS: Final = 60.0
"""Between two looks over a hundred jobs of the search's index."""

_TRASH_SECONDS: Final = 3600.0
"""Between two looks for model files and jobs that were in the trash for long enough, and for what
uploads left behind."""


@dataclass(frozen=True)
class PeriodicWork:
    """The workers, started and closed together."""

    costs: PeriodicWorker
    scaling: ScalingReconciler
    lifecycle: PeriodicWorker
    moves: PeriodicWorker
    audit: PeriodicWorker
    models: PeriodicWorker
    trash: PeriodicWorker
    job_index: PeriodicWorker
    jobs: PeriodicWorker

    def start(self) -> None:
        """Begin."""
        for worker in self._all():
            worker.start()

    def close(self) -> None:
        """Let each finish its step."""
        for worker in self._all():
            worker.close()

    def _all(self) -> tuple[PeriodicWorker | ScalingReconciler, ...]:
        return (
            self.costs,
            self.scaling,
            self.lifecycle,
            self.moves,
            self.audit,
            self.models,
            self.trash,
            self.job_index,
            self.jobs,
        )


def build_periodic_work(
    base: Base,
    parts: EndpointParts,
    workers: JobWorkers,
    moves: BelongingsMoves,
    models: ModelLibrary,
    uploads: UploadQueue,
) -> PeriodicWork:
    """All of them, not started."""
    lifecycle = (parts.deletion.look, parts.updates.look, parts.account_quotas.load)
    retention = AuditRetention(base.records, base.clock, base.settings.audit_days)
    job_trash = JobTrash(base.authorized(workers.store), base.records, base.storage, base.clock)
    return PeriodicWork(
        costs=PeriodicWorker(
            "costs",
            lambda: parts.costs.look({job.endpoint for job in workers.follower.open_jobs()}),
            parts.real_time.load,
            seconds=_COSTS_SECONDS,
            failed_seconds=_COSTS_AGAIN_SECONDS,
        ),
        scaling=ScalingReconciler(parts.scaling),
        lifecycle=PeriodicWorker("lifecycle", *lifecycle, seconds=_LIFECYCLE_SECONDS),
        moves=PeriodicWorker("moves", moves.look, seconds=_MOVES_SECONDS),
        audit=PeriodicWorker("audit-retention", retention.sweep, seconds=_AUDIT_SECONDS),
        models=PeriodicWorker("model-records", models.look, seconds=_MODELS_SECONDS),
        trash=PeriodicWorker(
            "model-sweeps", models.sweep, uploads.sweep.look, seconds=_TRASH_SECONDS
        ),
        jobs=PeriodicWorker(
            "job-sweeps",
            job_trash.sweep,
            InputSweep(base.storage, base.clock).look,
            seconds=_TRASH_SECONDS,
        ),
        job_index=PeriodicWorker(
            "job-index",
            workers.search.look,
            seconds=_INDEX_SECONDS,
            failed_seconds=_COSTS_AGAIN_SECONDS,
        ),
    )
