"""Each cell of the table of permissions at the services: what is allowed works, what is denied
raises and changes nothing."""

import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from pydantic import SecretStr

from core.aws.ascii_values import encode_value
from core.aws.client import Connection
from core.endpoints.service import Endpoint
from core.errors import NotAllowed, NotFound
from core.ids import new_id, utc_now
from core.jobs.records import Job, JobFilter, JobState
from core.jobs.search.collections import Collection
from core.models.metadata.fields import ModelFields
from core.models.service import OWNER_METADATA
from core.models.uploads.records import Upload, UploadStage, Wish
from core.models.uploads.sources import BrowserSource
from core.poses.records import SavedPose
from core.setup.checks import SetupAction
from core.studio.service import Studio
from core.team.permissions import RULES, Action, Kind, Visibility
from core.team.users import Role, User
from formats.keys import model_key
from formats.models.kinds import ModelKind
from local_aws.launcher import launch
from poses.preset_poses import default_pose
from tests.core.team.services import (
    ADMIN,
    BY_ROLE,
    CHECKPOINT,
    ENDPOINT,
    OTHER,
    TYPE,
    draft,
    keep_job,
    kept,
    team_studio,
)
from tests.support.helpers import ROOT, wait_for

STUB: Final = (sys.executable, str(ROOT / "tests" / "local_aws" / "stub_container.py"))
OWN, TEAMS, SHARED, OTHERS_PRIVATE = "own", "team's", "shared", "private"
WHOSE: Final = (OWN, TEAMS, SHARED, OTHERS_PRIVATE)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with launch(tmp_path_factory.mktemp("aws"), container_command=STUB) as aws:
        yield Connection(
            url=aws.url,
            access_key=aws.access_key,
            secret_key=SecretStr(aws.secret_key),
            region=aws.region,
        )


@pytest.fixture(scope="module")
def studio(
    connection: Connection, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """With a checkpoint and an endpoint that an admin made."""
    folder = tmp_path_factory.mktemp("matrix")
    shutil.copy(models / CHECKPOINT, folder)
    with team_studio(connection, folder, "team-matrix") as opened:
        opened.uploads.start_paths(ADMIN, [str(folder / CHECKPOINT)], None)
        opened.endpoints.create(ADMIN, ENDPOINT, TYPE, 1)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(ADMIN)))
        wait_for(lambda: opened.endpoints.list(ADMIN, refresh=True)[0].accepts_jobs)
        yield opened


_sent: Final[set[str]] = set()
"""Jobs that were really sent, which go on by themselves."""


class Cell(NamedTuple):
    """Somebody, and whose thing they ask for."""

    studio: Studio
    user: User
    whose: str

    @property
    def owner(self) -> str:
        return self.user.name if self.whose == OWN else OTHER.name

    @property
    def visibility(self) -> Visibility:
        return Visibility.TEAM if self.whose == TEAMS else Visibility.PRIVATE

    @property
    def shared_with(self) -> tuple[str, ...]:
        return (self.user.name,) if self.whose == SHARED else ()

    def job(self, **changes: Any) -> Job:
        who = {"visibility": self.visibility, "shared_with": self.shared_with}
        job = keep_job(self.studio, self.owner, **who, **changes)
        if self.shared_with:
            self.studio.jobs._authorized._sharing.keep(job.id, self.owner, self.shared_with)
        return job

    def pose(self) -> SavedPose:
        owner = User(name=self.owner, role=Role.ADMIN)
        poses = self.studio.poses
        pose = poses.save(owner, "Secret", (), default_pose(), self.visibility)
        return poses.share(owner, pose.id, self.visibility, self.shared_with)

    def model(self) -> str:
        """A file in S3 that is marked as somebody's."""
        name = f"{new_id()}.safetensors"
        storage = self.studio.storage
        content = storage.read(model_key(ModelKind.CHECKPOINT, CHECKPOINT))
        storage._s3.put_object(
            Bucket=storage.bucket,
            Key=model_key(ModelKind.CHECKPOINT, name),
            Body=content.data,
            Metadata={OWNER_METADATA: encode_value(self.owner)},
        )
        self.studio.models.list(ADMIN, refresh=True)
        return name

    def upload(self) -> str:
        """One that somebody has paused."""
        now = utc_now()
        upload = Upload(
            id=new_id(),
            owner=self.owner,
            source=BrowserSource(file_name="a.safetensors", modified_ms=0),
            name="a.safetensors",
            kind=ModelKind.VAE,
            size=1,
            created=now,
            changed=now,
            stage=UploadStage.PAUSED,
            wish=Wish.PAUSE,
        )
        return self.studio.uploads._records.add(upload).id

    def board(self) -> Collection:
        owner = User(name=self.owner, role=Role.ADMIN)
        return self.studio.collections.create(owner, "Board")

    def endpoint(self) -> str:
        name = f"e-{new_id().lower()[-8:]}"
        endpoints = self.studio.endpoints
        endpoints.create(User(name=self.owner, role=Role.ADMIN), name, TYPE, 1)
        wait_for(lambda: _is_ready(endpoints.find(ADMIN, name)))
        return name


