"""Removes inputs that no job and no grid has used for a day."""

import logging
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Final

from core.aws.storage import Storage
from core.ids import Clock
from core.jobs.inputs.unused import StoredNotice, UnusedInputs, read_notice, write_notice
from core.jobs.inputs.uses import inputs_in_use
from formats.keys import INPUTS, input_key

log = logging.getLogger(__name__)

_EVERY: Final = timedelta(days=1)
_YOUNG: Final = timedelta(days=1)
"""So long an input may wait for the request that names it."""
_MOST: Final = 5000
"""On one notice, so that it is read in a moment."""


class InputSweep:
    """Marks and sweeps once a day; counting the uses of each input would cost two writes with every
    job that has one, and be wrong after a break between the two.

    An input goes where two looks a day apart found no use of it, and nobody took it off the notice
    in between. Several dashboards may look at once: the notice says whose turn it is.
    """

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def look(self) -> int:
        """What a worker does every hour; returns how many inputs were removed. Raises AwsError."""
        now, stored = self._clock(), read_notice(self._storage)
        if stored and now - stored.notice.noted_at < _EVERY:
            return 0
        unused = self._unused(now)
        if unused is None:
            return 0
        noted = stored.notice.inputs if stored and not stored.notice.deleting else ()
        doomed = tuple(sha256 for sha256 in noted if sha256 in unused)
        if stored and doomed:
            stored = self._remove(stored, doomed)
            if stored is None:  # somebody uses one of them again: the next look decides anew
                return 0
        left = sorted(unused.difference(doomed))[:_MOST]
        write_notice(self._storage, UnusedInputs(noted_at=now, inputs=tuple(left)), stored)
        return len(doomed)

    def _remove(self, stored: StoredNotice, doomed: tuple[str, ...]) -> StoredNotice | None:
        """Whoever writes the notice first removes them: the others see that its ETag is another."""
        notice = stored.notice.model_copy(update={"inputs": doomed, "deleting": True})
        etag = write_notice(self._storage, notice, stored)
        if etag is None:
            return None
        self._storage.delete(tuple(map(input_key, doomed)))
        log.info("event=inputs_swept count=%d", len(doomed))
        return StoredNotice(notice, etag)

    def _unused(self, now: datetime) -> set[str] | None:
        """Old inputs that nobody uses; None while that is not known. The inputs are listed first:
        one that comes later is not among them."""
        old = {
            PurePosixPath(each.key).stem
            for each in self._storage.list(INPUTS)
            if now - each.modified > _YOUNG
        }
        used = inputs_in_use(self._storage)
        return None if used is None else old - used
