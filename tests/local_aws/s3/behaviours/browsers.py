"""What a browser needs: cross-origin rules."""

from typing import Any, Final

import httpx
from types_boto3_s3 import S3Client

from local_aws.s3.http import xml
from tests.local_aws.s3.table import (
    PART,
    b64_sha256,
    behaviour,
    body,
    presigned,
    put_all,
    refused,
    same_server,
    upload_of,
    upload_parts,
)

CORS_RULE: Final = {
    "AllowedMethods": ["GET", "PUT"],
    "AllowedOrigins": ["http://localhost:*"],
    "AllowedHeaders": ["content-*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 300,
}

PAGE: Final = "http://localhost:8501"
CHECKSUM: Final = "x-amz-checksum-sha256"
UPLOAD_RULE: Final = {
    "AllowedMethods": ["PUT"],
    "AllowedOrigins": [PAGE],
    "AllowedHeaders": [CHECKSUM],
    "ExposeHeaders": ["ETag", CHECKSUM],
}


def put_cors(client: S3Client, bucket: str, rule: object = CORS_RULE) -> None:
    rules: Any = [rule]
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})


def preflight(client: S3Client, bucket: str, method: str, **headers: str) -> httpx.Response:
    names = {"Origin": PAGE, "Access-Control-Request-Method": method, **headers}
    return httpx.options(f"{client.meta.endpoint_url}/{bucket}/a", headers=names)


@behaviour
def cors_rules_are_kept(client: S3Client, bucket: str) -> None:
    with refused("NoSuchCORSConfiguration", 404):
        client.get_bucket_cors(Bucket=bucket)
    put_cors(client, bucket)
    assert client.get_bucket_cors(Bucket=bucket)["CORSRules"] == [CORS_RULE]
    client.delete_bucket_cors(Bucket=bucket)
    with refused("NoSuchCORSConfiguration", 404):
        client.get_bucket_cors(Bucket=bucket)


@behaviour
def preflight_is_allowed_by_a_rule(client: S3Client, bucket: str) -> None:
    put_cors(client, bucket)
    answer = preflight(client, bucket, "PUT", **{"Access-Control-Request-Headers": "content-type"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:8501"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "content-type"


@behaviour
def preflight_is_refused_without_a_rule(client: S3Client, bucket: str) -> None:
    assert preflight(client, bucket, "GET").status_code == 403
    put_cors(client, bucket)
    assert preflight(client, bucket, "DELETE").status_code == 403
    assert preflight(client, bucket, "GET", Origin="http://evil.example").status_code == 403
    foreign = {"Access-Control-Request-Headers": "x-other"}
    assert preflight(client, bucket, "GET", **foreign).status_code == 403


@behaviour
def browser_may_read_what_a_rule_allows(client: S3Client, bucket: str) -> None:
    put_cors(client, bucket)
    put_all(client, bucket, "a")
    url = presigned(
        same_server(client, signature_version="s3v4"), "get_object", Bucket=bucket, Key="a"
    )
    answer = httpx.get(url, headers={"Origin": "http://localhost:1"})
    assert answer.headers["access-control-allow-origin"] == "http://localhost:1"
    assert answer.headers["access-control-expose-headers"] == "ETag"
    answer = httpx.get(url, headers={"Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


@behaviour
def cors_rules_that_say_nothing_are_refused(client: S3Client, bucket: str) -> None:
    for change, code in (
        ({"AllowedMethods": ["PATCH"]}, "InvalidRequest"),
        ({"AllowedMethods": []}, "MalformedXML"),
        ({"AllowedOrigins": []}, "MalformedXML"),
        ({"AllowedOrigins": ["http://*.example.*"]}, "InvalidRequest"),
        ({"AllowedHeaders": ["x-*-*"]}, "InvalidRequest"),
        ({"ExposeHeaders": ["x-amz-*"]}, "InvalidRequest"),
    ):
        with refused(code, 400):
            put_cors(client, bucket, {**CORS_RULE, **change})


@behaviour
def browser_sends_parts_to_presigned_addresses(client: S3Client, bucket: str) -> None:
    put_cors(client, bucket, UPLOAD_RULE)
    asked = preflight(client, bucket, "PUT", **{"Access-Control-Request-Headers": CHECKSUM})
    assert (asked.status_code, asked.headers["access-control-allow-headers"]) == (200, CHECKSUM)
    named: Any = upload_of(upload_parts(client, bucket, "a", ChecksumAlgorithm="SHA256"))
    parts: Any = []
    for number, content in enumerate((PART, b"end"), 1):
        answer = put_part(client, named, number, content, b64_sha256(content))
        assert answer.status_code == 200
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        etag, checksum = (answer.headers[name] for name in exposed)
        assert checksum == b64_sha256(content)
        parts.append({"PartNumber": number, "ETag": etag, "ChecksumSHA256": checksum})
    client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert body(client, bucket, "a") == PART + b"end"


@behaviour
def presigned_part_holds_what_was_signed(client: S3Client, bucket: str) -> None:
    put_cors(client, bucket, UPLOAD_RULE)
    named: Any = upload_of(upload_parts(client, bucket, "a", ChecksumAlgorithm="SHA256"))
    right, wrong = b64_sha256(b"right"), b64_sha256(b"wrong")
    for content, sent, status, code in (
        (b"wrong", {CHECKSUM: right}, 400, "BadDigest"),
        (b"", {CHECKSUM: right}, 400, "BadDigest"),
        (b"wrong", {CHECKSUM: wrong}, 403, "SignatureDoesNotMatch"),
        (b"right", {}, 403, "SignatureDoesNotMatch"),
        (b"right", {CHECKSUM: right, "x-amz-meta-more": "x"}, 403, "AccessDenied"),
    ):
        answer = put_part(client, named, 1, content, right, sent)
        assert answer.status_code == status
        found = xml.parse(answer.content, "Error").findtext("Code")
        assert (found, answer.headers["access-control-allow-origin"]) == (code, PAGE)
    assert "Parts" not in client.list_parts(**named)
    assert put_part(client, named, 1, b"right", right).status_code == 200


def put_part(
    client: S3Client,
    named: Any,
    number: int,
    content: bytes,
    signed: str,
    sent: dict[str, str] | None = None,
) -> httpx.Response:
    """As a page sends a part to an address that signs its checksum."""
    signer = same_server(client, signature_version="s3v4")
    url = presigned(signer, "upload_part", **named, PartNumber=number, ChecksumSHA256=signed)
    headers = {CHECKSUM: signed} if sent is None else sent
    return httpx.put(url, content=content, headers={"Origin": PAGE, **headers})
