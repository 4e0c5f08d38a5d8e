"""Texts of uploads: what is skipped, what pauses one, and how it ends."""

from collections.abc import Iterable
from typing import Final

from formats.models.kinds import ModelKind

# ---- the files of a folder
NOT_A_MODEL: Final = "This is no model file."
NO_MODELS_FOUND: Final = "There is no model file here. Give the path of a file, a folder or a glob."
SAME_NAME_TWICE: Final = "Another file of this name is in the same list; rename one of them."
SAME_FILE_TWICE: Final = "The same file is in the list already."


def too_many_files(limit: int) -> str:
    """A folder with more entries than are looked at."""
    return f"There are more than {limit} files here. Give a folder further down."


# ---- why an upload waits
FILE_IS_AWAY: Final = (
    "The file is not there any more, or it has changed. Put it back, and the upload goes on; or "
    "cancel it and begin a new one."
)
DROP_AGAIN: Final = "Drop the same file again, and the upload goes on where it stopped."
NO_IMPORT: Final = "This dashboard can't read from web sites. Another one goes on with it."
AWS_IS_SILENT: Final = "AWS does not answer; trying again."
SITE_IS_SILENT: Final = "The site does not answer; trying again."
IS_PAUSED: Final = "The upload is paused. Resume it first."
NOT_PAUSED: Final = "Only an upload that is under way can be paused."
NOT_RESUMABLE: Final = "Only a paused upload can be resumed."
STILL_ENDING: Final = "Uploads of theirs are still being stopped."
NOT_RETRIABLE: Final = "Only an upload that failed or was cancelled can be tried again."

# ---- an object in S3 as the source
NOT_AN_S3_ADDRESS: Final = "An address in S3 looks like s3://bucket/folder/file.safetensors."


def no_object(uri: str) -> str:
    """The copy's source is not there."""
    return f"There is no object {uri}."


def object_changed(uri: str) -> str:
    """The copy's source is another version now."""
    return f"{uri} has changed since the copy began. Cancel this upload and begin a new one."


def reading_source_failed(uri: str) -> str:
    """GetObject or HeadObject of a copy's source."""
    return f"Reading {uri} failed"


# ---- what was sent
def stored_already(key: str) -> str:
    """Nothing is sent for bytes that are there."""
    return f"The same bytes are in S3 as {key}; nothing was sent."


def damaged_twice(number: int, name: str) -> str:
    """S3 got other bytes than were read, also the second time."""
    return (
        f"Part {number} of {name} reached S3 damaged, twice. Check the disk and the network, "
        "then retry."
    )


def file_changed(name: str) -> str:
    """It was written to while it was sent."""
    return f"{name} changed while it was sent. Retry once nothing writes to it."


def part_is_wrong(number: int, size: int) -> str:
    """A browser's part of another size or number than was agreed."""
    return f"Part {number} of this upload must have {size} bytes."


def parts_are_missing(numbers: Iterable[int]) -> str:
    """A browser says that it has sent all."""
    return f"Parts are missing: {', '.join(map(str, numbers))}. Drop the same file again."


# ---- verification
def other_bytes(name: str) -> str:
    """The hash that was told is not that of what came."""
    return (
        f"The bytes of {name} are not those that its SHA-256 names; they were deleted. Retry, or "
        "get the file anew."
    )


def other_size(name: str, told: int, found: int) -> str:
    """More or fewer bytes than were told."""
    return f"{name} should have {told} bytes, but {found} came. Retry."


def is_changed_in_s3(key: str) -> str:
    """Somebody wrote over it before it was verified."""
    return f"{key} was replaced by somebody else before it was verified."


def too_large_to_check(kind: ModelKind, most_mib: int) -> str:
    """Files that must be read whole before they are sent."""
    return f"A {kind.label} that is no .safetensors file may have {most_mib} MiB at most."


# ---- the queue and its calls of S3
UPLOAD_IS_OVER: Final = "This upload is over."
UPLOAD_CANCELLED: Final = "The upload was cancelled."
UPLOAD_FAILED: Final = "The upload failed for an unknown reason; the log has it. Try again."
NAME_IS_TAKEN: Final = "Another file of this name is in S3. Choose Replace, or rename yours first."
NAME_IS_IN_TRASH: Final = (
    "A file of this name is in the trash. Restore it, or choose Replace, or rename yours first."
)
TAKEN_MEANWHILE: Final = "Somebody else uploaded a file of this name meanwhile."

FINDING_UPLOAD_FAILED: Final = "Looking for the interrupted upload failed"
LISTING_PARTS_FAILED: Final = "Listing the parts in S3 failed"
LISTING_UPLOADS_FAILED: Final = "Listing the uploads under way failed"


def starting_failed(key: str) -> str:
    """CreateMultipartUpload."""
    return f"Starting the upload of {key} failed"


def sending_part_failed(number: int, name: str) -> str:
    """UploadPart."""
    return f"Sending part {number} of {name} failed"


def completing_failed(key: str) -> str:
    """CompleteMultipartUpload."""
    return f"Completing the upload of {key} failed"


def copying_part_failed(number: int, uri: str) -> str:
    """UploadPartCopy."""
    return f"Copying part {number} of {uri} failed"


def signing_part_failed(number: int, key: str) -> str:
    """A presigned UploadPart."""
    return f"Signing the address of part {number} of {key} failed"


def aborting_failed(key: str) -> str:
    """AbortMultipartUpload."""
    return f"Removing the parts of {key} failed"
