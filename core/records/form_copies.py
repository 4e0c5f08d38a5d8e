"""Copies what people type to where every dashboard can read it: a host that is lost takes nothing.

A dashboard keeps forms on its own disk first, which never waits; a copy follows in the background.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from threading import Condition, Thread
from typing import Final, NamedTuple

from pydantic import Field

from core.aws.storage import Storage
from core.errors import AwsError, ContrappostoError
from core.ids import Clock
from core.records.edit import delete_all, edit
from core.records.interface import RecordKind, RecordStore
from core.records.paging import every_record
from core.records.recent_answers import RecentAnswers
from formats.frozen import Frozen, Tolerant
from formats.keys import form_key, form_prefix

log = logging.getLogger(__name__)

_MAX_TEXT: Final = 60_000
"""Bytes that a record itself holds; what is larger or no text is an object in S3."""

_AGAIN_SECONDS: Final = 5.0
"""After AWS refused a copy."""

_SILENT: Final = timedelta(seconds=30)
"""For so long AWS is not asked again after it did not answer: a page would wait at each file."""

_CLOSE_SECONDS: Final = 10.0


class FormRecord(Tolerant):
    """A form's values, or a file that it holds."""

    saved_at: datetime
    text: str | None = Field(None, max_length=_MAX_TEXT)
    sha256: str | None = None
    """Of the bytes in S3. With neither it was cleared."""


FORMS: Final = RecordKind("form", FormRecord)
"""Kept under the user's name and `<form>.<file>`."""


class FormCopy(Frozen):
    """What a form held when it was last copied; None for what was cleared."""

    saved_at: datetime
    data: bytes | None


class FormText(NamedTuple):
    """A copy that is text."""

    owner: str
    name: str
    text: str


class FormCopies:
    """The copies of everybody's forms. The last save counts, whichever dashboard it came from."""

    def __init__(self, records: RecordStore, storage: Storage, clock: Clock) -> None:
        self._records = records
        self._storage = storage
        self._clock = clock
        self._texts = RecentAnswers[tuple[FormText, ...]](clock)
        self._changed = Condition()
        self._waiting: dict[tuple[str, str], FormCopy] = {}
        self._closing = False
        self._silent_until: datetime | None = None
        self._thread = Thread(target=self._run, name="form-copies", daemon=True)

    def start(self) -> None:
        """Begin to copy."""
        self._thread.start()

    def close(self) -> None:
        """Copy what waits, where AWS takes it within seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_SECONDS)

    def keep(self, owner: str, name: str, data: bytes | None, saved_at: datetime) -> None:
        """Copy this soon; None for what was cleared. Of several saves the last is copied."""
        with self._changed:
            self._waiting[owner, name] = FormCopy(saved_at=saved_at, data=data)
            self._changed.notify()

    def find(self, owner: str, name: str) -> FormCopy | None:
        """The copy; None where there is none, or where AWS does not answer now."""
        with self._changed:
            if waiting := self._waiting.get((owner, name)):
                return waiting
        now = self._clock()
        if self._silent_until and now < self._silent_until:
            return None
        try:
            return self._read(owner, name)
        except AwsError as error:
            log.warning("event=form_not_read form=%s error=%s", name, error)
            self._silent_until = now + _SILENT
            return None

    def names(self, owner: str) -> set[str]:
        """What somebody has copies of, a hundred at most. Raises AwsError."""
        return {record.id for record in self._records.page(FORMS, owner, limit=100).records}

    def texts(self) -> tuple[FormText, ...]:
        """Everybody's copies as they were ten seconds ago at most, but those that are objects in
        S3. Raises AwsError where they were never read."""

        def read() -> tuple[FormText, ...]:
            found = every_record(self._records, FORMS)
            return tuple(
                FormText(one.owner, one.id, one.value.text)
                for one in found
                if one.value.text is not None
            )

        return self._texts.get("", read)

    def forget(self, owner: str) -> None:
        """Remove everything that somebody typed. Raises AwsError."""
        delete_all(self._records, FORMS, owner)
        self._storage.delete_prefix(form_prefix(_folder(owner)))

    def _read(self, owner: str, name: str) -> FormCopy | None:
        record = self._records.get(FORMS, owner, name)
        if record is None:
            return None
        kept = record.value
        if kept.sha256 is None:
            text = None if kept.text is None else kept.text.encode()
            return FormCopy(saved_at=kept.saved_at, data=text)
        content = self._storage.find(form_key(_folder(owner), kept.sha256))
        # Another dashboard may have put something else in its place between the two reads.
        return FormCopy(saved_at=kept.saved_at, data=content.data) if content else None

    def _run(self) -> None:
        while (next_copy := self._wait()) is not None:
            (owner, name), copy = next_copy
            if self._write(owner, name, copy):
                self._done(owner, name, copy)
                continue
            with self._changed:
                if self._closing or self._changed.wait_for(self._is_closing, _AGAIN_SECONDS):
                    return

    def _is_closing(self) -> bool:
        return self._closing

    def _wait(self) -> tuple[tuple[str, str], FormCopy] | None:
        """The next to copy; None when the dashboard ends and nothing waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return next(iter(self._waiting.items()), None)

    def _done(self, owner: str, name: str, copy: FormCopy) -> None:
        """Forget what was copied, unless it was saved again meanwhile."""
        with self._changed:
            if self._waiting.get((owner, name)) is copy:
                del self._waiting[owner, name]

    def _write(self, owner: str, name: str, copy: FormCopy) -> bool:
        try:
            self._store(owner, name, copy)
        except ContrappostoError as error:
            log.warning("event=form_not_copied form=%s error=%s", name, error)
            return False
        except Exception:  # the worker's edge: it must outlive any error
            log.exception("event=form_not_copied form=%s", name)
            return False
        return True

    def _store(self, owner: str, name: str, copy: FormCopy) -> None:
        text, sha256 = _parted(copy.data)
        if sha256 and copy.data is not None:
            key = form_key(_folder(owner), sha256)
            self._storage.write(key, copy.data, "application/octet-stream")
        fresh = FormRecord(saved_at=copy.saved_at, text=text, sha256=sha256)
        replaced: list[str | None] = []

        def change(kept: FormRecord | None) -> FormRecord | None:
            replaced[:] = [kept.sha256 if kept else None]
            return None if kept and kept.saved_at >= copy.saved_at else fresh

        stored = edit(self._records, FORMS, owner, name, change)
        if stored == fresh and replaced[0] not in (None, sha256):
            self._drop_unused(owner, str(replaced[0]))

    def _drop_unused(self, owner: str, sha256: str) -> None:
        """Remove an object that no form of this owner holds any more."""
        page = self._records.page(FORMS, owner, limit=100)
        if page.cursor is None and all(one.value.sha256 != sha256 for one in page.records):
            self._storage.delete((form_key(_folder(owner), sha256),))


def _parted(data: bytes | None) -> tuple[str | None, str | None]:
    """Short text for the record, or the hash of what goes to S3."""
    if data is None:
        return None, None
    if len(data) <= _MAX_TEXT:
        try:
            return data.decode(), None
        except UnicodeDecodeError:
            pass
    return None, hashlib.sha256(data).hexdigest()


def _folder(owner: str) -> str:
    """A user's folder: a name may be an e-mail address, which is none for a key."""
    return hashlib.sha256(owner.encode()).hexdigest()
