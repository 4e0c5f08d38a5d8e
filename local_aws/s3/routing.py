"""Routes requests: those of S3 among others on the port, then each to its operation."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.response import S3Response
from local_aws.s3.operations import buckets, copies, listings, multipart, objects, upload_listings
from local_aws.s3.operations.context import OperationContext

Operation = Callable[[OperationContext], S3Response]

_BUCKET_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("PUT", ""): buckets.create_bucket,
    ("HEAD", ""): buckets.head_bucket,
    ("DELETE", ""): buckets.delete_bucket,
    ("GET", ""): listings.list_objects,
    ("GET", "list-type"): listings.list_objects_v2,
    ("GET", "versions"): listings.list_object_versions,
    ("GET", "uploads"): upload_listings.list_multipart_uploads,
    ("GET", "location"): buckets.get_bucket_location,
    ("GET", "versioning"): buckets.get_bucket_versioning,
    ("GET", "acl"): buckets.get_bucket_acl,
    ("PUT", "acl"): buckets.put_bucket_acl,
    ("POST", "delete"): buckets.delete_objects,
    **{
        (method, setting): operation
        for setting in buckets.CONFIGURATIONS
        for method, operation in buckets.configuration_operations(setting).items()
    },
}

_OBJECT_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("GET", ""): objects.get_object,
    ("HEAD", ""): objects.head_object,
    ("PUT", ""): objects.put_object,
    ("PUT", "copy"): copies.copy_object,
    ("DELETE", ""): objects.delete_object,
    ("GET", "tagging"): objects.get_object_tagging,
    ("PUT", "tagging"): objects.put_object_tagging,
    ("DELETE", "tagging"): objects.delete_object_tagging,
    ("GET", "acl"): objects.get_object_acl,
    ("PUT", "acl"): objects.put_object_acl,
    ("GET", "attributes"): objects.get_object_attributes,
    ("POST", "uploads"): multipart.create_multipart_upload,
    ("PUT", "uploadId"): multipart.upload_part,
    ("PUT", "uploadId+copy"): copies.upload_part_copy,
    ("GET", "uploadId"): upload_listings.list_parts,
    ("POST", "uploadId"): multipart.complete_multipart_upload,
    ("DELETE", "uploadId"): multipart.abort_multipart_upload,
}

# Sub-resources of S3 that are not implemented: an error, not the operation without them.
_UNSUPPORTED: Final = (
    *("abac", "accelerate", "analytics", "intelligent-tiering", "inventory", "legal-hold"),
    *("logging", "metadataConfiguration", "metadataTable", "metrics", "notification"),
    *("object-lock", "ownership", "policy", "policyStatus", "rename", "replication"),
    *("requestPayment", "restore", "retention", "select", "session", "torrent", "website"),
)

_V4_SCOPE: Final = "/s3/aws4_request"


def is_s3_request(environ: Mapping[str, Any]) -> bool:
    """Whether a WSGI request is for S3.

    Signed requests have it in their credential scope (or are version 2 presigned, which only S3
    knows). Unsigned ones are S3's when no other service can handle them: a browser's preflight or
    form upload, or a read of a path; S3 then answers AccessDenied if a signature was needed.
    """
    authorization: str = environ.get("HTTP_AUTHORIZATION", "")
    if authorization:
        return _V4_SCOPE in authorization or authorization.startswith("AWS ")
    query: str = environ.get("QUERY_STRING", "")
    if "X-Amz-Credential=" in query:
        return _V4_SCOPE in query.replace("%2F", "/").replace("%2f", "/")
    if "AWSAccessKeyId=" in query:
        return True
    method = environ["REQUEST_METHOD"]
    if method == "POST":
        return str(environ.get("CONTENT_TYPE", "")).startswith("multipart/form-data")
    return method in {"OPTIONS", "HEAD", "PUT", "DELETE"} or environ.get("PATH_INFO", "/") != "/"


def find_operation(request: S3Request) -> Operation:
    """The operation that a request is for. Raises MethodNotAllowed or NotImplemented."""
    if not request.bucket:
        if request.method != "GET":
            raise S3Error("MethodNotAllowed", Method=request.method)
        return buckets.list_buckets
    operations = _OBJECT_OPERATIONS if request.key else _BUCKET_OPERATIONS
    selector = _selector(request, operations)
    operation = operations.get((request.method, selector))
    if operation is None:
        is_implemented = any(resource == selector for _, resource in operations)
        raise S3Error(
            "MethodNotAllowed" if is_implemented else "NotImplemented", Method=request.method
        )
    return operation


def _selector(request: S3Request, operations: Mapping[tuple[str, str], Operation]) -> str:
    """What selects the operation besides method and address: a sub-resource, a copy's header."""
    query = request.query
    for name in _UNSUPPORTED:
        if name in query:
            raise S3Error("NotImplemented", Resource=name)
    sub_resource = next(
        (resource for _, resource in operations if resource and resource in query), ""
    )
    if request.method == "PUT" and request.key and "x-amz-copy-source" in request.headers:
        return f"{sub_resource}+copy" if sub_resource else "copy"
    return sub_resource
