"""Brings model files from S3 to the disk cache, and never hands out other bytes than asked for."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from formats.keys import model_key
from formats.kinds import ModelKind
from formats.result import ErrorCode
from formats.safetensors_header import PREFIX_BYTES, HeaderError, header_size
from sagemaker_container.bucket import Bucket, ObjectChanged, StoredObject
from sagemaker_container.engine.disk_cache import DiskCache, disk_full, is_full, sha256_of
from sagemaker_container.engine.model_file import ModelFile, check_start, open_file, refuse
from sagemaker_container.engine.side_car import MAX_BYTES, SideCar, side_car_name
from sagemaker_container.errors import JobError

_log = logging.getLogger(__name__)

_START: Final = 256 * 2**10
"""Read first of a file that isn't here yet; SD 1.5's header has 155 KB."""


class Fetcher:
    """Finds the files of one bucket, in the cache or in S3.

    `check` is called while a download runs; what it raises ends the download.
    """

    def __init__(self, bucket: Bucket, cache: DiskCache) -> None:
        self._bucket = bucket
        self._cache = cache

    def begin_job(self) -> None:
        """From here on, the last job's files may be evicted."""
        self._cache.begin_job()

    def fetch(
        self, kind: ModelKind, name: str, hashes: Mapping[str, str], check: Callable[[], None]
    ) -> ModelFile:
        """The file `models/<kind>/<name>`, on disk, its bytes verified and its header checked.

        `hashes` holds the sha256 that the request was made for, by key. Raises JobError:
        MODEL_MISSING, MODEL_BROKEN, MODEL_MISMATCH, MODEL_CHANGED, DISK_FULL, STORAGE.
        """
        key = model_key(kind, name)
        try:
            file = self._fetch(kind, name, key, hashes.get(key), check)
            return replace(file, side_car=self._side_car(kind, name))
        except ObjectChanged as error:
            reason = "it was replaced while it was being read; run the job again."
            raise refuse(ErrorCode.MODEL_CHANGED, kind, name, reason) from error

    def _fetch(
        self,
        kind: ModelKind,
        name: str,
        key: str,
        asked: str | None,
        check: Callable[[], None],
    ) -> ModelFile:
        found = self._bucket.head(key)
        if found is None:
            reason = f"there is no such {kind.label} in S3; refresh the list of models."
            raise refuse(ErrorCode.MODEL_MISSING, kind, name, reason)
        said = found.sha256 or self._cache.recall(key, found.etag)
        if asked and said and said != asked:
            raise _changed(kind, name)
        cached = self._cache.find(said, found.size) if said else None
        if said and cached:
            return open_file(kind, name, cached, said, "disk")
        check_start(kind, name, self._read_header(found), found.size)
        part = self._cache.part()
        try:
            self._bring(found, part, check)
            sha256 = self._verify(found, kind, name, sha256_of(part), asked)
            path = self._cache.adopt(part, sha256)
        finally:
            part.unlink(missing_ok=True)
        return open_file(kind, name, path, sha256, "S3")

    def _side_car(self, kind: ModelKind, name: str) -> SideCar:
        """A small file, read anew for each job; only checkpoints have one."""
        if kind is not ModelKind.CHECKPOINT:
            return SideCar()
        beside = side_car_name(name)
        data = self._bucket.get(model_key(kind, beside), limit=MAX_BYTES)
        try:
            return SideCar.model_validate_json(data) if data else SideCar()
        except ValidationError as error:
            reason = 'it must be JSON such as {"prediction_type": "v_prediction"}.'
            raise refuse(ErrorCode.MODEL_BROKEN, kind, beside, reason) from error

    def _read_header(self, found: StoredObject) -> bytes:
        start = self._bucket.read_start(found, _START) if found.size else b""
        try:
            size = header_size(start[:PREFIX_BYTES])
        except HeaderError:
            return start  # its reader says what is wrong with it
        return self._bucket.read_start(found, size) if size > len(start) == _START else start

    def _bring(self, found: StoredObject, part: Path, check: Callable[[], None]) -> None:
        if found.local_path and _link(found.local_path, part):
            return
        self._cache.make_room(found.size)
        try:
            self._bucket.download(found, part, check)
        except OSError as error:
            if is_full(error):
                raise disk_full(found.size) from error
            raise

    def _verify(
        self, found: StoredObject, kind: ModelKind, name: str, sha256: str, asked: str | None
    ) -> str:
        if found.sha256 and found.sha256 != sha256:
            reason = "its bytes are not those that were uploaded; upload it again."
            raise refuse(ErrorCode.MODEL_BROKEN, kind, name, reason)
        if found.sha256 is None:
            self._cache.remember(found.key, found.etag, sha256)
        if asked and asked != sha256:
            raise _changed(kind, name)
        return sha256


def _link(source: Path, part: Path) -> bool:
    """Share a file that lies on this machine instead of copying it, where that works."""
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        return False
    return True


def _changed(kind: ModelKind, name: str) -> JobError:
    reason = (
        "it is not the file it was when the job was made; run the job again to use the new one."
    )
    return refuse(ErrorCode.MODEL_CHANGED, kind, name, reason)
