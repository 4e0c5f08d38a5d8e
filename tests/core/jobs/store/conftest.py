"""Both stores of the job list, empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr
from ulid import ULID

from core.aws.client import Aws, Connection
from core.jobs.store.dynamodb import DynamoJobStore, table_definition
from core.jobs.store.interface import JobStore
from core.jobs.store.sqlite import SqliteJobStore


@pytest.fixture(scope="module")
def moto_aws() -> Iterator[Aws]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    secret = SecretStr("testing")
    yield Aws(
        Connection(
            url=f"http://{host}:{port}",
            access_key="testing",
            secret_key=secret,
            region="us-east-1",
        )
    )
    server.stop()


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path, moto_aws: Aws) -> Iterator[JobStore]:
    if request.param == "sqlite":
        opened: JobStore = SqliteJobStore(tmp_path / "jobs.sqlite")
    else:
        table = f"jobs-{ULID()}"
        moto_aws.dynamodb().create_table(**table_definition(table))
        opened = DynamoJobStore(moto_aws, table)
    yield opened
    opened.close()
