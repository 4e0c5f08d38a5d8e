"""Operations on buckets: create, find, delete, configure, and delete many objects at once."""

import functools
from collections.abc import Callable
from typing import Final
from xml.etree.ElementTree import Element

from botocore.session import Session

from local_aws.s3.errors import S3Error
from local_aws.s3.http import cors, xml
from local_aws.s3.http.object_headers import reject_unsupported, require_owner_acl
from local_aws.s3.http.owner import access_control_policy, owner
from local_aws.s3.http.response import S3Response, xml_response
from local_aws.s3.operations.context import OperationContext
from local_aws.s3.operations.listings import decode_token, encode_token
from local_aws.s3.records import BucketRecord
from local_aws.s3.store.conditions import WriteCondition

_DEFAULT_REGION: Final = "us-east-1"
_MAX_DELETES: Final = 1000
_MAX_BUCKETS: Final = 10_000
_OWNERSHIP: Final = "x-amz-object-ownership"
_OBJECT_LOCK: Final = "x-amz-bucket-object-lock-enabled"

CONFIGURATIONS: Final = {
    "cors": ("CORSConfiguration", "NoSuchCORSConfiguration"),
    "encryption": (
        "ServerSideEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    "lifecycle": ("LifecycleConfiguration", "NoSuchLifecycleConfiguration"),
    "ownershipControls": ("OwnershipControls", "OwnershipControlsNotFoundError"),
    "publicAccessBlock": (
        "PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    "tagging": ("Tagging", "NoSuchTagSet"),
}
"""Configuration documents by sub-resource: the root element, the error when there is none.

They are stored and returned; only CORS has an effect. Nobody but this machine's user has access,
nothing expires, and encryption is left to the disk.
"""


# What every new bucket has since 2023.
_DEFAULTS: Final = {
    "encryption": xml.tag(
        "Rule",
        xml.tag("ApplyServerSideEncryptionByDefault", xml.leaf("SSEAlgorithm", "AES256")),
        xml.leaf("BucketKeyEnabled", False),
    ),
    "ownershipControls": xml.tag("Rule", xml.leaf("ObjectOwnership", "BucketOwnerEnforced")),
    "publicAccessBlock": "".join(
        xml.leaf(name, True)
        for name in (
            *("BlockPublicAcls", "IgnorePublicAcls"),
            *("BlockPublicPolicy", "RestrictPublicBuckets"),
        )
    ),
}


def list_buckets(context: OperationContext) -> S3Response:
    """ListBuckets, by name; a continuation token is the last name shown."""
    request, query = context.request, context.request.query
    limit = request.integer("max-buckets", _MAX_BUCKETS, 1, _MAX_BUCKETS)
    after = decode_token(query["continuation-token"]) if "continuation-token" in query else ""
    prefix, region = query.get("prefix", ""), query.get("bucket-region")
    found = [
        bucket
        for bucket in context.store.buckets.all()
        if bucket.name.startswith(prefix)
        and bucket.name > after
        and region in {None, bucket.region}
    ]
    is_paged = query.keys() & {"max-buckets", "prefix", "bucket-region", "continuation-token"}
    token = encode_token(found[limit - 1].name) if len(found) > limit else ""
    return xml_response(
        xml.document(
            "ListAllMyBucketsResult",
            owner(),
            xml.tag(
                "Buckets", *(_bucket_element(bucket, bool(is_paged)) for bucket in found[:limit])
            ),
            xml.leaf_if("Prefix", prefix),
            xml.leaf_if("ContinuationToken", token),
        )
    )


def _bucket_element(bucket: BucketRecord, with_region: bool) -> str:
    return xml.tag(
        "Bucket",
        xml.leaf("Name", bucket.name),
        xml.leaf("CreationDate", xml.timestamp(bucket.created)),
        xml.leaf_if("BucketRegion", bucket.region if with_region else ""),
    )


def create_bucket(context: OperationContext) -> S3Response:
    """CreateBucket; an existing bucket is no error in us-east-1 alone, as on AWS."""
    _require_plain_bucket(context)
    region = _requested_location(context.document())
    if region and region not in _regions():
        raise S3Error("InvalidLocationConstraint", LocationConstraint=region)
    if context.signature.region not in {_DEFAULT_REGION, region}:
        message = (
            f"The {region or 'unspecified'} location constraint is incompatible for the region "
            "specific endpoint this request was sent to."
        )
        raise S3Error("IllegalLocationConstraintException", message)
    region = region or _DEFAULT_REGION
    if not context.store.buckets.create(context.bucket, region) and region != _DEFAULT_REGION:
        raise S3Error("BucketAlreadyOwnedByYou", BucketName=context.bucket)
    return S3Response(200, {"Location": f"/{context.bucket}"})


@functools.cache
def _regions() -> frozenset[str]:
    """The location constraints of AWS; us-east-1 has none, EU is the old name of eu-west-1."""
    session = Session()
    partitions = session.get_available_partitions()
    found = (session.get_available_regions("s3", partition) for partition in partitions)
    return frozenset({"EU"}.union(*found) - {_DEFAULT_REGION})


def _require_plain_bucket(context: OperationContext) -> None:
    """Raises NotImplemented, AccessControlListNotSupported or InvalidArgument for what asks for
    ACLs or locks.
    """
    headers = context.request.headers
    reject_unsupported(headers)
    if headers.get(_OBJECT_LOCK, "false").lower() != "false":
        raise S3Error("NotImplemented", Header=_OBJECT_LOCK)
    ownership = headers.get(_OWNERSHIP, "BucketOwnerEnforced")
    if ownership in {"BucketOwnerPreferred", "ObjectWriter"}:
        raise S3Error("NotImplemented", Header=_OWNERSHIP)
    if ownership != "BucketOwnerEnforced":
        message = f"Invalid x-amz-object-ownership header: {ownership}"
        raise S3Error("InvalidArgument", message, ArgumentName=_OWNERSHIP)


def _requested_location(document: bytes) -> str:
    if not document:
        return ""
    tree = xml.parse(document, "CreateBucketConfiguration")
    return tree.findtext("LocationConstraint") or ""


def head_bucket(context: OperationContext) -> S3Response:
    """HeadBucket."""
    region = context.store.buckets.get(context.bucket).region
    return S3Response(200, {"Content-Type": "application/xml", "x-amz-bucket-region": region})


def delete_bucket(context: OperationContext) -> S3Response:
    """DeleteBucket."""
    context.store.delete_bucket(context.bucket)
    return S3Response(204)


def get_bucket_location(context: OperationContext) -> S3Response:
    """GetBucketLocation; us-east-1 is an empty text."""
    region = context.store.buckets.get(context.bucket).region
    return xml_response(
        xml.document("LocationConstraint", "" if region == _DEFAULT_REGION else region)
    )


def get_bucket_versioning(context: OperationContext) -> S3Response:
    """GetBucketVersioning: never switched on."""
    context.store.buckets.get(context.bucket)
    return xml_response(xml.document("VersioningConfiguration"))


def get_bucket_acl(context: OperationContext) -> S3Response:
    """GetBucketAcl."""
    context.store.buckets.get(context.bucket)
    return xml_response(access_control_policy())


def put_bucket_acl(context: OperationContext) -> S3Response:
    """PutBucketAcl: only what gives the owner alone access is taken, as without ACLs."""
    context.store.buckets.get(context.bucket)
    require_owner_acl(context.request.headers)
    return S3Response(200)


def configuration_operations(setting: str) -> dict[str, Callable[[OperationContext], S3Response]]:
    """GET, PUT and DELETE of a configuration document, by method."""
    root, missing = CONFIGURATIONS[setting]

    def get_document(context: OperationContext) -> S3Response:
        document = context.store.buckets.get(context.bucket).settings.get(setting)
        if document is None and setting in _DEFAULTS:
            return xml_response(xml.document(root, _DEFAULTS[setting]))
        if document is None:
            raise S3Error(missing, BucketName=context.bucket)
        return xml_response(document.encode())

    def put_document(context: OperationContext) -> S3Response:
        document = context.document()
        tree = xml.parse(document, root)
        if setting == "cors":
            cors.read_rules(tree)
        context.store.buckets.set_configuration(context.bucket, setting, document.decode())
        return S3Response(200)

    def delete_document(context: OperationContext) -> S3Response:
        context.store.buckets.set_configuration(context.bucket, setting, None)
        return S3Response(204)

    return {"GET": get_document, "PUT": put_document, "DELETE": delete_document}


def delete_objects(context: OperationContext) -> S3Response:
    """DeleteObjects: up to 1,000 keys, each with its own outcome."""
    context.store.buckets.get(context.bucket)
    tree = xml.parse(context.document(), "Delete")
    elements = tree.findall("Object")
    if not 0 < len(elements) <= _MAX_DELETES:
        raise S3Error("MalformedXML")
    requested = [_requested_delete(element) for element in elements]
    errors = context.store.delete_all(context.bucket, requested)
    quiet = tree.findtext("Quiet") == "true"
    return xml_response(
        xml.document(
            "DeleteResult",
            *(
                _delete_result(key, error, quiet)
                for (key, _), error in zip(requested, errors, strict=True)
            ),
        )
    )


def _requested_delete(element: Element) -> tuple[str, WriteCondition]:
    """A key to delete and its condition. Raises MalformedXML or InvalidArgument."""
    key = element.findtext("Key")
    if not key:
        raise S3Error("MalformedXML")
    if element.findtext("VersionId", "null") != "null":
        raise S3Error("InvalidArgument", "Invalid version id specified")
    return key, WriteCondition(if_match=element.findtext("ETag"))


def _delete_result(key: str, error: S3Error | None, quiet: bool) -> str:
    if error is None:
        return "" if quiet else xml.tag("Deleted", xml.leaf("Key", key))
    return xml.tag(
        "Error",
        xml.leaf("Key", key),
        xml.leaf("Code", error.code),
        xml.leaf("Message", error.message),
    )
