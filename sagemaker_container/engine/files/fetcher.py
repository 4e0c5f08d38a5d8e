"""Downloads weights files from S3 to the disk cache, and verifies that their bytes are right."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from formats.generation.result import ErrorCode
from formats.keys import model_key
from formats.models.kinds import ModelKind
from formats.models.safetensors_header import PREFIX_BYTES, HeaderError, header_size
from sagemaker_container.engine.files.disk_cache import (
    DiskCache,
    disk_full_error,
    is_disk_full,
    sha256_of,
)
from sagemaker_container.engine.files.weights_file import (
    MAX_SIDECAR_BYTES,
    Sidecar,
    WeightsFile,
    check_extension,
    file_error,
    is_safetensors,
    open_file,
    open_header,
    sidecar_name,
)
from sagemaker_container.storage.bucket import ContainerBucket, ObjectChanged, S3Object
from sagemaker_container.texts import files as texts

_log = logging.getLogger(__name__)

_MAX_SEEN: Final = 1000

_FIRST_READ_BYTES: Final = 256 * 2**10
"""Read at once of a file that isn't cached; SD 1.5's header has 155 KB."""


class DownloadProgress:
    """How many bytes of a job's files have come from S3, of those that its headers said lack here.

    Parts come on threads of their own; a part that is sent again takes back what it had.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = {}
        self._received = 0

    @property
    def bytes(self) -> tuple[int, int]:
        """Those that have come, and all of them."""
        with self._lock:
            total = sum(self._sizes.values())
            return min(self._received, total), total

    def expect(self, key: str, size: int) -> None:
        """This file will be downloaded; again is harmless."""
        with self._lock:
            self._sizes[key] = size

    def forget(self, key: str) -> None:
        """It came without a download."""
        with self._lock:
            self._sizes.pop(key, None)

    def receive(self, count: int) -> None:
        """So many bytes more have come."""
        with self._lock:
            self._received += count


