"""The last lines of a failed start come from CloudWatch Logs, as the embedded AWS writes them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.aws.client import Connection
from core.endpoints.lifecycle.failure_reasons import advice_on
from core.endpoints.status import EndpointStatus
from core.errors import NotFound
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from core.texts import lifecycle as texts
from local_aws.launcher import launch
from tests.support.helpers import wait_for

FAILING = (sys.executable, "-c", "raise SystemExit('no module named torch, said the container')")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder: Path = tmp_path_factory.mktemp("log")
    with launch(folder / "aws", container_command=FAILING) as aws:
        secret = SecretStr(aws.secret_key)
        connection = Connection(
            url=aws.url, access_key=aws.access_key, secret_key=secret, region=aws.region
        )
        settings = Settings(demo=False, data=folder / "studio", bucket="log")
        with open_studio(settings, connection) as opened:
            yield opened


def test_a_failed_start_shows_reason_and_log(studio: Studio) -> None:
    studio.endpoints.create(LOCAL, "team", "ml.m5.large", 1)

    def failed() -> str:
        endpoint = studio.endpoints.find(LOCAL, "team")
        assert endpoint
        return endpoint.failure_reason if endpoint.status is EndpointStatus.FAILED else ""

    reason = wait_for(failed, every=0.2)
    assert advice_on(reason) == texts.READ_THE_LOG
    lines = wait_for(lambda: studio.container_log.last_lines(LOCAL, "team"), every=0.2)
    assert set(lines) == {"no module named torch, said the container"}


def test_an_endpoint_that_is_gone_has_none(studio: Studio) -> None:
    with pytest.raises(NotFound):
        studio.container_log.last_lines(LOCAL, "never")
