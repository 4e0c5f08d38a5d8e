"""Operations that list multipart uploads: ListMultipartUploads and ListParts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from local_aws.s3.http import xml
from local_aws.s3.http.owner import owner
from local_aws.s3.http.response import S3Response, xml_response
from local_aws.s3.operations.context import OperationContext
from local_aws.s3.operations.multipart import requested_upload
from local_aws.s3.records import PartRecord, UploadRecord
from local_aws.s3.store.listing import common_prefix
from local_aws.s3.store.multipart import MAX_PARTS

_MAX_LISTED: Final = 1000
_LAST_CHARACTER: Final = "\U0010ffff"  # a marker behind every key of a common prefix


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
            owner("Initiator"),
            owner(),
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
    """ListMultipartUploads."""
    request, query = context.request, context.request.query
    context.store.buckets.get(context.bucket)
    encode = xml.url_encoded if query.get("encoding-type") == "url" else str
    prefix, limit = query.get("prefix", ""), request.integer("max-uploads", 1000, 1, _MAX_LISTED)
    marker = query.get("key-marker", ""), query.get("upload-id-marker", "")
    delimiter = query.get("delimiter", "")
    entries = _entries(context, prefix, delimiter, marker, limit + 1)
    return xml_response(
        xml.document(
            "ListMultipartUploadsResult",
            xml.leaf("Bucket", context.bucket),
            xml.leaf("KeyMarker", encode(marker[0])),
            xml.leaf("UploadIdMarker", marker[1]),
            xml.leaf_if("EncodingType", query.get("encoding-type")),
            xml.leaf("Prefix", encode(prefix)),
            xml.leaf_if("Delimiter", encode(delimiter)),
            xml.leaf("MaxUploads", limit),
            *_page(entries, limit, encode),
        )
    )


def _entries(
    context: OperationContext, prefix: str, delimiter: str, after: tuple[str, str], limit: int
) -> list[UploadRecord | str]:
    """At most `limit` uploads and common prefixes, in order of their keys."""
    found: list[UploadRecord | str] = []
    key, upload_id = after
    if delimiter and key and key == common_prefix(key, prefix, delimiter):
        key, upload_id = key + _LAST_CHARACTER, ""
    while len(found) < limit:
        uploads = context.store.uploads.in_progress(context.bucket, prefix, (key, upload_id), limit)
        for upload in uploads:
            rolled_up = common_prefix(upload.key, prefix, delimiter)
            entry = rolled_up or upload
            if not found or found[-1] != entry:
                found.append(entry)
            key, upload_id = upload.key, upload.id
        if len(uploads) < limit:
            break
    return found[:limit]


def _page(
    entries: Sequence[UploadRecord | str], limit: int, encode: Callable[[str], str]
) -> Iterable[str]:
    truncated = len(entries) > limit
    yield xml.leaf("IsTruncated", truncated)
    if truncated:
        last = entries[limit - 1]
        yield xml.leaf("NextKeyMarker", encode(last if isinstance(last, str) else last.key))
        yield xml.leaf("NextUploadIdMarker", "" if isinstance(last, str) else last.id)
    for entry in entries[:limit]:
        if isinstance(entry, str):
            yield xml.tag("CommonPrefixes", xml.leaf("Prefix", encode(entry)))
        else:
            yield _upload_element(entry, encode(entry.key))


def _upload_element(upload: UploadRecord, key: str) -> str:
    return xml.tag(
        "Upload",
        xml.leaf("Key", key),
        xml.leaf("UploadId", upload.id),
        owner("Initiator"),
        owner(),
        xml.leaf("StorageClass", "STANDARD"),
        xml.leaf("Initiated", xml.timestamp(upload.started)),
        xml.leaf_if("ChecksumAlgorithm", upload.checksum_algorithm),
        xml.leaf_if("ChecksumType", upload.checksum_type),
    )
