"""Buckets and their configuration."""

from typing import Any

from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    behaviour,
    body,
    put_all,
    refused,
    same_server,
)


@behaviour
def bucket_is_found(client: S3Client, bucket: str) -> None:
    assert client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert bucket in [found["Name"] for found in client.list_buckets()["Buckets"]]


@behaviour
def bucket_location_of_us_east_1_is_empty(client: S3Client, bucket: str) -> None:
    assert client.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None


@behaviour
def bucket_of_another_region_says_so(client: S3Client, bucket: str) -> None:
    west = same_server(client, region="eu-west-1")
    name = f"{bucket}-west"
    west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert west.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    assert west.head_bucket(Bucket=name)["BucketRegion"] == "eu-west-1"


@behaviour
def bucket_without_location_is_refused_in_another_region(client: S3Client, bucket: str) -> None:
    with refused("IllegalLocationConstraintException", 400):
        same_server(client, region="eu-west-1").create_bucket(Bucket=f"{bucket}-west")


@behaviour
def bucket_made_again_in_us_east_1_is_fine(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "kept")
    client.create_bucket(Bucket=bucket)
    assert body(client, bucket, "kept") == b"kept"


@behaviour
def bucket_names_are_checked(client: S3Client, bucket: str) -> None:
    for name in ("Upper-case", "under_score", "a.-b..c", "192.168.0.1"):
        with refused("InvalidBucketName", 400):
            client.create_bucket(Bucket=name)


@behaviour
def bucket_with_objects_is_not_deleted(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    with refused("BucketNotEmpty", 409):
        client.delete_bucket(Bucket=bucket)
    client.delete_object(Bucket=bucket, Key="a")
    client.delete_bucket(Bucket=bucket)
    with refused("404", 404):
        client.head_bucket(Bucket=bucket)


@behaviour
def missing_bucket_is_named(client: S3Client, bucket: str) -> None:
    missing = f"{bucket}-no"
    with refused("NoSuchBucket", 404):
        client.get_object(Bucket=missing, Key="a")
    with refused("NoSuchBucket", 404):
        client.put_object(Bucket=missing, Key="a", Body=b"")
    with refused("NoSuchBucket", 404):
        client.list_objects_v2(Bucket=missing)
    with refused("NoSuchBucket", 404):
        client.delete_bucket(Bucket=missing)


@behaviour
def versioning_was_never_switched_on(client: S3Client, bucket: str) -> None:
    assert "Status" not in client.get_bucket_versioning(Bucket=bucket)


@behaviour
def lifecycle_rules_are_kept(client: S3Client, bucket: str) -> None:
    with refused("NoSuchLifecycleConfiguration", 404):
        client.get_bucket_lifecycle_configuration(Bucket=bucket)
    rule: Any = {
        "ID": "parts",
        "Status": "Enabled",
        "Filter": {"Prefix": "models/"},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
    }
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [rule]}
    )
    assert client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]
    client.delete_bucket_lifecycle(Bucket=bucket)
    with refused("NoSuchLifecycleConfiguration", 404):
        client.get_bucket_lifecycle_configuration(Bucket=bucket)
