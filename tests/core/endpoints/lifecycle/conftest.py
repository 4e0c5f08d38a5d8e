"""A studio upon a local AWS whose containers answer pings once a file is there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.aws.client import Connection
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from local_aws.launcher import launch
from tests.support.faulty_aws import FaultyAws, faulty
from tests.support.helpers import wait_for
from tests.support.page_fixtures import STUB


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Containers are healthy while this file is there."""
    path = tmp_path_factory.mktemp("stub") / "ready"
    path.touch()
    return path


@pytest.fixture(scope="module")
def account(ready: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyAws]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUB_READY", str(ready))
        aws = launch(tmp_path_factory.mktemp("aws"), container_command=STUB)
    with aws:
        secret = SecretStr(aws.secret_key)
        connection = Connection(
            url=aws.url, access_key=aws.access_key, secret_key=secret, region=aws.region
        )
        with faulty(connection) as account:
            yield account


@pytest.fixture(scope="module")
def studio(account: FaultyAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Its workers do not look: the tests do."""
    settings = Settings(demo=False, data=tmp_path_factory.mktemp("studio"), bucket="lifecycle")
    with open_studio(settings, account.connection) as opened:
        opened._periodic.lifecycle.close()
        opened._periodic.scaling.close()
        yield opened


@pytest.fixture(autouse=True)
def _as_before(request: pytest.FixtureRequest, ready: Path) -> Iterator[None]:
    yield
    ready.touch()
    if "account" in request.fixturenames:
        request.getfixturevalue("account").faults.clear()


def parts(studio: Studio) -> set[str]:
    """Everything of endpoints that is on AWS, by kind and name."""
    client = studio.endpoints.resources._sagemaker
    models = client.list_models(MaxResults=100)["Models"]
    configs = client.list_endpoint_configs(MaxResults=100)["EndpointConfigs"]
    endpoints = client.list_endpoints(MaxResults=100)["Endpoints"]
    return {
        *(f"model {one['ModelName']}" for one in models),
        *(f"config {one['EndpointConfigName']}" for one in configs),
        *(f"endpoint {one['EndpointName']}" for one in endpoints),
    }


def in_service(studio: Studio, name: str) -> Callable[[], bool]:
    def check() -> bool:
        endpoint = studio.endpoints.find(LOCAL, name)
        return endpoint is not None and endpoint.status == "InService"

    return check


def create(studio: Studio, name: str, *, wait: bool = True) -> None:
    studio.endpoints.create(LOCAL, name, "ml.m5.large", 1)
    if wait:
        wait_for(in_service(studio, name), every=0.1)


def until_gone(studio: Studio, name: str) -> None:
    """Look as the worker does, until nothing waits any more."""

    def done() -> bool:
        studio.deletion.look()
        return name not in studio.deletion.waiting()

    wait_for(done, every=0.1)
