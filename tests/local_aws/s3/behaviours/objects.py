"""Objects: what is said of them, their keys, deleting, tags."""

from typing import Any

from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    NASTY_KEYS,
    behaviour,
    body,
    md5,
    put_all,
    refused,
)


@behaviour
def object_comes_back_with_what_was_said_of_it(client: S3Client, bucket: str) -> None:
    said: Any = {
        "ContentType": "text/plain",
        "CacheControl": "max-age=60",
        "ContentDisposition": "attachment; filename=a.txt",
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "Metadata": {"user": "ann", "two-words": "x y"},
    }
    client.put_object(Bucket=bucket, Key="a", Body=b"0123456789", **said)
    answers: Any = (
        client.get_object(Bucket=bucket, Key="a"),
        client.head_object(Bucket=bucket, Key="a"),
    )
    for answer in answers:
        assert {name: answer[name] for name in said} == said
        assert answer["ContentLength"] == 10
    assert body(client, bucket, "a") == b"0123456789"


@behaviour
def metadata_names_may_have_underscores(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"", Metadata={"my_name": "x"})
    assert client.head_object(Bucket=bucket, Key="a")["Metadata"] == {"my_name": "x"}


@behaviour
def metadata_is_limited_to_2_kib(client: S3Client, bucket: str) -> None:
    with refused("MetadataTooLarge", 400):
        client.put_object(Bucket=bucket, Key="a", Body=b"", Metadata={"a": "x" * 2048})


@behaviour
def etag_is_the_md5(client: S3Client, bucket: str) -> None:
    etag = client.put_object(Bucket=bucket, Key="a", Body=b"abc")["ETag"]
    assert etag == f'"{md5(b"abc")}"' == client.head_object(Bucket=bucket, Key="a")["ETag"]


@behaviour
def empty_object_is_an_object(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="empty")
    assert body(client, bucket, "empty") == b""
    assert client.list_objects_v2(Bucket=bucket)["Contents"][0]["Size"] == 0


@behaviour
def content_type_has_a_default(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert client.head_object(Bucket=bucket, Key="a")["ContentType"] == "binary/octet-stream"


@behaviour
def missing_key_is_named(client: S3Client, bucket: str) -> None:
    with refused("NoSuchKey", 404):
        client.get_object(Bucket=bucket, Key="no")
    with refused("404", 404):
        client.head_object(Bucket=bucket, Key="no")


@behaviour
def overwriting_replaces_everything(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"long old", Metadata={"old": "1"})
    client.put_object(Bucket=bucket, Key="a", Body=b"new")
    assert body(client, bucket, "a") == b"new"
    assert client.head_object(Bucket=bucket, Key="a")["Metadata"] == {}


@behaviour
def deleting_twice_is_fine(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    for _ in range(2):
        assert (
            client.delete_object(Bucket=bucket, Key="a")["ResponseMetadata"]["HTTPStatusCode"]
            == 204
        )
    with refused("NoSuchKey", 404):
        client.get_object(Bucket=bucket, Key="a")


@behaviour
def deleting_many_tells_each_key(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a", "b & c")
    keys: Any = [{"Key": key} for key in ("a", "b & c", "ghost")]
    answer = client.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert sorted(gone["Key"] for gone in answer["Deleted"]) == ["a", "b & c", "ghost"]
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)


@behaviour
def deleting_many_quietly_tells_nothing(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    answer = client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": True})
    assert "Deleted" not in answer
    assert "Errors" not in answer


@behaviour
def any_key_is_only_a_name(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, *NASTY_KEYS)
    for key in NASTY_KEYS:
        assert body(client, bucket, key) == key.encode()
    listed = [found["Key"] for found in client.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(NASTY_KEYS, key=str.encode)


@behaviour
def a_key_may_start_with_another_and_a_slash(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "x", "x/y", "x/")
    assert [body(client, bucket, key) for key in ("x", "x/y", "x/")] == [b"x", b"x/y", b"x/"]


@behaviour
def key_of_1024_bytes_is_the_longest(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="k" * 1024, Body=b"x")
    for key in ("k" * 1025, "ü" * 513):
        with refused("KeyTooLongError", 400):
            client.put_object(Bucket=bucket, Key=key, Body=b"x")


@behaviour
def tags_are_kept(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"x", Tagging="team=art&year=2026")
    tags = client.get_object_tagging(Bucket=bucket, Key="a")["TagSet"]
    assert sorted((tag["Key"], tag["Value"]) for tag in tags) == [("team", "art"), ("year", "2026")]
    assert client.head_object(Bucket=bucket, Key="a")["TagCount"] == 2
    client.put_object_tagging(
        Bucket=bucket, Key="a", Tagging={"TagSet": [{"Key": "b", "Value": "c"}]}
    )
    assert client.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == [
        {"Key": "b", "Value": "c"}
    ]
    client.delete_object_tagging(Bucket=bucket, Key="a")
    assert client.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == []


@behaviour
def tags_are_checked(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    tags: Any = ({"Key": "a", "Value": "<b>"}, {"Key": "a" * 129, "Value": ""})
    for tag in tags:
        with refused("InvalidTag", 400):
            client.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": [tag]})
