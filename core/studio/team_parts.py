"""Builds what deals with people: who they are, what they may, what goes with them."""

from dataclasses import dataclass

from core.jobs.grids.storage import GridStorage
from core.jobs.service import Jobs
from core.jobs.store.interface import JobStore
from core.jobs.store.owned_jobs import OwnedJobs
from core.jobs.trash.service import JobTrash
from core.models.service import Favourites, ModelLibrary
from core.models.uploads.queue import UploadQueue
from core.poses.service import PoseLibrary
from core.prompts.service import Prompts
from core.studio.base import Base
from core.team.administration.belongings import Belonging, Belongings, BelongingsMoves
from core.team.administration.drafts import Drafts
from core.team.administration.service import Administration
from core.team.administration.successors import Successors
from core.team.announcements import Announcements
from core.team.api_keys import ApiKeys
from core.team.audit.trail import AuditTrail
from core.team.people import People
from core.team.policy import Policies
from core.team.sharing import Colleagues
from core.team.users import SHARED, SYSTEM


@dataclass(frozen=True)
class TeamParts:
    """The services of the team."""

    announcements: Announcements
    people: People
    colleagues: Colleagues
    policy: Policies
    administration: Administration
    api_keys: ApiKeys
    successors: Successors
    audit_trail: AuditTrail


def build_team_parts(base: Base) -> TeamParts:
    """All of them; from then on maintenance is asked for by the permission check."""
    records, access, clock = base.records, base.access, base.clock
    announcements = Announcements(records, access, clock)
    access.maintenance = announcements.maintenance
    people = People(records, base.settings, clock)
    return TeamParts(
        announcements=announcements,
        people=people,
        colleagues=Colleagues(records, clock),
        policy=Policies(records, access, clock),
        administration=Administration(records, people, access, clock),
        api_keys=ApiKeys(records, people, access, clock),
        successors=Successors(records, clock),
        audit_trail=AuditTrail(records, access),
    )


@dataclass(frozen=True)
class Owned:
    """Where the things lie that somebody may own."""

    job_store: JobStore
    jobs: Jobs
    job_trash: JobTrash
    grids: GridStorage
    poses: PoseLibrary
    prompts: Prompts
    models: ModelLibrary
    uploads: UploadQueue
    favourites: Favourites
    drafts: Drafts


def build_moves(base: Base, team: TeamParts, owned: Owned) -> BelongingsMoves:
    """What removes somebody's things or hands them over, each kind by its own room."""
    keys, poses, uploads = team.api_keys, owned.poses, owned.uploads
    favourites, drafts, grids = owned.favourites, owned.drafts, owned.grids
    prompts = owned.prompts
    styles, presets, wildcards = prompts.styles, prompts.presets, prompts.wildcards
    belongings = (
        Belongings(Belonging.API_KEYS, keys.count, keys.remove_all),
        _owned_jobs(owned.job_store, owned.jobs, owned.job_trash),
        Belongings(Belonging.GRIDS, grids.count, grids.remove_all, grids.hand_over),
        Belongings(Belonging.POSES, poses.count_of, poses.remove_all, poses.hand_over),
        Belongings(Belonging.STYLES, styles.count_of, styles.remove_all, styles.hand_over),
        Belongings(
            Belonging.WILDCARDS, wildcards.count_of, wildcards.remove_all, wildcards.hand_over
        ),
        Belongings(Belonging.PRESETS, presets.count_of, presets.remove_all, presets.hand_over),
        Belongings(Belonging.UPLOADS, uploads.active_count, uploads.remove_all),
        _owned_models(owned.models, team.successors),
        Belongings(Belonging.FAVOURITES, favourites.count, favourites.remove_all),
        Belongings(Belonging.DRAFTS, drafts.count, drafts.remove_all),
    )
    return BelongingsMoves(
        base.records, team.people, team.administration, belongings, base.access, base.clock
    )


def _owned_jobs(store: JobStore, jobs: Jobs, trash: JobTrash) -> Belongings:
    owned = OwnedJobs(
        store,
        cancel=lambda job_id: jobs.cancel(SYSTEM, job_id),
        delete=lambda job_id: trash.delete(SYSTEM, job_id, at_once=True),
    )
    return Belongings(Belonging.JOBS, owned.count, owned.remove, owned.hand_over)


def _owned_models(models: ModelLibrary, successors: Successors) -> Belongings:
    """Model files stay, as others work with them: those of who is removed become the team's."""
    return Belongings(
        Belonging.MODELS,
        models.count_of,
        lambda name: successors.hand_over(name, SHARED),
        successors.hand_over,
    )
