"""A public link shows one job's images and nothing else, and ends with whatever allowed it."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.aws.client import Connection
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.ids import new_id, utc_now
from core.jobs.public_links.records import MAX_DAYS, MAX_LINKS, PUBLIC_LINKS
from core.jobs.records import Job, JobState
from core.studio.service import Studio
from core.team.audit.entries import AuditEvent
from core.team.audit.trail import AuditFilter
from core.team.people import PEOPLE, PERSON_ID
from core.team.policy import TeamPolicy
from core.team.users import Role, User
from formats.generation.result import GenerationResult, Outcome, Picture
from formats.keys import output_key, result_key
from tests.core.team.services import ADMIN, BY_ROLE, OTHER, keep_job, team_studio
from tests.support.helpers import wait_for

INFOTEXT: Final = "a secret\nSteps: 20, Seed: 1"


@pytest.fixture(scope="module")
def studio(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("links")
    with team_studio(connection, folder, "public-links") as opened:
        yield opened


@pytest.fixture(autouse=True)
def allowed(studio: Studio) -> None:
    """By an admin; each test begins so."""
    allow(studio, allowed=True)
    studio.public_links._clock = utc_now


@pytest.fixture
def job(studio: Studio) -> Job:
    """A private job of two images that have their infotext inside."""
    job = keep_job(studio, OTHER.name, image_count=2)
    images = []
    for index in range(2):
        studio.storage.write(output_key(job.id, index), png(), "image/png")
        values = {"seed": 1, "width": 8, "height": 8, "sha256": "a" * 64, "infotext": INFOTEXT}
        images.append(Picture(index=index, **values))
    result = GenerationResult(
        id=job.id,
        outcome=Outcome.SUCCEEDED,
        pictures=tuple(images),
        started_at=utc_now(),
        ended_at=utc_now(),
    )
    studio.storage.write(result_key(job.id), result.model_dump_json().encode(), "application/json")
    return job


def png() -> bytes:
    buffer, text = io.BytesIO(), PngInfo()
    text.add_text("parameters", INFOTEXT)
    text.add_itxt("author", "other@example.com")
    Image.new("RGB", (8, 8), "teal").save(buffer, "PNG", pnginfo=text)
    return buffer.getvalue()


def allow(studio: Studio, *, allowed: bool) -> None:
    policy = studio.policy
    policy.change(ADMIN, policy.of(), TeamPolicy(public_links=allowed))


def link(studio: Studio, job: Job, **changes: Any) -> str:
    made = studio.public_links.create(OTHER, job.id, 7, **changes)
    return made.token.get_secret_value()


def events(studio: Studio) -> set[tuple[str, str, str]]:
    entries = studio.audit_trail.page(ADMIN, AuditFilter()).entries
    return {(str(each.event), each.user, each.outcome.value) for each in entries}


@pytest.mark.parametrize("with_parameters", [False, True])
def test_it_shows_the_images_and_what_its_maker_ticked(
    studio: Studio, job: Job, with_parameters: bool
) -> None:
    token = link(studio, job, with_parameters=with_parameters)
    shown = studio.public_links.open(token)
    assert (shown.job.id, shown.infotext) == (job.id, INFOTEXT if with_parameters else "")
    for index in range(2):
        data = studio.public_links.image(token, index)
        image = Image.open(io.BytesIO(data))
        assert image.tobytes() == Image.open(io.BytesIO(png())).tobytes()
        assert (b"secret" in data) is with_parameters
        assert (b"other@example.com" in data) is with_parameters
    with pytest.raises(NotFound):
        studio.public_links.image(token, 2)


def test_its_secret_is_kept_nowhere(studio: Studio, job: Job) -> None:
    token = link(studio, job)
    (record,) = studio.records.page(PUBLIC_LINKS, owner=job.id).records
    assert token.rpartition("_")[2] not in record.model_dump_json()
    listed = studio.public_links.of_job(OTHER, job.id)
    assert [each.id for each in listed] == [record.id]
    assert not hasattr(listed[0], "sha256")


def revoked(studio: Studio, job: Job) -> None:
    for each in studio.public_links.of_job(OTHER, job.id):
        studio.public_links.revoke(OTHER, job.id, each.id)


def expired(studio: Studio, _job: Job) -> None:
    studio.public_links._clock = lambda: utc_now() + timedelta(days=7)


def in_trash(studio: Studio, job: Job) -> None:
    changes = {"trashed_at": utc_now()}
    assert studio._workers.store.update(job.id, frozenset(JobState), changes)


def handed_over(studio: Studio, job: Job) -> None:
    assert studio._workers.store.update(job.id, frozenset(JobState), {"owner": "idp/boss"})


def role_of(role: Role) -> Callable[[Studio, Job], None]:
    def change(studio: Studio, _job: Job) -> None:
        found = studio.records.get(PEOPLE, OTHER.name, PERSON_ID)
        assert found
        studio.records.replace(found, found.value.model_copy(update={"role": role}))

    return change


@pytest.mark.parametrize(
    "end",
    [
        revoked,
        expired,
        in_trash,
        handed_over,
        role_of(Role.VIEWER),
        lambda studio, _: allow(studio, allowed=False),
        lambda studio, job: studio.job_trash.delete(OTHER, job.id),
    ],
    ids=["revoked", "expired", "in the trash", "handed over", "maker", "policy", "deleted"],
)
def test_what_ends_it(studio: Studio, job: Job, end: Callable[[Studio, Job], None]) -> None:
    token = link(studio, job)
    assert studio.public_links.image(token, 0)
    end(studio, job)
    answers = {str(error) for error in (said(studio, token), said(studio, "x"), said(studio, ""))}
    assert len(answers) == 1
    role_of(Role.ARTIST)(studio, job)


def said(studio: Studio, token: str) -> NotFound:
    with pytest.raises(NotFound) as raised:
        studio.public_links.open(token)
    with pytest.raises(NotFound):
        studio.public_links.image(token, 0)
    return raised.value


def test_a_deleted_job_has_none(studio: Studio, job: Job) -> None:
    link(studio, job)
    studio.job_trash.delete(OTHER, job.id)
    assert studio.records.page(PUBLIC_LINKS, owner=job.id).records == ()


def changed(token: str) -> tuple[str, ...]:
    """What is nearly the token."""
    job_id, link_id, secret = token[:26], token[27:39], token[40:]
    return (
        f"{new_id()}_{link_id}_{secret}",
        f"{job_id}_{'0' * 12}_{secret}",
        f"{job_id}_{link_id}_{secret[::-1]}",
        f"{token}x",
        token[:-1],
        token.lower(),
        f"{job_id}_{link_id}_",
        job_id,
    )


def test_nothing_is_told_of_another_token(studio: Studio, job: Job) -> None:
    token = link(studio, job)
    assert len({str(said(studio, each)) for each in changed(token)}) == 1
    assert studio.public_links.open(token)


@pytest.mark.parametrize("days", [0, -1, MAX_DAYS + 1])
def test_an_end_date_is_within_thirty_days(studio: Studio, job: Job, days: int) -> None:
    with pytest.raises(InvalidInput) as raised:
        studio.public_links.create(OTHER, job.id, days)
    assert raised.value.field == "days"


def test_a_job_has_few_and_expired_ones_do_not_count(studio: Studio, job: Job) -> None:
    for _ in range(MAX_LINKS):
        link(studio, job)
    with pytest.raises(InvalidInput, match="Revoke"):
        link(studio, job)
    expired(studio, job)
    assert link(studio, job)
    assert len(studio.records.page(PUBLIC_LINKS, owner=job.id).records) == 1


def test_a_job_without_an_image_has_none(studio: Studio) -> None:
    with pytest.raises(Conflict):
        link(studio, keep_job(studio, OTHER.name, image_count=0))


def test_who_may_not(studio: Studio, job: Job) -> None:
    token = link(studio, job)
    listed = studio.public_links.of_job(OTHER, job.id)
    stranger = User(name="idp/stranger", role=Role.ARTIST)
    for user in (stranger, BY_ROLE[Role.OPERATOR], BY_ROLE[Role.VIEWER]):
        with pytest.raises((NotAllowed, NotFound)):
            studio.public_links.create(user, job.id, 1)
        with pytest.raises((NotAllowed, NotFound)):
            studio.public_links.of_job(user, job.id)
        with pytest.raises((NotAllowed, NotFound)):
            studio.public_links.revoke(user, job.id, listed[0].id)
    assert studio.public_links.open(token)
    studio.public_links.revoke(ADMIN, job.id, listed[0].id)
    assert said(studio, token)


def test_the_audit_keeps_it(studio: Studio, job: Job) -> None:
    link(studio, job)
    revoked(studio, job)
    allow(studio, allowed=False)
    with pytest.raises(NotAllowed, match="Team"):
        link(studio, job)
    told = {
        (AuditEvent.PUBLISH.value, OTHER.name, "done"),
        (AuditEvent.UNPUBLISH.value, OTHER.name, "done"),
        (AuditEvent.PUBLISH.value, OTHER.name, "refused"),
    }
    wait_for(lambda: told <= events(studio))
    assert told <= events(studio)


def test_it_is_off_where_no_admin_allowed_it() -> None:
    assert not TeamPolicy().public_links
    assert not TeamPolicy.model_validate({"job_visibility": "team"}).public_links
