"""An account behind a proxy that refuses what it is told to, and its set-up."""

from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from pydantic import SecretStr

from core.aws.client import Aws
from core.aws.storage import Storage
from core.settings import Backend, Settings
from core.setup.checks import Check
from core.setup.service import Setup
from tests.support.faulty_aws import FaultyAws, faulty_aws
from tests.support.set_up_account import IMAGE, ROLE

BUCKET = "my-team-bucket"
Find = Callable[[Setup, str], Check]


@pytest.fixture
def account() -> Iterator[FaultyAws]:
    with faulty_aws() as account:
        yield account


@pytest.fixture
def session(account: FaultyAws) -> boto3.Session:
    secret: SecretStr | None = account.connection.secret_key
    return boto3.Session(
        aws_access_key_id=account.connection.access_key,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        region_name="eu-west-1",
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        backend=Backend.AWS,
        data=tmp_path,
        bucket=BUCKET,
        endpoint_role=ROLE,
        image=IMAGE,
        instance_type="ml.g5.xlarge",
    )


@pytest.fixture
def make_setup(account: FaultyAws, settings: Settings) -> Callable[..., Setup]:
    """A set-up with some settings changed."""

    def make(**changed: str) -> Setup:
        aws = Aws(account.connection)
        changed_settings = settings.model_copy(update=changed)
        return Setup(aws, Storage(aws, BUCKET, for_pages=True), changed_settings)

    return make


@pytest.fixture
def setup(make_setup: Callable[..., Setup]) -> Setup:
    return make_setup()


@pytest.fixture
def find() -> Find:
    """The check whose name starts so."""

    def find(setup: Setup, name: str) -> Check:
        (check,) = (check for check in setup.checks() if check.name.startswith(name))
        return check

    return find
