"""Builds what people do with jobs and model files: submit, list, share, move up, upload."""

from core.endpoints.lifecycle.container_log import ContainerLog
from core.ids import new_id
from core.jobs.grids.service import GridParts, Grids
from core.jobs.grids.storage import GridStorage
from core.jobs.preparing.preflight import Preflight
from core.jobs.preparing.requests import random_seed
from core.jobs.preparing.submission import Submission
from core.jobs.public_links.service import PublicLinks
from core.jobs.sending.service import JobLine
from core.jobs.service import Jobs
from core.jobs.store.open_requests import OpenRequests
from core.jobs.trash.service import JobTrash
from core.models.remote.service import RemoteModels
from core.models.service import ModelLibrary, ModelUses
from core.models.uploads.planning.roots import UploadRoots
from core.models.uploads.queue import UploadQueue
from core.models.uploads.queue_parts import UploadServices
from core.poses.catalogue import poses_of
from core.poses.service import PoseLibrary
from core.prompts.service import (
    ItemParts,
    PresetLibrary,
    Prompts,
    StyleLibrary,
    WildcardLibrary,
)
from core.studio.base import Base
from core.studio.job_workers import JobWorkers
from core.studio.team_parts import TeamParts
from core.team.administration.drafts import Drafts
from core.team.policy import Policies
from core.team.quotas.service import Quotas


def build_submission(
    base: Base, workers: JobWorkers, preflight: Preflight, quotas: Quotas, policy: Policies
) -> Submission:
    """What makes jobs; the team's policy says who sees a new one."""
    submission = Submission(
        workers.page_store, preflight, workers.dispatcher, workers.follower, base.clock, quotas
    )
    submission.visibility = lambda: policy.of().job_visibility
    return submission


def build_jobs(base: Base, workers: JobWorkers, submission: Submission, log: ContainerLog) -> Jobs:
    """The jobs of everybody behind the permission check."""
    jobs = Jobs(
        base.authorized(workers.page_store),
        base.page_storage,
        submission,
        workers.follower,
        base.clock,
        log.lines_of_job,
    )
    jobs.on_end = workers.usage.settle
    return jobs


def build_trash(base: Base, workers: JobWorkers) -> JobTrash:
    """The trash of jobs, for pages."""
    authorized = base.authorized(workers.page_store)
    return JobTrash(authorized, base.records, base.page_storage, base.clock)


def build_public_links(base: Base, workers: JobWorkers, team: TeamParts) -> PublicLinks:
    """Links that show a job to anybody; the team's policy says whether there may be any."""
    links = PublicLinks(
        base.authorized(workers.page_store),
        base.records,
        base.page_storage,
        base.access,
        base.clock,
    )
    links.are_allowed = team.policy.allows_public_links
    links.user_now = team.people.user_now
    return links


def build_grids(
    base: Base,
    workers: JobWorkers,
    jobs: Jobs,
    submission: Submission,
    preflight: Preflight,
    poses: PoseLibrary,
) -> Grids:
    """The grids of everybody, whose cells are jobs."""
    return Grids(
        GridParts(
            storage=GridStorage(base.records, base.page_storage),
            authorized=base.authorized(workers.page_store),
            jobs=jobs,
            submission=submission,
            preflight=preflight,
            access=base.access,
            poses=lambda user: lambda ids: poses_of(ids, lambda one: poses.get(user, one)),
            new_id=new_id,
            random_seed=random_seed,
        )
    )


def build_line(base: Base, workers: JobWorkers, jobs: Jobs) -> JobLine:
    """The line that jobs wait in, for those who wait."""
    return JobLine(
        base.authorized(workers.page_store),
        workers.follower,
        workers.dispatcher,
        base.access,
        jobs.cancel,
        base.clock,
    )


def build_model_uses(base: Base, workers: JobWorkers, jobs: Jobs, drafts: Drafts) -> ModelUses:
    """What the library of models asks of jobs and of what people have typed."""
    requests = OpenRequests(base.page_storage, workers.follower.open_jobs)
    return ModelUses(
        open_jobs=requests.naming,
        forms=drafts.naming,
        in_use=lambda files: requests.named() | drafts.named(files),
        seen_jobs=jobs.seen,
        image=jobs.image,
    )


def build_prompts(base: Base) -> Prompts:
    """What a team writes prompts with."""
    parts = ItemParts(base.records, base.access, base.sharing, base.clock, new_id)
    wildcards = WildcardLibrary(parts, base.page_storage)
    return Prompts(StyleLibrary(parts), PresetLibrary(parts), wildcards, random_seed)


def build_uploads(base: Base, models: ModelLibrary, remote: RemoteModels) -> UploadQueue:
    """The uploads of everybody, and the part of them that this process works on."""
    return UploadQueue(
        UploadServices(
            aws=base.aws,
            storage=base.storage,
            records=base.records,
            library=models,
            access=base.access,
            clock=base.clock,
            new_id=new_id,
            roots=UploadRoots(base.settings.upload_folders),
            remote=remote,
        )
    )
