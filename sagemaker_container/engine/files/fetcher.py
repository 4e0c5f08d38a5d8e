"""Brings model files from S3 to the disk cache, and never hands out other bytes than asked for."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from formats.generation.result import ErrorCode
from formats.keys import model_key
from formats.models.kinds import ModelKind
from formats.models.safetensors_header import PREFIX_BYTES, HeaderError, header_size
from sagemaker_container.bucket import ContainerBucket, ObjectChanged, S3Object
from sagemaker_container.engine.files.disk_cache import DiskCache, disk_full, is_full, sha256_of
from sagemaker_container.engine.files.model_file import (
    SIDE_CAR_BYTES,
    ModelFile,
    SideCar,
    check_extension,
    has_header,
    open_file,
    open_start,
    refuse,
    side_car_name,
)

_log = logging.getLogger(__name__)

_START: Final = 256 * 2**10
"""Read first of a file that isn't here yet; SD 1.5's header has 155 KB."""


class Fetcher:
    """Finds the files of one bucket, in the cache or in S3.

    `check` is called while a download runs; what it raises ends the download.
    """

    def __init__(self, bucket: ContainerBucket, cache: DiskCache) -> None:
        self._bucket = bucket
        self._cache = cache

    def begin_job(self) -> None:
        """From here on, the last job's files may be evicted."""
        self._cache.begin_job()

    def look(self, kind: ModelKind, name: str, hashes: Mapping[str, str]) -> ModelFile:
        """What the header of `models/<kind>/<name>` says; no more than that is read of the file.

        A file that isn't on disk has no path yet. `hashes` and errors are as in `fetch`.
        """
        with _unchanged(kind, name):
            found, said = self._find(kind, name, hashes)
            cached = self._cache.find(said, found.size) if said else None
            if said and cached:
                return open_file(kind, name, cached, said, "disk")
            return self._open_start(found, kind, name)

    def fetch(
        self, kind: ModelKind, name: str, hashes: Mapping[str, str], check: Callable[[], None]
    ) -> ModelFile:
        """The file `models/<kind>/<name>`, on disk, its bytes verified and its header checked.

        `hashes` holds the sha256 that the request was made for, by key. Raises JobError:
        MODEL_MISSING, MODEL_BROKEN, MODEL_MISMATCH, MODEL_CHANGED, UNSUPPORTED, DISK_FULL, STORAGE.
        """
        with _unchanged(kind, name):
            found, said = self._find(kind, name, hashes)
            cached = self._cache.find(said, found.size) if said else None
            if said and cached:
                file = open_file(kind, name, cached, said, "disk")
            else:
                file = self._download(found, kind, name, hashes, check)
            return replace(file, side_car=self._side_car(kind, name))

    def _find(
        self, kind: ModelKind, name: str, hashes: Mapping[str, str]
    ) -> tuple[S3Object, str | None]:
        """The object in S3, and its sha256 where that is known."""
        check_extension(kind, name)
        key = model_key(kind, name)
        found = self._bucket.head(key)
        if found is None:
            reason = f"there is no such {kind.label} in S3; refresh the list of models."
            raise refuse(ErrorCode.MODEL_MISSING, kind, name, reason)
        said = found.sha256 or self._cache.recall(key, found.etag)
        _check_asked(kind, name, hashes, said)
        return found, said

    def _download(
        self,
        found: S3Object,
        kind: ModelKind,
        name: str,
        hashes: Mapping[str, str],
        check: Callable[[], None],
    ) -> ModelFile:
        self._open_start(found, kind, name)
        part = self._cache.part()
        try:
            self._bring(found, part, check)
            sha256 = sha256_of(part)
            self._verify(found, kind, name, sha256)
            _check_asked(kind, name, hashes, sha256)
            path = self._cache.adopt(part, sha256)
        finally:
            part.unlink(missing_ok=True)
        return open_file(kind, name, path, sha256, "S3")

    def _open_start(self, found: S3Object, kind: ModelKind, name: str) -> ModelFile:
        start = self._read_header(found) if has_header(name) else b""
        return open_start(kind, name, start, found.size)

    def _side_car(self, kind: ModelKind, name: str) -> SideCar:
        """A small file, read anew for each job; only checkpoints have one."""
        if kind is not ModelKind.CHECKPOINT:
            return SideCar()
        beside = side_car_name(name)
        data = self._bucket.get(model_key(kind, beside), limit=SIDE_CAR_BYTES)
        try:
            return SideCar.model_validate_json(data) if data else SideCar()
        except ValidationError as error:
            reason = 'it must be JSON such as {"prediction_type": "v_prediction"}.'
            raise refuse(ErrorCode.MODEL_BROKEN, kind, beside, reason) from error

    def _read_header(self, found: S3Object) -> bytes:
        start = self._bucket.read_start(found, _START) if found.size else b""
        try:
            size = header_size(start[:PREFIX_BYTES])
        except HeaderError:
            return start  # its reader says what is wrong with it
        return self._bucket.read_start(found, size) if size > len(start) == _START else start

    def _bring(self, found: S3Object, part: Path, check: Callable[[], None]) -> None:
        if found.local_path and _link(found.local_path, part):
            return
        self._cache.make_room(found.size)
        try:
            self._bucket.download(found, part, check)
        except OSError as error:
            if is_full(error):
                raise disk_full(found.size) from error
            raise

    def _verify(self, found: S3Object, kind: ModelKind, name: str, sha256: str) -> None:
        if found.sha256 and found.sha256 != sha256:
            reason = "its bytes are not those that were uploaded; upload it again."
            raise refuse(ErrorCode.MODEL_BROKEN, kind, name, reason)
        if found.sha256 is None:
            self._cache.remember(found.key, found.etag, sha256)


def _link(source: Path, part: Path) -> bool:
    """Share a file that lies on this machine instead of copying it, where that works."""
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        return False
    return True


def _check_asked(kind: ModelKind, name: str, hashes: Mapping[str, str], sha256: str | None) -> None:
    """Refuse a file that isn't the one the job was made for."""
    asked = hashes.get(model_key(kind, name))
    if asked and sha256 and asked != sha256:
        reason = "it is not the file it was when the job was made; run the job again to use it."
        raise refuse(ErrorCode.MODEL_CHANGED, kind, name, reason)


@contextmanager
def _unchanged(kind: ModelKind, name: str) -> Iterator[None]:
    try:
        yield
    except ObjectChanged as error:
        reason = "it was replaced while it was being read; run the job again."
        raise refuse(ErrorCode.MODEL_CHANGED, kind, name, reason) from error
