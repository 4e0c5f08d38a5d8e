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
from core.errors import InvalidDraft, NotAllowed, NotFound
from core.ids import new_id, utc_now
from core.jobs.records import Job, JobFilter, JobState
from core.jobs.search.collections import Collection
from core.models.metadata.fields import ModelFields
from core.models.service import OWNER_METADATA
from core.models.uploads.records import Upload, UploadStage, Wish
from core.models.uploads.sources import BrowserSource
from core.poses.records import SavedPose
from core.prompts.service import FormPreset, TeamStyle, WildcardFile
from core.prompts.team_items import TeamItems
from core.setup.checks import SetupAction
from core.studio.service import Studio
from core.team.permissions import RULES, Action, Kind, Visibility
from core.team.policy import TeamPolicy
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
        opened.policy.change(ADMIN, opened.policy.of(), TeamPolicy(public_links=True))
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

    def style(self) -> TeamStyle:
        """With a version of before."""
        owner = User(name=self.owner, role=Role.ADMIN)
        styles = self.studio.prompts.styles
        new = styles.save(owner, new_id(), "secret", visibility=self.visibility)
        styles.share(owner, new.id, self.visibility, self.shared_with)
        return styles.update(owner, new, name=new.name, prompt="other", negative_prompt="")

    def wildcard(self) -> WildcardFile:
        """With a version of before."""
        owner = User(name=self.owner, role=Role.ADMIN)
        files = self.studio.prompts.wildcards
        new = files.save(owner, new_id(), "secret", visibility=self.visibility)
        files.share(owner, new.id, self.visibility, self.shared_with)
        return files.update(owner, new, name=new.name, text="other")

    def preset(self) -> FormPreset:
        owner = User(name=self.owner, role=Role.ADMIN)
        presets = self.studio.prompts.presets
        new = presets.save(owner, new_id(), {"steps": 9}, visibility=self.visibility)
        return presets.share(owner, new.id, self.visibility, self.shared_with)

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
        lambda: cell.studio.public_links.of_job(cell.user, job.id),
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


def _share_job(cell: Cell, job: Job) -> None:
    """With the team, and with the world."""
    studio = cell.studio
    _all_alike(
        (
            lambda: studio.jobs.share(cell.user, job.id, Visibility.TEAM),
            lambda: studio.public_links.create(cell.user, job.id, 1),
        )
    )


def _see_pose(cell: Cell, pose: SavedPose) -> None:
    poses = cell.studio.poses
    is_listed = pose.id in {each.id for each in poses.list(cell.user, "secret")}
    try:
        poses.get(cell.user, pose.id)
    except NotFound:
        assert not is_listed
        raise
    assert is_listed


def _see_style(cell: Cell, style: TeamStyle) -> None:
    styles = cell.studio.prompts.styles
    _all_alike(
        (
            lambda: styles.get(cell.user, style.id),
            lambda: styles.versions(cell.user, style.id),
            lambda: _require_listed(style.id, {each.id for each in styles.list(cell.user)}),
        )
    )


def _require_listed(wanted: str, listed: set[str]) -> None:
    if wanted not in listed:
        raise NotFound(wanted)


def _use_style(cell: Cell, style: TeamStyle) -> None:
    try:
        _submit(cell, styles=(style.name,))
    except InvalidDraft as error:
        if error.field != "styles":
            raise
        raise NotFound(style.name) from error


def _change_style(cell: Cell, style: TeamStyle) -> None:
    styles = cell.studio.prompts.styles
    texts = {"prompt": "x", "negative_prompt": ""}
    _all_alike(
        (
            lambda: styles.update(cell.user, style, name=style.name, **texts),
            lambda: styles.restore_version(cell.user, style.id, 1),
        )
    )


def _bin(cell: Cell, items: TeamItems[Any], item_id: str) -> None:
    """To the trash and back."""
    deletions = (items.delete, items.restore)
    _all_alike(tuple(partial(act, cell.user, item_id) for act in deletions))


def _see_preset(cell: Cell, preset: FormPreset) -> None:
    presets = cell.studio.prompts.presets
    _all_alike(
        (
            lambda: presets.get(cell.user, preset.id),
            lambda: _require_listed(preset.id, {each.id for each in presets.list(cell.user)}),
        )
    )


def _change_preset(cell: Cell, preset: FormPreset) -> None:
    presets = cell.studio.prompts.presets
    newest = [preset]
    _all_alike(
        (
            lambda: newest.append(presets.rename(cell.user, preset, new_id())),
            lambda: presets.replace(cell.user, newest[-1], {"steps": 8}),
        )
    )


