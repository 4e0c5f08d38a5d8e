"""A person is removed with what is theirs, also when it breaks half-way; `local` hands over."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.aws.client import Connection
from core.errors import AwsUnreachable, Conflict, InvalidInput, KeyRefused, NotAllowed, NotFound
from core.ids import new_id
from core.jobs.grids.axes import AxisField, AxisSpec
from core.jobs.grids.plan import GridSpec
from core.jobs.grids.scripts import GridScript, ScriptSpec
from core.jobs.preparing.draft import Draft
from core.jobs.records import JobFilter
from core.settings import Identity, Settings
from core.studio.service import Studio, open_studio
from core.team.administration.belongings import Belonging, Belongings, BelongingsMoves
from core.team.administration.drafts import DRAFTS, person_folder
from core.team.api_keys import API_KEYS, Scope
from core.team.people import REMOVED_PEOPLE, SignIn
from core.team.permissions import Visibility
from core.team.quotas.limits import Quota
from core.team.sharing import SHARED_JOBS
from core.team.users import LOCAL, SHARED, Role, User
from formats.openpose.skeleton import Person, Point, Skeleton
from tests.support.helpers import wait_for
from tests.support.page_fixtures import connection

__all__ = ["connection"]

ADMIN = User(name="root", role=Role.ADMIN)
ADA = User(name="idp.example/ada", role=Role.ARTIST, title="ada@example.com")
BOB = User(name="idp.example/bob", role=Role.ARTIST, title="bob@example.com")
POSE = Skeleton(
    width=64, height=64, people=(Person(body=tuple(Point(x=3 * i, y=3 * i) for i in range(18))),)
)
ALL = {
    Belonging.API_KEYS: 1,
    Belonging.JOBS: 4,
    Belonging.GRIDS: 1,
    Belonging.POSES: 1,
    Belonging.STYLES: 1,
    Belonging.PRESETS: 1,
    Belonging.WILDCARDS: 1,
    Belonging.MODELS: 1,
    Belonging.FAVOURITES: 1,
    Belonging.DRAFTS: 1,
}


@pytest.fixture(scope="module")
def studio(
    connection: Connection, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    settings = Settings(
        demo=False,
        data=tmp_path_factory.mktemp("belongings"),
        bucket="belongings",
        identity=Identity.OIDC,
        upload_roots=str(models),
        poll_seconds=0.1,
    )
    with open_studio(settings, connection) as opened:
        opened._periodic.moves.close()  # each test says when it looks
        opened.uploads.start_paths(ADMIN, [str(models / "tiny-noise-v1.safetensors")], None)
        opened.endpoints.create(ADMIN, "belongings", "ml.m5.large", 1)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(ADMIN)))
        wait_for(lambda: opened.endpoints.list(ADMIN, refresh=True)[-1].accepts_jobs)
        yield opened


@pytest.fixture
def people(studio: Studio, models: Path) -> Studio:
    """Ada and Bob, each with something of every kind, whom no removal of before keeps out."""
    files = {ADA: "vae", BOB: "upscaler"}
    for record in studio.records.page(REMOVED_PEOPLE).records:
        studio.records.delete(record)
    for user in (ADA, BOB):
        studio.people.enter(SignIn(name=user.name, title=user.title))
        fill(studio, user, models / f"tiny-{files[user]}.safetensors")
    return studio


def fill(studio: Studio, user: User, model: Path) -> None:
    if amounts(studio, user):
        return
    draft = Draft(
        endpoint="belongings", checkpoints=("tiny-noise-v1.safetensors",), prompt="dog", steps=2
    )
    for _ in range(2):
        studio.jobs.submit(user, draft, new_id())
    seeds = GridSpec(axes=(AxisSpec(field=AxisField.SEED, values="1-2"),))
    studio.grids.submit(user, draft, ScriptSpec(script=GridScript.XYZ, grid=seeds), new_id())
    studio.poses.save(user, "pose", (), POSE)
    studio.prompts.styles.save(user, f"Style of {user.name}", "ink", visibility=Visibility.PRIVATE)
    studio.prompts.wildcards.save(user, f"of {user.name}", "red", visibility=Visibility.PRIVATE)
    studio.prompts.presets.save(user, "Mine", {"steps": 9})
    if user is not LOCAL:
        studio.api_keys.create(user, "script", [Scope.READ], 30)
    folder = person_folder(studio.settings.data / DRAFTS, user.name)
    folder.mkdir(parents=True)
    (folder / "generate.json").write_text("{}", "utf-8")
    wait_for(lambda: bring(studio, user, model))
    studio.models.set_favourite(user, studio.models.list(user)[0].key, is_favourite=True)


def bring(studio: Studio, user: User, path: Path) -> bool:
    """Upload a file that may be there. S3 tells a file's time to the second: one of the second of
    a removal is the team's still."""
    for file in studio.models.list(ADMIN):
        if file.name == path.name:
            studio.models.delete_now(ADMIN, file.key)
    studio.uploads.start_paths(user, [str(path)], None)
    wait_for(lambda: not any(upload.active for upload in studio.uploads.list(ADMIN)))
    return studio.models.count_of(user.name) > 0


def amounts(studio: Studio, user: User) -> dict[Belonging, int]:
    return {amount.kind: amount.count for amount in studio.moves.amounts(ADMIN, user.name)}


