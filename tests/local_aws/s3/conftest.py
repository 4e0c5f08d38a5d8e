"""Servers of S3: ours in a process of its own, and moto's to check the table itself."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from types_boto3_s3 import S3Client

from tests.local_aws.s3.service_model import judge
from tests.local_aws.s3.table import ACCESS_KEY, SECRET_KEY, connect, new_bucket

SERVE = Path(__file__).with_name("serve.py")


@dataclass
class Served:
    """Our S3 on a folder, in a process that can be killed."""

    process: subprocess.Popen[str]
    url: str
    swept: int

    def connect(self) -> S3Client:
        return connect(self.url)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def stop(self) -> int:
        """End it; returns the most memory it used, in MiB."""
        peak, _ = self.process.communicate(timeout=60)
        return int(peak)


def serve(folder: Path) -> Served:
    command = [sys.executable, "-W", "error", str(SERVE), str(folder)]
    command += ["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    port, swept = process.stdout.readline().split()
    return Served(process, f"http://127.0.0.1:{port}", int(swept))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = serve(tmp_path_factory.mktemp("s3"))
    yield served
    served.stop()


@pytest.fixture
def client(server: Served) -> S3Client:
    connected = server.connect()
    judge(connected)
    return connected


@pytest.fixture
def bucket(client: S3Client) -> str:
    return new_bucket(client)


@pytest.fixture(scope="session")
def moto_client() -> Iterator[S3Client]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield connect(f"http://{host}:{port}")
    server.stop()
