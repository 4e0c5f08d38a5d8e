"""Stops endpoints whose limits are reached: one dashboard does, whichever looks first."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from core.endpoints.costs.ledger import month_of
from core.endpoints.costs.limits import LIMITS, LIMITS_ID, EndpointLimits, StopReason
from core.endpoints.status import Endpoint, EndpointStatus
from core.errors import Conflict, ContrappostoError, NotFound
from core.ids import NewId
from core.records.edit import edit
from core.records.interface import RecordStore
from core.team.users import SYSTEM, User
from core.texts import costs as texts

log = logging.getLogger(__name__)

_CLAIM: Final = timedelta(minutes=2)
"""For so long an endpoint is left to the dashboard that stops it; then another one tries."""

StopEndpoint = Callable[[User, str], object]
"""Ends what the endpoint of a name costs."""


def reached(limits: EndpointLimits, spent: float, now: datetime) -> StopReason | None:
    """Which limit is reached; `spent` are this month's dollars."""
    if limits.ends_at and now >= limits.ends_at:
        return StopReason.END_DATE
    is_watched = limits.monthly_budget is not None and limits.lifted_in != month_of(now)
    if is_watched and spent >= (limits.monthly_budget or 0):
        return StopReason.BUDGET
    return None


class Enforcer:
    """Stops what costs more than it may. A record says which dashboard is at it."""

    def __init__(
        self, records: RecordStore, stops: Mapping[StopReason, StopEndpoint], new_id: NewId
    ) -> None:
        self._records = records
        self._stops = stops
        self._me = new_id()

    def enforce(
        self, endpoint: Endpoint, reason: StopReason, now: datetime
    ) -> EndpointLimits | None:
        """Stop the endpoint, unless it is stopped or somebody is at it.

        Returns what is kept of it then; None where nothing was done. Raises AwsError.
        """
        name = endpoint.name
        if _is_stopped(endpoint, reason) or not self._claim(name, now):
            return None
        log.info("event=limit_reached endpoint=%s limit=%s", name, reason)
        problem = ""
        try:
            self._stops[reason](SYSTEM, name)
        except NotFound:
            log.info("event=stopped_already endpoint=%s", name)
        except ContrappostoError as error:
            log.warning("event=limit_not_enforced endpoint=%s error=%s", name, error)
            problem = texts.could_not_be_stopped(str(error))
        return self._note(name, reason, now, problem)

    def _claim(self, name: str, now: datetime) -> bool:
        """Whether this dashboard is the one to stop it: the conditional write has one winner."""
        kept = self._records.get(LIMITS, name, LIMITS_ID)
        if kept is None or _is_claimed(kept.value, now):
            return False
        claim = {"claimed_at": now, "claimed_by": self._me}
        try:
            self._records.replace(kept, kept.value.model_copy(update=claim))
        except Conflict:
            return False
        return True

    def _note(
        self, name: str, reason: StopReason, now: datetime, problem: str
    ) -> EndpointLimits | None:
        changes: dict[str, object] = {"problem": problem}
        if not problem:
            changes |= {"stopped_at": now, "stopped_for": reason}
        if not problem and reason is StopReason.END_DATE:
            changes["ends_at"] = None  # another endpoint of this name begins without one

        def note(kept: EndpointLimits | None) -> EndpointLimits | None:
            return kept and kept.model_copy(update=changes)

        return edit(self._records, LIMITS, name, LIMITS_ID, note)


def _is_stopped(endpoint: Endpoint, reason: StopReason) -> bool:
    if endpoint.status is EndpointStatus.DELETING:
        return True
    if reason is StopReason.BUDGET and endpoint.can_be_held:
        # At zero alone is not enough: a job that waits would wake it. Instances take minutes to go.
        return endpoint.is_held and endpoint.desired == 0
    is_at_zero = endpoint.instances == endpoint.desired == 0
    return is_at_zero and endpoint.status is not EndpointStatus.CREATING


def _is_claimed(limits: EndpointLimits, now: datetime) -> bool:
    return limits.claimed_at is not None and timedelta() <= now - limits.claimed_at < _CLAIM
