"""Ranges and conditions, on reads and on writes."""

from datetime import timedelta

from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    behaviour,
    body,
    refused,
)


@behaviour
def ranges_are_served(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"0123456789")
    for header, expected, shown in (
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ):
        answer = client.get_object(Bucket=bucket, Key="a", Range=header)
        assert (answer["Body"].read(), answer["ContentRange"]) == (expected, shown)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206


@behaviour
def range_beyond_the_end_is_refused(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"0123456789")
    with refused("InvalidRange", 416):
        client.get_object(Bucket=bucket, Key="a", Range="bytes=10-")


@behaviour
def suffix_range_of_nothing_is_refused(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"0123456789")
    with refused("InvalidRange", 416):
        client.get_object(Bucket=bucket, Key="a", Range="bytes=-0")


@behaviour
def reading_on_condition(client: S3Client, bucket: str) -> None:
    etag = client.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    assert body(client, bucket, "a", IfMatch=etag) == b"x"
    assert body(client, bucket, "a", IfNoneMatch='"other"') == b"x"
    with refused("PreconditionFailed", 412):
        client.get_object(Bucket=bucket, Key="a", IfMatch='"other"')
    with refused("304", 304):
        client.get_object(Bucket=bucket, Key="a", IfNoneMatch=etag)
    with refused("304", 304):
        client.head_object(Bucket=bucket, Key="a", IfNoneMatch=etag)


@behaviour
def reading_on_condition_of_time(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"x")
    modified = client.head_object(Bucket=bucket, Key="a")["LastModified"]
    earlier = modified - timedelta(hours=1)
    assert body(client, bucket, "a", IfModifiedSince=earlier) == b"x"
    assert body(client, bucket, "a", IfUnmodifiedSince=modified) == b"x"
    with refused("304", 304):
        client.get_object(Bucket=bucket, Key="a", IfModifiedSince=modified)
    with refused("PreconditionFailed", 412):
        client.get_object(Bucket=bucket, Key="a", IfUnmodifiedSince=earlier)


@behaviour
def writing_only_what_is_not_there(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"first", IfNoneMatch="*")
    with refused("PreconditionFailed", 412):
        client.put_object(Bucket=bucket, Key="a", Body=b"second", IfNoneMatch="*")
    assert body(client, bucket, "a") == b"first"


@behaviour
def writing_only_over_what_was_read(client: S3Client, bucket: str) -> None:
    etag = client.put_object(Bucket=bucket, Key="a", Body=b"first")["ETag"]
    client.put_object(Bucket=bucket, Key="a", Body=b"second", IfMatch=etag)
    with refused("PreconditionFailed", 412):
        client.put_object(Bucket=bucket, Key="a", Body=b"third", IfMatch=etag)
    assert body(client, bucket, "a") == b"second"


@behaviour
def writing_over_what_is_not_there_is_refused(client: S3Client, bucket: str) -> None:
    with refused("NoSuchKey", 404):
        client.put_object(Bucket=bucket, Key="a", Body=b"x", IfMatch='"abc"')


@behaviour
def deleting_only_what_was_read(client: S3Client, bucket: str) -> None:
    etag = client.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    with refused("PreconditionFailed", 412):
        client.delete_object(Bucket=bucket, Key="a", IfMatch='"other"')
    assert body(client, bucket, "a") == b"x"
    client.delete_object(Bucket=bucket, Key="a", IfMatch=etag)
    with refused("404", 404):
        client.head_object(Bucket=bucket, Key="a")
