"""What is Ann's alone, Bob does not find, see or change, at her dashboard and at another one."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import ZipFile

import pytest
from pydantic import SecretStr
from ulid import ULID

from core.aws.client import Connection
from core.errors import ContrappostoError, NotAllowed, NotFound
from core.ids import new_id
from core.jobs.records import Job, JobFilter, JobOrder, JobScope, JobState
from core.poses.catalogue import PoseEntry, frequent_tags, search
from core.poses.records import SavedPose
from core.settings import Backend, Identity, Settings
from core.studio.service import Studio, open_studio
from core.team.people import SignIn
from core.team.permissions import Visibility
from core.team.users import Role, User
from formats.keys import model_key
from formats.models.kinds import ModelKind
from local_aws.launcher import launch
from poses.preset_poses import default_pose
from tests.core.team.services import keep_job, kept
from tests.core.team.test_matrix import STUB
from tests.support.helpers import wait_for
from tests.support.set_up_account import IMAGE, ROLE

ANN: Final = User(name="idp/ann", role=Role.ARTIST, title="ann@example.com")
BOB: Final = User(name="idp/bob", role=Role.ARTIST)
OPERATOR: Final = User(name="idp/ops", role=Role.OPERATOR)
BOSS: Final = User(name="idp/boss", role=Role.ADMIN)
OTHERS: Final = (BOB, OPERATOR, BOSS)
PRIVATE, TEAM = Visibility.PRIVATE, Visibility.TEAM
SECRET: Final = "a secret of ann"


class Dashboards(NamedTuple):
    """Two on one list of jobs, one bucket and one list of records; `far` is not Ann's."""

    near: Studio
    far: Studio


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with launch(tmp_path_factory.mktemp("aws"), container_command=STUB) as aws:
        yield Connection(
            url=aws.url,
            access_key=aws.access_key,
            secret_key=SecretStr(aws.secret_key),
            region=aws.region,
        )


def settings_of(backend: Backend, folder: Path, name: str) -> Settings:
    return Settings(
        backend=backend,
        demo=False,
        identity=Identity.OIDC,
        data=folder,
        bucket=f"isolation-{name}",
        table=f"jobs-{name}",
        records_table=f"records-{name}",
        endpoint_role=ROLE,
        image=IMAGE,
        poll_seconds=0.1,
    )


@pytest.fixture(scope="module", params=[Backend.EMBEDDED, Backend.AWS], ids=lambda one: one.value)
def dashboards(
    request: pytest.FixtureRequest, connection: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboards]:
    """On SQLite, and on DynamoDB; a second dashboard on AWS has a folder of its own."""
    name, folder = str(ULID()).lower(), tmp_path_factory.mktemp("near")
    far = folder if request.param is Backend.EMBEDDED else tmp_path_factory.mktemp("far")
    with open_studio(settings_of(request.param, folder, name), connection) as first:
        if request.param is Backend.AWS:
            first.setup.create_bucket()
            first.setup.create_tables()
        with open_studio(settings_of(request.param, far, name), connection) as second:
            for who in (ANN, *OTHERS):
                first.people.enter(SignIn(name=who.name, title=who.title))
            yield Dashboards(first, second)


@pytest.fixture(params=["near", "far"])
def studio(request: pytest.FixtureRequest, dashboards: Dashboards) -> Studio:
    """Where the others ask."""
    found: Studio = getattr(dashboards, request.param)
    return found


@pytest.fixture
def job(dashboards: Dashboards) -> Job:
    """Ann's, which succeeded; one whose score is the best."""
    return keep_job(dashboards.near, ANN.name, prompt=SECRET, pose_score=1.0)


@pytest.fixture
def pose(dashboards: Dashboards) -> SavedPose:
    return dashboards.near.poses.save(ANN, SECRET, ("hidden",), default_pose(), PRIVATE)


Ask = Callable[[Studio, User, str], object]

