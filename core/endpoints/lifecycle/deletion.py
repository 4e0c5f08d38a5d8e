"""Deletes endpoints for good: what AWS refuses for now is kept as a record, and tried until it is
gone with its configuration, its models and what scales it."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.endpoints.service import Endpoint, Endpoints, EndpointStatus
from core.endpoints.status import endpoint_item
from core.errors import AwsDenied, AwsError, Conflict, NotFound
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import Record, RecordKind, RecordStore
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts import endpoints as endpoint_texts
from formats.frozen import Tolerant

log = logging.getLogger(__name__)

_MOST: Final = 200


class DeletionRequest(Tolerant):
    """A deletion that AWS has not finished. SageMaker refuses one while it starts or updates an
    endpoint, which may last for hours."""

    asked_by: str
    asked_at: datetime
    created_at: datetime
    """When the endpoint was created: another one of its name is left alone."""
    config_name: str
    models: tuple[str, ...]
    is_scaled: bool
    problem: str = ""
    """What AWS said the last time; empty while it is only busy."""


DELETIONS: Final = RecordKind("endpoint-deletion", DeletionRequest)
"""The owner is the endpoint's name."""

_ID: Final = "deletion"

_BUSY: Final = frozenset(
    {
        EndpointStatus.CREATING,
        EndpointStatus.UPDATING,
        EndpointStatus.SYSTEM_UPDATING,
        EndpointStatus.ROLLING_BACK,
    }
)
"""States in which AWS refuses DeleteEndpoint."""


class EndpointDeletion:
    """The requests; `look`, which a worker of each dashboard calls, carries them out."""

    def __init__(
        self, endpoints: Endpoints, records: RecordStore, access: Access, clock: Clock
    ) -> None:
        self._endpoints = endpoints
        self._records = records
        self._access = access
        self._clock = clock
        self._waiting: Mapping[str, DeletionRequest] = {}

    def waiting(self) -> Mapping[str, DeletionRequest]:
        """The requests that are not done, by endpoint, as of the last look."""
        return self._waiting

    def ask(self, user: User, name: str) -> None:
        """Delete an endpoint now, or as soon as AWS lets it.

        Raises NotFound, NotAllowed, and AwsDenied, after which nothing is kept of it.
        """
        endpoint = self._endpoints.find(user, name)
        if endpoint is None:
            raise NotFound(endpoint_texts.is_gone(name))
        with self._access.acting(user, Action.DELETE, endpoint.item, name):
            self._ask(user, name, endpoint)

    def _ask(self, user: User, name: str, endpoint: Endpoint) -> None:
        request = DeletionRequest(
            asked_by=user.name,
            asked_at=self._clock(),
            created_at=endpoint.created_at,
            config_name=endpoint.config_name,
            models=endpoint.models,
            is_scaled=endpoint.scaling is not None,
        )
        is_kept = self._keep(name, request)
        try:
            self._endpoints.remove(endpoint)
        except AwsError as error:
            if isinstance(error, AwsDenied) or not is_kept:
                self._forget(name)
                raise
            self._note(name, self._problem(endpoint, error))
        log.info("event=deletion_asked endpoint=%s by=%s", name, user.name)

    def withdraw(self, user: User, name: str) -> None:
        """Keep an endpoint whose deletion AWS has not taken yet. Raises NotAllowed, AwsError."""
        endpoint = self._endpoints.find(user, name)
        item, subject = (endpoint.item, name) if endpoint else (endpoint_item(""), "")
        with self._access.acting(user, Action.DELETE, item, subject, AuditEvent.WITHDRAW):
            self._forget(name)

    def look(self) -> None:
        """Try what is waiting once more. Raises AwsError where the records can't be read."""
        page = self._records.page(DELETIONS, limit=_MOST)
        self._waiting = {record.owner: record.value for record in page.records}
        for record in page.records:
            try:
                self._try(record)
            except AwsError as error:
                log.warning("event=deletion_failed endpoint=%s error=%s", record.owner, error)
                self._note(record.owner, str(error))

    def _try(self, record: Record[DeletionRequest]) -> None:
        name, request = record.owner, record.value
        endpoint = self._endpoints.describe_any(name)
        if endpoint is None:
            self._endpoints.resources.remove_parts(
                name, request.config_name, request.models, is_scaled=request.is_scaled
            )
            log.info("event=deletion_done endpoint=%s", name)
        if endpoint is None or endpoint.created_at != request.created_at:
            self._forget(name)
        elif endpoint.status is not EndpointStatus.DELETING:
            try:
                self._endpoints.remove(endpoint)
            except AwsError as error:
                self._note(name, self._problem(endpoint, error))

    def _problem(self, endpoint: Endpoint, error: AwsError) -> str:
        now = self._endpoints.describe_any(endpoint.name)
        return "" if now and now.status in _BUSY else str(error)

    def _keep(self, name: str, request: DeletionRequest) -> bool:
        """Whether it could be recorded: an endpoint must not go on for want of a table."""
        try:
            edit(self._records, DELETIONS, name, _ID, lambda _: request)
        except (AwsError, Conflict) as error:
            log.warning("event=deletion_not_recorded endpoint=%s error=%s", name, error)
            return False
        self._waiting = {**self._waiting, name: request}
        return True

    def _note(self, name: str, problem: str) -> None:
        def note(kept: DeletionRequest | None) -> DeletionRequest | None:
            return kept and kept.model_copy(update={"problem": problem})

        kept = edit(self._records, DELETIONS, name, _ID, note)
        if kept:
            self._waiting = {**self._waiting, name: kept}

    def _forget(self, name: str) -> None:
        self._waiting = {key: value for key, value in self._waiting.items() if key != name}
        try:
            if kept := self._records.get(DELETIONS, name, _ID):
                self._records.delete(kept)
        except (AwsError, Conflict) as error:
            log.warning("event=deletion_not_forgotten endpoint=%s error=%s", name, error)
