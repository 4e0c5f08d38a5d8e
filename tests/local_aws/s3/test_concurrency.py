"""Many clients at once: of conditional writes to one key exactly one wins."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import body, put_all, upload_parts
from tests.support.soak import rounds

RUNNERS = 16


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(RUNNERS) as threads:
        yield threads


def outcomes(pool: ThreadPoolExecutor, attempt: Callable[[int], Any]) -> list[str]:
    """`won`, or the code of the refusal, of every runner."""

    def run(runner: int) -> str:
        try:
            attempt(runner)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "won"

    return sorted(pool.map(run, range(RUNNERS)))


ONE_WINNER = ["PreconditionFailed"] * (RUNNERS - 1) + ["won"]


@rounds(20, 1000)
def test_creating(client: S3Client, bucket: str, pool: ThreadPoolExecutor, rounds: int) -> None:
    for race in range(rounds):

        def attempt(runner: int, key: str = f"create/{race}") -> None:
            client.put_object(Bucket=bucket, Key=key, Body=b"%d" % runner, IfNoneMatch="*")

        assert outcomes(pool, attempt) == ONE_WINNER


@rounds(20, 1000)
def test_swapping(client: S3Client, bucket: str, pool: ThreadPoolExecutor, rounds: int) -> None:
    etag = client.put_object(Bucket=bucket, Key="swap", Body=b"start")["ETag"]
    for race in range(rounds):

        def attempt(runner: int, race: int = race, etag: str = etag) -> None:
            content = b"%d by %d" % (race, runner)
            client.put_object(Bucket=bucket, Key="swap", Body=content, IfMatch=etag)

        assert outcomes(pool, attempt) == ONE_WINNER
        etag = client.head_object(Bucket=bucket, Key="swap")["ETag"]


@rounds(3, 100)
def test_completing(client: S3Client, bucket: str, pool: ThreadPoolExecutor, rounds: int) -> None:
    for race in range(rounds):
        uploads = [
            upload_parts(client, bucket, f"complete/{race}", b"%d" % runner)
            for runner in range(RUNNERS)
        ]

        def attempt(runner: int, uploads: list[dict[str, Any]] = uploads) -> None:
            client.complete_multipart_upload(**uploads[runner], IfNoneMatch="*")

        assert outcomes(pool, attempt) == ONE_WINNER


@rounds(3, 200)
def test_readers_see_one_write_or_another(
    client: S3Client, bucket: str, pool: ThreadPoolExecutor, rounds: int
) -> None:
    contents = [bytes([65 + runner]) * 300_000 for runner in range(RUNNERS)]
    client.put_object(Bucket=bucket, Key="a", Body=contents[0])

    def attempt(runner: int) -> None:
        if runner % 2:
            client.put_object(Bucket=bucket, Key="a", Body=contents[runner])
        else:
            assert body(client, bucket, "a") in contents

    for _ in range(rounds):
        assert outcomes(pool, attempt) == ["won"] * RUNNERS


@rounds(3, 200)
def test_deleting_while_writing(
    client: S3Client, bucket: str, pool: ThreadPoolExecutor, rounds: int
) -> None:
    def attempt(runner: int) -> None:
        if runner % 2:
            put_all(client, bucket, "a")
        else:
            client.delete_object(Bucket=bucket, Key="a")

    for _ in range(rounds):
        assert outcomes(pool, attempt) == ["won"] * RUNNERS
