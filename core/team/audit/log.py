"""Keeps the entries of the audit, in the background: no act fails or waits because of it."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from typing import Final, NamedTuple

from ulid import ULID

from core.errors import AwsError, Conflict
from core.ids import Clock
from core.records.interface import RecordStore
from core.team.audit.entries import (
    AUDIT,
    MAX_REASON,
    AuditEntry,
    AuditEvent,
    Outcome,
    clean_name,
    day_of,
)
from core.team.users import User
from core.texts import team as texts

log = logging.getLogger(__name__)

MAX_WAITING: Final = 2000
"""Entries that wait for a store that is silent; what comes on top is counted as lost."""

_LOOKS: Final = 0.5
"""Seconds between two looks at whether the dashboard ends."""

_AGAIN_SECONDS: Final = 5.0
"""Before the next try with a store that was silent."""

_CLOSING_SECONDS: Final = 15.0

_SAME: Final = timedelta(minutes=1)
"""A refusal is kept once in this time: a page that asks each second is one refusal. A sign-in too:
a tab that is loaded anew is a new session."""

_MOST_TOLD: Final = 10_000

MakeId = Callable[[datetime], str]
"""Makes an id that sorts by the time."""


def id_at(at: datetime) -> str:
    """A fresh ULID of a time."""
    return str(ULID.from_datetime(at))


class _Asker(NamedTuple):
    name: str
    title: str
    origin: str


def _asker(user: User) -> _Asker:
    return _Asker(user.name, user.title, user.origin)


class AuditLog:
    """Takes entries at once, and stores each in turn. It only ever adds.

    While the store is silent they wait; where too many do, or the dashboard ends before the
    store answers, the entry is a line in the log and counted in `lost`.
    """

    def __init__(
        self,
        records: RecordStore,
        clock: Clock,
        make_id: MakeId = id_at,
        *,
        most_waiting: int = MAX_WAITING,
        again_seconds: float = _AGAIN_SECONDS,
    ) -> None:
        self._records = records
        self._clock = clock
        self._make_id = make_id
        self._again_seconds = again_seconds
        self._waiting: Queue[AuditEntry] = Queue(most_waiting)
        self._told: dict[str, datetime] = {}
        self._lock = Lock()
        self._lost = 0
        self._problem = ""
        self._closing = Event()
        self._thread = Thread(target=self._run, name="audit", daemon=True)

    def start(self) -> None:
        """Begin to store what was taken."""
        self._thread.start()

    def close(self) -> None:
        """Store what still waits; called when the dashboard ends, before its store closes."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(_CLOSING_SECONDS)

    @property
    def lost(self) -> int:
        """How many entries this dashboard could not keep."""
        with self._lock:
            return self._lost

    def problem(self) -> str:
        """What an admin should know of how the audit is kept; empty where all is well."""
        with self._lock:
            lost, problem = self._lost, self._problem
        parts = (
            texts.audit_lost(lost) if lost else "",
            texts.audit_waits(self._waiting.qsize(), problem) if problem else "",
        )
        return " ".join(filter(None, parts))

    def sign_in(self, user: User) -> None:
        """Somebody's login counts for the first time in a browser session."""
        self.record(user, AuditEvent.SIGN_IN)

    def sign_out(self, user: User) -> None:
        """Somebody ended their login."""
        self.record(user, AuditEvent.SIGN_OUT)

    def sign_in_refused(self, reason: str, *, origin: str = "", user: User | None = None) -> None:
        """A login does not count. `reason` is one word such as `expired` or an error's class;
        `user` is only for who is known for sure: a forged claim names nobody."""
        who = _asker(user) if user else _Asker("", "", clean_name(origin, 64))
        refused = Outcome.REFUSED
        self._keep(who, AuditEvent.SIGN_IN, outcome=refused, reason=clean_name(reason))

    def record(
        self,
        user: User,
        event: AuditEvent,
        *,
        kind: str = "",
        subject: str = "",
        outcome: Outcome = Outcome.DONE,
        reason: str = "",
    ) -> None:
        """Keep one act. Never fails, never waits."""
        who = _asker(user)
        self._keep(who, event, kind=kind, subject=subject, outcome=outcome, reason=reason)

    def _keep(
        self,
        who: _Asker,
        event: AuditEvent,
        *,
        outcome: Outcome,
        reason: str,
        kind: str = "",
        subject: str = "",
    ) -> None:
        at = self._clock()
        entry = AuditEntry(
            id=self._make_id(at),
            at=at,
            user=who.name,
            title=who.title,
            origin=who.origin,
            event=event,
            kind=kind,
            subject=clean_name(subject),
            outcome=outcome,
            reason=reason[:MAX_REASON],
        )
        if self._is_told_already(entry):
            return
        try:
            self._waiting.put_nowait(entry)
        except Full:
            self._lose(entry, "full")

    def _is_told_already(self, entry: AuditEntry) -> bool:
        """Whether it is the refusal or the sign-in of a moment ago, once more."""
        if entry.outcome is not Outcome.REFUSED and entry.event is not AuditEvent.SIGN_IN:
            return False
        key = entry.model_dump_json(exclude={"id", "at"})
        with self._lock:
            before = self._told.get(key)
            if before and entry.at - before < _SAME:
                return True
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            self._told[key] = entry.at
        return False

    def _run(self) -> None:
        while not (self._closing.is_set() and self._waiting.empty()):
            try:
                entry = self._waiting.get(timeout=_LOOKS)
            except Empty:
                continue
            while not self._store(entry):
                if self._closing.wait(self._again_seconds):
                    self._give_up(entry)
                    return

    def _store(self, entry: AuditEntry) -> bool:
        """Whether there is no more to do for it."""
        try:
            self._records.add(AUDIT, day_of(entry.at), entry.id, entry)
        except Conflict:
            log.info("event=audit_stored_before id=%s", entry.id)
        except AwsError as error:
            log.warning("event=audit_waits error=%s", error)
            self._set_problem(str(error))
            return False
        except Exception as error:  # the worker's edge: it must outlive any error
            log.exception("event=audit_not_stored")
            self._lose(entry, type(error).__name__)
            return True
        self._set_problem("")
        return True

    def _give_up(self, entry: AuditEntry) -> None:
        """The dashboard ends while the store is silent: one more try, then the log has the rest."""
        if not self._store(entry):
            self._lose(entry, "closing")
        while True:
            try:
                left = self._waiting.get_nowait()
            except Empty:
                return
            if self._problem or not self._store(left):
                self._lose(left, "closing")

    def _set_problem(self, problem: str) -> None:
        with self._lock:
            self._problem = problem

    def _lose(self, entry: AuditEntry, why: str) -> None:
        """The line has what the entry has, but names no address of a person."""
        with self._lock:
            self._lost += 1
        told = entry.model_dump_json(exclude={"title", "origin"})
        log.error("event=audit_lost why=%s entry=%s", why, told)
