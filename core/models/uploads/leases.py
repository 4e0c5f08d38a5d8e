"""The stored uploads, and which dashboard works on one: a lease, taken by a conditional write."""

import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from core.errors import Conflict
from core.ids import Clock, NewId
from core.models.uploads.records import UPLOADS, Upload
from core.records.edit import edit
from core.records.interface import Record, RecordStore
from core.records.paging import every_record

LEASE: Final = timedelta(seconds=30)
"""Longer than a dashboard is silent that still works on an upload."""


def _machine() -> str:
    """This machine, or the container that processes see each other in."""
    space = ""
    with suppress(OSError):  # where there are no such spaces
        space = str(Path("/proc/self/ns/pid").readlink())
    return f"{socket.gethostname()} {space}"


_MACHINE: Final = _machine()
_PROCESS: Final = secrets.token_hex(8)
"""Tells this process from an earlier one of the same number."""


class UploadRecords:
    """The uploads of everybody, as one dashboard process, `me`, sees them.

    Every method raises AwsError where the records can't be reached.
    """

    def __init__(self, records: RecordStore, clock: Clock, new_id: NewId) -> None:
        self._records = records
        self._clock = clock
        self.me = f"{_MACHINE}/{os.getpid()}/{_PROCESS}/{new_id()}"

    def add(self, upload: Upload) -> Upload:
        """Keep a new one. Raises Conflict where there is one of this id."""
        return self._records.add(UPLOADS, upload.owner, upload.id, upload).value

    def find(self, upload_id: str) -> Upload | None:
        """One by its id, whose ever it is."""
        found = self._records.page(UPLOADS, prefix=upload_id, limit=1).records
        return found[0].value if found and found[0].id == upload_id else None

    def all(self) -> tuple[Upload, ...]:
        """All of them, the newest first."""
        return tuple(record.value for record in every_record(self._records, UPLOADS))

    def is_free(self, upload: Upload) -> bool:
        """Whether nobody works on it: no lease, one that ended, or one of a process that died."""
        if not upload.worker or upload.lease_until is None:
            return True
        return upload.lease_until < self._clock() or self._is_dead(upload.worker)

    def take(self, upload: Upload, **changes: Any) -> Upload | None:
        """Begin to work on one; None where somebody else was faster, or it has changed."""
        record = self._get(upload)
        if record is None or record.value != upload or not self.is_free(upload):
            return None
        now = self._clock()
        lease = {"worker": self.me, "lease_until": now + LEASE, "changed": now}
        try:
            return self._records.replace(record, upload.model_copy(update=lease | changes)).value
        except Conflict:
            return None

    def keep(self, upload: Upload, changes: dict[str, Any], *, ends: bool = False) -> Upload | None:
        """Store changes of one that this process works on, and prolong the lease, or end it with
        `ends`; None where it is this process's no more."""
        now = self._clock()
        lease = {"worker": "" if ends else self.me, "lease_until": None if ends else now + LEASE}
        is_mine = False

        def change(found: Upload | None) -> Upload | None:
            nonlocal is_mine
            is_mine = found is not None and found.worker == self.me
            if found is None or not is_mine:
                return None
            return found.model_copy(update=changes | lease | {"changed": now})

        after = self._edit(upload, change)
        return after if is_mine else None

    def change(self, upload: Upload, change: Callable[[Upload], Upload | None]) -> Upload | None:
        """Store what `change` makes of it as it is now; None where it is gone."""
        now = self._clock()

        def changed(found: Upload | None) -> Upload | None:
            after = change(found) if found else None
            return after.model_copy(update={"changed": now}) if after else None

        return self._edit(upload, changed)

    def delete(self, upload: Upload) -> None:
        """Forget one that has ended."""
        record = self._get(upload)
        if record is not None and not record.value.active:
            self._records.delete(record)

    def _get(self, upload: Upload) -> Record[Upload] | None:
        return self._records.get(UPLOADS, upload.owner, upload.id)

    def _edit(
        self, upload: Upload, change: Callable[[Upload | None], Upload | None]
    ) -> Upload | None:
        return edit(self._records, UPLOADS, upload.owner, upload.id, change)

    def _is_dead(self, worker: str) -> bool:
        """Whether it was a process of this very machine that is no more."""
        machine, pid, process, _ = (*worker.rsplit("/", 3), "", "", "")[:4]
        if machine != _MACHINE or not pid.isdecimal():
            return False
        if int(pid) == os.getpid():
            return process != _PROCESS
        return not _exists(int(pid))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True
