"""Operations that list a bucket: ListObjects, ListObjectsV2, ListObjectVersions."""

import base64
import binascii
from collections.abc import Callable

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml
from local_aws.s3.http.owner import owner
from local_aws.s3.http.response import S3Response, xml_response
from local_aws.s3.operations.context import OperationContext
from local_aws.s3.records import ObjectRecord
from local_aws.s3.store.listing import MAX_KEYS, ListingPage, list_page


class _Listing:
    """What the three share: prefix, delimiter, limit and encoding of keys."""

    def __init__(self, context: OperationContext) -> None:
        query = context.request.query
        context.store.buckets.get(context.bucket)
        self._context = context
        self._prefix = query.get("prefix", "")
        self._delimiter = query.get("delimiter", "")
        self._encoding = query.get("encoding-type", "")
        if self._encoding not in {"", "url"}:
            message = "Invalid Encoding Method specified in Request"
            raise S3Error("InvalidArgument", message, ArgumentName="encoding-type")
        self._limit = context.request.integer("max-keys", MAX_KEYS, 0, MAX_KEYS)
        self.encode: Callable[[str], str] = xml.url_encoded if self._encoding else str

    def page(self, after: str) -> ListingPage:
        store, bucket = self._context.store, self._context.bucket
        return list_page(
            lambda start, limit: store.scan(bucket, start, limit),
            self._prefix,
            self._delimiter,
            after,
            self._limit,
        )

    def common_elements(self, page: ListingPage) -> list[str]:
        return [
            xml.leaf("Name", self._context.bucket),
            xml.leaf("Prefix", self.encode(self._prefix)),
            xml.leaf_if("Delimiter", self.encode(self._delimiter)),
            xml.leaf("MaxKeys", self._limit),
            xml.leaf_if("EncodingType", self._encoding),
            xml.leaf("IsTruncated", page.truncated),
        ]

    def prefix_elements(self, page: ListingPage) -> list[str]:
        return [
            xml.tag("CommonPrefixes", xml.leaf("Prefix", self.encode(prefix)))
            for prefix in page.prefixes
        ]

    def object_element(self, record: ObjectRecord, *more: str, name: str = "Contents") -> str:
        return xml.tag(
            name,
            xml.leaf("Key", self.encode(record.key)),
            xml.leaf("LastModified", xml.timestamp(record.modified)),
            xml.leaf("ETag", f'"{record.etag}"'),
            *(xml.leaf("ChecksumAlgorithm", name) for name in record.checksums.values),
            xml.leaf("Size", record.size),
            xml.leaf("StorageClass", "STANDARD"),
            *more,
        )


def list_objects(context: OperationContext) -> S3Response:
    """ListObjects, the first version."""
    listing, marker = _Listing(context), context.request.query.get("marker", "")
    page = listing.page(marker)
    # Only with a delimiter: without one clients use the last key.
    next_marker = page.last if page.truncated and context.request.query.get("delimiter") else ""
    return xml_response(
        xml.document(
            "ListBucketResult",
            *listing.common_elements(page),
            xml.leaf("Marker", listing.encode(marker)),
            xml.leaf_if("NextMarker", listing.encode(next_marker)),
            *(listing.object_element(record, owner()) for record in page.objects),
            *listing.prefix_elements(page),
        )
    )


def list_objects_v2(context: OperationContext) -> S3Response:
    """ListObjectsV2; a continuation token is the last key or prefix shown."""
    query = context.request.query
    listing, token = _Listing(context), query.get("continuation-token", "")
    start_after = query.get("start-after", "")
    page = listing.page(decode_token(token) if "continuation-token" in query else start_after)
    owners = [owner()] if query.get("fetch-owner") == "true" else []
    return xml_response(
        xml.document(
            "ListBucketResult",
            *listing.common_elements(page),
            xml.leaf("KeyCount", len(page.objects) + len(page.prefixes)),
            xml.leaf_if("ContinuationToken", token),
            xml.leaf_if("NextContinuationToken", encode_token(page.last) if page.truncated else ""),
            xml.leaf_if("StartAfter", listing.encode(start_after)),
            *(listing.object_element(record, *owners) for record in page.objects),
            *listing.prefix_elements(page),
        )
    )


def encode_token(last: str) -> str:
    """The token of a listing that goes on after `last`."""
    return base64.urlsafe_b64encode(last.encode()).decode()


def decode_token(token: str) -> str:
    """The last name shown. Raises InvalidArgument."""
    try:
        last = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        last = ""
    if not last:
        message = "The continuation token provided is incorrect"
        raise S3Error("InvalidArgument", message, ArgumentName="continuation-token")
    return last


def list_object_versions(context: OperationContext) -> S3Response:
    """ListObjectVersions: every object is the one version of its key, named null."""
    listing, marker = _Listing(context), context.request.query.get("key-marker", "")
    page = listing.page(marker)
    next_markers = [
        xml.leaf("NextKeyMarker", listing.encode(page.last)),
        xml.leaf("NextVersionIdMarker", "null"),
    ]
    null = (xml.leaf("VersionId", "null"), xml.leaf("IsLatest", True), owner())
    return xml_response(
        xml.document(
            "ListVersionsResult",
            *listing.common_elements(page),
            xml.leaf("KeyMarker", listing.encode(marker)),
            xml.leaf("VersionIdMarker", context.request.query.get("version-id-marker", "")),
            *(next_markers if page.truncated else ()),
            *(listing.object_element(record, *null, name="Version") for record in page.objects),
            *listing.prefix_elements(page),
        )
    )
