"""Listings of multipart uploads: ListMultipartUploads and ListParts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml
from local_aws.s3.http.context import Call
from local_aws.s3.http.response import S3Response, xml_response
from local_aws.s3.operations.multipart import upload_named
from local_aws.s3.records import MultipartUpload, UploadedPart
from local_aws.s3.store.multipart import MAX_PARTS

_MAX_LISTED: Final = 1000


def list_parts(call: Call) -> S3Response:
    """ListParts."""
    request, upload = call.request, upload_named(call)
    marker = request.integer("part-number-marker", 0, 0, MAX_PARTS)
    limit = request.integer("max-parts", _MAX_LISTED, 0, _MAX_LISTED)
    parts = call.store.uploads.parts(upload, marker, limit + 1)
    shown, truncated = parts[:limit], len(parts) > limit > 0
    return xml_response(
        xml.document(
            "ListPartsResult",
            xml.leaf("Bucket", call.bucket),
            xml.leaf("Key", call.key),
            xml.leaf("UploadId", upload.id),
            xml.leaf("PartNumberMarker", marker),
            xml.leaf_if("NextPartNumberMarker", shown[-1].number if shown else 0),
            xml.leaf("MaxParts", limit),
            xml.leaf("IsTruncated", truncated),
            xml.leaf_if("ChecksumAlgorithm", upload.checksum_algorithm),
            xml.leaf_if("ChecksumType", upload.checksum_type),
            *map(_part_element, shown),
            xml.leaf("StorageClass", "STANDARD"),
        )
    )


def _part_element(part: UploadedPart) -> str:
    return xml.tag(
        "Part",
        xml.leaf("PartNumber", part.number),
        xml.leaf("LastModified", xml.timestamp(part.modified)),
        xml.leaf("ETag", f'"{part.etag}"'),
        xml.leaf("Size", part.size),
        *(xml.leaf(f"Checksum{name}", text) for name, text in part.checksums.values.items()),
    )


def list_multipart_uploads(call: Call) -> S3Response:
    """ListMultipartUploads, without a delimiter."""
    request, query = call.request, call.request.query
    call.store.buckets.get(call.bucket)
    if query.get("delimiter"):
        raise S3Error("NotImplemented", Header="delimiter")
    encode = xml.url_encoded if query.get("encoding-type") == "url" else str
    prefix, limit = query.get("prefix", ""), request.integer("max-uploads", 1000, 1, _MAX_LISTED)
    marker = query.get("key-marker", ""), query.get("upload-id-marker", "")
    uploads = call.store.uploads.in_progress(call.bucket, prefix, marker, limit + 1)
    return xml_response(
        xml.document(
            "ListMultipartUploadsResult",
            xml.leaf("Bucket", call.bucket),
            xml.leaf("KeyMarker", encode(marker[0])),
            xml.leaf("UploadIdMarker", marker[1]),
            xml.leaf_if("EncodingType", query.get("encoding-type")),
            xml.leaf("Prefix", encode(prefix)),
            xml.leaf("MaxUploads", limit),
            *_page(uploads, limit, encode),
        )
    )


def _page(
    uploads: Sequence[MultipartUpload], limit: int, encode: Callable[[str], str]
) -> Iterable[str]:
    truncated = len(uploads) > limit
    yield xml.leaf("IsTruncated", truncated)
    if truncated:
        yield xml.leaf("NextKeyMarker", encode(uploads[limit - 1].key))
        yield xml.leaf("NextUploadIdMarker", uploads[limit - 1].id)
    for upload in uploads[:limit]:
        yield _upload_element(upload, encode(upload.key))


def _upload_element(upload: MultipartUpload, key: str) -> str:
    return xml.tag(
        "Upload",
        xml.leaf("Key", key),
        xml.leaf("UploadId", upload.id),
        xml.leaf("StorageClass", "STANDARD"),
        xml.leaf("Initiated", xml.timestamp(upload.started)),
        xml.leaf_if("ChecksumAlgorithm", upload.checksum_algorithm),
        xml.leaf_if("ChecksumType", upload.checksum_type),
    )
