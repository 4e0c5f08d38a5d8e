"""A server that is killed: what it acknowledged is there, what it did not leaves no trace."""

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Sized
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from types_boto3_s3 import S3Client

from tests.local_aws.s3.conftest import Served, serve
from tests.local_aws.s3.table import MIB, PART, body, presigned, upload_of, upload_parts
from tests.support.soak import rounds

BUCKET = "kept"


def payload(name: str) -> bytes:
    return hashlib.shake_128(name.encode()).digest(300_000)


def upload_until_killed(served: Served, runner: int, acknowledged: list[str]) -> None:
    client = served.connect()
    for number in range(10_000):
        key = f"{runner}/{number}"
        try:
            client.put_object(Bucket=BUCKET, Key=key, Body=payload(key), IfNoneMatch="*")
        except (BotoCoreError, ClientError):
            return
        acknowledged.append(key)


def blobs(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file()]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def longer_than(things: Sized, count: int) -> bool:
    return len(things) > count


@rounds(2, 20)
def test_acknowledged_objects_outlive_a_kill(tmp_path: Path, rounds: int) -> None:
    acknowledged: list[str] = []
    for round_number in range(rounds):
        served = serve(tmp_path)
        served.connect().create_bucket(Bucket=BUCKET)
        threads = [
            threading.Thread(
                target=upload_until_killed, args=(served, 10 * round_number + runner, acknowledged)
            )
            for runner in range(4)
        ]
        for thread in threads:
            thread.start()
        wait_until(partial(longer_than, acknowledged, 12 * (round_number + 1)))
        served.kill()
        for thread in threads:
            thread.join()
    served = serve(tmp_path)
    client = served.connect()
    assert all(body(client, BUCKET, key) == payload(key) for key in acknowledged)
    listed = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    assert len(blobs(tmp_path)) == sum(page["KeyCount"] for page in listed)
    served.stop()


def test_orphans_are_swept_and_parts_are_kept(tmp_path: Path) -> None:
    served = serve(tmp_path)
    client = served.connect()
    client.create_bucket(Bucket=BUCKET)
    completion = upload_parts(client, BUCKET, "m", PART, b"end")
    with socket.create_connection(("127.0.0.1", urlsplit(served.url).port)) as connection:
        connection.sendall(half_a_request(client))
        wait_until(lambda: len(blobs(tmp_path)) == 2)
        served.kill()
    served = serve(tmp_path)
    assert served.swept == 1
    client = served.connect()
    assert len(client.list_parts(**upload_of(completion))["Parts"]) == 2
    client.complete_multipart_upload(**completion)
    assert body(client, BUCKET, "m") == PART + b"end"
    assert len(blobs(tmp_path)) == 1
    served.stop()


def half_a_request(client: S3Client) -> bytes:
    url = urlsplit(presigned(client, "put_object", Bucket=BUCKET, Key="never"))
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
    return f"{head}Content-Length: {2 * MIB}\r\n\r\n".encode() + bytes(MIB)
