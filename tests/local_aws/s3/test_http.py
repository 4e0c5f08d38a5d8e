"""What no well-behaved client sends, and what only some send: S3 over plain HTTP."""

import hashlib
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from types_boto3_s3 import S3Client

from local_aws.s3 import is_s3_request
from local_aws.s3.http import xml
from tests.local_aws.s3.conftest import Served
from tests.local_aws.s3.table import (
    ACCESS_KEY,
    SECRET_KEY,
    body,
    presigned,
    put_all,
    refused,
    same_server,
)
from tests.support.soak import rounds

Send = Callable[..., httpx.Response]


def signed(
    method: str, url: str, content: bytes, headers: dict[str, str], payload: str = ""
) -> dict[str, str]:
    """The headers with a signature; `payload` stands in for the hash of the content."""

    class Signer(S3SigV4Auth):
        def payload(self, request: AWSRequest) -> str:
            return payload or super().payload(request)

    request = AWSRequest(method, url, headers=headers, data=content)
    Signer(Credentials(ACCESS_KEY, SECRET_KEY), "s3", "us-east-1").add_auth(request)
    return dict(request.headers.items())


@pytest.fixture
def send(server: Served, bucket: str) -> Send:
    """Send a signed request for the bucket and what follows in the path."""

    def sender(
        method: str, path: str = "", content: bytes = b"", *, payload: str = "", **named: str
    ) -> httpx.Response:
        url = f"{server.url}/{bucket}{path}"
        headers = signed(method, url, content, named, payload)
        return httpx.request(method, url, content=content, headers=headers)

    return sender


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, xml.parse(answer.content, "Error").findtext("Code", "")


@pytest.mark.parametrize(
    "case",
    [
        ("GET", "?policy", b"", {}, (501, "NotImplemented")),
        ("GET", "?website", b"", {}, (501, "NotImplemented")),
        ("POST", "/a", b"", {}, (405, "MethodNotAllowed")),
        ("PUT", "?versioning", b"<VersioningConfiguration/>", {}, (405, "MethodNotAllowed")),
        ("PUT", "/a", b"x", {"x-amz-acl": "public-read"}, (400, "AccessControlListNotSupported")),
        ("PUT", "/a", b"x", {"x-amz-website-redirect-location": "/b"}, (501, "NotImplemented")),
        ("PUT", "/a", b"x", {"if-none-match": '"etag"'}, (501, "NotImplemented")),
        ("PUT", "/a", b"x", {"x-amz-checksum-crc32": "no"}, (400, "InvalidRequest")),
        ("PUT", "/b", b"", {"x-amz-copy-source": "nonsense"}, (400, "InvalidArgument")),
        ("PUT", "/%ff", b"x", {}, (400, "InvalidURI")),
        ("GET", "/a?versionId=7", b"", {}, (400, "InvalidArgument")),
        ("GET", "/no?attributes", b"", {}, (404, "NoSuchKey")),
        ("GET", "?max-keys=-1", b"", {}, (400, "InvalidArgument")),
        ("GET", "?max-keys=many", b"", {}, (400, "InvalidArgument")),
        ("GET", "?encoding-type=rot13", b"", {}, (400, "InvalidArgument")),
        ("PUT", "/m?uploadId=x&partNumber=0", b"x", {}, (400, "InvalidArgument")),
        ("GET", "/m?uploadId=x", b"", {}, (404, "NoSuchUpload")),
        ("POST", "?delete", b"<Delete>", {}, (400, "MalformedXML")),
        ("POST", "?delete", b"<Delete/>", {}, (400, "MalformedXML")),
        ("POST", "?delete", b"<Other/>", {}, (400, "MalformedXML")),
        ("PUT", "?cors", b"<CORSConfiguration/>", {}, (400, "MalformedXML")),
        (
            "POST",
            "?delete",
            b'<!DOCTYPE d [<!ENTITY a "aaaa">]><Delete><Object><Key>&a;</Key></Object></Delete>',
            {},
            (400, "MalformedXML"),
        ),
        ("POST", "?delete", b"<Delete>" + b" " * (9 << 20), {}, (400, "MalformedXML")),
    ],
)
def test_refusals(send: Send, case: tuple[str, str, bytes, dict[str, str], Any]) -> None:
    method, path, content, headers, expected = case
    assert code_of(send(method, path, content, **headers)) == expected


def test_errors_are_written_as_s3_does(send: Send) -> None:
    answer = send("GET", "/no%20such%3Ckey%3E")
    found = {element.tag: element.text for element in xml.parse(answer.content, "Error")}
    assert answer.headers["content-type"] == "application/xml"
    assert found["Key"] == "no such<key>"
    assert found["Message"] == "The specified key does not exist."
    assert found["RequestId"] == answer.headers["x-amz-request-id"]


def test_payload_hash_is_checked(send: Send) -> None:
    answer = send("PUT", "/a", b"what was sent", payload=hashlib.sha256(b"").hexdigest())
    assert code_of(answer) == (400, "XAmzContentSHA256Mismatch")
    assert code_of(send("PUT", "/a", b"x", payload="nonsense")) == (400, "InvalidArgument")
    assert send("GET", "/a").status_code == 404


