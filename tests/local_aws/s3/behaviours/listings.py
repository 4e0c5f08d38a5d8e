"""Listings: pages, prefixes, order."""

from typing import Any

from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    behaviour,
    body,
    put_all,
    refused,
)


def keys_of(page: Any) -> list[str]:
    return [found["Key"] for found in page.get("Contents", [])]


def prefixes_of(page: Any) -> list[str]:
    return [found["Prefix"] for found in page.get("CommonPrefixes", [])]


@behaviour
def list_goes_page_by_page(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, *(f"l/{number:02d}" for number in range(7)), "m")
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix="l/", PaginationConfig={"PageSize": 3}
    )
    assert [keys_of(page) for page in pages] == [
        ["l/00", "l/01", "l/02"],
        ["l/03", "l/04", "l/05"],
        ["l/06"],
    ]


@behaviour
def list_says_how_many(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a", "b", "c")
    page = client.list_objects_v2(Bucket=bucket, MaxKeys=2)
    assert (page["KeyCount"], page["MaxKeys"], page["IsTruncated"]) == (2, 2, True)
    page = client.list_objects_v2(Bucket=bucket, MaxKeys=3)
    assert (page["KeyCount"], page["IsTruncated"]) == (3, False)


@behaviour
def list_of_no_keys_is_complete(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    page = client.list_objects_v2(Bucket=bucket, MaxKeys=0)
    assert (keys_of(page), page["IsTruncated"]) == ([], False)


@behaviour
def list_starts_after_a_key(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a", "b", "c")
    assert keys_of(client.list_objects_v2(Bucket=bucket, StartAfter="a")) == ["b", "c"]
    assert keys_of(client.list_objects_v2(Bucket=bucket, StartAfter="aa")) == ["b", "c"]


@behaviour
def list_rolls_up_prefixes(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a/1", "a/2", "b", "c/1/x", "c/2")
    page = client.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert (keys_of(page), prefixes_of(page)) == (["b"], ["a/", "c/"])
    page = client.list_objects_v2(Bucket=bucket, Delimiter="/", Prefix="c/")
    assert (keys_of(page), prefixes_of(page)) == (["c/2"], ["c/1/"])


@behaviour
def list_rolls_up_any_delimiter(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a--1", "a--2", "b-1")
    page = client.list_objects_v2(Bucket=bucket, Delimiter="--")
    assert (keys_of(page), prefixes_of(page)) == (["b-1"], ["a--"])


@behaviour
def list_pages_count_prefixes(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a/1", "a/2", "b", "c/1", "c/2", "d")
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2}
    )
    assert [(keys_of(page), prefixes_of(page)) for page in pages] == [
        (["b"], ["a/"]),
        (["d"], ["c/"]),
    ]


@behaviour
def list_v1_goes_page_by_page(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a", "b", "c")
    page = client.list_objects(Bucket=bucket, MaxKeys=2)
    assert (keys_of(page), page["IsTruncated"]) == (["a", "b"], True)
    assert keys_of(client.list_objects(Bucket=bucket, Marker="b")) == ["c"]


@behaviour
def list_v1_names_the_next_marker_with_a_delimiter(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a/1", "a/2", "b", "c/1")
    page = client.list_objects(Bucket=bucket, Delimiter="/", MaxKeys=1)
    assert (prefixes_of(page), page["NextMarker"]) == (["a/"], "a/")
    page = client.list_objects(Bucket=bucket, Delimiter="/", Marker="a/")
    assert (keys_of(page), prefixes_of(page)) == (["b"], ["c/"])


@behaviour
def list_is_in_order_of_utf8_bytes(client: S3Client, bucket: str) -> None:
    keys = ["Z", "a", "z", "é", "\uff5e", "🐶"]
    put_all(client, bucket, *reversed(keys))
    assert keys_of(client.list_objects_v2(Bucket=bucket)) == keys


@behaviour
def list_tells_the_owner_when_asked(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    assert "Owner" not in client.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert "Owner" in client.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"][0]


@behaviour
def list_refuses_a_token_it_did_not_give(client: S3Client, bucket: str) -> None:
    with refused("InvalidArgument", 400):
        client.list_objects_v2(Bucket=bucket, ContinuationToken="&&&")


@behaviour
def list_of_versions_has_null_versions(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a", "b/1", "b/2")
    page = client.list_object_versions(Bucket=bucket, Delimiter="/")
    shown = [(found["Key"], found["VersionId"], found["IsLatest"]) for found in page["Versions"]]
    assert (shown, prefixes_of(page)) == ([("a", "null", True)], ["b/"])
    assert body(client, bucket, "a", VersionId="null") == b"a"


@behaviour
def list_of_versions_goes_page_by_page(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a", "b", "c")
    pages = client.get_paginator("list_object_versions").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 2}
    )
    assert [[found["Key"] for found in page["Versions"]] for page in pages] == [["a", "b"], ["c"]]
