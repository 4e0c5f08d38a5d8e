"""Copies an object within S3 in parts, without a byte through this machine."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Final

from core.models.uploads.live import LiveUpload
from core.models.uploads.multipart import Multipart, StoredPart
from core.models.uploads.planning.plan import part_size
from core.models.uploads.sources import S3Source

COPY_PART_BYTES: Final = 256 << 20
"""S3 takes 5 GiB; smaller ones tell how far it is."""
_AT_ONCE: Final = 4


def copy_part_size(size: int) -> int:
    """Bytes of each part of a copy but the last."""
    return max(COPY_PART_BYTES, part_size(size))


class PartCopies:
    """The copy of an object into a multipart upload."""

    def __init__(self, multipart: Multipart, live: LiveUpload, source: S3Source, size: int) -> None:
        self._multipart = multipart
        self._live = live
        self._source = source
        self._size = size
        self._step = copy_part_size(size)
        self._starts = dict(enumerate(range(0, size, self._step), 1))

    def run(
        self, key: str, multipart_id: str, present: Mapping[int, StoredPart]
    ) -> list[StoredPart]:
        """Copy what is missing; all parts, in order.

        Raises AwsConflict where the source is another version, AwsError, UploadCancelled.
        """
        stored = dict(present)
        self._tell(stored, len(present))
        missing = [number for number in self._starts if number not in stored]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="copy") as pool:
            futures = [pool.submit(self._copy, key, multipart_id, number) for number in missing]
            try:
                for future in as_completed(futures):
                    part = future.result()
                    stored[part.number] = part
                    self._tell(stored, len(present))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return [stored[number] for number in sorted(stored)]

    def _copy(self, key: str, multipart_id: str, number: int) -> StoredPart:
        self._live.check()
        start = self._starts[number]
        count = min(self._step, self._size - start)
        return self._multipart.copy(key, multipart_id, number, self._source, start, count)

    def _tell(self, stored: Mapping[int, StoredPart], skipped: int) -> None:
        self._live.report(
            done=sum(part.size for part in stored.values()),
            parts=len(self._starts),
            parts_done=len(stored),
            parts_skipped=skipped,
        )