READS: Final[dict[str, Ask]] = {
    "see": lambda studio, user, job_id: studio.jobs.get(user, job_id),
    "detail": lambda studio, user, job_id: studio.jobs.detail(user, job_id),
    "download": lambda studio, user, job_id: studio.jobs.image(user, job_id, 0),
    "map": lambda studio, user, job_id: studio.jobs.map(user, job_id, 0),
    "reuse": lambda studio, user, job_id: studio.jobs.draft_of(user, job_id),
    "retry": lambda studio, user, job_id: studio.jobs.retry(user, job_id, new_id()),
    "score": lambda studio, user, job_id: studio.scores.of_job(user, job_id),
    "log": lambda studio, user, job_id: studio.jobs.container_log(user, job_id),
    "star": lambda studio, user, job_id: studio.job_favourites.toggle(user, job_id),
    "share": lambda studio, user, job_id: studio.jobs.share(user, job_id, TEAM),
    "public links": lambda studio, user, job_id: studio.public_links.of_job(user, job_id),
    "make a public link": lambda studio, user, job_id: studio.public_links.create(user, job_id, 1),
}
WRITES: Final[dict[str, Ask]] = {
    "cancel": lambda studio, user, job_id: studio.jobs.cancel(user, job_id),
    "trash": lambda studio, user, job_id: studio.job_trash.put(user, job_id),
    "restore": lambda studio, user, job_id: studio.job_trash.restore(user, job_id),
    "delete": lambda studio, user, job_id: studio.job_trash.delete(user, job_id),
    "revoke a public link": lambda studio, user, job_id: studio.public_links.revoke(
        user, job_id, "0" * 12
    ),
    "move to the front": lambda studio, user, job_id: studio.line.move_to_front(user, job_id),
}


def answer(ask: Callable[[], object]) -> tuple[str, str]:
    """The error's type and words."""
    with pytest.raises(ContrappostoError) as raised:
        ask()
    return type(raised.value).__name__, str(raised.value)


@pytest.mark.parametrize("what", READS | WRITES)
def test_another_artist_gets_the_answer_of_an_id_that_is_no_jobs(
    dashboards: Dashboards, studio: Studio, job: Job, what: str
) -> None:
    ask, before = (READS | WRITES)[what], kept(dashboards.near)
    said = answer(lambda: ask(studio, BOB, job.id))
    assert said == answer(lambda: ask(studio, BOB, new_id()))
    assert said[0] == "NotFound"
    assert kept(dashboards.near) == before


@pytest.mark.parametrize("user", [OPERATOR, BOSS], ids=lambda user: user.role.value)
@pytest.mark.parametrize("what", READS)
def test_who_looks_after_the_endpoints_does_not_look_in_either(
    dashboards: Dashboards, studio: Studio, job: Job, user: User, what: str
) -> None:
    before = kept(dashboards.near)
    with pytest.raises(NotAllowed):
        READS[what](studio, user, job.id)
    assert kept(dashboards.near) == before


def test_what_is_done_with_many_jobs_leaves_it_out(
    dashboards: Dashboards, studio: Studio, job: Job
) -> None:
    before, no_job = kept(dashboards.near), new_id()
    for act in (
        studio.bulk.trash,
        studio.bulk.restore,
        studio.bulk.delete,
        studio.bulk.cancel,
        lambda user, ids: studio.bulk.retry(user, ids, new_id()),
        lambda user, ids: studio.bulk.tag(user, ids, ["a"]),
    ):
        outcome = act(BOB, [job.id, no_job])
        assert outcome.done == ()
        assert len(outcome.reasons) == 1
    for user in OTHERS:
        with ZipFile(io.BytesIO(b"".join(studio.archives.open(user, [job.id, no_job])))) as archive:
            assert archive.namelist() == ["jobs.csv", "left_out.txt"]
            assert SECRET not in archive.read("jobs.csv").decode()
    assert kept(dashboards.near) == before


