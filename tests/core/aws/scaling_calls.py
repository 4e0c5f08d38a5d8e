"""How the product makes the calls of scaling, and what must hold after each: more rows."""

from datetime import time
from typing import Final

from core.endpoints.costs.scaling_history import scaling_steps_or_none
from core.endpoints.scaling.names import names_of
from core.endpoints.scaling.spec import OfficeHours, ScalingSpec, Weekday
from core.team.users import LOCAL
from tests.core.aws.call_rows import Product, Row, make_endpoint

_OFFICE: Final = ScalingSpec(
    maximum=2,
    hours=OfficeHours(
        days=(Weekday.MONDAY,), start=time(8), end=time(18), timezone="Europe/Berlin"
    ),
)
_ALWAYS: Final = ScalingSpec(minimum=1)
"""One instance at any time, for which AWS needs neither policies nor actions."""


def _order(product: Product, name: str, spec: ScalingSpec) -> None:
    product.scaling().order(LOCAL, name.lower(), spec)


def _make_scaled(product: Product, name: str) -> None:
    make_endpoint(product, name)
    _order(product, name, _OFFICE)


def _read_scaling(product: Product, _name: str) -> None:
    product.scaling().reports(LOCAL)


def _is_scaled(product: Product, name: str) -> bool:
    """Whether AWS has what was ordered, no more and no less, and an alarm says who pays for it."""
    report = product.scaling().reports(LOCAL)[name.lower()]
    cloudwatch = product.aws.cloudwatch()
    alarms = cloudwatch.describe_alarms(AlarmNames=[names_of(name.lower()).alarm])["MetricAlarms"]
    payers = [
        tag["Value"]
        for alarm in alarms
        for tag in cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    ]
    is_as_ordered = not (report.findings or report.problem or report.is_pending)
    return is_as_ordered and payers == ["animation", name.lower()] * len(alarms)


def _stop(product: Product, name: str) -> None:
    product.scaling().stop(LOCAL, name.lower())


def _is_stopped(product: Product, name: str) -> bool:
    found = product.endpoints().find(LOCAL, name.lower())
    return found is not None and found.desired == 0


def _leave_scaling(product: Product, name: str) -> None:
    """Somebody deletes the endpoint without this software."""
    _make_scaled(product, name)
    product.aws.sagemaker.delete_endpoint(EndpointName=name.lower())


def _clean(product: Product, name: str) -> None:
    product.scaling().clean(LOCAL, name.lower())


def _has_no_target(product: Product, name: str) -> bool:
    """moto keeps a target's policies, which AWS deletes with it."""
    found = product.aws.autoscaling().describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[names_of(name.lower()).resource]
    )
    return not found["ScalableTargets"]


_SCALING_READ: Final = Row(_read_scaling, prepare=_make_scaled)
_MORE_SCALING: Final = Row(
    lambda product, name: _order(product, name, _OFFICE), prepare=make_endpoint, holds=_is_scaled
)
_LESS_SCALING: Final = Row(
    lambda product, name: _order(product, name, _ALWAYS), prepare=_make_scaled, holds=_is_scaled
)

SCALING_ROWS: Final[dict[str, Row]] = {
    "add_tags": _MORE_SCALING,
    "update_endpoint_weights_and_capacities": Row(_stop, prepare=_make_scaled, holds=_is_stopped),
    "describe_scalable_targets": _SCALING_READ,
    "describe_scaling_policies": _SCALING_READ,
    "describe_scheduled_actions": _SCALING_READ,
    "describe_alarms": _SCALING_READ,
    "get_metric_data": _SCALING_READ,
    "register_scalable_target": _MORE_SCALING,
    "put_scaling_policy": _MORE_SCALING,
    "put_scheduled_action": _MORE_SCALING,
    "put_metric_alarm": _MORE_SCALING,
    "delete_scaling_policy": _LESS_SCALING,
    "delete_scheduled_action": _LESS_SCALING,
    "delete_alarms": _LESS_SCALING,
    "deregister_scalable_target": Row(_clean, prepare=_leave_scaling, holds=_has_no_target),
    "describe_scaling_activities": Row(
        lambda product, name: scaling_steps_or_none(product.aws, name), is_logged=True
    ),
}
