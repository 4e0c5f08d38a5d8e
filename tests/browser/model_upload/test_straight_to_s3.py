"""In an account, parts go from the browser straight to the bucket, by addresses that are signed for
their very bytes."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from playwright.sync_api import Route, expect
from pydantic import SecretStr

from core.aws.client import Connection
from core.settings import Backend, Settings
from core.setup.checks import SetupAction
from core.studio.service import open_studio
from core.team.users import LOCAL
from local_aws.launcher import LocalAws, launch
from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.model_upload.upload_page import (
    PART,
    Bucket,
    HeldRequests,
    UploadPage,
    lora_file,
)
from tests.browser.test_replicas import BUCKET, dashboard_environment, image
from tests.support.helpers import CONTAINER
from tests.support.set_up_account import ROLE, fill_account

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TO_S3 = f"**/{BUCKET}/**partNumber=**"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with launch(tmp_path_factory.mktemp("aws"), container_command=CONTAINER) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """On an account that has everything but a CORS rule."""
    fill_account(boto3.Session(aws.access_key, aws.secret_key, region_name=aws.region), aws.url)
    connection = Connection(
        url=aws.url,
        access_key=aws.access_key,
        secret_key=SecretStr(aws.secret_key),
        region=aws.region,
    )
    settings = Settings(
        backend=Backend.AWS,
        data=tmp_path_factory.mktemp("set-up"),
        bucket=BUCKET,
        endpoint_role=ROLE,
        image=image(aws),
    )
    with open_studio(settings, connection) as opened:
        for action in SetupAction:
            opened.setup.perform(LOCAL, action)
    data = tmp_path_factory.mktemp("dashboard")
    with running(data, demo=False, at=0, **dashboard_environment(aws)) as opened_app:
        yield opened_app


@pytest.fixture(scope="module")
def bucket(aws: LocalAws) -> Bucket:
    return Bucket(aws, BUCKET)


def test_set_up_lets_the_page_send(
    app: App, bucket: Bucket, new_page: NewPage, tmp_path: Path
) -> None:
    """Without the rule, the browser itself refuses; with it, an upload under way goes on."""
    file = lora_file(tmp_path, "allowed.safetensors", 2 * PART + 5)
    upload = UploadPage(new_page(), app.url).open()
    upload.choose(file)
    expect(upload.row(file)).to_contain_text("No connection; trying again.")
    admin = new_page()
    admin.goto(f"{app.url}/setup")
    row = admin.locator("[class*=st-key-check-]", has_text="Uploads from browsers")
    row.get_by_role("button", name="Set").click()
    expect(row).to_contain_text("are allowed from")
    upload.has_sent(bucket, file)


def test_s3_itself_refuses_a_part_that_arrives_damaged(
    app: App, bucket: Bucket, new_page: NewPage, tmp_path: Path
) -> None:
    file = lora_file(tmp_path, "damaged.safetensors", 2 * PART + 5, 2)
    upload = UploadPage(new_page(), app.url).open()
    damaged: list[str] = []

    def damage(route: Route) -> None:
        if damaged or route.request.method != "PUT":
            route.continue_()
            return
        damaged.append(route.request.url)
        route.continue_(post_data=bytes(PART))

    upload.page.route(TO_S3, damage)
    answers: list[int] = []
    upload.page.on("response", lambda answer: answers.append(answer.status))
    upload.choose(file)
    upload.has_sent(bucket, file)
    assert (len(damaged), answers.count(400)) == (1, 1)


def test_a_reload_in_the_middle_sends_the_rest(
    app: App, bucket: Bucket, new_page: NewPage, tmp_path: Path
) -> None:
    file = lora_file(tmp_path, "reloaded.safetensors", 4 * PART + 5, 3)
    upload = UploadPage(new_page(), app.url).open()
    requests = HeldRequests(upload.page, TO_S3)
    upload.choose(file)
    requests.let_go(3)
    expect(upload.row(file)).to_contain_text("sending 50.3 MB")
    upload.page.reload()
    again = HeldRequests(upload.page, TO_S3)
    upload.choose(file)
    again.let_go(2)
    upload.has_sent(bucket, file)
    assert again.seen == 2
