"""SageMaker itself is asked whether it takes role and image, with a model that is deleted again."""

from typing import Any, Final

import boto3
import pytest

from core.endpoints.model_trial import TRIAL_MODEL
from core.setup.checks import CheckState
from core.setup.service import Setup
from tests.core.setup.conftest import Find
from tests.support.faulty_aws import Fault, FaultyAws, lose_answer, refuse
from tests.support.set_up_account import IMAGE, ROLE, fill_account, serve_configuration

CHECK: Final = "New endpoints"
PERMISSION: Final = "User: ann is not authorized to perform: {} on resource: x"


def denied(permission: str) -> Fault:
    return refuse(400, "AccessDeniedException", PERMISSION.format(permission))


def invalid(message: str) -> Fault:
    return refuse(400, "ValidationException", message)


@pytest.fixture
def sagemaker(account: FaultyAws, session: boto3.Session) -> Any:
    fill_account(session, account.connection.url)
    serve_configuration(account, "amd64")
    return session.client("sagemaker", endpoint_url=account.connection.url)


def test_role_and_image_are_tried_and_no_model_is_left(
    sagemaker: Any, setup: Setup, find: Find
) -> None:
    sagemaker.create_model(ModelName=TRIAL_MODEL, ExecutionRoleArn=ROLE)  # of one cut off
    assert find(setup, CHECK).state is CheckState.IN_PLACE
    assert sagemaker.list_models()["Models"] == []


@pytest.mark.parametrize(
    ("call", "fault", "state", "said"),
    [
        ("CreateModel", denied("iam:PassRole"), CheckState.FAILED, "Allow iam:PassRole in"),
        ("CreateModel", invalid(f"Could not assume role {ROLE}."), CheckState.FAILED, "assume"),
        (
            "CreateModel",
            invalid(f"Requested image {IMAGE} not found."),
            CheckState.FAILED,
            "Requested image",
        ),
        (
            "CreateModel",
            invalid(f'Cannot create already existing model "{TRIAL_MODEL}".'),
            CheckState.UNKNOWN,
            "already existing",
        ),
        ("CreateModel", refuse(400, "ResourceLimitExceeded"), CheckState.UNKNOWN, "Exceeded"),
        (
            "CreateModel",
            denied("sagemaker:AddTags"),
            CheckState.UNKNOWN,
            "Allow sagemaker:AddTags in",
        ),
        (
            "DeleteModel",
            denied("sagemaker:DeleteModel"),
            CheckState.UNKNOWN,
            "Allow sagemaker:DeleteModel in",
        ),
        ("CreateModel", lose_answer, CheckState.UNKNOWN, "did not answer"),
    ],
)
def test_what_sagemaker_refuses(
    *,
    account: FaultyAws,
    sagemaker: Any,
    setup: Setup,
    find: Find,
    call: str,
    fault: Fault,
    state: CheckState,
    said: str,
) -> None:
    account.faults[f"SageMaker.{call}"] = fault
    check = find(setup, CHECK)
    assert (check.state, check.blocks) == (state, False)
    assert said in check.detail
    account.faults.clear()
    assert sagemaker.list_models()["Models"] == []


def test_nothing_is_tried_with_a_role_that_there_is_not(setup: Setup) -> None:
    assert CHECK not in {check.name for check in setup.checks()}
