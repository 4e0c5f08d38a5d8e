"""What the Endpoints page is told of scaling: a report for each endpoint, and what is left over."""

from datetime import datetime

from core.endpoints.scaling.findings import Finding
from formats.frozen import Frozen


class ScalingReport(Frozen):
    """What is known of one endpoint's scaling."""

    endpoint: str
    findings: tuple[Finding, ...] = ()
    is_pending: bool = False
    """It is still to be set up, by whichever dashboard is first."""
    problem: str = ""
    """Why that failed the last time."""
    stops_at: datetime | None = None
    """About when its idle instances are stopped."""
    can_stop: bool = False
    can_wake: bool = False


class Leftover(Frozen):
    """Scaling objects of an endpoint that is no more."""

    endpoint: str
    alarms: int
    """AWS charges for each of them."""
    others: int