class FileFetcher:
    """Finds the files of one bucket, in the cache or in S3.

    `check` is called while a download runs; what it raises ends the download. `asked_at` is when
    the job came, in seconds of `time.monotonic`: what was seen of a file since then is not asked
    for again, as many jobs of one moment name the same files.
    """

    def __init__(self, bucket: ContainerBucket, cache: DiskCache) -> None:
        self._bucket = bucket
        self._cache = cache
        self._seen: dict[str, tuple[float, S3Object]] = {}
        """What S3 said of an object, and when it was asked."""
        self.progress = DownloadProgress()
        """Of the current job."""

    def begin_job(self) -> None:
        """From now on, the last job's files may be evicted."""
        self._cache.begin_job()

    def keep(self, file: WeightsFile) -> bool:
        """Whether a file that was fetched before is still there; the current job uses it."""
        return self._cache.keep(file.path)

    def count_anew(self) -> None:
        """What comes from now on is another job's."""
        self.progress = DownloadProgress()

    def fetch_header(
        self, kind: ModelKind, name: str, hashes: Mapping[str, str], asked_at: float = inf
    ) -> WeightsFile:
        """The file `models/<kind>/<name>`, of which no more than the header is read.

        `hashes` and errors are those of `fetch`.
        """
        with _translate_changed(kind, name):
            found, sha256 = self._find(kind, name, hashes, asked_at)
            cached = self._cache.find(sha256, found.size) if sha256 else None
            if sha256 and cached:
                return open_file(kind, name, cached, sha256, "disk")
            self.progress.expect(found.key, found.size)
            return self._open_header(found, kind, name)

    def fetch(
        self,
        kind: ModelKind,
        name: str,
        hashes: Mapping[str, str],
        check: Callable[[], None],
        asked_at: float = inf,
    ) -> WeightsFile:
        """The file `models/<kind>/<name>` on disk, its bytes verified and its header checked.

        `hashes` holds the sha256 that the request was made for, by S3 key. Raises JobError:
        MODEL_MISSING, MODEL_BROKEN, MODEL_MISMATCH, MODEL_CHANGED, UNSUPPORTED, DISK_FULL, STORAGE.
        """
        with _translate_changed(kind, name):
            found, sha256 = self._find(kind, name, hashes, asked_at)
            cached = self._cache.find(sha256, found.size) if sha256 else None
            if sha256 and cached:
                file = open_file(kind, name, cached, sha256, "disk")
            else:
                file = self._download(found, kind, name, hashes, check)
            return replace(file, sidecar=self._read_sidecar(kind, name))

    def _find(
        self, kind: ModelKind, name: str, hashes: Mapping[str, str], asked_at: float
    ) -> tuple[S3Object, str | None]:
        """The object in S3, and its sha256 if that is known."""
        check_extension(kind, name)
        key = model_key(kind, name)
        seen_at, found = self._seen.get(key, (0.0, None))
        if found is None or seen_at < asked_at or not self._is_requested(found, hashes):
            found = self._look(kind, name, key)
        sha256 = self._sha256(found)
        _check_requested_hash(kind, name, hashes, sha256)
        return found, sha256

    def _look(self, kind: ModelKind, name: str, key: str) -> S3Object:
        self._seen.pop(key, None)
        now = time.monotonic()
        found = self._bucket.head(key)
        if found is None:
            raise file_error(ErrorCode.MODEL_MISSING, kind, name, texts.is_missing(kind))
        if len(self._seen) >= _MAX_SEEN:
            self._seen.clear()
        self._seen[key] = now, found
        return found

    def _sha256(self, found: S3Object) -> str | None:
        return found.sha256 or self._cache.known_sha256(found.key, found.etag)

    def _is_requested(self, found: S3Object, hashes: Mapping[str, str]) -> bool:
        """Whether a job was made for this version of a file, as far as either says."""
        requested, sha256 = hashes.get(found.key), self._sha256(found)
        return not requested or requested == sha256

    def _download(
        self,
        found: S3Object,
        kind: ModelKind,
        name: str,
        hashes: Mapping[str, str],
        check: Callable[[], None],
    ) -> WeightsFile:
        self._open_header(found, kind, name)
        partial = self._cache.partial_path()
        try:
            self._link_or_download(found, partial, check)
            sha256 = sha256_of(partial)
            self._verify_upload(found, kind, name, sha256)
            _check_requested_hash(kind, name, hashes, sha256)
            path = self._cache.add(partial, sha256)
        finally:
            partial.unlink(missing_ok=True)
        return open_file(kind, name, path, sha256, "S3")

    def _open_header(self, found: S3Object, kind: ModelKind, name: str) -> WeightsFile:
        start = self._read_header(found) if is_safetensors(name) else b""
        return open_header(kind, name, start, found.size)

    def _read_sidecar(self, kind: ModelKind, name: str) -> Sidecar:
        """Only checkpoints have one. It is small, and read again for each job."""
        if kind is not ModelKind.CHECKPOINT:
            return Sidecar()
        sidecar = sidecar_name(name)
        data = self._bucket.get(model_key(kind, sidecar), limit=MAX_SIDECAR_BYTES)
        try:
            return Sidecar.model_validate_json(data) if data else Sidecar()
        except ValidationError as error:
            reason = texts.WRONG_SIDECAR
            raise file_error(ErrorCode.MODEL_BROKEN, kind, sidecar, reason) from error

    def _read_header(self, found: S3Object) -> bytes:
        start = self._bucket.read_start(found, _FIRST_READ_BYTES) if found.size else b""
        try:
            size = header_size(start[:PREFIX_BYTES])
        except HeaderError:
            return start  # parsing it will say what is wrong
        is_cut = size > len(start) == _FIRST_READ_BYTES
        return self._bucket.read_start(found, size) if is_cut else start

    def _link_or_download(self, found: S3Object, partial: Path, check: Callable[[], None]) -> None:
        progress = self.progress
        if found.local_path and _link(found.local_path, partial):
            progress.forget(found.key)
            return
        self._cache.make_room(found.size)
        progress.expect(found.key, found.size)
        try:
            self._bucket.download(found, partial, check, progress.receive)
        except OSError as error:
            if is_disk_full(error):
                raise disk_full_error(found.size) from error
            raise

    def _verify_upload(self, found: S3Object, kind: ModelKind, name: str, sha256: str) -> None:
        if found.sha256 and found.sha256 != sha256:
            raise file_error(ErrorCode.MODEL_BROKEN, kind, name, texts.OTHER_BYTES)
        if found.sha256 is None:
            self._cache.remember_sha256(found.key, found.etag, sha256)


def _link(source: Path, partial: Path) -> bool:
    """Hard-link a file of this machine instead of copying it. Returns whether that worked."""
    partial.unlink(missing_ok=True)
    try:
        os.link(source, partial)
    except OSError:
        return False
    return True


def _check_requested_hash(
    kind: ModelKind, name: str, hashes: Mapping[str, str], sha256: str | None
) -> None:
    """Raises JobError(MODEL_CHANGED) if it isn't the file that the job was made for."""
    requested = hashes.get(model_key(kind, name))
    if requested and sha256 and requested != sha256:
        raise file_error(ErrorCode.MODEL_CHANGED, kind, name, texts.IS_CHANGED)


@contextmanager
def _translate_changed(kind: ModelKind, name: str) -> Iterator[None]:
    try:
        yield
    except ObjectChanged as error:
        raise file_error(ErrorCode.MODEL_CHANGED, kind, name, texts.WAS_REPLACED) from error
