"""Whatever AWS refuses, delays or loses: its check says so in time, and the others say theirs."""

import threading
from collections.abc import Iterator
from threading import Event
from typing import Final

import boto3
import pytest

from core.setup.checks import Check, SetupAction
from core.setup.service import Setup
from core.team.users import LOCAL
from tests.support.faulty_aws import (
    Answer,
    Call,
    Fault,
    FaultyAws,
    hold,
    lose_answer,
    refuse,
    refuse_in_xml,
)
from tests.support.set_up_account import fill_account, serve_configuration
from tests.support.soak import in_turn

IN_PLACE: Final = 12
CALLS: Final = {
    "Credentials": "Action=GetCallerIdentity",
    "S3 bucket": "HEAD /",
    "Reading and writing": "PUT /my-team-bucket/setup/",
    "Public access": "GET /my-team-bucket?publicAccessBlock",
    "Interrupted uploads": "GET /my-team-bucket?lifecycle",
    "Uploads from browsers": "GET /my-team-bucket?cors",
    "DynamoDB table": "DescribeTable",
    "Records": "PutItem",
    "Endpoint role": "Action=GetRole",
    "Container image": "BatchGetImage",
    "New endpoints": "CreateModel",
    "SNS topic": "AmazonSQS.GetQueueUrl",
}
FAULTS: Final = ("denied", "throttled", "expired", "no answer", "held")
FOLLOWING: Final = {
    "S3 bucket": {
        "Reading and writing",
        "Public access",
        "Interrupted uploads",
        "Uploads from browsers",
    },
    "DynamoDB table": {"Records"},
}
"""Checks that have no sense without the first."""

HELD: Final = {
    "Endpoint role": {"New endpoints"},
    "Container image": {"New endpoints"},
    "Credentials": {"Endpoint role", "New endpoints"},
}
"""Checks that wait for the first, and are late where it is."""

IN_XML: Final = {*list(CALLS)[:6], "Endpoint role"}


@pytest.fixture
def silent(account: FaultyAws, session: boto3.Session, setup: Setup) -> Iterator[Event]:
    """An account in place; the event ends what is held."""
    fill_account(session, account.connection.url)
    serve_configuration(account, "amd64")
    setup.create_bucket()
    setup.create_tables()
    setup.perform(LOCAL, SetupAction.CREATE_EVENTS)
    over = Event()
    yield over
    over.set()
    for thread in threading.enumerate():
        if thread.name.startswith("setup-check"):
            thread.join()


def not_in_place(setup: Setup) -> dict[str, Check]:
    found = setup.checks()
    names = {check.name: name for check in found for name in CALLS if check.name.startswith(name)}
    return {names[check.name]: check for check in found if not check.ok}


def tell_nonsense(_call: Call) -> Answer:
    return Answer(200, b"[]", (("Content-Type", "text/html"),))


def faults(name: str, over: Event) -> dict[str, Fault]:
    refusal = refuse_in_xml if name in IN_XML else refuse
    return {
        "denied": refusal(403, "AccessDenied"),
        "throttled": refusal(400, "ThrottlingException"),
        "expired": refusal(400, "ExpiredTokenException"),
        "no answer": lose_answer,
        "held": hold(over),
    }


@pytest.mark.parametrize(("name", "fault"), in_turn(CALLS, FAULTS))
def test_one_silent_call(
    silent: Event, account: FaultyAws, setup: Setup, name: str, fault: str
) -> None:
    account.faults[CALLS[name]] = faults(name, silent)[fault]
    found = not_in_place(setup)
    late = (HELD | FOLLOWING).get(name, set()) if fault == "held" else set()
    assert set(found) == {name, *late}
    if fault == "held":
        assert "did not answer within 5 seconds" in found[name].detail


def test_everything_is_silent(silent: Event, account: FaultyAws, setup: Setup) -> None:
    account.faults = {"": hold(silent)}
    assert len(not_in_place(setup)) == IN_PLACE


@pytest.mark.parametrize("name", ["Credentials", "DynamoDB table", "Container image"])
def test_an_answer_of_no_form_of_aws(
    silent: Event, account: FaultyAws, setup: Setup, name: str
) -> None:
    account.faults[CALLS[name]] = tell_nonsense
    found = not_in_place(setup)
    assert name in found
    assert found[name].detail