@pytest.mark.parametrize("user", OTHERS, ids=lambda user: user.role.value)
def test_a_model_does_not_name_it(
    dashboards: Dashboards, studio: Studio, job: Job, user: User
) -> None:
    """Who may see the model sees that jobs used it, and not which."""
    name = f"{job.id}.safetensors"
    key = model_key(ModelKind.LORA, name)
    dashboards.near.storage.write(key, b"x", "application/octet-stream")
    dashboards.near.models.count_job(job.id, job.updated_at, [(ModelKind.LORA, name)])
    (file,) = (each for each in studio.models.list(user, refresh=True) if each.key == key)
    assert file.record.jobs == 1
    assert job.id not in file.record.recent_jobs
    assert studio.models.recent_jobs(user, key) == ()
    assert studio.models.recent_jobs(ANN, key) == (job.id,)


@pytest.mark.parametrize("user", OTHERS, ids=lambda user: user.role.value)
def test_no_list_shows_it(studio: Studio, job: Job, user: User) -> None:
    for scope in studio.jobs.scopes(user):
        for order in JobOrder:
            which = JobFilter(scope=scope, order=order, owner=ANN.name)
            page = studio.jobs.page(user, which, 500)
            assert "secret" not in page.model_dump_json()
            if order is JobOrder.POSE_SCORE or scope is not JobScope.EVERYBODY:
                assert job.id not in {each.id for each in page.jobs}
    newest = studio.jobs.newest(user)
    assert newest is None or newest.owner == user.name


def test_an_open_job_is_followed_and_previewed_for_its_owner(
    dashboards: Dashboards, studio: Studio
) -> None:
    """Also while it waits, when every dashboard has it in its memory."""
    queued = {"state": JobState.QUEUED, "sent_at": None, "started_at": None, "image_count": 0}
    job = keep_job(dashboards.near, ANN.name, prompt=SECRET, **queued)
    wait_for(lambda: job.id in {each.id for each in studio.jobs.open(ANN)})
    assert studio.jobs.open(BOB) == ()
    seen = [each for each in studio.jobs.open(OPERATOR) if each.id == job.id]
    assert [(each.is_redacted, each.prompt) for each in seen] == [(True, "")]
    assert studio.jobs.cancel(OPERATOR, job.id).is_redacted
    assert dashboards.near.jobs.get(ANN, job.id).state is JobState.CANCELLED


@pytest.mark.parametrize("user", OTHERS, ids=lambda user: user.role.value)
def test_the_pose_library_does_not_have_it(
    dashboards: Dashboards, studio: Studio, pose: SavedPose, user: User
) -> None:
    before, poses = kept(dashboards.near), studio.poses
    entries = [PoseEntry.from_saved(each) for each in poses.list(user)]
    assert search(entries, "secret") == search(entries, "", ("hidden",)) == ()
    assert "hidden" not in frequent_tags(entries, 100)
    assert poses.list(user, "ann") == poses.list(user, "secret") == ()
    asks: tuple[Callable[[str], object], ...] = (
        lambda pose_id: poses.get(user, pose_id),
        lambda pose_id: poses.update(user, pose.model_copy(update={"id": pose_id})),
        lambda pose_id: poses.duplicate(user, pose_id),
        lambda pose_id: poses.delete(user, pose_id),
        lambda pose_id: poses.share(user, pose_id, TEAM),
    )
    for ask in asks:
        assert answer(partial(ask, pose.id)) == answer(partial(ask, new_id()))
    assert kept(dashboards.near) == before


@pytest.mark.parametrize("user", OTHERS, ids=lambda user: user.role.value)
def test_the_library_of_styles_does_not_have_it(
    dashboards: Dashboards, studio: Studio, user: User
) -> None:
    style = dashboards.near.prompts.styles.save(ANN, new_id(), SECRET, visibility=PRIVATE)
    styles = studio.prompts.styles
    assert SECRET not in {each.prompt for each in styles.list(user)}
    assert style.id not in {each.id for each in styles.list(user, in_trash=True)}
    assert studio.prompts.extract(user, SECRET, "").names == ()
    asks: tuple[Callable[[str], object], ...] = (
        lambda style_id: styles.get(user, style_id),
        lambda style_id: styles.versions(user, style_id),
        lambda style_id: styles.delete(user, style_id),
        lambda style_id: styles.restore(user, style_id),
        lambda style_id: styles.share(user, style_id, TEAM),
    )
    for ask in asks:
        assert answer(partial(ask, style.id)) == answer(partial(ask, new_id()))
    assert dashboards.near.prompts.styles.get(ANN, style.id) == style


