"""Copies the bucket's objects into a backup, and those of a backup into a bucket."""

import hashlib
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from boto3.s3.transfer import TransferConfig

from cli import texts
from cli.backup.folder import BackupFolder, SavedObject
from core.aws.client import Aws, translate_errors
from core.aws.storage import Storage
from core.errors import AwsNotFound
from core.models.service import HASH_METADATA, VERIFICATION_METADATA
from formats.keys import (
    FORMS,
    GRIDS,
    INPUTS,
    JOBS,
    MODEL_THUMBNAILS,
    MODELS,
    POSE_INDEX,
    POSES,
    TAG_LISTS,
    WILDCARDS,
)

PREFIXES: Final = (
    MODELS,
    MODEL_THUMBNAILS,
    INPUTS,
    JOBS,
    GRIDS,
    POSES,
    POSE_INDEX,
    WILDCARDS,
    FORMS,
    TAG_LISTS,
)
"""What people made; SageMaker's own answers are not in it."""

_TRANSFER: Final = TransferConfig(multipart_chunksize=64 * 2**20, max_concurrency=4)
_SMALL: Final = 8 * 2**20

Report = Callable[[str, int, int], None]
"""Takes a key, how many objects are done, and how many there are."""


class Copied(StrEnum):
    """What became of an object."""

    COPIED = "copied"
    THERE = "there"
    """The same bytes were there before."""
    OTHER = "other"
    """Other bytes are there under its key, and stay."""


def save_objects(
    aws: Aws, storage: Storage, folder: BackupFolder, skip: frozenset[str], report: Report
) -> int:
    """Copy every object into the folder, but those below a prefix to skip; the number copied.

    One that is there with its ETag is not read again. Raises AwsError, OSError.
    """
    known, kept, copied = folder.objects(), [], 0
    found = [each for prefix in PREFIXES for each in storage.list(prefix)]
    wanted = [each for each in found if not each.key.startswith(tuple(skip))]
    for number, summary in enumerate(wanted, 1):
        saved = known.get(summary.key)
        if saved is None or saved.etag != summary.etag:
            saved = _save(aws.s3, storage.bucket, summary.key, folder)
            copied += saved is not None
        kept += [saved] if saved else []
        report(summary.key, number, len(wanted))
    folder.keep(kept)
    return copied


def _save(s3: Any, bucket: str, key: str, folder: BackupFolder) -> SavedObject | None:
    """None for one that was deleted since it was listed."""
    file = folder.file_of(key)
    try:
        with translate_errors(texts.saving_failed(key)):
            head = s3.head_object(Bucket=bucket, Key=key)
            s3.download_file(bucket, key, str(file), Config=_TRANSFER)
    except AwsNotFound:
        return None
    saved = SavedObject(
        key=key,
        size=file.stat().st_size,
        etag=head["ETag"].strip('"'),
        content_type=head.get("ContentType", ""),
        metadata=head["Metadata"],
    )
    folder.add(saved)
    return saved


def as_verified(saved: SavedObject, sha256: str) -> SavedObject:
    """The object with a hash that the studio had found by reading its bytes: under another ETag it
    would wait for that again."""
    metadata = {k: v for k, v in saved.metadata.items() if k != VERIFICATION_METADATA}
    return saved.model_copy(update={"metadata": {**metadata, HASH_METADATA: sha256}})


def restore_object(aws: Aws, storage: Storage, saved: SavedObject, file: Path) -> Copied:
    """Write one object of a backup, unless its key is taken. Raises AwsError, OSError."""
    there = storage.head(saved.key)
    if there is not None:
        is_same = there.size == saved.size and _is_same(storage, saved, file, there.metadata)
        return Copied.THERE if is_same else Copied.OTHER
    extra: dict[str, Any] = {"Metadata": saved.metadata}
    if saved.content_type:
        extra["ContentType"] = saved.content_type
    with translate_errors(texts.restoring_failed(saved.key)):
        aws.s3.upload_file(str(file), storage.bucket, saved.key, ExtraArgs=extra, Config=_TRANSFER)
    return Copied.COPIED


def _is_same(storage: Storage, saved: SavedObject, file: Path, metadata: Any) -> bool:
    """Of equal size: by the hash of a model's metadata, else byte for byte; a large one without a
    hash counts as the same."""
    hashes = {metadata.get(HASH_METADATA), saved.metadata.get(HASH_METADATA)}
    if None not in hashes:
        return len(hashes) == 1
    if saved.size > _SMALL:
        return True
    there = hashlib.sha256(storage.read(saved.key).data).digest()
    return there == hashlib.sha256(file.read_bytes()).digest()
