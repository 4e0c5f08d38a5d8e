"""Set-up and the way to it, where AWS denies, delays or lies."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import boto3
import pytest
from streamlit.testing.v1 import AppTest

from core.setup.checks import SetupAction
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.core.test_aws_backend import aws_settings
from tests.pages.steps import button, errors
from tests.support.faulty_aws import (
    Fault,
    FaultyAws,
    faulty_aws,
    hold,
    lose_answer,
    refuse,
    refuse_in_xml,
)
from tests.support.helpers import ROOT
from tests.support.set_up_account import fill_account, serve_configuration
from ui.state import set_studio

MAIN: Final = str(ROOT / "ui" / "main.py")
BUCKET: Final = "my-team-bucket"


@pytest.fixture
def account() -> Iterator[FaultyAws]:
    """An account in place."""
    with faulty_aws() as account:
        fill_account(
            boto3.Session("testing", "testing", region_name="eu-west-1"), account.connection.url
        )
        serve_configuration(account, "amd64")
        yield account


@pytest.fixture
def studio(account: FaultyAws, tmp_path: Path) -> Iterator[Studio]:
    with open_studio(aws_settings(tmp_path), account.connection) as opened:
        opened.setup.create_bucket()
        opened.setup.create_tables()
        opened.setup.perform(LOCAL, SetupAction.CREATE_EVENTS)
        set_studio(opened)
        yield opened
        set_studio(None)


def visit() -> AppTest:
    return AppTest.from_file(MAIN, default_timeout=120).run()


def shown(app: AppTest) -> str:
    return " ".join(str(text.value) for text in app.markdown).replace("\\", "")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (refuse_in_xml(403, "AccessDenied"), "Choose another name"),
        (refuse_in_xml(400, "ExpiredToken"), "renew the credentials"),
        (refuse_in_xml(503, "SlowDown"), "SlowDown"),
        (lose_answer, "did not answer"),
    ],
    ids=["denied", "expired", "throttled", "no answer"],
)
def test_a_bucket_that_can_not_be_asked(
    account: FaultyAws, studio: Studio, fault: Fault, said: str
) -> None:
    for call in (f"HEAD /{BUCKET}", f"GET /{BUCKET}?list-type=2&max-keys=1"):
        account.faults[call] = fault
    app = visit()
    assert app.title[0].value == "Set-up"
    assert said in shown(app)
    assert shown(app).count("check_circle") == 9  # of what is not the bucket's
    assert not app.exception
    for call in (f"HEAD /{BUCKET}", f"GET /{BUCKET}?list-type=2&max-keys=1"):
        account.faults.pop(call)
    button(app, "Look again").click().run()
    assert [message.value for message in app.success] == ["Everything is in place."]


def test_an_aws_that_says_nothing(account: FaultyAws, studio: Studio) -> None:
    over = threading.Event()
    account.faults = {"": hold(over)}
    app = visit()
    over.set()
    assert app.title[0].value == "Set-up"
    assert shown(app).count("did not answer within 5 seconds") == 13
    assert not app.exception


def test_who_comes_while_aws_is_silent_sees_the_pages(account: FaultyAws, studio: Studio) -> None:
    assert visit().text_area(key="generate.prompt")
    silent = (f"/{BUCKET}", "SageMaker.", "DescribeTable", "Action=", "BatchGetImage")
    account.faults = dict.fromkeys(silent, lose_answer)
    app = visit()
    assert app.text_area(key="generate.prompt")
    assert not app.exception


def test_a_role_that_may_not_be_passed_is_told_and_jobs_go_on(
    account: FaultyAws, studio: Studio
) -> None:
    words = "User: ann is not authorized to perform: iam:PassRole on resource: x"
    account.faults["CreateModel"] = refuse(400, "AccessDeniedException", words)
    app = visit()
    assert app.text_area(key="generate.prompt")
    app.switch_page("../pages/setup.py").run()
    assert "Allow iam:PassRole in the policy" in shown(app)
    assert [shown(app).count(mark) for mark in ("warning", "cancel")] == [1, 0]


@pytest.mark.parametrize("fault", [refuse_in_xml(403, "AccessDenied"), lose_answer])
def test_what_can_not_be_created_says_why(account: FaultyAws, tmp_path: Path, fault: Fault) -> None:
    with open_studio(aws_settings(tmp_path), account.connection) as opened:
        set_studio(opened)
        account.faults[f"PUT /{BUCKET}"] = fault
        app = visit()
        button(app, "Create it").click().run()
        assert f"Creating the bucket {BUCKET} failed" in errors(app)
        assert not app.exception
        set_studio(None)