def _see_wildcard(cell: Cell, file: WildcardFile) -> None:
    files = cell.studio.prompts.wildcards
    _all_alike(
        (
            lambda: files.get(cell.user, file.id),
            lambda: files.text(cell.user, file.id),
            lambda: files.text(cell.user, file.id, 1),
            lambda: files.versions(cell.user, file.id),
            lambda: _require_listed(file.id, {each.id for each in files.list(cell.user)}),
        )
    )


def _use_wildcard(cell: Cell, file: WildcardFile) -> None:
    """A prompt names it; for who may not, there is none."""
    if not cell.studio.prompts.wildcards.collection(cell.user).has(file.name):
        raise NotFound(file.name)


def _change_wildcard(cell: Cell, file: WildcardFile) -> None:
    files = cell.studio.prompts.wildcards
    _all_alike(
        (
            lambda: files.update(cell.user, file, name=file.name, text="x"),
            lambda: files.restore_version(cell.user, file.id, 1),
        )
    )


def _delete_wildcard(cell: Cell, file: WildcardFile) -> None:
    """To the trash and back."""
    files = cell.studio.prompts.wildcards
    _all_alike(tuple(partial(act, cell.user, file.id) for act in (files.delete, files.restore)))


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
    (Kind.JOB, Action.SHARE): Row(WHOSE, _share_job, Cell.job),
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
    (Kind.STYLE, Action.LIST): Row(WHOSE, _see_style, Cell.style),
    (Kind.STYLE, Action.SEE): Row(WHOSE, _see_style, Cell.style),
    (Kind.STYLE, Action.USE): Row(WHOSE, _use_style, Cell.style),
    (Kind.STYLE, Action.CREATE): Row(
        (OWN,), lambda cell, _: cell.studio.prompts.styles.save(cell.user, new_id(), "ink")
    ),
    (Kind.STYLE, Action.CHANGE): Row(WHOSE, _change_style, Cell.style),
    (Kind.STYLE, Action.DELETE): Row(
        WHOSE, lambda cell, one: _bin(cell, cell.studio.prompts.styles, one.id), Cell.style
    ),
    (Kind.STYLE, Action.SHARE): Row(
        WHOSE,
        lambda cell, style: cell.studio.prompts.styles.share(cell.user, style.id, Visibility.TEAM),
        Cell.style,
    ),
    (Kind.WILDCARD, Action.LIST): Row(WHOSE, _see_wildcard, Cell.wildcard),
    (Kind.WILDCARD, Action.SEE): Row(WHOSE, _see_wildcard, Cell.wildcard),
    (Kind.WILDCARD, Action.USE): Row(WHOSE, _use_wildcard, Cell.wildcard),
    (Kind.WILDCARD, Action.CREATE): Row(
        (OWN,), lambda cell, _: cell.studio.prompts.wildcards.save(cell.user, new_id(), "red")
    ),
    (Kind.WILDCARD, Action.CHANGE): Row(WHOSE, _change_wildcard, Cell.wildcard),
    (Kind.WILDCARD, Action.DELETE): Row(WHOSE, _delete_wildcard, Cell.wildcard),
    (Kind.WILDCARD, Action.SHARE): Row(
        WHOSE,
        lambda cell, file: cell.studio.prompts.wildcards.share(cell.user, file.id, Visibility.TEAM),
        Cell.wildcard,
    ),
    (Kind.FORM_PRESET, Action.LIST): Row(WHOSE, _see_preset, Cell.preset),
    (Kind.FORM_PRESET, Action.SEE): Row(WHOSE, _see_preset, Cell.preset),
    (Kind.FORM_PRESET, Action.CREATE): Row(
        (OWN,), lambda cell, _: cell.studio.prompts.presets.save(cell.user, new_id(), {"steps": 9})
    ),
    (Kind.FORM_PRESET, Action.CHANGE): Row(WHOSE, _change_preset, Cell.preset),
    (Kind.FORM_PRESET, Action.DELETE): Row(
        WHOSE, lambda cell, one: _bin(cell, cell.studio.prompts.presets, one.id), Cell.preset
    ),
    (Kind.FORM_PRESET, Action.SHARE): Row(
        WHOSE,
        lambda cell, one: cell.studio.prompts.presets.share(cell.user, one.id, Visibility.TEAM),
        Cell.preset,
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
