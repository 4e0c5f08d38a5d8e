"""Whichever call AWS denies, throttles, delays, answers in vain or calls expired: it is said, with
what to do, and nothing is lost."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Final, NamedTuple

import pytest
from botocore.config import Config

from core.aws import client
from core.aws.client import Aws
from core.errors import AwsConflict, Conflict, ContrappostoError, NotFound
from core.ids import new_id
from core.setup.checks import SetupAction
from core.team.users import LOCAL
from tests.core.aws.call_rows import KNOWN, ROWS, TYPE, Product, Row
from tests.core.aws.message_calls import MESSAGE_ROWS
from tests.core.aws.scaling_calls import SCALING_ROWS
from tests.support.aws_calls import aws_calls, operation_names
from tests.support.faulty_aws import (
    Answer,
    Call,
    Fault,
    FaultyAws,
    faulty_aws,
    hold,
    lose_answer,
    mark_calls,
    refuse,
)
from tests.support.set_up_account import fill_account, serve_configuration, serve_lists
from tests.support.soak import in_turn

SERVICES: Final = (
    *("s3", "sagemaker", "sagemaker-runtime", "dynamodb", "sts", "iam", "ecr", "sns", "sqs"),
    *("application-autoscaling", "cloudwatch", "pricing", "service-quotas", "logs"),
)
OPERATIONS: Final = {k: v for name in SERVICES for k, v in operation_names(name).items()}

EVERY_ROW: Final = ROWS | SCALING_ROWS | MESSAGE_ROWS

DONE_BEFORE: Final = (AwsConflict, Conflict, NotFound)
"""How it is said that there is nothing to do any more: the first call was carried out."""

_over = Event()


def by_service(s3: Fault, others: Fault) -> Fault:
    return lambda call: (s3 if call.service == "s3" else others)(call)


class Case(NamedTuple):
    """What AWS does, and words of what a user is told."""

    fault: Fault
    words: str


CASES: Final = {
    "denied": Case(refuse(403, "AccessDenied"), "permission|Allow"),
    "throttled": Case(
        by_service(refuse(503, "SlowDown"), refuse(400, "ThrottlingException")), "wait a minute"
    ),
    "time-out": Case(hold(_over), r"did not answer \(ReadTimeoutError\)"),
    "dropped": Case(lose_answer, r"did not answer \(\w+\)"),
    "expired": Case(refuse(400, "ExpiredToken"), "renew the credentials"),
}


def open_product(account: FaultyAws, folder: Path, seconds: float) -> Product:
    """One whose clients try once and wait for so long."""
    once: Any = {"mode": "standard", "total_max_attempts": 1}
    brief = Config(retries=once, connect_timeout=5, read_timeout=seconds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "_CONFIG_FOR_URL", client._CONFIG_FOR_URL.merge(brief))
        patch.setattr(client, "_FOR_PAGES_OF_URL", brief)
        patch.setattr(client, "_REAL_TIME", brief)
        aws = Aws(account.connection)
    for opened in (aws.s3, aws.s3_for_pages, aws.sagemaker, aws.sagemaker_for_pages, aws.runtime):
        mark_calls(opened.meta.events)
    mark_calls(aws.session.events)  # of the clients that are opened later
    return Product(account, aws, folder)


@pytest.fixture(scope="module")
def account() -> Iterator[FaultyAws]:
    with faulty_aws() as account:
        yield account


@pytest.fixture(scope="module")
def patient(account: FaultyAws, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A product in an account where everything is in place, and each service was asked once."""
    product = open_product(account, tmp_path_factory.mktemp("patient"), 20)
    product.set_up().create_bucket()
    product.set_up().create_tables()
    product.storage.write(KNOWN, b"x", "text/plain")
    fill_account(product.aws.session, account.connection.url)
    serve_configuration(account, "amd64")
    serve_lists(account, TYPE)
    product.set_up().perform(LOCAL, SetupAction.CREATE_EVENTS)
    assert not product.problems()
    product.endpoints().create(LOCAL, "team", TYPE, 1)
    return product


@pytest.fixture(scope="module")
def hasty(patient: Product) -> tuple[Product, ...]:
    """The same, which do not wait long; a busy machine may need one that waits a little longer."""
    return tuple(
        open_product(patient.account, patient.folder, seconds) for seconds in (0.5, 2.0, 8.0)
    )


@contextmanager
def failing(account: FaultyAws, operation: str, fault: Fault, asked: list[Call]) -> Iterator[None]:
    """Let one operation fail; `asked` is filled with its calls."""

    def fail(call: Call) -> Answer:
        asked.append(call)
        return fault(call)

    usual = dict(account.faults)
    account.faults = {f"[{operation}]": fail, **usual}
    _over.clear()
    try:
        yield
    finally:
        _over.set()
        account.faults = usual


def outcome(row: Row, product: Product, name: str, *fine: type[ContrappostoError]) -> str:
    """What a user is told of the call; empty where it went well. Any other error is a fault."""
    try:
        return str(row.act(product, name) or "")
    except ContrappostoError as error:
        return "" if isinstance(error, fine) else str(error)


def test_each_call_of_the_product_has_a_row() -> None:
    assert aws_calls() == EVERY_ROW.keys()


@pytest.mark.parametrize(("call", "case"), in_turn(EVERY_ROW, CASES))
def test_a_call_that_fails(
    patient: Product,
    hasty: tuple[Product, ...],
    call: str,
    case: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Once without a word only where the call was carried out after all; and never twice."""
    row, asked, name, said = EVERY_ROW[call], list[Call](), "", ""
    caplog.set_level(logging.INFO)
    for product in hasty if case == "time-out" else (patient,):
        name = new_id()
        row.prepare(patient, name)
        with failing(product.account, OPERATIONS[call], CASES[case].fault, asked):
            said = outcome(row, product, name)
        if asked:  # else an earlier call of the row had no answer in time
            break
    assert asked
    if said or row.is_logged:
        assert re.search(CASES[case].words, said or caplog.text)
    else:
        assert (case, row.holds and row.holds(patient, name)) == ("dropped", True)
    if row.holds:
        assert not outcome(row, patient, name, *DONE_BEFORE)
        assert row.holds(patient, name)
