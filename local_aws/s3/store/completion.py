"""Planning the end of a multipart upload: which parts make what object. Nothing is done here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from local_aws.s3.errors import S3Error
from local_aws.s3.records import Checksums, Part, Upload
from local_aws.s3.store import checksums

MIN_PART_BYTES: Final = 5 << 20
"""Of every part but the last; source: "Amazon S3 multipart upload limits"."""


@dataclass(frozen=True)
class NamedPart:
    """A part as CompleteMultipartUpload names it; `checksum` is None when not given."""

    number: int
    etag: str
    checksum: str | None = None


@dataclass(frozen=True)
class Completion:
    """What completing an upload will make of which parts; nothing was done yet."""

    upload: Upload
    parts: tuple[Part, ...]
    etag: str
    checksums: Checksums

    @property
    def size(self) -> int:
        """Bytes of the object."""
        return sum(part.size for part in self.parts)


def plan_completion(
    upload: Upload, named: Sequence[NamedPart], parts: Iterable[Part]
) -> Completion:
    """Check what a client wants joined against the parts that are there.

    Raises InvalidPartOrder, InvalidPart, EntityTooSmall or InvalidRequest.
    """
    numbers = [part.number for part in named]
    if numbers != sorted(set(numbers)):
        raise S3Error("InvalidPartOrder", UploadId=upload.id)
    there = {part.number: part for part in parts}
    chosen = tuple(_same_part(upload, part, there.get(part.number)) for part in named)
    for part in chosen[:-1]:
        _check_size(part)
    etag = checksums.multipart_etag([part.etag for part in chosen])
    return Completion(upload, chosen, etag, _joined_checksums(upload, chosen))


def _check_size(part: Part) -> None:
    if part.size < MIN_PART_BYTES:
        raise S3Error(
            "EntityTooSmall",
            ETag=part.etag,
            MinSizeAllowed=str(MIN_PART_BYTES),
            PartNumber=str(part.number),
            ProposedSize=str(part.size),
        )


def _same_part(upload: Upload, named: NamedPart, part: Part | None) -> Part:
    if part is None or part.etag != named.etag:
        raise S3Error("InvalidPart", UploadId=upload.id, PartNumber=str(named.number))
    if upload.checksum_algorithm and upload.checksum_type == "COMPOSITE" and not named.checksum:
        raise S3Error(
            "InvalidRequest",
            f"The upload was created using a {upload.checksum_algorithm.lower()} checksum. The "
            "complete request must include the checksum for each part. It was missing for part "
            f"{named.number} in the request.",
        )
    if named.checksum and named.checksum not in part.checksums.values.values():
        raise S3Error("InvalidPart", UploadId=upload.id, PartNumber=str(named.number))
    return part


def _joined_checksums(upload: Upload, parts: Sequence[Part]) -> Checksums:
    algorithm = upload.checksum_algorithm
    if not algorithm:
        return Checksums()
    values = [part.checksums.values[algorithm] for part in parts]
    if upload.checksum_type == "COMPOSITE":
        return Checksums({algorithm: checksums.composite(algorithm, values)}, "COMPOSITE")
    joined = checksums.full_object(algorithm, values, [part.size for part in parts])
    return Checksums({algorithm: joined})
