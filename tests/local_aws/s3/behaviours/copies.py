"""Copies."""

from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    behaviour,
    body,
    put_all,
    refused,
)


@behaviour
def copy_keeps_what_was_said(client: S3Client, bucket: str) -> None:
    client.put_object(
        Bucket=bucket, Key="a é+", Body=b"x", ContentType="text/plain", Metadata={"user": "ann"}
    )
    client.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a é+"})
    client.delete_object(Bucket=bucket, Key="a é+")
    head = client.head_object(Bucket=bucket, Key="b")
    assert (head["ContentType"], head["Metadata"]) == ("text/plain", {"user": "ann"})
    assert body(client, bucket, "b") == b"x"


@behaviour
def copy_may_say_something_else(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"x", Metadata={"user": "ann"})
    for key in ("b", "a"):
        client.copy_object(
            Bucket=bucket,
            Key=key,
            CopySource=f"{bucket}/a",
            MetadataDirective="REPLACE",
            Metadata={"user": "bob"},
        )
        assert client.head_object(Bucket=bucket, Key=key)["Metadata"] == {"user": "bob"}


@behaviour
def copy_onto_itself_is_refused(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    with refused("InvalidRequest", 400):
        client.copy_object(Bucket=bucket, Key="a", CopySource=f"{bucket}/a")


@behaviour
def copy_of_nothing_is_refused(client: S3Client, bucket: str) -> None:
    with refused("NoSuchKey", 404):
        client.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")


@behaviour
def copy_on_condition_of_the_source(client: S3Client, bucket: str) -> None:
    etag = client.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    client.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a", CopySourceIfMatch=etag)
    with refused("PreconditionFailed", 412):
        client.copy_object(
            Bucket=bucket, Key="b", CopySource=f"{bucket}/a", CopySourceIfNoneMatch=etag
        )
