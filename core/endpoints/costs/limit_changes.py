"""Changes the limits of an endpoint: a budget, an end date, a budget that is lifted for a month."""

import logging
from contextlib import AbstractContextManager
from datetime import datetime

from core.endpoints.costs.ledger import month_of
from core.endpoints.costs.limits import LIMITS, LIMITS_ID, MAX_BUDGET, EndpointLimits
from core.endpoints.service import Endpoints
from core.errors import InvalidInput, NotFound
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import RecordStore
from core.team.access import Access, Act
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts import costs as texts
from core.texts import endpoints as endpoint_texts

log = logging.getLogger(__name__)


class LimitChanges:
    """Writes what a user sets, as far as it may. Every call raises NotFound, NotAllowed, AwsError;
    what it returns is kept then."""

    def __init__(
        self, endpoints: Endpoints, records: RecordStore, access: Access, clock: Clock
    ) -> None:
        self._endpoints = endpoints
        self._records = records
        self._access = access
        self._clock = clock

    def set(
        self, user: User, name: str, monthly_budget: float | None, ends_at: datetime | None
    ) -> EndpointLimits:
        """Set budget and end date, None for none. Raises InvalidInput at the field too."""
        with self._changing(user, name, AuditEvent.SET_LIMITS):
            return self._set(user, name, monthly_budget, ends_at)

    def _set(
        self, user: User, name: str, monthly_budget: float | None, ends_at: datetime | None
    ) -> EndpointLimits:
        if monthly_budget is not None and not 0 < monthly_budget <= MAX_BUDGET:
            raise InvalidInput(texts.budget_range(MAX_BUDGET), "monthly_budget")
        if ends_at is not None and ends_at <= self._clock():
            raise InvalidInput(texts.END_DATE_IS_PAST, "ends_at")
        log.info("event=limits_set endpoint=%s budget=%s ends_at=%s", name, monthly_budget, ends_at)
        return self._write(
            name, monthly_budget=monthly_budget, ends_at=ends_at, set_by=user.name, lifted_in=""
        )

    def lift(self, user: User, name: str) -> EndpointLimits:
        """Let the budget stop nothing until this month ends."""
        with self._changing(user, name, AuditEvent.LIFT_BUDGET):
            month = month_of(self._clock())
            log.info("event=budget_lifted endpoint=%s month=%s user=%s", name, month, user.name)
            return self._write(name, lifted_in=month)

    def _write(self, name: str, **changes: object) -> EndpointLimits:
        def change(kept: EndpointLimits | None) -> EndpointLimits:
            return (kept or EndpointLimits()).model_copy(update={**changes, "problem": ""})

        return edit(self._records, LIMITS, name, LIMITS_ID, change) or EndpointLimits()

    def _changing(self, user: User, name: str, event: AuditEvent) -> AbstractContextManager[Act]:
        endpoint = self._endpoints.find(user, name)
        if endpoint is None:
            raise NotFound(endpoint_texts.is_gone(name))
        return self._access.acting(user, Action.CHANGE, endpoint.item, name, event)
