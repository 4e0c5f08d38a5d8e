"""Removes a person with what is theirs, and hands over what `local` made before there was a login.

Both are kept as records and carried out by a worker of each dashboard, which goes on where another
one was broken off: each step is harmless when it is taken twice.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.errors import AwsError, Conflict, ContrappostoError, InvalidInput
from core.ids import Clock
from core.records.edit import delete_all, edit
from core.records.interface import Record, RecordKind, RecordStore
from core.team.access import Access
from core.team.administration.service import Administration
from core.team.audit.entries import AuditEvent
from core.team.people import People
from core.team.permissions import Action, Item, Kind
from core.team.sharing import SHARED_JOBS
from core.team.users import LOCAL, User
from core.texts import team as texts
from formats.frozen import Frozen, Tolerant

log = logging.getLogger(__name__)

_ID: Final = "move"
_MOST: Final = 200
_TEAM: Final = Item(kind=Kind.TEAM)


class Belonging(StrEnum):
    """A kind of what somebody has; the value is the word a user reads."""

    API_KEYS = "API keys"
    JOBS = "jobs"
    GRIDS = "grids"
    POSES = "poses"
    STYLES = "styles"
    WILDCARDS = "wildcard files"
    PRESETS = "form presets"
    UPLOADS = "uploads under way"
    MODELS = "model files"
    FAVOURITES = "favourites"
    DRAFTS = "drafts"


@dataclass(frozen=True)
class Belongings:
    """One kind, through the service that has it. Each function raises ContrappostoError."""

    kind: Belonging
    count: Callable[[str], int]
    """How many somebody has; from a thousand on it may stop to count."""
    remove: Callable[[str], None]
    """Remove all of somebody's, or give it to the team."""
    hand_over: Callable[[str, str], None] | None = None
    """Give all of somebody's to another; None for what stays."""


class Move(Tolerant):
    """A removal, or a handover, that is not done. The owner is whose things they are."""

    to: str = ""
    """Who gets them; empty for a removal."""
    title: str = ""
    """Of the owner, for showing."""
    asked_by: str
    asked_at: datetime
    problem: str = ""
    """Why it did not get on the last time."""


MOVES: Final = RecordKind("belongings-move", Move)
"""The owner is whose things they are."""


class Amount(Frozen):
    """How much of a kind there is."""

    kind: Belonging
    count: int


class OpenMove(Frozen):
    """A removal or handover under way, and what is left of it."""

    owner: str
    move: Move
    left: tuple[Amount, ...]


class BelongingsMoves:
    """The removals and handovers; `look`, which a worker calls, carries them out."""

    def __init__(
        self,
        records: RecordStore,
        people: People,
        administration: Administration,
        parts: Sequence[Belongings],
        access: Access,
        clock: Clock,
    ) -> None:
        self._records = records
        self._people = people
        self._administration = administration
        self._parts = parts
        self._access = access
        self._clock = clock

    def amounts(self, user: User, name: str) -> tuple[Amount, ...]:
        """What somebody has, without the kinds of which there is nothing."""
        self._access.require(user, Action.SEE, _TEAM)
        return tuple(self._left(name, self._parts))

    def remove_person(self, user: User, name: str, typed: str) -> None:
        """Disable somebody now, and remove them with what is theirs; `typed` is their title again.

        Raises InvalidInput, NotFound, NotAllowed, Conflict, AwsError.
        """
        person = self._administration.find(user, name)
        if typed.strip().casefold() != person.shown.casefold():
            raise InvalidInput(texts.type_the_title(person.shown), "title")
        self._administration.begin_removal(user, name)
        self._begin(user, name, Move(title=person.shown, asked_by=user.name, asked_at=self._now()))

    def hand_over(self, user: User, to: str) -> None:
        """Give somebody what `local` made. Raises NotFound, NotAllowed, Conflict, AwsError."""
        with self._access.acting(user, Action.CHANGE, _TEAM, LOCAL.name, AuditEvent.HAND_OVER):
            heir = self._administration.find(user, to)
            if heir.person.removing:
                raise Conflict(texts.IS_BEING_REMOVED)
            move = Move(to=to, title=heir.shown, asked_by=user.name, asked_at=self._now())
            self._begin(user, LOCAL.name, move)

    def open(self, user: User) -> tuple[OpenMove, ...]:
        """What is not done, with what is left of it."""
        self._access.require(user, Action.SEE, _TEAM)
        records = self._records.page(MOVES, limit=_MOST).records
        return tuple(
            OpenMove(
                owner=record.owner,
                move=record.value,
                left=tuple(self._left(record.owner, self._parts_of(record.value))),
            )
            for record in records
        )

    def look(self) -> None:
        """Get on with each of them. Raises AwsError where the records can't be read."""
        for record in self._records.page(MOVES, limit=_MOST).records:
            try:
                self._carry_out(record)
            except ContrappostoError as error:
                log.warning("event=move_broken owner=%s error=%s", record.owner, error)
                self._note(record.owner, str(error))

    def _carry_out(self, record: Record[Move]) -> None:
        owner, move = record.owner, record.value
        if move.to and not self._administration.is_here(move.to):
            raise Conflict(texts.HEIR_IS_GONE)
        for part in self._parts_of(move):
            if part.hand_over is not None and move.to:
                part.hand_over(owner, move.to)
            else:
                part.remove(owner)
        if not move.to:
            delete_all(self._records, SHARED_JOBS, owner)
            self._people.forget(owner)
        if kept := self._records.get(MOVES, owner, _ID):
            self._records.delete(kept)
        log.info("event=move_done owner=%s is_removal=%s", owner, not move.to)

    def _begin(self, user: User, owner: str, move: Move) -> None:
        def begin(kept: Move | None) -> Move:
            if kept and kept.to != move.to and not kept.problem:
                raise Conflict(texts.MOVE_IS_UNDER_WAY)
            return kept if kept and kept.to == move.to else move

        edit(self._records, MOVES, owner, _ID, begin)
        log.info("event=move_begun owner=%s is_removal=%s by=%s", owner, not move.to, user.name)

    def _note(self, owner: str, problem: str) -> None:
        def note(kept: Move | None) -> Move | None:
            return kept and kept.model_copy(update={"problem": problem})

        try:
            edit(self._records, MOVES, owner, _ID, note)
        except (AwsError, Conflict) as error:
            log.warning("event=move_not_noted owner=%s error=%s", owner, error)

    def _parts_of(self, move: Move) -> tuple[Belongings, ...]:
        """Of a handover, what can be handed over."""
        return tuple(part for part in self._parts if part.hand_over is not None or not move.to)

    def _left(self, name: str, parts: Sequence[Belongings]) -> Iterator[Amount]:
        for part in parts:
            if count := part.count(name):
                yield Amount(kind=part.kind, count=count)

    def _now(self) -> datetime:
        return self._clock()
