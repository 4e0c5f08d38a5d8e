"""Operations on buckets: make, find, remove, configure, and delete many objects at once."""

from collections.abc import Callable
from typing import Final
from xml.etree.ElementTree import Element

from local_aws.s3.errors import S3Error
from local_aws.s3.http import cors, xml
from local_aws.s3.http.context import Call
from local_aws.s3.http.response import S3Response, xml_response
from local_aws.s3.operations.listings import OWNER
from local_aws.s3.store.conditions import WriteCondition

_DEFAULT_REGION: Final = "us-east-1"
_MAX_DELETES: Final = 1000

DOCUMENTS: Final = {
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

They are kept and returned; CORS alone is acted upon. Nobody but this machine's user gets here,
nothing expires, and encryption is the disk's business.
"""


def list_buckets(call: Call) -> S3Response:
    """ListBuckets."""
    buckets = (
        xml.tag(
            "Bucket",
            xml.leaf("Name", bucket.name),
            xml.leaf("CreationDate", xml.timestamp(bucket.created)),
        )
        for bucket in call.store.buckets.all()
    )
    return xml_response(xml.document("ListAllMyBucketsResult", OWNER, xml.tag("Buckets", *buckets)))


def create_bucket(call: Call) -> S3Response:
    """CreateBucket; a bucket that is there is fine in us-east-1 alone, as on AWS."""
    region = _location(call.document())
    if call.signed.region not in {_DEFAULT_REGION, region}:
        message = (
            f"The {region or 'unspecified'} location constraint is incompatible for the region "
            "specific endpoint this request was sent to."
        )
        raise S3Error("IllegalLocationConstraintException", message)
    region = region or _DEFAULT_REGION
    if not call.store.buckets.create(call.bucket, region) and region != _DEFAULT_REGION:
        raise S3Error("BucketAlreadyOwnedByYou", BucketName=call.bucket)
    return S3Response(200, {"Location": f"/{call.bucket}"})


def _location(document: bytes) -> str:
    if not document:
        return ""
    tree = xml.parse(document, "CreateBucketConfiguration")
    return tree.findtext("LocationConstraint") or ""


def head_bucket(call: Call) -> S3Response:
    """HeadBucket."""
    region = call.store.buckets.get(call.bucket).region
    return S3Response(200, {"Content-Type": "application/xml", "x-amz-bucket-region": region})


def delete_bucket(call: Call) -> S3Response:
    """DeleteBucket."""
    call.store.delete_bucket(call.bucket)
    return S3Response(204)


def get_bucket_location(call: Call) -> S3Response:
    """GetBucketLocation; us-east-1 is an empty text."""
    region = call.store.buckets.get(call.bucket).region
    return xml_response(
        xml.document("LocationConstraint", "" if region == _DEFAULT_REGION else region)
    )


def get_bucket_versioning(call: Call) -> S3Response:
    """GetBucketVersioning: never switched on."""
    call.store.buckets.get(call.bucket)
    return xml_response(xml.document("VersioningConfiguration"))


def document_operations(setting: str) -> dict[str, Callable[[Call], S3Response]]:
    """GET, PUT and DELETE of a configuration document, by method."""
    root, missing = DOCUMENTS[setting]

    def get_document(call: Call) -> S3Response:
        document = call.store.buckets.get(call.bucket).settings.get(setting)
        if document is None:
            raise S3Error(missing, BucketName=call.bucket)
        return xml_response(document.encode())

    def put_document(call: Call) -> S3Response:
        document = call.document()
        tree = xml.parse(document, root)
        if setting == "cors":
            cors.read_rules(tree)
        call.store.buckets.set_configuration(call.bucket, setting, document.decode())
        return S3Response(200)

    def delete_document(call: Call) -> S3Response:
        call.store.buckets.set_configuration(call.bucket, setting, None)
        return S3Response(204)

    return {"GET": get_document, "PUT": put_document, "DELETE": delete_document}


def delete_objects(call: Call) -> S3Response:
    """DeleteObjects: up to 1,000 keys, each with its own outcome."""
    call.store.buckets.get(call.bucket)
    tree = xml.parse(call.document(), "Delete")
    elements = tree.findall("Object")
    if not 0 < len(elements) <= _MAX_DELETES:
        raise S3Error("MalformedXML")
    wanted = [_wanted(element) for element in elements]
    refusals = call.store.delete_all(call.bucket, wanted)
    quiet = tree.findtext("Quiet") == "true"
    return xml_response(
        xml.document(
            "DeleteResult",
            *(
                _outcome(key, refusal, quiet)
                for (key, _), refusal in zip(wanted, refusals, strict=True)
            ),
        )
    )


def _wanted(element: Element) -> tuple[str, WriteCondition]:
    """A key to delete and on what condition. Raises MalformedXML or InvalidArgument."""
    key = element.findtext("Key")
    if not key:
        raise S3Error("MalformedXML")
    if element.findtext("VersionId", "null") != "null":
        raise S3Error("InvalidArgument", "Invalid version id specified")
    return key, WriteCondition(if_match=element.findtext("ETag"))


def _outcome(key: str, refusal: S3Error | None, quiet: bool) -> str:
    if refusal is None:
        return "" if quiet else xml.tag("Deleted", xml.leaf("Key", key))
    return xml.tag(
        "Error",
        xml.leaf("Key", key),
        xml.leaf("Code", refusal.code),
        xml.leaf("Message", refusal.message),
    )
