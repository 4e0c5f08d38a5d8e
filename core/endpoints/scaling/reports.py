"""What the Endpoints page is told of scaling: a report for each endpoint, and what is left over."""

from datetime import datetime

from core.endpoints.scaling.account import ScalingObjects
from core.endpoints.scaling.findings import Finding, findings
from core.endpoints.scaling.idle import BacklogHistory, stops_at
from core.endpoints.status import Endpoint, EndpointStatus
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


def report_of(
    endpoint: Endpoint,
    found: ScalingObjects,
    history: BacklogHistory | None,
    now: datetime,
    problem: str,
) -> ScalingReport:
    """The report of an endpoint that has an order; `problem` is why that was not carried out."""
    spec, is_pending = endpoint.scaling, not endpoint.scaling_applied
    if spec is None:
        return ScalingReport(endpoint=endpoint.name)
    # SageMaker changes the number of instances of no other endpoint.
    is_settled = endpoint.accepts_jobs and endpoint.status is EndpointStatus.IN_SERVICE
    runs = endpoint.accepts_jobs and endpoint.instances > 0
    may_sleep = found.target is not None and found.target["MinCapacity"] == 0
    differing = findings(endpoint.name, spec, found, now, is_held=endpoint.is_held)
    return ScalingReport(
        endpoint=endpoint.name,
        findings=() if is_pending else differing,  # what is still to be set up is not missing
        is_pending=is_pending,
        problem=problem,
        stops_at=stops_at(spec, history, endpoint.changed_at) if runs and may_sleep else None,
        can_stop=is_settled and endpoint.desired > 0 and endpoint.stops_at_zero,
        can_wake=is_settled and endpoint.desired == 0 and not endpoint.is_held,
    )
