"""Plans the completion of a multipart upload: which parts make which object. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from local_aws.s3.errors import S3Error
from local_aws.s3.records import Checksums, PartRecord, UploadRecord
from local_aws.s3.store import checksums

MIN_PART_BYTES: Final = 5 << 20
"""Of every part but the last; source: "Amazon S3 multipart upload limits"."""


@dataclass(frozen=True)
class RequestedPart:
    """A part as CompleteMultipartUpload names it; `checksum` is None when not given."""

    number: int
    etag: str
    checksum: str | None = None


@dataclass(frozen=True)
class CompletionPlan:
    """The object that completing an upload makes, and of which parts."""

    upload: UploadRecord
    parts: tuple[PartRecord, ...]
    etag: str
    checksums: Checksums

    @property
    def size(self) -> int:
        """Bytes of the object."""
        return sum(part.size for part in self.parts)


def plan_completion(
    upload: UploadRecord, requested: Sequence[RequestedPart], parts: Iterable[PartRecord]
) -> CompletionPlan:
    """Check the parts that a client lists against those that were uploaded.

    Raises InvalidPartOrder, InvalidPart, EntityTooSmall or InvalidRequest.
    """
    numbers = [part.number for part in requested]
    if numbers != sorted(set(numbers)):
        raise S3Error("InvalidPartOrder", UploadId=upload.id)
    uploaded = {part.number: part for part in parts}
    matching = tuple(_matching_part(upload, part, uploaded.get(part.number)) for part in requested)
    for part in matching[:-1]:
        _check_size(part)
    etag = checksums.multipart_etag([part.etag for part in matching])
    return CompletionPlan(upload, matching, etag, _object_checksums(upload, matching))


def _check_size(part: PartRecord) -> None:
    if part.size < MIN_PART_BYTES:
        raise S3Error(
            "EntityTooSmall",
            ETag=part.etag,
            MinSizeAllowed=str(MIN_PART_BYTES),
            PartNumber=str(part.number),
            ProposedSize=str(part.size),
        )


def _matching_part(
    upload: UploadRecord, requested: RequestedPart, part: PartRecord | None
) -> PartRecord:
    if part is None or part.etag != requested.etag:
        raise S3Error("InvalidPart", UploadId=upload.id, PartNumber=str(requested.number))
    if upload.checksum_algorithm and upload.checksum_type == "COMPOSITE" and not requested.checksum:
        raise S3Error(
            "InvalidRequest",
            f"The upload was created using a {upload.checksum_algorithm.lower()} checksum. The "
            "complete request must include the checksum for each part. It was missing for part "
            f"{requested.number} in the request.",
        )
    if requested.checksum and requested.checksum not in part.checksums.values.values():
        raise S3Error("InvalidPart", UploadId=upload.id, PartNumber=str(requested.number))
    return part


def _object_checksums(upload: UploadRecord, parts: Sequence[PartRecord]) -> Checksums:
    algorithm = upload.checksum_algorithm
    if not algorithm:
        return Checksums()
    values = [part.checksums.values[algorithm] for part in parts]
    if upload.checksum_type == "COMPOSITE":
        return Checksums({algorithm: checksums.composite_checksum(algorithm, values)}, "COMPOSITE")
    checksum = checksums.full_object_checksum(algorithm, values, [part.size for part in parts])
    return Checksums({algorithm: checksum})
