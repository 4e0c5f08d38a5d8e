"""The notice of inputs that nobody uses: written a day before they are removed, in one object that
the sweep and those who store inputs change by its ETag alone."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from core.aws.storage import Storage
from core.errors import AwsConflict, AwsNotFound
from core.records.stored import read_stored
from formats.frozen import Tolerant
from formats.keys import UNUSED_INPUTS, Sha256

_JSON: Final = "application/json"
_WAIT_SECONDS: Final = 0.5
_TRIES: Final = 120
"""A removal is one call for each thousand inputs: who is at it for a minute has stopped."""


class UnusedInputs(Tolerant):
    """What the last look found. Times are UTC."""

    noted_at: datetime
    inputs: tuple[Sha256, ...] = ()
    deleting: bool = False
    """Whether they are being removed now; from then on nobody takes one off."""


class StoredNotice(NamedTuple):
    """The notice as it was read."""

    notice: UnusedInputs
    etag: str


def read_notice(storage: Storage) -> StoredNotice | None:
    """The notice; None where there is none. Raises AwsError."""
    content = storage.find(UNUSED_INPUTS)
    notice = read_stored(UnusedInputs, content.data, UNUSED_INPUTS) if content else None
    return StoredNotice(notice, content.etag) if content and notice else None


def write_notice(storage: Storage, notice: UnusedInputs, old: StoredNotice | None) -> str | None:
    """Store it in the place of the old one; None where somebody was faster. Raises AwsError."""
    body = notice.model_dump_json().encode()
    try:
        if old:
            storage.replace(UNUSED_INPUTS, body, _JSON, old.etag)
        else:
            storage.write(UNUSED_INPUTS, body, _JSON, if_absent=True)
    except (AwsConflict, AwsNotFound):
        return None
    stored = read_notice(storage)
    return stored.etag if stored and stored.notice == notice else None


def keep_in_use(
    storage: Storage, sha256: str, sleep: Callable[[float], object] = time.sleep
) -> bool:
    """Take an input that is stored off the notice, as it is used again.

    False where it may be removed at this moment: once that is over, store it again. Costs one
    call where it is on no notice. Raises AwsError.
    """
    is_safe = True
    for _ in range(_TRIES):
        stored = read_notice(storage)
        if stored is None or sha256 not in stored.notice.inputs:
            return is_safe
        if stored.notice.deleting:
            is_safe = False
            sleep(_WAIT_SECONDS)
            continue
        left = tuple(each for each in stored.notice.inputs if each != sha256)
        write_notice(storage, stored.notice.model_copy(update={"inputs": left}), stored)
    return False
