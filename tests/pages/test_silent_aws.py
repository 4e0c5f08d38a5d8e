"""What AWS does not answer is said on the page, above what it answered last."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import boto3
import pytest
from streamlit.testing.v1 import AppTest

from core.ids import created_at, new_id, utc_now
from core.jobs.records import Job, JobState
from core.settings import Backend, Settings
from core.setup.checks import SetupAction
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.pages.steps import errors
from tests.support.faulty_aws import Fault, FaultyAws, faulty_aws, lose_answer, refuse
from tests.support.helpers import ROOT, wait_for
from tests.support.page_fixtures import Open
from tests.support.set_up_account import IMAGE, ROLE, fill_account
from ui.state import set_studio

CHECKPOINT: Final = "noise.safetensors"
ENDPOINTS, MODELS, JOBS = "SageMaker.ListEndpoints", "list-type=2&prefix=models", "DynamoDB"


@pytest.fixture(scope="module")
def account() -> Iterator[FaultyAws]:
    with faulty_aws() as account:
        yield account


@pytest.fixture(scope="module")
def studio(account: FaultyAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio in an account, with an endpoint, a checkpoint and a job."""
    settings = Settings(
        backend=Backend.AWS,
        data=tmp_path_factory.mktemp("silent"),
        bucket="my-team-bucket",
        endpoint_role=ROLE,
        image=IMAGE,
        instance_type="ml.g4dn.xlarge",
        poll_seconds=0.1,
    )
    keys = boto3.Session("testing", "testing", region_name="eu-west-1")
    fill_account(keys, account.connection.url)
    with open_studio(settings, account.connection) as opened:
        set_studio(opened)
        opened.setup.perform(LOCAL, SetupAction.CREATE_BUCKET)
        opened.setup.create_tables()
        key = model_key(ModelKind.CHECKPOINT, CHECKPOINT)
        opened.storage.write(key, b"x", "application/octet-stream")
        opened.endpoints.create(LOCAL, "team", "ml.g4dn.xlarge", 1)
        opened._workers.store.add(_job())
        wait_for(lambda: not opened.costs.problem())  # the tables were not there at the start
        wait_until_usable(opened)
        yield opened
        set_studio(None)


def wait_until_usable(opened: Studio) -> None:
    """On a busy machine the checks of the set-up take longer than a page waits for them, and
    whoever opens one is sent to Set-up."""
    wait_for(lambda: not any(check.blocks for check in opened.setup.checks()))


@pytest.fixture(autouse=True)
def answers(account: FaultyAws, studio: Studio) -> Iterator[None]:
    yield
    account.faults.clear()
    studio.models.invalidate()
    studio.endpoints._listing.expire()  # nobody waits for the pause after a failure to end


def _job() -> Job:
    job_id = new_id()
    return Job(
        id=job_id,
        owner=LOCAL.name,
        endpoint="team",
        state=JobState.CANCELLED,
        created_at=created_at(job_id),
        updated_at=utc_now(),
        mode=Mode.TXT2IMG,
        checkpoint=CHECKPOINT,
        prompt="a heron in the reeds",
    )


class Case(NamedTuple):
    page: str
    silent: str
    refresh: str
    """The key of the button that asks AWS again; empty for what each view asks."""
    shown: str
    """What AWS answered before."""