def look_until_done(studio: Studio, moves: BelongingsMoves) -> None:
    """Cancelled jobs end a moment later."""

    def is_done() -> bool:
        moves.look()
        return not moves.open(ADMIN)

    wait_for(is_done)


def breaking(studio: Studio, kind: Belonging) -> BelongingsMoves:
    """The same parts, of which one fails each time."""

    def fail(_name: str) -> None:
        raise AwsUnreachable("S3 does not answer.")

    parts: Sequence[Belongings] = studio.moves._parts
    broken = [replace(part, remove=fail) if part.kind is kind else part for part in parts]
    return BelongingsMoves(
        studio.records,
        studio.people,
        studio.administration,
        broken,
        studio.access,
        studio.moves._clock,
    )


def test_one_is_removed_with_everything_and_the_other_keeps_all(people: Studio) -> None:
    assert amounts(people, ADA) == ALL
    key = people.api_keys.create(ADA, "another", [Scope.READ], 30)
    model = next(file for file in people.models.list(ADMIN) if file.owner == ADA.name)
    (job, *_) = people.jobs.page(BOB, JobFilter(owner=BOB.name)).jobs
    people.jobs.share(BOB, job.id, Visibility.PRIVATE, (ADA.name,))
    people.quotas.set_person_limits(ADMIN, ADA.name, {Quota.IMAGES: 5000})
    people.moves.remove_person(ADMIN, ADA.name, " ADA@example.com ")
    with pytest.raises(KeyRefused):
        people.api_keys.check(key.text.get_secret_value())
    with pytest.raises(NotAllowed):
        people.people.enter(SignIn(name=ADA.name, title=ADA.title))
    with pytest.raises(Conflict, match="being removed"):
        people.administration.set_disabled(ADMIN, ADA.name, disabled=False)
    (move,) = people.moves.open(ADMIN)
    assert (move.owner, move.move.title, move.move.asked_by) == (ADA.name, ADA.title, "root")
    assert {amount.kind for amount in move.left} == ALL.keys()
    look_until_done(people, people.moves)
    assert amounts(people, ADA) == {}
    assert people.people.find(ADA.name) is None
    with pytest.raises(NotAllowed, match="were removed"):  # a tab is still open
        people.people.enter(SignIn(name=ADA.name, title=ADA.title))
    assert people.models.find(ADMIN, model.kind, model.name) == model.model_copy(
        update={"owner": SHARED}
    )
    assert amounts(people, BOB) == ALL
    assert people.records.page(API_KEYS, ADA.name).records == ()
    assert people.records.page(SHARED_JOBS, ADA.name).records == ()
    assert people.quotas.person_limits(ADMIN, ADA.name).overrides == {Quota.IMAGES: 5000}


@pytest.mark.parametrize("kind", Belonging)
def test_a_removal_that_breaks_half_way_says_what_is_left_and_goes_on(
    people: Studio, kind: Belonging
) -> None:
    people.moves.remove_person(ADMIN, ADA.name, ADA.title)
    broken = breaking(people, kind)

    def is_broken_there() -> bool:
        broken.look()
        return "S3 does not answer" in broken.open(ADMIN)[0].move.problem

    wait_for(is_broken_there)
    (move,) = broken.open(ADMIN)
    order = list(Belonging)
    left = {amount.kind for amount in move.left}
    assert left == {each for each in order[order.index(kind) :] if each in ALL}
    person = people.people.find(ADA.name)
    assert person
    assert person.removing
    people.moves.remove_person(ADMIN, ADA.name, ADA.title)  # once more is no other removal
    look_until_done(people, people.moves)
    assert amounts(people, ADA) == {}
    assert people.people.find(ADA.name) is None


@pytest.mark.parametrize("typed", ["", "ada", "bob@example.com", "ada@example.co"])
def test_who_is_removed_must_be_typed(people: Studio, typed: str) -> None:
    with pytest.raises(InvalidInput, match="ada@example") as refused:
        people.moves.remove_person(ADMIN, ADA.name, typed)
    assert refused.value.field == "title"
    assert people.moves.open(ADMIN) == ()
    person = people.people.find(ADA.name)
    assert person
    assert not person.disabled


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ARTIST, Role.OPERATOR])
def test_nobody_but_admins_moves_anything(people: Studio, role: Role) -> None:
    asking = User(name="somebody", role=role)
    for call in (
        lambda: people.moves.remove_person(asking, ADA.name, ADA.title),
        lambda: people.moves.hand_over(asking, ADA.name),
        lambda: people.moves.open(asking),
        lambda: people.moves.amounts(asking, ADA.name),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_what_local_made_is_handed_over(people: Studio, models: Path) -> None:
    fill(people, LOCAL, models / "tiny-style-lora.safetensors")
    before, local = amounts(people, BOB), amounts(people, LOCAL)
    assert {Belonging.JOBS, Belonging.POSES, Belonging.MODELS} <= local.keys()
    people.moves.hand_over(ADMIN, BOB.name)
    with pytest.raises(NotFound):
        people.moves.hand_over(ADMIN, "nobody")
    look_until_done(people, people.moves)
    left = amounts(people, LOCAL)
    assert left.keys() <= {Belonging.DRAFTS, Belonging.FAVOURITES}
    after = amounts(people, BOB)
    for kind in (Belonging.JOBS, Belonging.POSES, Belonging.MODELS):
        assert after[kind] == before[kind] + local[kind]
    assert all(job.owner == BOB.name for job in people.jobs.page(BOB, JobFilter()).jobs)