def _is_ready(endpoint: Endpoint | None) -> bool:
    return endpoint is not None and endpoint.accepts_jobs


Prepare = Callable[[Cell], Any]
Act = Callable[[Cell, Any], object]


def _nothing(_cell: Cell) -> None:
    """Nothing needs to be there before."""


def _list_job(cell: Cell, job: Job) -> None:
    """By its id, and in a list of those that the user may ask for."""
    listed = cell.studio.jobs.listed(cell.user, job.id)
    scopes = cell.studio.jobs.scopes(cell.user)
    pages = [cell.studio.jobs.page(cell.user, JobFilter(scope=scope)) for scope in scopes]
    assert job.id in {each.id for page in pages for each in page.jobs}
    assert listed.is_redacted is (cell.whose == OTHERS_PRIVATE)


def _see_job(cell: Cell, job: Job) -> None:
    jobs = cell.studio.jobs
    reads: tuple[Callable[[], object], ...] = (
        lambda: jobs.get(cell.user, job.id),
        lambda: jobs.detail(cell.user, job.id),
        lambda: jobs.container_log(cell.user, job.id),
        lambda: cell.studio.scores.of_job(cell.user, job.id),
        lambda: _star_twice(cell, job),
    )
    _all_alike(reads)


def _star_twice(cell: Cell, job: Job) -> None:
    favourites = cell.studio.job_favourites
    assert favourites.toggle(cell.user, job.id)
    assert not favourites.toggle(cell.user, job.id)


def _all_alike(calls: tuple[Callable[[], object], ...]) -> None:
    """All of them work, or all are refused."""
    errors: list[Exception] = []
    for call in calls:
        try:
            call()
        except (NotAllowed, NotFound) as error:
            errors.append(error)
    assert len(errors) in (0, len(calls))
    if errors:
        raise errors[0]


def _use_job(cell: Cell, job: Job) -> None:
    jobs = cell.studio.jobs
    _all_alike(
        (
            lambda: jobs.draft_of(cell.user, job.id),
            lambda: _sent.add(jobs.retry(cell.user, job.id, new_id()).id),
        )
    )


def _change_job(cell: Cell, job: Job) -> None:
    _all_alike(
        (
            lambda: cell.studio.bulk._tag(cell.user, job.id, added=("a",), removed=()),
            lambda: _cancel(cell, job),
        )
    )


def _change_board(cell: Cell, board: Collection) -> None:
    """Its title and order, and which of the user's own jobs are in it."""
    boards, user = cell.studio.collections, cell.user
    own = keep_job(cell.studio, user.name) if user.role is not Role.VIEWER else cell.job()
    _sent.add(own.id)
    _all_alike(
        (
            lambda: boards.rename(user, board.id, "Another"),
            lambda: boards.place(user, board.id, (own.id,)),
            lambda: boards.set_cover(user, board.id, own.id),
            lambda: boards.add(user, board.id, own.id),
            lambda: boards.remove(user, board.id, own.id),
        )
    )


def _cancel(cell: Cell, job: Job) -> None:
    assert cell.studio.jobs.cancel(cell.user, job.id).state is JobState.CANCELLED


def _delete_job(cell: Cell, job: Job) -> None:
    """To the trash and back, and then for good."""
    trash = cell.studio.job_trash
    acts = (trash.put, trash.restore, trash.delete)
    _all_alike(tuple(partial(act, cell.user, job.id) for act in acts))
    assert cell.studio._workers.store.get(job.id) is None


def _see_pose(cell: Cell, pose: SavedPose) -> None:
    poses = cell.studio.poses
    is_listed = pose.id in {each.id for each in poses.list(cell.user, "secret")}
    try:
        poses.get(cell.user, pose.id)
    except NotFound:
        assert not is_listed
        raise
    assert is_listed


def _list_model(cell: Cell, name: str) -> None:
    models = cell.studio.models
    assert models.find(cell.user, ModelKind.CHECKPOINT, name) in models.list(cell.user)


def _delete_model(cell: Cell, name: str) -> None:
    """To the trash and back, and then for good."""
    models, key = cell.studio.models, model_key(ModelKind.CHECKPOINT, name)
    _all_alike(
        (
            lambda: models.put_in_trash(cell.user, ModelKind.CHECKPOINT, name),
            lambda: models.restore(cell.user, key),
            lambda: models.delete_now(cell.user, key),
        )
    )


