"""Who may: signatures and presigned URLs."""

import time
from typing import Any

import httpx
from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    behaviour,
    body,
    presigned,
    put_all,
    refused,
    same_server,
    upload_of,
    upload_parts,
)


@behaviour
def wrong_secret_is_refused(client: S3Client, bucket: str) -> None:
    with refused("SignatureDoesNotMatch", 403):
        same_server(client, secret_key="wrong").put_object(Bucket=bucket, Key="a", Body=b"x")


@behaviour
def unknown_access_key_is_refused(client: S3Client, bucket: str) -> None:
    with refused("InvalidAccessKeyId", 403):
        same_server(client, access_key="AKIAUNKNOWN").list_objects_v2(Bucket=bucket)


@behaviour
def unsigned_request_is_refused(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    answer = httpx.get(f"{client.meta.endpoint_url}/{bucket}/a")
    assert (answer.status_code, "<Code>AccessDenied</Code>" in answer.text) == (403, True)


@behaviour
def any_region_may_sign(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    assert body(same_server(client, region="eu-central-1"), bucket, "a") == b"a"


def signers(client: S3Client) -> list[S3Client]:
    """What boto3 does by default (version 2) and what it can do."""
    return [client, same_server(client, signature_version="s3v4")]


@behaviour
def presigned_url_reads(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a é/+")
    for signer in signers(client):
        answer = httpx.get(presigned(signer, "get_object", Bucket=bucket, Key="a é/+"))
        assert (answer.status_code, answer.text) == (200, "a é/+")


@behaviour
def presigned_url_names_the_download(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    for signer in signers(client):
        name = "attachment; filename=a b.png"
        url = presigned(
            signer, "get_object", Bucket=bucket, Key="a", ResponseContentDisposition=name
        )
        assert httpx.get(url).headers["content-disposition"] == name


@behaviour
def presigned_url_writes(client: S3Client, bucket: str) -> None:
    for number, signer in enumerate(signers(client)):
        url = presigned(signer, "put_object", Bucket=bucket, Key=f"k{number}")
        assert httpx.put(url, content=b"zz").status_code == 200
        assert body(client, bucket, f"k{number}") == b"zz"


@behaviour
def presigned_url_uploads_a_part(client: S3Client, bucket: str) -> None:
    named: Any = upload_of(upload_parts(client, bucket, "m"))
    signer = same_server(client, signature_version="s3v4")
    answer = httpx.put(presigned(signer, "upload_part", **named, PartNumber=1), content=b"zz")
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": answer.headers["etag"]}]}
    client.complete_multipart_upload(**named, MultipartUpload=parts)
    assert body(client, bucket, "m") == b"zz"


@behaviour
def presigned_url_serves_what_was_signed_alone(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a", "b")
    for signer in signers(client):
        url = presigned(signer, "get_object", Bucket=bucket, Key="a")
        assert httpx.get(url.replace("/a?", "/b?")).status_code == 403
        assert httpx.put(url, content=b"x").status_code == 403
        assert httpx.get(f"{url}&response-content-type=text/html").status_code == 403


@behaviour
def presigned_url_expires(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    urls = [
        presigned(signer, "get_object", 1, Bucket=bucket, Key="a") for signer in signers(client)
    ]
    deadline = time.monotonic() + 10
    while any(httpx.get(url).status_code != 403 for url in urls):
        assert time.monotonic() < deadline, "still served"
        time.sleep(0.2)
    assert "Request has expired" in httpx.get(urls[1]).text
