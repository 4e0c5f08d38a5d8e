"""A file far larger than the server's memory goes up and down through boto3's transfers."""

import zlib
from pathlib import Path
from typing import IO, cast

import pytest
from boto3.s3.transfer import TransferConfig

from tests.local_aws.s3.conftest import serve
from tests.local_aws.s3.table import MIB, new_bucket

SIZE = 512 * MIB
MARKS = {0: b"start", SIZE * 3 // 5: b"middle", SIZE - 3: b"end"}


class Sink:
    """A file-like object that keeps only a checksum and a count of what it is given."""

    def __init__(self) -> None:
        self.crc = 0
        self.size = 0

    def write(self, data: bytes) -> int:
        self.crc = zlib.crc32(data, self.crc)
        self.size += len(data)
        return len(data)


def sparse_file(path: Path) -> Sink:
    """Write the file; returns what it holds."""
    with path.open("wb") as file:
        for position, mark in MARKS.items():
            file.seek(position)
            file.write(mark)
    contents = Sink()
    with path.open("rb") as file:
        while data := file.read(MIB):
            contents.write(data)
    return contents


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    contents = sparse_file(tmp_path / "large")
    served = serve(tmp_path / "s3")
    client = served.connect()
    bucket = new_bucket(client)
    config = TransferConfig(multipart_chunksize=64 * MIB, max_concurrency=4)
    client.upload_file(str(tmp_path / "large"), bucket, "large", Config=config)
    received = Sink()
    client.download_fileobj(bucket, "large", cast("IO[bytes]", received), Config=config)
    assert (received.size, received.crc) == (contents.size, contents.crc)
    client.delete_object(Bucket=bucket, Key="large")
    assert served.stop() < 150
