"""Texts of model files: what is wrong with one in S3 or on disk, and how an upload ends."""

from collections.abc import Iterable
from typing import Final

from formats.models.kinds import ModelKind

# ---- a file in S3
IS_EMPTY: Final = "The file is empty."
IS_UNREADABLE: Final = (
    "The file can't be read; the log has the reason. Upload it again, or delete it."
)
IS_BEING_VERIFIED: Final = (
    "The file is being verified: its bytes are read again. It can be used once that is done."
)
IS_CUT_OFF: Final = "The file is cut off or damaged; upload it again."


def is_gone(name: str) -> str:
    """There is none to delete."""
    return f"{name} is not in S3 any more. Refresh the list."


def no_model_key(key: str) -> str:
    """An object that is not where models are."""
    return f"{key} is no model's key."


def other_kind(found: ModelKind, expected: ModelKind) -> str:
    """The header says another kind than the folder, or than the user."""
    return f"The file is a {found.label}, not a {expected.label}."


def trigger_phrase(phrase: str) -> str:
    """What a prompt must have for the model to act."""
    return f"Say: {phrase}."


# ---- a file on disk
NOT_ABSOLUTE: Final = "Give the whole path, from the root of the disk."
IS_FOLDER: Final = "This is a folder. Give the path of one file."
NO_ROOTS: Final = (
    "This studio takes no model files by their path. Send the file with `contrapposto upload`, or "
    "ask whoever runs the studio to name its folder in CONTRAPPOSTO_UPLOAD_ROOTS."
)


def outside_of_roots(folders: Iterable[str]) -> str:
    """The file lies where nobody may let the dashboard read."""
    return (
        f"Model files are read from {', '.join(folders)} alone. Put the file there, or ask whoever "
        "runs the studio to name its folder in CONTRAPPOSTO_UPLOAD_ROOTS."
    )


NOT_REGULAR: Final = "This is a device or a pipe. Give the path of one file."
NO_FILE: Final = "There is no file at this path on the dashboard's machine."
KIND_UNKNOWN: Final = "The file doesn't say what it is. Choose its kind."
IS_CKPT: Final = "A .ckpt file can run code when it is opened. Convert it to .safetensors first."
CHOOSE_KIND: Final = "Only .safetensors files say what they are. Choose the kind of this one."
BECAME_SHORTER: Final = "The file became shorter while it was read. Try again."
NO_PATHS: Final = "Give the path of at least one file, one on each line."


def too_many_paths(count: int, limit: int) -> str:
    """More files at once than the queue takes."""
    return f"{count} paths at once; {limit} is the limit."


def unusable_file(error: str) -> str:
    """The system's words on a file that can't be opened."""
    return f"The file can't be used: {error}."


def wrong_extension(kind: ModelKind, extensions: Iterable[str]) -> str:
    """The extensions that files of the kind have."""
    return f"A {kind.label} must be one of {', '.join(extensions)}."


# ---- an upload
UPLOAD_IS_OVER: Final = "This upload is over."
UPLOAD_CANCELLED: Final = "The upload was cancelled."
UPLOAD_FAILED: Final = "The upload failed for an unknown reason; the log has it. Try again."
NAME_IS_TAKEN: Final = "Another file of this name is in S3. Choose Replace, or rename yours first."
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
