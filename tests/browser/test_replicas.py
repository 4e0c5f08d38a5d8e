"""Two dashboards on one account: one is killed in the middle, and everything is at the other."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from playwright.sync_api import expect
from pydantic import SecretStr

from core.aws.client import Connection
from core.jobs.records import JobFilter, JobState
from core.records.form_copies import FORMS
from core.settings import Backend, Settings
from core.setup.checks import SetupAction
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from local_aws.launcher import LocalAws, launch
from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage
from tests.support.helpers import CONTAINER, wait_for
from tests.support.models import verify_models
from tests.support.set_up_account import IMAGE, ROLE, fill_account

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.soak]

CHECKPOINT = "tiny-noise-v1.safetensors"
BUCKET = "team-bucket"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The embedded AWS as an account: neither dashboard started it."""
    with launch(tmp_path_factory.mktemp("aws"), container_command=CONTAINER) as opened:
        yield opened


@pytest.fixture(scope="module")
def studio(
    aws: LocalAws, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """The account with a checkpoint and an endpoint; what is there is looked at from here."""
    connection = Connection(
        url=aws.url,
        access_key=aws.access_key,
        secret_key=SecretStr(aws.secret_key),
        region=aws.region,
    )
    session = boto3.Session(aws.access_key, aws.secret_key, region_name=aws.region)
    fill_account(session, aws.url)
    settings = Settings(
        backend=Backend.AWS,
        data=tmp_path_factory.mktemp("third"),
        bucket=BUCKET,
        endpoint_role=ROLE,
        image=image(aws),
        instance_type="ml.m5.large",
    )
    with open_studio(settings, connection) as opened:
        for action in SetupAction:
            opened.setup.perform(LOCAL, action)
        opened.uploads.start_paths(LOCAL, [str(models / CHECKPOINT)], None)
        opened.endpoints.create(LOCAL, "team", "ml.m5.large", 1)
        wait_for(lambda: not any(upload.active for upload in opened.uploads.list(LOCAL)))
        verify_models(opened)
        wait_for(lambda: opened.endpoints.list(LOCAL, refresh=True)[0].accepts_jobs)
        yield opened


def image(aws: LocalAws) -> str:
    return IMAGE.replace("eu-west-1", aws.region)


def dashboard_environment(aws: LocalAws) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_ACCESS_KEY_ID": aws.access_key,
        "AWS_SECRET_ACCESS_KEY": aws.secret_key,
        "AWS_REGION": aws.region,
        "CONTRAPPOSTO_BACKEND": "aws",
        "CONTRAPPOSTO_BUCKET": BUCKET,
        "CONTRAPPOSTO_ENDPOINT_ROLE": ROLE,
        "CONTRAPPOSTO_IMAGE": image(aws),
    }


@pytest.fixture
def dashboards(aws: LocalAws, studio: Studio, tmp_path: Path) -> Iterator[tuple[App, App]]:
    """Two, each with a disk of its own."""
    environment = dashboard_environment(aws)
    with (
        running(tmp_path / "first", demo=False, at=0, **environment) as first,
        running(tmp_path / "second", demo=False, at=0, **environment) as second,
    ):
        yield first, second


def is_copied(studio: Studio, text: str) -> bool:
    return any(text in (each.value.text or "") for each in studio.records.page(FORMS).records)


def test_one_is_killed_and_the_other_has_everything(
    studio: Studio, dashboards: tuple[App, App], new_page: NewPage
) -> None:
    first, second = dashboards
    user = StudioPage(new_page(), first.url)
    user.open()
    user.small(256, 20)
    prompts = ["first of three", "second of three", "third of three"]
    for prompt in prompts:
        user.sends(prompt)
    user.box("Prompt", "half a thought")
    wait_for(lambda: is_copied(studio, "half a thought"))
    first.kill()
    user = StudioPage(new_page(), second.url)
    user.open()
    user.prompt_is("half a thought")
    user.go("Jobs")
    for prompt in prompts:
        expect(user.page.locator(".row", has_text=prompt)).to_have_count(1)

    def states() -> list[JobState]:
        return [job.state for job in studio.jobs.page(LOCAL, JobFilter(), 10).jobs]

    wait_for(lambda: states() == [JobState.SUCCEEDED] * 3)
    for prompt in prompts:
        expect(user.page.locator(".row", has_text=prompt)).to_contain_text("succeeded")