def _change_model(cell: Cell, name: str) -> None:
    key, models = model_key(ModelKind.CHECKPOINT, name), cell.studio.models
    models.edit(cell.user, [key], ModelFields(title="Cats"))
    (file,) = (each for each in models.list(cell.user) if each.key == key)
    assert file.title == "Cats"


def _submit(cell: Cell, **changes: Any) -> None:
    (job,) = cell.studio.jobs.submit(cell.user, draft(**changes), new_id())
    _sent.add(job.id)
    assert (job.owner, job.visibility) == (cell.user.name, Visibility.PRIVATE)


def _upload(cell: Cell, _prepared: object) -> None:
    path = cell.studio.settings.data / CHECKPOINT
    cell.studio.uploads.start_paths(cell.user, [str(path)], ModelKind.CHECKPOINT, replace=True)
    wait_for(lambda: not any(u.active for u in cell.studio.uploads.list(ADMIN)))


def _change_upload(cell: Cell, upload_id: str) -> None:
    uploads = cell.studio.uploads
    changes = (uploads.resume, uploads.pause, uploads.cancel, uploads.retry, uploads.cancel)
    try:
        _all_alike(tuple(partial(change, cell.user, upload_id) for change in changes))
    except NotAllowed:
        assert uploads.find(ADMIN, upload_id).wish is Wish.PAUSE
        raise
    uploads.clear(cell.user)
    with pytest.raises(NotFound):
        uploads.find(ADMIN, upload_id)


def _list_endpoint(cell: Cell, _prepared: object) -> None:
    assert ENDPOINT in {each.name for each in cell.studio.endpoints.list(cell.user)}
    cell.studio.container_log.last_lines(cell.user, ENDPOINT)


def _create_endpoint(cell: Cell, _prepared: object) -> None:
    cell.studio.endpoints.create(cell.user, f"n-{new_id().lower()[-8:]}", TYPE, 1)


def _delete_endpoint(cell: Cell, name: str) -> None:
    cell.studio.endpoints.delete(cell.user, name)


def _change_policy(cell: Cell, _prepared: object) -> None:
    policy = cell.studio.policy
    policy.change(cell.user, policy.of(), policy.of())


def _set_up(cell: Cell, _prepared: object) -> None:
    cell.studio.setup.perform(cell.user, SetupAction.CREATE_BUCKET)


class Row(NamedTuple):
    """How the services do an action: of whose things there are such, and the call."""

    whose: tuple[str, ...]
    act: Act
    prepare: Prepare = _nothing


_QUEUED: Final = {"state": JobState.QUEUED, "sent_at": None, "started_at": None}
_BOTH: Final = (OWN, TEAMS)
"""What the whole team sees has no private form."""

