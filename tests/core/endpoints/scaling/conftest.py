"""A studio upon a local AWS whose containers start at once."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from core.aws.client import Connection
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from local_aws.launcher import launch
from tests.support.helpers import wait_for
from tests.support.page_fixtures import STUB

NAME = "office"


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with launch(tmp_path_factory.mktemp("scaling"), container_command=STUB) as aws:
        yield Connection(
            url=aws.url,
            access_key=aws.access_key,
            secret_key=SecretStr(aws.secret_key),
            region=aws.region,
        )


@pytest.fixture(scope="module")
def studio(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    settings = Settings(demo=False, data=tmp_path_factory.mktemp("studio"), bucket="scaling")
    with open_studio(settings, connection) as opened:
        yield opened


def until_applied(studio: Studio, name: str = NAME) -> None:
    """Wait until the worker has set the scaling up."""

    def applied() -> bool:
        endpoint = studio.endpoints.find(LOCAL, name)
        return endpoint is not None and endpoint.scaling_applied

    wait_for(applied)
