"""What the tests share: the local AWS as a process, and a studio upon it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from ulid import ULID

from core.aws.client import Connection
from core.settings import Settings
from core.studio.service import Studio, open_studio
from local_aws.launcher import LocalAws, launch
from tests.support.helpers import CONTAINER


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The embedded AWS with the real container."""
    with launch(tmp_path_factory.mktemp("aws"), container_command=CONTAINER) as running:
        yield running


@pytest.fixture(scope="session")
def connection(local_aws: LocalAws) -> Connection:
    """How boto3 reaches the local AWS."""
    return Connection(
        url=local_aws.url,
        access_key=local_aws.access_key,
        secret_key=SecretStr(local_aws.secret_key),
        region=local_aws.region,
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a bucket and a folder of the test's own."""
    return Settings(data=tmp_path, bucket=f"test-{str(ULID()).lower()}", poll_seconds=0.1)


@pytest.fixture
def studio(connection: Connection, settings: Settings) -> Iterator[Studio]:
    """The service layer upon the local AWS."""
    with open_studio(settings, connection) as opened:
        yield opened
