"""The limits that people set an endpoint: a monthly budget and an end date, kept in records."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from core.records.interface import RecordKind
from formats.frozen import Tolerant

WARN_AT: Final = 0.8
"""The share of a budget from which on the page warns."""

MAX_BUDGET: Final = 1_000_000
"""US dollars a month."""


class StopReason(StrEnum):
    """Why a dashboard stopped an endpoint."""

    BUDGET = "budget"
    END_DATE = "end date"


class EndpointLimits(Tolerant):
    """What an endpoint may cost and until when it may run, and what came of it."""

    monthly_budget: Annotated[float, Field(gt=0, le=MAX_BUDGET)] | None = None
    """US dollars; None sets no limit."""
    ends_at: datetime | None = None
    set_by: str = ""
    lifted_in: str = ""
    """The month, `2026-11`, in which the budget stops nothing any more."""

    claimed_at: datetime | None = None
    claimed_by: str = ""
    """The dashboard that stops it, and since when; others leave it alone for a while."""
    stopped_at: datetime | None = None
    stopped_for: StopReason | None = None
    problem: str = ""
    """Why it could not be stopped."""


LIMITS: Final = RecordKind("endpoint-limits", EndpointLimits)
"""The owner is the endpoint's name: an endpoint created anew has the same budget."""

LIMITS_ID: Final = "limits"
