"""An account behind a proxy that refuses what it is told to, and its set-up."""

from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import httpx
import pytest

from core.aws.client import Aws
from core.aws.storage import Storage
from core.settings import Backend, Settings
from core.setup.checks import Check
from core.setup.service import Setup
from core.team.access import Access, allow_all
from tests.support.faulty_aws import FaultyAws, faulty_aws
from tests.support.set_up_account import IMAGE, ROLE

BUCKET = "my-team-bucket"
Find = Callable[[Setup, str], Check]


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyAws]:
    with faulty_aws() as server:
        yield server


@pytest.fixture
def account(server: FaultyAws) -> Iterator[FaultyAws]:
    """Empty, and without faults."""
    httpx.post(f"{server.connection.url}/moto-api/reset", trust_env=False).raise_for_status()
    yield server
    server.faults.clear()


@pytest.fixture
def aws(server: FaultyAws) -> Aws:
    """Anew for each test, as S3's client remembers to which region it was led."""
    return Aws(server.connection)


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session("testing", "testing", region_name="eu-west-1")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        backend=Backend.AWS,
        data=tmp_path,
        bucket=BUCKET,
        endpoint_role=ROLE,
        image=IMAGE,
        instance_type="ml.g5.xlarge",
        public_url="https://studio.example.com/",
    )


@pytest.fixture
def make_setup(aws: Aws, account: FaultyAws, settings: Settings) -> Callable[..., Setup]:
    """A set-up of the account with some settings changed."""

    def make(**changed: str) -> Setup:
        changed_settings = settings.model_copy(update=changed)
        storage = Storage(aws, BUCKET, for_pages=True)
        return Setup(aws, storage, changed_settings, Access(allow_all))

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
