"""The order as a tag of the endpoint, so that it lives and ends with it on AWS.

A tag's value has at most 256 letters, digits, spaces and `_.:/=+-@`.
"""

import logging
from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError

from core.endpoints.scaling.spec import ScalingSpec

log = logging.getLogger(__name__)

ORDER_TAG: Final = "contrapposto:scaling"
APPLIED_TAG: Final = "contrapposto:scaling-applied"
"""The order that AWS's objects were last brought in line with; another one than the order's own
says that somebody was interrupted."""
HELD_TAG: Final = "contrapposto:scaling-held"
"""Why the endpoint is kept at zero for now; empty where it is not."""


def encode_order(spec: ScalingSpec) -> str:
    """The tag's value: `min=0 max=2 backlog=4 idle=15 days=MON+TUE from=08:00 ...`."""
    return " ".join(f"{name}={value}" for name, value in _pairs(spec))


def _pairs(spec: ScalingSpec) -> Iterator[tuple[str, object]]:
    yield "min", spec.minimum
    yield "max", spec.maximum
    yield "backlog", spec.backlog_target
    yield "idle", spec.idle_minutes
    if spec.hours:
        yield "days", "+".join(spec.hours.days)
        yield "from", f"{spec.hours.start:%H:%M}"
        yield "to", f"{spec.hours.end:%H:%M}"
        yield "zone", spec.hours.timezone
        yield "warm", spec.hours.warm
    if spec.ends_at:
        yield "ends", f"{spec.ends_at:%Y-%m-%dT%H:%M:%S}+00:00"


def decode_order(value: str) -> ScalingSpec | None:
    """The order of a tag's value; None where there is none, or it can't be read."""
    if not value:
        return None
    fields = dict(pair.split("=", 1) for pair in value.split() if "=" in pair)
    order: dict[str, Any] = {
        "minimum": fields.get("min"),
        "maximum": fields.get("max"),
        "backlog_target": fields.get("backlog"),
        "idle_minutes": fields.get("idle"),
        "ends_at": fields.get("ends"),
    }
    if "days" in fields:
        order["hours"] = {
            "days": fields["days"].split("+"),
            "start": fields.get("from"),
            "end": fields.get("to"),
            "timezone": fields.get("zone"),
            "warm": fields.get("warm"),
        }
    try:
        return ScalingSpec.model_validate(order)
    except ValidationError as error:
        log.warning("event=scaling_order_unreadable value=%r error=%s", value, error)
        return None