ROWS: Final[dict[tuple[Kind, Action], Row]] = {
    (Kind.JOB, Action.LIST): Row(WHOSE, _list_job, Cell.job),
    (Kind.JOB, Action.SEE): Row(WHOSE, _see_job, Cell.job),
    (Kind.JOB, Action.USE): Row(WHOSE, _use_job, Cell.job),
    (Kind.JOB, Action.CREATE): Row((OWN,), lambda cell, _: _submit(cell)),
    (Kind.COLLECTION, Action.LIST): Row(
        _BOTH,
        lambda cell, board: cell.studio.collections.find(cell.user, board.id),
        lambda cell: cell.board(),
    ),
    (Kind.COLLECTION, Action.CREATE): Row(
        (OWN,), lambda cell, _: cell.studio.collections.create(cell.user, "Board")
    ),
    (Kind.COLLECTION, Action.CHANGE): Row(_BOTH, _change_board, lambda cell: cell.board()),
    (Kind.COLLECTION, Action.DELETE): Row(
        _BOTH,
        lambda cell, board: cell.studio.collections.delete(cell.user, board.id),
        lambda cell: cell.board(),
    ),
    (Kind.JOB, Action.CHANGE): Row(WHOSE, _change_job, lambda cell: cell.job(**_QUEUED)),
    (Kind.JOB, Action.DELETE): Row(WHOSE, _delete_job, Cell.job),
    (Kind.JOB, Action.SHARE): Row(
        WHOSE,
        lambda cell, job: cell.studio.jobs.share(cell.user, job.id, Visibility.TEAM),
        Cell.job,
    ),
    (Kind.IMAGE, Action.SEE): Row(
        WHOSE, lambda cell, job: cell.studio.jobs.image(cell.user, job.id, 0), Cell.job
    ),
    (Kind.IMAGE, Action.USE): Row(
        WHOSE, lambda cell, job: cell.studio.jobs.draft_of(cell.user, job.id), Cell.job
    ),
    (Kind.POSE, Action.LIST): Row(WHOSE, _see_pose, Cell.pose),
    (Kind.POSE, Action.SEE): Row(WHOSE, _see_pose, Cell.pose),
    (Kind.POSE, Action.USE): Row(
        WHOSE, lambda cell, pose: cell.studio.poses.duplicate(cell.user, pose.id), Cell.pose
    ),
    (Kind.POSE, Action.CREATE): Row(
        (OWN,), lambda cell, _: cell.studio.poses.save(cell.user, "New", (), default_pose())
    ),
    (Kind.POSE, Action.CHANGE): Row(
        WHOSE, lambda cell, pose: cell.studio.poses.update(cell.user, pose), Cell.pose
    ),
    (Kind.POSE, Action.DELETE): Row(
        WHOSE, lambda cell, pose: cell.studio.poses.delete(cell.user, pose.id), Cell.pose
    ),
    (Kind.POSE, Action.SHARE): Row(
        WHOSE,
        lambda cell, pose: cell.studio.poses.share(cell.user, pose.id, Visibility.TEAM),
        Cell.pose,
    ),
    (Kind.MODEL, Action.LIST): Row(_BOTH, _list_model, Cell.model),
    (Kind.MODEL, Action.SEE): Row(_BOTH, _list_model, Cell.model),
    (Kind.MODEL, Action.USE): Row(
        _BOTH, lambda cell, name: _submit(cell, checkpoints=(name,)), Cell.model
    ),
    (Kind.MODEL, Action.CREATE): Row((OWN,), _upload),
    (Kind.MODEL, Action.CHANGE): Row(
        _BOTH,
        lambda cell, made: _all_alike(
            (
                lambda: _change_upload(cell, made[0]),
                lambda: _change_model(cell, made[1]),
            )
        ),
        lambda cell: (cell.upload(), cell.model()),
    ),
    (Kind.MODEL, Action.DELETE): Row(
        _BOTH,
        _delete_model,
        Cell.model,
    ),
    (Kind.ENDPOINT, Action.LIST): Row((TEAMS,), _list_endpoint),
    (Kind.ENDPOINT, Action.SEE): Row((TEAMS,), _list_endpoint),
    (Kind.ENDPOINT, Action.USE): Row((TEAMS,), lambda cell, _: _submit(cell)),
    (Kind.ENDPOINT, Action.CREATE): Row((OWN,), _create_endpoint),
    (Kind.ENDPOINT, Action.CHANGE): Row(
        (TEAMS,), lambda cell, _: cell.studio.costs.set_limits(cell.user, ENDPOINT, None, None)
    ),
    (Kind.ENDPOINT, Action.DELETE): Row(_BOTH, _delete_endpoint, Cell.endpoint),
    (Kind.TEAM, Action.SEE): Row(
        (TEAMS,), lambda cell, _: cell.studio.administration.page(cell.user)
    ),
    (Kind.TEAM, Action.CHANGE): Row(
        (TEAMS,),
        lambda cell, _: _all_alike((lambda: _change_policy(cell, _), lambda: _set_up(cell, _))),
    ),
}

ELSEWHERE: Final = {
    (Kind.AUDIT, Action.SEE): "tests/core/team/audit",
    (Kind.API_KEY, Action.LIST): "tests/core/team/test_api_keys.py",
    (Kind.API_KEY, Action.CREATE): "tests/core/team/test_api_keys.py",
    (Kind.API_KEY, Action.DELETE): "tests/core/team/test_api_keys.py",
}
"""Actions on what is nobody's to see here, and where they are tried."""


def allowed(role: Role, kind: Kind, action: Action, whose: str) -> bool:
    """What the table says, read anew."""
    least = RULES[kind, action][WHOSE.index(whose)]
    return least is not None and role.rank >= least.rank


def test_every_action_of_the_table_has_a_call() -> None:
    assert ROWS.keys() | ELSEWHERE.keys() == RULES.keys()
    assert not ROWS.keys() & ELSEWHERE.keys()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("kind", "action"), ROWS, ids=lambda part: part.value)
def test_a_cell(studio: Studio, kind: Kind, action: Action, role: Role) -> None:
    row = ROWS[kind, action]
    for whose in row.whose:
        cell = Cell(studio, BY_ROLE[role], whose)
        prepared = row.prepare(cell)
        if allowed(role, kind, action, whose):
            row.act(cell, prepared)
            continue
        before = kept(studio, _sent)
        with pytest.raises((NotAllowed, NotFound)):
            row.act(cell, prepared)
        assert kept(studio, _sent) == before, whose
        if isinstance(prepared, Job):  # the reaper may end it while later cells are tried
            _sent.add(prepared.id)
