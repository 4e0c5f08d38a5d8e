"""Keeps compiled kernels in the bucket, so that a new instance need not compile them again."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from formats.keys import kernels_key
from sagemaker_container.engine.files.kernel_archive import (
    MAX_ARCHIVE_BYTES,
    kernel_files,
    pack,
    unpack,
)
from sagemaker_container.errors import JobError
from sagemaker_container.storage.bucket import ContainerBucket, ObjectChanged

_log = logging.getLogger(__name__)

_CONTENT_TYPE: Final = "application/zip"


def triton_folder(environment: Mapping[str, str]) -> Path:
    """Where Triton keeps what it compiled, as its own variables say."""
    home = Path(environment.get("TRITON_HOME") or Path.home())
    return Path(environment.get("TRITON_CACHE_DIR") or home / ".triton" / "cache")


class KernelCache:
    """The kernels for one combination of `versions`: torch, Triton, driver and GPU.

    It only saves time: whatever goes wrong with it is logged, and the kernels are compiled.
    """

    def __init__(self, bucket: ContainerBucket, folder: Path, versions: Mapping[str, str]) -> None:
        self._bucket = bucket
        self._folder = folder
        identity = json.dumps(versions, sort_keys=True).encode()
        self._key = kernels_key(hashlib.sha256(identity).hexdigest())

    def run(self, compile_kernels: Callable[[], object]) -> None:
        """Fetch the kernels, compile those that are missing, and store them if there were any.

        A folder that holds kernels already, as after a worker was replaced, is taken as it is.
        Raises what `compile_kernels` raises.
        """
        if not kernel_files(self._folder):
            with _log_failure("kernels_not_fetched"):
                self._fetch()
        before = set(kernel_files(self._folder))
        self._compile(compile_kernels)
        new = set(kernel_files(self._folder)) - before
        _log.info("event=kernels_ready new=%d known=%d", len(new), len(before))
        if new:
            with _log_failure("kernels_not_stored"):
                self._store()

    def _compile(self, compile_kernels: Callable[[], object]) -> None:
        """Compile; where that fails with kernels that were there, once more without them."""
        known = kernel_files(self._folder)
        try:
            compile_kernels()
        except Exception:  # the compiler has no common class of errors
            if not known:
                raise
            _log.exception("event=kernels_discarded files=%d", len(known))
            for path in known.values():
                path.unlink(missing_ok=True)
            compile_kernels()

    def _fetch(self) -> None:
        found = self._bucket.head(self._key)
        if found is None:
            return
        data = self._bucket.get(self._key, limit=MAX_ARCHIVE_BYTES) or b""
        if found.sha256 != hashlib.sha256(data).hexdigest():
            _log.warning("event=kernels_refused key=%s reason=sha256", self._key)
            return
        number = unpack(data, self._folder)
        _log.info("event=kernels_fetched key=%s files=%d", self._key, number)

    def _store(self) -> None:
        data = pack(self._folder)
        sha256 = hashlib.sha256(data).hexdigest()
        self._bucket.put(self._key, data, _CONTENT_TYPE, {"sha256": sha256})
        _log.info("event=kernels_stored key=%s bytes=%d", self._key, len(data))


@contextmanager
def _log_failure(event: str) -> Iterator[None]:
    try:
        yield
    except (JobError, ObjectChanged, OSError, ValueError) as error:
        _log.warning("event=%s reason=%r", event, str(error))
