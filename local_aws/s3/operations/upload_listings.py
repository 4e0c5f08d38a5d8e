"""Operations that list multipart uploads: ListMultipartUploads and ListParts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml
from local_aws.s3.http.response import S3Response, xml_response
from local_aws.s3.operations.context import OperationContext
from local_aws.s3.operations.multipart import requested_upload
from local_aws.s3.records import PartRecord, UploadRecord
from local_aws.s3.store.multipart import MAX_PARTS

_MAX_LISTED: Final = 1000


def list_parts(context: OperationContext) -> S3Response:
    """ListParts."""
    request, upload = context.request, requested_upload(context)
    marker = request.integer("part-number-marker", 0, 0, MAX_PARTS)
    limit = request.integer("max-parts", _MAX_LISTED, 0, _MAX_LISTED)
    parts = context.store.uploads.parts(upload, marker, limit + 1)
    listed, truncated = parts[:limit], len(parts) > limit > 0
    return xml_response(
        xml.document(
            "ListPartsResult",
            xml.leaf("Bucket", context.bucket),
            xml.leaf("Key", context.key),
            xml.leaf("UploadId", upload.id),
            xml.leaf("PartNumberMarker", marker),
            xml.leaf_if("NextPartNumberMarker", listed[-1].number if listed else 0),
            xml.leaf("MaxParts", limit),
            xml.leaf("IsTruncated", truncated),
            xml.leaf_if("ChecksumAlgorithm", upload.checksum_algorithm),
            xml.leaf_if("ChecksumType", upload.checksum_type),
            *map(_part_element, listed),
            xml.leaf("StorageClass", "STANDARD"),
        )
    )


def _part_element(part: PartRecord) -> str:
    return xml.tag(
        "Part",
        xml.leaf("PartNumber", part.number),
        xml.leaf("LastModified", xml.timestamp(part.modified)),
        xml.leaf("ETag", f'"{part.etag}"'),
        xml.leaf("Size", part.size),
        *(xml.leaf(f"Checksum{name}", text) for name, text in part.checksums.values.items()),
    )


def list_multipart_uploads(context: OperationContext) -> S3Response:
    """ListMultipartUploads, without a delimiter."""
    request, query = context.request, context.request.query
    context.store.buckets.get(context.bucket)
    if query.get("delimiter"):
        raise S3Error("NotImplemented", Header="delimiter")
    encode = xml.url_encoded if query.get("encoding-type") == "url" else str
    prefix, limit = query.get("prefix", ""), request.integer("max-uploads", 1000, 1, _MAX_LISTED)
    marker = query.get("key-marker", ""), query.get("upload-id-marker", "")
    uploads = context.store.uploads.in_progress(context.bucket, prefix, marker, limit + 1)
    return xml_response(
        xml.document(
            "ListMultipartUploadsResult",
            xml.leaf("Bucket", context.bucket),
            xml.leaf("KeyMarker", encode(marker[0])),
            xml.leaf("UploadIdMarker", marker[1]),
            xml.leaf_if("EncodingType", query.get("encoding-type")),
            xml.leaf("Prefix", encode(prefix)),
            xml.leaf("MaxUploads", limit),
            *_page(uploads, limit, encode),
        )
    )


def _page(
    uploads: Sequence[UploadRecord], limit: int, encode: Callable[[str], str]
) -> Iterable[str]:
    truncated = len(uploads) > limit
    yield xml.leaf("IsTruncated", truncated)
    if truncated:
        yield xml.leaf("NextKeyMarker", encode(uploads[limit - 1].key))
        yield xml.leaf("NextUploadIdMarker", uploads[limit - 1].id)
    for upload in uploads[:limit]:
        yield _upload_element(upload, encode(upload.key))


def _upload_element(upload: UploadRecord, key: str) -> str:
    return xml.tag(
        "Upload",
        xml.leaf("Key", key),
        xml.leaf("UploadId", upload.id),
        xml.leaf("StorageClass", "STANDARD"),
        xml.leaf("Initiated", xml.timestamp(upload.started)),
        xml.leaf_if("ChecksumAlgorithm", upload.checksum_algorithm),
        xml.leaf_if("ChecksumType", upload.checksum_type),
    )
