"""Parts of large objects: written in their place, so that completing copies what it must alone."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_s3 import S3Client

from local_aws.s3 import S3Error
from local_aws.s3.store.blobs import BlobStore
from tests.local_aws.s3.conftest import Served, serve
from tests.local_aws.s3.table import MIB, b64_sha256, body, refused, upload_of, upload_parts

BUCKET = "placed"
FULL, SHORT, END = 6 * MIB, 5 * MIB, 1000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("placed")


@pytest.fixture(scope="module")
def placed(folder: Path) -> Iterator[Served]:
    served = serve(folder)
    served.connect().create_bucket(Bucket=BUCKET)
    yield served
    served.stop()


@pytest.fixture
def client(placed: Served) -> S3Client:
    return placed.connect()


def content(number: int, size: int, again: int = 0) -> bytes:
    return hashlib.shake_128(b"%d.%d" % (number, again)).digest(size)


def send(client: S3Client, named: Any, number: int, data: bytes, **how: Any) -> dict[str, Any]:
    etag = client.upload_part(**named, PartNumber=number, Body=data, **how)["ETag"]
    return {"PartNumber": number, "ETag": etag}


def started(client: S3Client, key: str = "m") -> Any:
    return upload_of(upload_parts(client, BUCKET, key))


def blobs(folder: Path) -> dict[int, int]:
    """The sizes of the files, by inode."""
    found = [path.stat() for path in (folder / "blobs").rglob("*") if path.is_file()]
    return {each.st_ino: each.st_size for each in found}


@pytest.mark.parametrize(
    ("sent", "completed", "is_in_place"),
    [
        pytest.param([(1, FULL), (2, FULL), (3, END)], [1, 2, 3], True, id="in order"),
        pytest.param([(3, FULL), (1, FULL), (2, FULL)], [1, 2, 3], True, id="in any order"),
        pytest.param([(3, END), (2, FULL), (1, FULL)], [1, 2, 3], True, id="the end first"),
        pytest.param([(1, FULL), (2, FULL), (1, FULL)], [1, 2], True, id="one twice"),
        pytest.param([(1, FULL), (2, END), (2, SHORT)], [1, 2], True, id="a longer end"),
        pytest.param([(1, FULL), (2, SHORT), (2, END)], [1, 2], True, id="a shorter end"),
        pytest.param([(1, FULL)], [1], True, id="one alone"),
        pytest.param([(1, END)], [1], False, id="a small one alone"),
        pytest.param([(1, FULL), (2, FULL), (3, END)], [1, 2], False, id="not all"),
        pytest.param([(2, FULL), (9, END)], [2, 9], False, id="with gaps"),
        pytest.param([(2, SHORT), (1, FULL)], [1, 2], False, id="a large end first"),
        pytest.param([(1, FULL), (2, SHORT), (3, END)], [1, 2, 3], False, id="of many sizes"),
    ],
)
def test_parts_become_the_object(
    client: S3Client,
    folder: Path,
    sent: list[tuple[int, int]],
    completed: list[int],
    is_in_place: bool,
) -> None:
    named, data, parts = started(client), {}, {}
    for again, (number, size) in enumerate(sent):
        data[number] = content(number, size, again)
        parts[number] = send(client, named, number, data[number])
    before = blobs(folder)
    ordered: Any = [parts[number] for number in completed]
    client.complete_multipart_upload(**named, MultipartUpload={"Parts": ordered})
    whole = b"".join(data[number] for number in completed)
    assert body(client, BUCKET, "m") == whole
    [(inode, size)] = blobs(folder).items()
    assert (size, inode in before) == (len(whole), is_in_place)
    client.delete_object(Bucket=BUCKET, Key="m")
    assert blobs(folder) == {}


def test_a_part_that_failed_leaves_its_place_to_the_next(client: S3Client) -> None:
    named = started(client)
    first, last = content(1, FULL), content(2, END)
    with refused("BadDigest", 400):
        send(client, named, 1, first, ChecksumSHA256=b64_sha256(b"other"))
    parts: Any = [send(client, named, 1, first), send(client, named, 2, last)]
    client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert body(client, BUCKET, "m") == first + last
    client.delete_object(Bucket=BUCKET, Key="m")


def test_a_refused_completion_can_be_made_later(client: S3Client, folder: Path) -> None:
    client.put_object(Bucket=BUCKET, Key="m", Body=b"there")
    named = started(client)
    first, second, end = content(1, FULL), content(2, FULL), content(3, END)
    parts: Any = [send(client, named, 1, first), send(client, named, 2, second)]
    with refused("PreconditionFailed", 412):
        client.complete_multipart_upload(
            **named, MultipartUpload={"Parts": parts[:1]}, IfNoneMatch="*"
        )
    parts.append(send(client, named, 3, end))
    client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert body(client, BUCKET, "m") == first + second + end
    assert len(blobs(folder)) == 1
    client.delete_object(Bucket=BUCKET, Key="m")


def test_nothing_stays_of_an_upload_that_was_given_up(client: S3Client, folder: Path) -> None:
    named = started(client)
    for again in range(2):
        send(client, named, 1, content(1, FULL, again))
    client.abort_multipart_upload(**named)
    with refused("NoSuchUpload", 404):
        send(client, named, 2, content(2, FULL))
    assert blobs(folder) == {}
    client.create_bucket(Bucket="emptied")
    upload_parts(client, "emptied", "m", content(1, FULL), content(2, END))
    client.delete_bucket(Bucket="emptied")
    assert blobs(folder) == {}


def test_a_copied_part_is_placed_too(client: S3Client, folder: Path) -> None:
    source = content(1, 2 * FULL)
    client.put_object(Bucket=BUCKET, Key="source", Body=source)
    named = started(client)
    parts: Any = []
    for number in (2, 1):
        span = f"bytes={(number - 1) * FULL}-{number * FULL - 1}"
        answer = client.upload_part_copy(
            **named, PartNumber=number, CopySource=f"{BUCKET}/source", CopySourceRange=span
        )
        parts.insert(0, {"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    before = blobs(folder)
    client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert blobs(folder) == before
    assert body(client, BUCKET, "m") == source
    for key in ("source", "m"):
        client.delete_object(Bucket=BUCKET, Key=key)


def test_parts_sent_while_it_is_completed_change_nothing(client: S3Client, folder: Path) -> None:
    """Whoever sends part 1 again or a part 3 meanwhile, the object is of the parts it names."""
    first, last = content(1, FULL), content(2, END)
    for race in range(4):
        named = started(client)
        parts: Any = [send(client, named, 1, first), send(client, named, 2, last)]

        def attempt(runner: int, named: Any = named, parts: Any = parts) -> str:
            try:
                if runner < 2:
                    client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
                else:
                    send(client, named, runner - 1, content(runner - 1, FULL, 1))
            except ClientError as error:
                return error.response["Error"]["Code"]
            return "done"

        with ThreadPoolExecutor(5) as pool:
            outcomes = list(pool.map(attempt, range(race % 2, 5)))
        assert set(outcomes) <= {"done", "NoSuchUpload", "InvalidPart"}
        if "done" in outcomes[: 2 - race % 2]:
            assert body(client, BUCKET, "m") == first + last
            client.delete_object(Bucket=BUCKET, Key="m")
        else:
            client.abort_multipart_upload(**named)
        assert blobs(folder) == {}


def test_placed_parts_outlive_a_kill(tmp_path: Path) -> None:
    served = serve(tmp_path)
    client = served.connect()
    client.create_bucket(Bucket=BUCKET)
    named = started(client)
    parts = {
        3: send(client, named, 3, content(3, END)),
        1: send(client, named, 1, content(1, FULL)),
    }
    served.kill()
    served = serve(tmp_path)
    assert served.swept == 0
    client = served.connect()
    parts[2] = send(client, named, 2, content(2, FULL))
    ordered: Any = [parts[number] for number in (1, 2, 3)]
    client.complete_multipart_upload(**named, MultipartUpload={"Parts": ordered})
    assert body(client, BUCKET, "m") == content(1, FULL) + content(2, FULL) + content(3, END)
    served.stop()


def test_a_part_never_reaches_into_the_next(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    store.create_empty("0" * 32)
    with store.open("0" * 32, 10, 5) as writer:
        writer.write(b"12345")
        with pytest.raises(S3Error, match="IncompleteBody"):
            writer.write(b"6")
    assert store.path("0" * 32).read_bytes() == bytes(10) + b"12345"
