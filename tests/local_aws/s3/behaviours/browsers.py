"""What a browser needs: cross-origin rules."""

from typing import Any, Final

import httpx
from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    behaviour,
    presigned,
    put_all,
    refused,
    same_server,
)

CORS_RULE: Final = {
    "AllowedMethods": ["GET", "PUT"],
    "AllowedOrigins": ["http://localhost:*"],
    "AllowedHeaders": ["content-*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 300,
}


def put_cors(client: S3Client, bucket: str) -> None:
    rules: Any = [CORS_RULE]
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})


def preflight(client: S3Client, bucket: str, method: str, **headers: str) -> httpx.Response:
    names = {"Origin": "http://localhost:8501", "Access-Control-Request-Method": method, **headers}
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
