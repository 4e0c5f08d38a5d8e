"""How long an endpoint usually is in each state, and whether one has been there for longer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from core.endpoints.status import Endpoint, EndpointStatus
from formats.frozen import Frozen


class UsualTime(Frozen):
    """Of a state that ends by itself."""

    least: timedelta
    most: timedelta
    late: timedelta
    """From here on something is likely to be wrong."""


def _minutes(least: float, most: float, late: float) -> UsualTime:
    return UsualTime(
        least=timedelta(minutes=least), most=timedelta(minutes=most), late=timedelta(minutes=late)
    )


_ON_AWS: Final[Mapping[EndpointStatus, UsualTime]] = {
    EndpointStatus.CREATING: _minutes(5, 10, 15),
    EndpointStatus.UPDATING: _minutes(5, 15, 25),
    EndpointStatus.SYSTEM_UPDATING: _minutes(5, 15, 30),
    EndpointStatus.ROLLING_BACK: _minutes(5, 15, 30),
    EndpointStatus.DELETING: _minutes(1, 5, 15),
}
"""A start takes minutes for the instance, the image of several GB and the first ping; the others
are as long or shorter. AWS itself gives up on a start after an hour and more
(aws/amazon-sagemaker-examples#3432)."""

_EMBEDDED: Final = _minutes(0, 1, 5)


def usual_time(status: EndpointStatus, *, embedded: bool) -> UsualTime | None:
    """How long the state usually lasts; None for one that does not end by itself."""
    found = _ON_AWS.get(status)
    return _EMBEDDED if found and embedded else found


def is_late(endpoint: Endpoint, now: datetime, *, embedded: bool) -> bool:
    """Whether it is in its state for much longer than usual."""
    usual = usual_time(endpoint.status, embedded=embedded)
    return usual is not None and now - endpoint.changed_at > usual.late
