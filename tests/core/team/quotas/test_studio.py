"""A studio with people: their quotas are checked before anything is written, and given back."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from core.aws.client import Connection
from core.errors import AwsUnreachable, QuotaExceeded
from core.ids import new_id
from core.jobs.grids.axes import AxisField, AxisSpec
from core.jobs.grids.plan import GridSpec
from core.jobs.grids.scripts import GridScript, ScriptSpec
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job, JobFilter, JobState
from core.settings import Identity, Settings
from core.studio.service import Studio, open_studio
from core.team.quotas.service import Quota
from core.team.users import Role, User
from formats.generation.result import GenerationResult, Outcome
from formats.keys import GRIDS, request_key, result_key
from tests.support.helpers import wait_for
from tests.support.page_fixtures import connection

__all__ = ["connection"]

NAMES: Final = ("tiny-noise-v1.safetensors", "tiny-noise-v2.safetensors")
EVE: Final = User(name="idp.example/eve", role=Role.ADMIN)


@pytest.fixture(scope="module")
def studio(
    connection: Connection, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("quotas")
    prices = data / "prices.json"
    price = {"region": "us-east-1", "as_of": "2026-10-01", "source": "ours"}
    prices.write_text(json.dumps([{**price, "per_hour": {"ml.m5.large": 3600}}]), "utf-8")
    settings = Settings(
        demo=False,
        data=data,
        bucket="quotas",
        poll_seconds=0.1,
        identity=Identity.OIDC,
        price_file=prices,
        upload_roots=str(models),
    )
    with open_studio(settings, connection) as opened:
        opened.uploads.start_paths(EVE, [str(models / name) for name in NAMES], None)
        opened.endpoints.create(EVE, "quotas", "ml.m5.large", 1)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(EVE)))
        wait_for(lambda: opened.endpoints.list(EVE, refresh=True)[0].accepts_jobs)
        opened.models.list(EVE, refresh=True)
        yield opened


@pytest.fixture
def ada(request: pytest.FixtureRequest) -> User:
    """Somebody else in each test."""
    return User(name=f"idp.example/{request.node.name}", role=Role.OPERATOR)


def limit(studio: Studio, user: User, **limits: float) -> None:
    studio.quotas.set_person_limits(EVE, user.name, {Quota(k): v for k, v in limits.items()})


def used(studio: Studio, user: User, quota: Quota = Quota.IMAGES) -> float:
    return next(left.used for left in studio.quotas.left(user) if left.quota is quota)


def draft(images: int = 1, checkpoints: tuple[str, ...] = NAMES[:1]) -> Draft:
    return Draft(endpoint="quotas", checkpoints=checkpoints, prompt="a dog", batch_count=images)


def finish(studio: Studio, user: User, job: Job) -> None:
    """What a container writes that was busy for two seconds, and made no image."""
    now = datetime.now(UTC)
    result = GenerationResult(
        id=job.id,
        outcome=Outcome.SUCCEEDED,
        pictures=(),
        started_at=now - timedelta(seconds=2),
        ended_at=now,
    )
    wait_for(lambda: studio.storage.find(request_key(job.id)))
    studio.storage.write(result_key(job.id), result.model_dump_json().encode(), "application/json")
    wait_for(lambda: not studio.jobs.get(user, job.id).state.is_open)


def test_a_refusal_writes_nothing(studio: Studio, ada: User) -> None:
    limit(studio, ada, images_per_day=3)
    before = studio.storage.list("jobs/")
    with pytest.raises(QuotaExceeded, match="0 of 3 used, this needs 4"):
        studio.jobs.submit(ada, draft(2, NAMES), new_id())
    assert studio.jobs.page(ada, JobFilter(owner=ada.name)).jobs == ()
    assert studio.storage.list("jobs/") == before
    assert used(studio, ada) == 0


def test_a_click_counts_once_and_a_retry_of_a_job_again(studio: Studio, ada: User) -> None:
    limit(studio, ada, images_per_day=4)
    click = new_id()
    (job,) = studio.jobs.submit(ada, draft(2), click)
    assert studio.jobs.submit(ada, draft(2), click) == (job,)
    assert used(studio, ada) == 2
    finish(studio, ada, job)
    second = studio.jobs.retry(ada, job.id, new_id())
    assert used(studio, ada) == 4
    with pytest.raises(QuotaExceeded):
        studio.jobs.retry(ada, job.id, new_id())
    finish(studio, ada, second)
    assert used(studio, ada) == 4


def test_a_grid_is_taken_whole_or_not_at_all(studio: Studio, ada: User) -> None:
    limit(studio, ada, images_per_day=3)
    for count, taken in ((4, 0), (3, 3)):
        seeds = GridSpec(axes=(AxisSpec(field=AxisField.SEED, values=f"1-{count}"),))
        spec = ScriptSpec(script=GridScript.XYZ, grid=seeds)
        before = len(studio.storage.list(GRIDS))
        if taken:
            grid = studio.grids.submit(ada, draft(), spec, new_id())
            assert studio.grids.cancel_all(ada, grid.id) == taken
            continue
        with pytest.raises(QuotaExceeded, match="0 of 3 used, this needs 4"):
            studio.grids.submit(ada, draft(), spec, new_id())
        assert studio.grids.page(ada).records == ()
        assert studio.jobs.page(ada, JobFilter(owner=ada.name)).jobs == ()
        assert len(studio.storage.list(GRIDS)) == before
        assert used(studio, ada) == 0


def test_jobs_that_are_open_at_once(studio: Studio, ada: User) -> None:
    limit(studio, ada, open_jobs=1)
    (job,) = studio.jobs.submit(ada, draft(), new_id())
    assert used(studio, ada, Quota.OPEN_JOBS) == 1
    with pytest.raises(QuotaExceeded, match="1 of 1 used"):
        studio.jobs.submit(ada, draft(), new_id())
    finish(studio, ada, job)
    (job,) = studio.jobs.submit(ada, draft(), new_id())
    finish(studio, ada, job)


def test_a_job_that_is_cancelled_while_queued_is_given_back(studio: Studio, ada: User) -> None:
    first, second = studio.jobs.submit(ada, draft(2, NAMES), new_id())
    assert used(studio, ada) == 4
    assert studio.jobs.cancel(ada, first.id).state is JobState.CANCELLED
    wait_for(lambda: used(studio, ada) == 2)
    finish(studio, ada, second)
    assert used(studio, ada) == 2


def test_jobs_that_could_not_be_recorded_are_given_back(
    studio: Studio, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, click = studio._workers.page_store, new_id()
    add, seen = store.add, list[Job]()

    def add_the_first(job: Job) -> bool:
        seen.append(job)
        if len(seen) > 1:
            raise AwsUnreachable("No answer.")
        return add(job)

    with monkeypatch.context() as patch:
        patch.setattr(store, "add", add_the_first)
        with pytest.raises(AwsUnreachable):
            studio.jobs.submit(ada, draft(2, NAMES), click)
    assert used(studio, ada) == 2
    finish(studio, ada, seen[0])


def test_money_of_the_month(studio: Studio, ada: User) -> None:
    limit(studio, ada, dollars_per_month=0.5)
    (job,) = studio.jobs.submit(ada, draft(), new_id())
    finish(studio, ada, job)
    wait_for(lambda: used(studio, ada, Quota.DOLLARS) > 0.5)  # a second costs a dollar
    with pytest.raises(QuotaExceeded, match="Cost of jobs a month"):
        studio.jobs.submit(ada, draft(), new_id())


@pytest.mark.parametrize(
    ("quota", "act", "there"),
    [
        (
            "endpoints",
            lambda studio, user, _: studio.endpoints.create(user, "more", "ml.m5.large", 1),
            lambda studio: "more" in studio.endpoints.names_in_account(),
        ),
        (
            "model_bytes",
            lambda studio, user, path: studio.uploads.start_paths(user, [str(path)], None),
            lambda studio: any("other" in u.name for u in studio.uploads.list(EVE)),
        ),
    ],
)
def test_endpoints_and_uploads(
    studio: Studio,
    models: Path,
    quota: str,
    act: Callable[[Studio, User, Path], object],
    there: Callable[[Studio], bool],
) -> None:
    file = models / "tiny-vae.safetensors"
    full = EVE.model_copy(update={"name": f"idp.example/{quota}"})
    limit(studio, full, **{quota: 0})
    with pytest.raises(QuotaExceeded, match="0"):
        act(studio, full, file)
    assert not there(studio)
    limit(studio, EVE, **{quota: 10**9})
    assert used(studio, EVE, Quota.ENDPOINTS) == 1
    assert used(studio, EVE, Quota.MODEL_BYTES) == sum((models / n).stat().st_size for n in NAMES)