CASES: Final = (
    Case("endpoints", ENDPOINTS, "endpoints.refresh", "team"),
    Case("generate", ENDPOINTS, "generate.endpoint.again", "team"),
    Case("controlnet", ENDPOINTS, "controlnet.endpoint.again", "team"),
    Case("models", MODELS, "library.refresh", "1 model"),
    Case("generate", MODELS, "generate.models.again", "noise"),
    Case("jobs", JOBS, "", "a heron in the reeds"),
    Case("generate", JOBS, "", "cancelled"),
)
FAULTS: Final[dict[str, Fault]] = {
    "denied": refuse(403, "AccessDeniedException"),
    "throttled": refuse(400, "ThrottlingException"),
    "expired": refuse(400, "ExpiredTokenException"),
    "no answer": lose_answer,
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.page}-{case.silent}")
def test_the_last_answer_stays(page: Open, account: FaultyAws, case: Case, fault: str) -> None:
    app = page(case.page)
    assert "as of" not in _warnings(app)
    account.faults[case.silent] = FAULTS[fault]
    if case.refresh:
        app.button(key=case.refresh).click()
    app.run()
    assert "as of" in _warnings(app)
    assert not app.exception
    assert not errors(app)
    captions = " ".join(caption.value for caption in app.caption)
    assert case.shown in f"{app} {captions}"


@pytest.mark.parametrize("silent", ["prefix=jobs", "DynamoDB_20120810.Query"])
def test_open_jobs_that_cant_be_followed(
    page: Open, studio: Studio, account: FaultyAws, silent: str
) -> None:
    job = _job().with_changes({"state": JobState.RUNNING})
    studio._workers.store.add(job)
    wait_for(lambda: job.id in {found.id for found in studio.jobs.open(LOCAL)})
    app = page("jobs")
    assert "followed" not in _warnings(app)
    account.faults[silent] = FAULTS["denied"]
    wait_for(lambda: bool(studio.jobs.following_problem()))
    assert "Open jobs can't be followed" in _warnings(app.run())
    account.faults.clear()
    wait_for(lambda: not studio.jobs.following_problem())
    studio.jobs.cancel(LOCAL, job.id)


def _warnings(app: AppTest) -> str:
    return " ".join(str(warning.value) for warning in app.warning).replace("\\", "")


CHOICES: Final[dict[str, tuple[ModelKind | None, str | list[str]]]] = {
    "checkpoints": (ModelKind.CHECKPOINT, ["second.safetensors", CHECKPOINT]),
    "loras": (ModelKind.LORA, ["ink.safetensors"]),
    "vae": (ModelKind.VAE, "soft.safetensors"),
    "hires.upscaler": (ModelKind.UPSCALER, "sharp.safetensors"),
    "endpoint": (None, "team"),
    "prompt": (None, "a heron in the reeds"),
}


@pytest.fixture
def offered(studio: Studio) -> None:
    """What `CHOICES` names, and more, so that no choice is the one that is made for anybody."""
    if studio.endpoints.find(LOCAL, "second") is None:
        studio.endpoints.create(LOCAL, "second", "ml.g4dn.xlarge", 1)
    for kind, chosen in CHOICES.values():
        for name in [chosen] if isinstance(chosen, str) else chosen:
            if kind:
                studio.storage.write(model_key(kind, name), b"x", "application/octet-stream")
    studio.models.list(LOCAL, refresh=True)
    studio.endpoints.list(LOCAL, refresh=True)


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize("silent", [ENDPOINTS, "SageMaker.DescribeEndpoint", MODELS])
@pytest.mark.parametrize("is_new_session", [False, True])
def test_what_was_chosen_survives_a_start_without_aws(
    page: Open, account: FaultyAws, studio: Studio, silent: str, is_new_session: bool
) -> None:
    app = page("generate")
    choices = {f"generate.{field}": chosen for field, (_, chosen) in CHOICES.items()}
    for key, chosen in {"generate.with_hires": True, **choices}.items():
        app.session_state[key] = chosen
    app.run().run()
    account.faults[silent] = FAULTS["denied"]
    with open_studio(studio.settings, account.connection) as restarted:
        wait_until_usable(restarted)
        set_studio(restarted)
        if is_new_session:
            app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120)
        app.run().run()
        account.faults.clear()
        restarted.models.invalidate()
        restarted.endpoints._listing.expire()
        app.run()
        set_studio(studio)
    assert not errors(app)
    assert {key: app.session_state[key] for key in choices} == choices
