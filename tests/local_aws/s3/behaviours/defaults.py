"""What a new bucket has, and what is refused rather than taken without effect."""

from typing import Any

from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    PART,
    b64_sha256,
    behaviour,
    body,
    put_all,
    refused,
    upload_of,
    upload_parts,
)


@behaviour
def new_bucket_is_encrypted_and_private(client: S3Client, bucket: str) -> None:
    rules = client.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    default = rules["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert default["SSEAlgorithm"] == "AES256"
    block = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert list(block.values()) == [True] * 4
    controls = client.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@behaviour
def owner_has_full_control(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    answers: Any = (
        client.get_bucket_acl(Bucket=bucket),
        client.get_object_acl(Bucket=bucket, Key="a"),
    )
    for answer in answers:
        [grant] = answer["Grants"]
        assert grant["Permission"] == "FULL_CONTROL"
        assert grant["Grantee"]["ID"] == answer["Owner"]["ID"]


@behaviour
def nobody_else_gets_access(client: S3Client, bucket: str) -> None:
    put_all(client, bucket, "a")
    client.put_bucket_acl(Bucket=bucket, ACL="private")
    client.put_object_acl(Bucket=bucket, Key="a", ACL="bucket-owner-full-control")
    with refused("AccessControlListNotSupported", 400):
        client.put_bucket_acl(Bucket=bucket, ACL="public-read")
    with refused("AccessControlListNotSupported", 400):
        client.put_object_acl(Bucket=bucket, Key="a", ACL="public-read")


@behaviour
def upload_names_owner_and_initiator(client: S3Client, bucket: str) -> None:
    upload = upload_of(upload_parts(client, bucket, "m", b"1"))
    answers: Any = (
        client.list_parts(**upload),
        client.list_multipart_uploads(Bucket=bucket)["Uploads"][0],
    )
    for answer in answers:
        assert answer["Owner"]["ID"]
        assert answer["Initiator"]["ID"]


@behaviour
def uploads_are_rolled_up(client: S3Client, bucket: str) -> None:
    for key in ("a/1", "a/2", "b", "c/1"):
        upload_parts(client, bucket, key)
    seen: list[str] = []
    marker: Any = {}
    while True:
        page: Any = client.list_multipart_uploads(
            Bucket=bucket, Delimiter="/", MaxUploads=1, **marker
        )
        seen += [found["Key"] for found in page.get("Uploads", ())]
        seen += [found["Prefix"] for found in page.get("CommonPrefixes", ())]
        if not page["IsTruncated"]:
            break
        marker = {"KeyMarker": page["NextKeyMarker"]}
        if page.get("NextUploadIdMarker"):
            marker["UploadIdMarker"] = page["NextUploadIdMarker"]
    assert seen == ["a/", "b", "c/"]


@behaviour
def buckets_are_listed_by_prefix_and_page(client: S3Client, bucket: str) -> None:
    names = [f"{bucket}-{letter}" for letter in "abc"]
    for name in names:
        client.create_bucket(Bucket=name)
    first = client.list_buckets(Prefix=f"{bucket}-", MaxBuckets=2)
    assert [found["Name"] for found in first["Buckets"]] == names[:2]
    rest = client.list_buckets(
        Prefix=f"{bucket}-", MaxBuckets=2, ContinuationToken=first["ContinuationToken"]
    )
    assert [found["Name"] for found in rest["Buckets"]] == names[2:]
    assert "ContinuationToken" not in rest


@behaviour
def completing_twice_is_fine(client: S3Client, bucket: str) -> None:
    completion = upload_parts(client, bucket, "m", PART, b"end")
    first = client.complete_multipart_upload(**completion)
    again = client.complete_multipart_upload(**completion)
    assert (again["ETag"], again["Key"]) == (first["ETag"], "m")
    client.delete_object(Bucket=bucket, Key="m")
    with refused("NoSuchUpload", 404):
        client.complete_multipart_upload(**completion)


@behaviour
def checksums_of_parts_are_kept(client: S3Client, bucket: str) -> None:
    completion = upload_parts(client, bucket, "m", PART, b"end", ChecksumAlgorithm="SHA256")
    client.complete_multipart_upload(**completion)
    part = client.get_object(Bucket=bucket, Key="m", PartNumber=2, ChecksumMode="ENABLED")
    assert part["ChecksumSHA256"] == b64_sha256(b"end")
    told = client.get_object_attributes(
        Bucket=bucket, Key="m", ObjectAttributes=["ObjectParts"], MaxParts=1
    )["ObjectParts"]
    assert (told["TotalPartsCount"], told["IsTruncated"]) == (2, True)
    [first] = told["Parts"]
    assert (first["Size"], first["ChecksumSHA256"]) == (len(PART), b64_sha256(PART))
    rest = client.get_object_attributes(
        Bucket=bucket, Key="m", ObjectAttributes=["ObjectParts"], PartNumberMarker=1
    )["ObjectParts"]
    assert [found["PartNumber"] for found in rest["Parts"]] == [2]


@behaviour
def metadata_may_be_utf8(client: S3Client, bucket: str) -> None:
    """As Go's and JavaScript's SDKs send it; S3 answers with an encoded word (RFC 2047)."""
    client.meta.events.register("before-sign.s3.PutObject", _add_metadata)
    client.meta.events.register("before-send.s3.PutObject", _encode_metadata)
    client.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert body(client, bucket, "a") == b"x"
    answer = client.head_object(Bucket=bucket, Key="a")
    assert answer["Metadata"]["who"] == "=?utf-8?b?w4RubmUg8J+Qtg==?="


def _add_metadata(request: Any, **_: Any) -> None:
    request.headers["x-amz-meta-who"] = "Änne 🐶"


def _encode_metadata(request: Any, **_: Any) -> None:
    request.headers["x-amz-meta-who"] = "Änne 🐶".encode()


PUT_REFUSALS: tuple[tuple[dict[str, str], str, int], ...] = (
    ({"StorageClass": "FLOPPY"}, "InvalidStorageClass", 400),
    ({"StorageClass": "GLACIER"}, "NotImplemented", 501),
    ({"ServerSideEncryption": "aws:kms"}, "NotImplemented", 501),
    ({"ServerSideEncryption": "rot13"}, "InvalidEncryptionAlgorithmError", 400),
    ({"ExpectedBucketOwner": "999999999999"}, "AccessDenied", 403),
    ({"ExpectedBucketOwner": "me"}, "InvalidBucketOwnerAWSAccountID", 400),
    ({"ObjectLockLegalHoldStatus": "ON"}, "NotImplemented", 501),
)


@behaviour
def what_is_not_honoured_is_refused(client: S3Client, bucket: str) -> None:
    for parameters, code, status in PUT_REFUSALS:
        anything: Any = parameters
        with refused(code, status):
            client.put_object(Bucket=bucket, Key="a", Body=b"x", **anything)
        if "ExpectedBucketOwner" not in parameters:
            with refused(code, status):
                client.create_multipart_upload(Bucket=bucket, Key="a", **anything)
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)
    client.put_object(
        Bucket=bucket,
        Key="a",
        Body=b"x",
        StorageClass="STANDARD",
        ServerSideEncryption="AES256",
        ExpectedBucketOwner="123456789012",
    )


BUCKET_REFUSALS: tuple[tuple[dict[str, Any], str, int], ...] = (
    ({"ObjectOwnership": "ObjectWriter"}, "NotImplemented", 501),
    ({"ObjectOwnership": "Nobody"}, "InvalidArgument", 400),
    ({"ObjectLockEnabledForBucket": True}, "NotImplemented", 501),
    (
        {"CreateBucketConfiguration": {"LocationConstraint": "atlantis-1"}},
        "InvalidLocationConstraint",
        400,
    ),
)


@behaviour
def what_no_bucket_has_is_refused(client: S3Client, bucket: str) -> None:
    for parameters, code, status in BUCKET_REFUSALS:
        with refused(code, status):
            client.create_bucket(Bucket=f"{bucket}-new", **parameters)
    with refused("404", 404):
        client.head_bucket(Bucket=f"{bucket}-new")
