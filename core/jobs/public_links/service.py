"""Makes, lists and revokes public links, and finds what one of them shows."""

import hashlib
import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from core.aws.storage import Storage
from core.errors import AwsNotFound, Conflict, InvalidInput, NotAllowed, NotFound
from core.ids import Clock
from core.jobs.public_links.records import (
    MAX_DAYS,
    MAX_LINKS,
    PUBLIC_LINKS,
    ListedLink,
    NewLink,
    PublicLink,
    TokenParts,
    read_token,
    write_token,
)
from core.jobs.records import Job
from core.jobs.store.authorized import AuthorizedJobs
from core.records.interface import Record, RecordStore
from core.records.stored import read_stored
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts.jobs import public_links as texts
from formats.frozen import Frozen
from formats.generation.result import GenerationResult
from formats.image_files import without_metadata
from formats.keys import output_key, result_key

log = logging.getLogger(__name__)

_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 6
_NO_HASH: Final = "0" * 64
"""Compared with where there is no such link, so that both take as long."""

RandomBytes = Callable[[int], bytes]
"""Makes so many bytes that nobody can guess."""


class PublishedJob(Frozen):
    """What a public link shows."""

    link: ListedLink
    job: Job
    infotext: str = ""
    """Prompt and parameters, as A1111 writes them, where the link's maker wants them shown."""


class PublicLinks:
    """The public links of jobs. Their makers pass the permission check, also each time that one
    of their links is opened; nobody else is asked who they are then."""

    def __init__(
        self,
        authorized: AuthorizedJobs,
        records: RecordStore,
        storage: Storage,
        access: Access,
        clock: Clock,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        self._authorized = authorized
        self._records = records
        self._storage = storage
        self._access = access
        self._clock = clock
        self._random_bytes = random_bytes
        self.are_allowed: Callable[[], bool] = lambda: False
        """Whether the team's policy allows public links now."""
        self.user_now: Callable[[str], User | None] = lambda _name: None
        """Somebody with their role of now; None for who is no longer of the team."""

    def create(
        self, user: User, job_id: str, days: int, *, with_parameters: bool = False
    ) -> NewLink:
        """Make a link that is good for so many days. Raises NotFound, NotAllowed also where the
        team's policy does not allow it, InvalidInput at the field, Conflict, AwsError."""
        with self._authorized.acting(user, job_id, Action.SHARE, AuditEvent.PUBLISH) as job:
            if not self.are_allowed():
                raise NotAllowed(texts.NOT_ALLOWED)
            return self._create(user, job, days, with_parameters=with_parameters)

    def _create(self, user: User, job: Job, days: int, *, with_parameters: bool) -> NewLink:
        if not 1 <= days <= MAX_DAYS:
            raise InvalidInput(texts.days_range(MAX_DAYS), "days")
        if not job.image_count:
            raise Conflict(texts.NO_IMAGE)
        if self._good_links(job.id) >= MAX_LINKS:
            raise InvalidInput(texts.too_many_links(MAX_LINKS))
        link_id, secret = self._random_bytes(_ID_BYTES).hex(), self._new_secret()
        now = self._clock()
        link = PublicLink(
            sha256=_hash(secret),
            created_by=user.name,
            created_at=now,
            expires_at=now + timedelta(days=days),
            with_parameters=with_parameters,
        )
        record = self._records.add(PUBLIC_LINKS, job.id, link_id, link)
        log.info("event=public_link_created job=%s link=%s by=%s", job.id, link_id, user.name)
        token = write_token(TokenParts(job.id, link_id, secret))
        return NewLink(token=token, listed=_listed(record))

    def of_job(self, user: User, job_id: str) -> tuple[ListedLink, ...]:
        """The links of a job that have not expired, the newest first. Raises NotFound,
        NotAllowed."""
        self._authorized.find(user, job_id, Action.SEE)
        now = self._clock()
        links = (_listed(each) for each in self._records_of(job_id))
        still_good = (link for link in links if link.expires_at > now)
        return tuple(sorted(still_good, key=lambda link: link.created_at, reverse=True))

    def revoke(self, user: User, job_id: str, link_id: str) -> None:
        """Let a link show nothing more. Raises NotFound, NotAllowed, AwsError."""
        with self._authorized.acting(user, job_id, Action.DELETE, AuditEvent.UNPUBLISH):
            record = self._records.get(PUBLIC_LINKS, job_id, link_id)
            if record is None:
                raise NotFound(texts.IS_GONE)
            self._records.delete(record)
        log.info("event=public_link_revoked job=%s link=%s by=%s", job_id, link_id, user.name)

    def open(self, token: str) -> PublishedJob:
        """What a link shows now. Raises AwsError, and the same NotFound for whatever shows
        nothing: an unknown, expired or revoked link, a job that is gone or in the trash, a maker
        who may not share it any more, a policy that was switched off."""
        record, job = self._shown(token)
        infotext = self._infotext(job) if record.value.with_parameters else ""
        return PublishedJob(link=_listed(record), job=job, infotext=infotext)

    def image(self, token: str, index: int) -> bytes:
        """An image as PNG; without what stands in it of its making, but where the link's maker
        wants that shown. Raises as `open`."""
        record, job = self._shown(token)
        if not 0 <= index < job.image_count:
            raise NotFound(texts.IS_GONE)
        try:
            data = self._storage.of_bucket(job.bucket).read(output_key(job.id, index)).data
            return data if record.value.with_parameters else without_metadata(data)
        except (AwsNotFound, ValueError) as error:
            raise NotFound(texts.IS_GONE) from error

    def _shown(self, token: str) -> tuple[Record[PublicLink], Job]:
        """The link whose token that is, and its job, where it shows something."""
        record = self._proven(read_token(token))
        job = self._authorized.store.get(record.owner) if record else None
        if record is None or job is None or not self._counts(record.value, job):
            raise NotFound(texts.IS_GONE)
        return record, job

    def _proven(self, parts: TokenParts | None) -> Record[PublicLink] | None:
        """The link that the token names, where its secret is right."""
        if parts is None:
            return None
        record = self._records.get(PUBLIC_LINKS, parts.job_id, parts.link_id)
        kept = record.value.sha256 if record else _NO_HASH
        return record if hmac.compare_digest(_hash(parts.secret), kept) else None

    def _counts(self, link: PublicLink, job: Job) -> bool:
        is_over = self._clock() >= link.expires_at or job.trashed_at is not None
        if is_over or not self.are_allowed():
            return False
        maker = self.user_now(link.created_by)
        return maker is not None and self._access.may(maker, Action.SHARE, job.item)

    def _infotext(self, job: Job) -> str:
        content = self._storage.of_bucket(job.bucket).find(result_key(job.id))
        result = read_stored(GenerationResult, content.data, job.id) if content else None
        return result.pictures[0].infotext if result and result.pictures else ""

    def _records_of(self, job_id: str) -> tuple[Record[PublicLink], ...]:
        return self._records.page(PUBLIC_LINKS, owner=job_id, limit=2 * MAX_LINKS).records

    def _good_links(self, job_id: str) -> int:
        """How many have not expired; the others are deleted."""
        now, good = self._clock(), 0
        for record in self._records_of(job_id):
            if record.value.expires_at > now:
                good += 1
            else:
                self._records.delete(record)
        return good

    def _new_secret(self) -> str:
        """256 bits in 43 characters that need no quoting anywhere."""
        return urlsafe_b64encode(self._random_bytes(_SECRET_BYTES)).decode().rstrip("=")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _listed(record: Record[PublicLink]) -> ListedLink:
    return ListedLink(id=record.id, **record.value.model_dump(exclude={"sha256"}))