@pytest.mark.parametrize("user", OTHERS, ids=lambda user: user.role.value)
def test_the_library_of_wildcards_does_not_have_it(
    dashboards: Dashboards, studio: Studio, user: User
) -> None:
    near, files = dashboards.near.prompts.wildcards, studio.prompts.wildcards
    name = f"secret {new_id()}"
    file = near.save(ANN, name, SECRET, visibility=PRIVATE)
    assert file.id not in {each.id for each in files.list(user)}
    assert file.id not in {each.id for each in files.list(user, in_trash=True)}
    assert not files.collection(user).has(name)
    assert not files.collection(user).has("**")
    assert files.collection(user).nearest(name) == ""
    asks: tuple[Callable[[str], object], ...] = (
        lambda file_id: files.get(user, file_id),
        lambda file_id: files.text(user, file_id),
        lambda file_id: files.text(user, file_id, 1),
        lambda file_id: files.versions(user, file_id),
        lambda file_id: files.restore_version(user, file_id, 1),
        lambda file_id: files.delete(user, file_id),
        lambda file_id: files.restore(user, file_id),
        lambda file_id: files.share(user, file_id, TEAM),
    )
    for ask in asks:
        assert answer(partial(ask, file.id)) == answer(partial(ask, new_id()))
    assert near.text(ANN, file.id) == SECRET


@pytest.mark.parametrize("user", OTHERS, ids=lambda user: user.role.value)
def test_the_presets_do_not_have_it(dashboards: Dashboards, studio: Studio, user: User) -> None:
    preset = dashboards.near.prompts.presets.save(ANN, new_id(), {"prompt": SECRET})
    presets = studio.prompts.presets
    assert SECRET not in str(presets.list(user) + presets.list(user, in_trash=True))
    asks: tuple[Callable[[str], object], ...] = (
        lambda one: presets.get(user, one),
        lambda one: presets.delete(user, one),
        lambda one: presets.restore(user, one),
        lambda one: presets.share(user, one, TEAM),
        lambda one: presets.rename(user, preset.model_copy(update={"id": one}), "x"),
    )
    for ask in asks:
        assert answer(partial(ask, preset.id)) == answer(partial(ask, new_id()))
    assert dashboards.near.prompts.presets.get(ANN, preset.id) == preset


def test_what_is_shared_no_more_is_gone_at_once(
    dashboards: Dashboards, studio: Studio, job: Job, pose: SavedPose
) -> None:
    near = dashboards.near
    for visibility, people in ((PRIVATE, (BOB.name,)), (TEAM, ())):
        near.jobs.share(ANN, job.id, visibility, people)
        near.poses.share(ANN, pose.id, visibility, people)
        scope = JobScope.TEAM if visibility is TEAM else JobScope.SHARED
        shared = JobFilter(scope=scope)
        assert job.id in {each.id for each in studio.jobs.page(BOB, shared).jobs}
        assert studio.jobs.image(BOB, job.id, 0)
        assert studio.poses.list(BOB, "secret")
        near.jobs.share(ANN, job.id, PRIVATE)
        near.poses.share(ANN, pose.id, PRIVATE)
        assert job.id not in {each.id for each in studio.jobs.page(BOB, shared).jobs}
        with pytest.raises(NotFound):
            studio.jobs.image(BOB, job.id, 0)
        assert studio.poses.list(BOB, "secret") == ()


def test_a_click_counts_for_its_person(dashboards: Dashboards) -> None:
    """Also where a name and a click of two people read alike when joined."""
    once = dashboards.near.jobs._submission._idempotency.once
    made: list[tuple[str, str]] = []
    for who in (("idp/ann", "1/x"), ("idp/ann/1", "x"), ("idp/ann", "1/x")):

        def act(who: tuple[str, str] = who) -> tuple[Job, ...]:
            made.append(who)
            return ()

        once(who, act)
    assert made == [("idp/ann", "1/x"), ("idp/ann/1", "x")]