def test_local_path_is_told(send: Send) -> None:
    send("PUT", "/a", b"hello")
    for method in ("GET", "HEAD"):
        path = send(method, "/a").headers["x-local-path"]
        assert Path(path).read_bytes() == b"hello"


def test_disposition_cannot_end_the_header(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    signer = same_server(client, signature_version="s3v4")
    for value in ("a\r\nSet-Cookie: b=c", "日本"):
        url = presigned(
            signer, "get_object", Bucket=bucket, Key="a", ResponseContentDisposition=value
        )
        answer = httpx.get(url)
        assert code_of(answer) == (400, "InvalidArgument")
        assert "set-cookie" not in answer.headers


def test_a_form_upload_is_refused_clearly(client: S3Client, bucket: str) -> None:
    form = client.generate_presigned_post(bucket, "a")
    answer = httpx.post(form["url"], data=form["fields"], files={"file": b"x"})
    assert code_of(answer) == (501, "NotImplemented")


def test_a_body_cut_off_leaves_nothing(client: S3Client, bucket: str) -> None:
    url = urlsplit(presigned(client, "put_object", Bucket=bucket, Key="a"))
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
    with socket.create_connection((url.hostname or "", url.port or 0)) as connection:
        connection.sendall(f"{head}Content-Length: 10\r\n\r\n01234".encode())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()
    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert b"<Code>IncompleteBody</Code>" in answer
    with refused("404", 404):
        client.head_object(Bucket=bucket, Key="a")


def test_a_body_of_unknown_length_is_taken(client: S3Client, bucket: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield from (b"one ", b"two ", b"three")

    url = presigned(client, "put_object", Bucket=bucket, Key="a")
    assert httpx.put(url, content=pieces()).status_code == 200
    assert body(client, bucket, "a") == b"one two three"


@pytest.mark.parametrize(("crc", "status"), [("NSRBwg==", 200), ("AAAAAA==", 400)])
def test_trailing_checksum_is_checked(send: Send, crc: str, status: int) -> None:
    """As SDKs send it over TLS: unsigned chunks, the checksum behind them."""
    headers = {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "3",
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    content = b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:%s\r\n\r\n" % crc.encode()
    streaming = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    assert send("PUT", "/a", content, payload=streaming, **headers).status_code == status
    answer = send("GET", "/a")
    assert (answer.status_code, answer.content == b"abc") == (
        (200, True) if status == 200 else (404, False)
    )
    assert "content-encoding" not in answer.headers


def test_the_host_may_name_the_bucket(server: Served, client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a/b")
    port = urlsplit(server.url).port
    for host in (f"{bucket}.localhost:{port}", f"{bucket}.s3.us-east-1.amazonaws.com"):
        headers = {**signed("GET", f"http://{host}/a/b", b"", {}), "Host": host}
        assert httpx.get(f"{server.url}/a/b", headers=headers).text == "a/b"


@rounds(30, 1000)
def test_any_key_over_http(client: S3Client, bucket: str, rounds: int) -> None:
    chance = random.Random(11)
    alphabet = "./\\~%+ &<>'\"*?=#é🐶ab\x01\x7f\t"
    keys = {"".join(chance.choices(alphabet, k=chance.randint(1, 30))) for _ in range(rounds)}
    for key in keys:
        client.put_object(Bucket=bucket, Key=key, Body=key.encode())
    listed = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert [found["Key"] for found in listed] == sorted(keys, key=str.encode)
    for key in keys:
        assert body(client, bucket, key) == key.encode()
        client.copy_object(
            Bucket=bucket, Key=f"copy of {key}", CopySource={"Bucket": bucket, "Key": key}
        )
        client.delete_object(Bucket=bucket, Key=key)
    digests = {found["ETag"] for found in client.list_objects_v2(Bucket=bucket)["Contents"]}
    assert digests == {
        f'"{hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()}"' for key in keys
    }


V4 = "AWS4-HMAC-SHA256 Credential=AK/20261122/us-east-1/{}/aws4_request, SignedHeaders=host"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HTTP_AUTHORIZATION": V4.format("s3")}, True),
        ({"HTTP_AUTHORIZATION": V4.format("sagemaker")}, False),
        ({"HTTP_AUTHORIZATION": "AWS AK:signature="}, True),
        ({"QUERY_STRING": "X-Amz-Credential=AK%2F20261122%2Fr%2Fs3%2Faws4_request"}, True),
        ({"QUERY_STRING": "X-Amz-Credential=AK%2F20261122%2Fr%2Fsts%2Faws4_request"}, False),
        ({"QUERY_STRING": "AWSAccessKeyId=AK&Signature=x&Expires=1"}, True),
        ({"REQUEST_METHOD": "OPTIONS", "PATH_INFO": "/bucket/key"}, True),
        ({"PATH_INFO": "/bucket/key"}, True),
        ({"REQUEST_METHOD": "POST", "CONTENT_TYPE": "multipart/form-data; boundary=x"}, True),
        ({"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/x-amz-json-1.1"}, False),
        ({}, False),
    ],
)
def test_requests_are_recognised(environ: dict[str, Any], expected: bool) -> None:
    assert is_s3_request({"REQUEST_METHOD": "GET", "PATH_INFO": "/"} | environ) is expected
