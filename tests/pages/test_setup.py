"""On AWS an account that is not set up shows what is missing, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from streamlit.testing.v1 import AppTest

from core.aws.client import Connection
from core.setup.checks import SetupAction
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.core import test_aws_backend
from tests.core.test_aws_backend import aws_settings
from tests.pages.steps import button
from tests.support.faulty_aws import FaultyAws, faulty_aws, refuse, refuse_in_xml
from tests.support.helpers import ROOT
from tests.support.set_up_account import fill_account, serve_configuration
from ui.state import set_studio

moto_account = test_aws_backend.moto_account
MAIN = str(ROOT / "ui" / "main.py")


@pytest.fixture
def studio(moto_account: str, tmp_path: Path) -> Iterator[Studio]:
    fill_account(boto3.Session())
    with open_studio(aws_settings(tmp_path), Connection()) as opened:
        set_studio(opened)
        yield opened
        set_studio(None)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FaultyAws]:
    """An account in place, whose answers can be changed."""
    with faulty_aws() as account:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        fill_account(boto3.Session(region_name="eu-west-1"), account.connection.url)
        serve_configuration(account, "amd64")
        with open_studio(aws_settings(tmp_path), account.connection) as opened:
            opened.setup.create_bucket()
            opened.setup.create_tables()
            opened.setup.perform(LOCAL, SetupAction.CREATE_EVENTS)
            set_studio(opened)
            yield account
            set_studio(None)


def shown(app: AppTest) -> str:
    return " ".join(str(text.value) for text in app.markdown).replace("\\", "")


def test_what_is_missing_is_created_only_when_told_to(studio: Studio) -> None:
    app = AppTest.from_file(MAIN, default_timeout=120).run()
    assert app.title[0].value == "Set-up"
    assert "S3 bucket my-team-bucket" in shown(app)
    assert shown(app).count("is missing") == 3
    app.switch_page("../pages/generate.py").run()
    assert app.title[0].value == "Set-up"
    assert not studio.storage.exists()
    app.switch_page("../pages/setup.py").run()
    button(app, "Create it").click().run()
    assert studio.storage.exists()
    for _ in ("jobs", "records"):  # the tables
        button(app, "Create it").click().run()
    assert not app.success  # moto does not tell the image's architecture
    assert ["Everything that jobs need" in str(message.value) for message in app.info] == [True]
    app.switch_page("../pages/generate.py").run()
    assert not app.exception
    assert app.text_area(key="generate.prompt")


def test_everything_in_place(account: FaultyAws) -> None:
    app = AppTest.from_file(MAIN, default_timeout=120).run()
    app.switch_page("../pages/setup.py").run()
    assert [message.value for message in app.success] == ["Everything is in place."]
    assert shown(app).count("check_circle") == 13


def test_what_can_not_be_looked_up_is_neither_right_nor_wrong(account: FaultyAws) -> None:
    account.faults["Action=GetRole"] = refuse_in_xml(403, "AccessDenied")
    account.faults["BatchGetImage"] = refuse(400, "AccessDeniedException")
    account.faults["GET /my-team-bucket?publicAccessBlock"] = refuse_in_xml(
        404, "NoSuchPublicAccessBlockConfiguration"
    )
    app = AppTest.from_file(MAIN, default_timeout=120).run()
    assert app.text_area(key="generate.prompt")  # jobs can be run
    app.switch_page("../pages/setup.py").run()
    assert "Allow iam:GetRole in" in shown(app)
    assert "Allow ecr:BatchGetImage in" in shown(app)
    assert [shown(app).count(mark) for mark in ("help", "warning", "cancel")] == [2, 1, 0]
    account.faults.pop("GET /my-team-bucket?publicAccessBlock")
    button(app, "Set it").click().run()
    assert "warning" not in shown(app)


def test_a_denied_write_leads_to_the_set_up(account: FaultyAws) -> None:
    account.faults["PUT /my-team-bucket/setup/"] = refuse_in_xml(403, "AccessDenied")
    app = AppTest.from_file(MAIN, default_timeout=120).run()
    assert app.title[0].value == "Set-up"
    assert "Allow s3:PutObject" in shown(app)
    assert "cancel" in shown(app)
