"""API keys: made by a person, shown once, kept as hashes, checked with each call of a program."""

import hashlib
import hmac
import logging
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import Field, SecretStr

from core.errors import AwsError, Conflict, InvalidInput, KeyRefused, NotFound
from core.ids import Clock
from core.records.edit import delete_all
from core.records.interface import Record, RecordKind, RecordStore
from core.team.access import Access
from core.team.people import People
from core.team.permissions import Action, Item, Kind, Visibility
from core.team.users import User
from core.texts import team as texts
from formats.frozen import Frozen, Tolerant

log = logging.getLogger(__name__)

MAX_KEYS: Final = 20
"""Of one person."""

MAX_TITLE: Final = 64
MAX_DAYS: Final = 365

_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 6
_KEY: Final = re.compile(r"cpk_(?P<id>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
_NO_HASH: Final = "0" * 64
"""Compared with where there is no such key, so that both take as long."""

_USED_AGAIN: Final = timedelta(hours=1)
"""Between two notes of when a key was last used: not a write for each call."""

_LISTED: Final = 1000

RandomBytes = Callable[[int], bytes]
"""Makes so many bytes that nobody can guess."""


class Scope(StrEnum):
    """What a key is good for, within its person's role; the value is the word a user reads."""

    READ = "read"
    GENERATE = "generate"
    MANAGE = "manage"


class KeyProblem(StrEnum):
    """Why a key does not count; the value is the code that a program gets."""

    MISSING = "missing_key"
    MALFORMED = "malformed_key"
    UNKNOWN = "unknown_key"
    EXPIRED = "expired_key"
    OUT_OF_SCOPE = "out_of_scope"


class ApiKey(Tolerant):
    """A key as it is kept: its hash, never itself. Times are UTC."""

    title: str
    sha256: str
    """Of the secret part, in hex digits."""
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    """To the hour."""


API_KEYS: Final = RecordKind("api-key", ApiKey)
"""The owner is the person, the id stands in the key itself."""


class ListedKey(Frozen):
    """A key as a list shows it."""

    id: str
    owner: str
    title: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class NewKey(Frozen):
    """A key that was just made, with the one look at it."""

    text: SecretStr
    listed: ListedKey


class KeyHolder(Frozen):
    """Who calls by a key, with their role of now."""

    user: User
    scopes: tuple[Scope, ...] = Field(min_length=1)
    expires_at: datetime


class ApiKeys:
    """The keys of everybody; each call of a person passes the permission check."""

    def __init__(
        self,
        records: RecordStore,
        people: People,
        access: Access,
        clock: Clock,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        self._records = records
        self._people = people
        self._access = access
        self._clock = clock
        self._random_bytes = random_bytes

    def create(self, user: User, title: str, scopes: Collection[Scope], days: int) -> NewKey:
        """Make a key of the user's own. Raises InvalidInput at the field, NotAllowed, AwsError."""
        with self._access.acting(user, Action.CREATE, _item(user.name)) as act:
            made = self._create(user, title, scopes, days)
            act.name(made.listed.id)
        return made

    def _create(self, user: User, title: str, scopes: Collection[Scope], days: int) -> NewKey:
        cleaned = " ".join(title.split())
        if not 1 <= len(cleaned) <= MAX_TITLE:
            raise InvalidInput(texts.key_title_range(MAX_TITLE), "title")
        if not scopes:
            raise InvalidInput(texts.KEY_WITHOUT_SCOPE, "scopes")
        if not 1 <= days <= MAX_DAYS:
            raise InvalidInput(texts.key_days_range(MAX_DAYS), "days")
        if self.count(user.name) >= MAX_KEYS:
            raise InvalidInput(texts.too_many_keys(MAX_KEYS))
        key_id, secret = self._random_bytes(_ID_BYTES).hex(), self._new_secret()
        now = self._clock()
        key = ApiKey(
            title=cleaned,
            sha256=_hash(secret),
            scopes=tuple(scope for scope in Scope if scope in scopes),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        record = self._records.add(API_KEYS, user.name, key_id, key)
        log.info("event=api_key_created key=%s by=%s", key_id, user.name)
        return NewKey(text=SecretStr(f"cpk_{key_id}_{secret}"), listed=_listed(record))

    def list(self, user: User, owner: str | None = None) -> tuple[ListedKey, ...]:
        """The keys of one owner, or of all, that the user may see, the newest first."""
        page = self._records.page(API_KEYS, owner=owner, limit=_LISTED)
        listed = (_listed(record) for record in page.records)
        seen = (key for key in listed if self._access.may(user, Action.LIST, _item(key.owner)))
        return tuple(sorted(seen, key=lambda key: (key.created_at, key.id), reverse=True))

    def revoke(self, user: User, owner: str, key_id: str) -> None:
        """Let a key count no more. Raises NotFound, for a key that is not the user's too."""
        record = self._records.get(API_KEYS, owner, key_id)
        if record is None or not self._access.may(user, Action.DELETE, _item(owner)):
            raise NotFound(texts.KEY_IS_GONE)
        with self._access.acting(user, Action.DELETE, _item(owner), key_id):
            self._delete(record)
        log.info("event=api_key_revoked key=%s by=%s", key_id, user.name)

    def check(self, text: str, scope: Scope | None = None) -> KeyHolder:
        """Who holds a key. Raises KeyRefused, AwsError.

        Nothing is told of a key whose secret part is wrong. With `scope`, the key must have it.
        """
        if not text:
            raise _refusal(KeyProblem.MISSING)
        parts = _KEY.fullmatch(text)
        if parts is None:
            raise _refusal(KeyProblem.MALFORMED)
        record = self._find(parts["id"])
        kept = record.value.sha256 if record else _NO_HASH
        is_right = hmac.compare_digest(_hash(parts["secret"]), kept)
        if record is None or not is_right:
            log.warning("event=api_key_refused key=%s", parts["id"])
            raise _refusal(KeyProblem.UNKNOWN)
        return self._holder(record, scope)

    def count(self, owner: str) -> int:
        """How many keys somebody has."""
        return len(self._records.page(API_KEYS, owner=owner, limit=_LISTED).records)

    def remove_all(self, owner: str) -> None:
        """Forget all keys of somebody who is removed. Raises AwsError."""
        delete_all(self._records, API_KEYS, owner)

    def _new_secret(self) -> str:
        """256 bits in 43 characters that need no quoting anywhere."""
        return urlsafe_b64encode(self._random_bytes(_SECRET_BYTES)).decode().rstrip("=")

    def _find(self, key_id: str) -> Record[ApiKey] | None:
        """The index tells the owner, and may be behind; whether the key is there is read anew."""
        page = self._records.page(API_KEYS, prefix=key_id, limit=1)
        owner = page.records[0].owner if page.records else None
        return self._records.get(API_KEYS, owner, key_id) if owner else None

    def _holder(self, record: Record[ApiKey], scope: Scope | None) -> KeyHolder:
        key = record.value
        if self._clock() >= key.expires_at:
            raise _refusal(KeyProblem.EXPIRED)
        user = self._people.user_now(record.owner)
        if user is None:
            raise _refusal(KeyProblem.UNKNOWN)
        if scope is not None and scope not in key.scopes:
            raise KeyRefused(texts.key_lacks_scope(scope), KeyProblem.OUT_OF_SCOPE)
        self._note_use(record)
        return KeyHolder(user=user, scopes=key.scopes, expires_at=key.expires_at)

    def _note_use(self, record: Record[ApiKey]) -> None:
        now, last = self._clock(), record.value.last_used_at
        if last is not None and now - last < _USED_AGAIN:
            return
        try:
            self._records.replace(record, record.value.model_copy(update={"last_used_at": now}))
        except (AwsError, Conflict) as error:  # a call must not fail for want of the note
            log.warning("event=api_key_use_not_noted key=%s error=%s", record.id, error)

    def _delete(self, record: Record[ApiKey]) -> None:
        """Delete a key; a use that is noted at the same time must not keep it."""
        try:
            self._records.delete(record)
        except Conflict:
            again = self._records.get(API_KEYS, record.owner, record.id)
            if again is not None:
                self._records.delete(again)


def _item(owner: str) -> Item:
    return Item(kind=Kind.API_KEY, owner=owner, visibility=Visibility.PRIVATE)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _listed(record: Record[ApiKey]) -> ListedKey:
    shown = record.value.model_dump(exclude={"sha256"})
    return ListedKey(id=record.id, owner=record.owner, **shown)


def _refusal(problem: KeyProblem) -> KeyRefused:
    return KeyRefused(texts.KEY_REFUSALS[problem], problem)
