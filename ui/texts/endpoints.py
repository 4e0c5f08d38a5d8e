"""Texts of the page Endpoints."""

from typing import Final

from core.endpoints.capacity.quotas import Quota
from core.endpoints.gpu_hosts import GpuHost
from core.endpoints.real_time.orders import EndpointOrder
from core.settings import Settings
from ui.texts.formatting import instance_types, number_of_instances, start_duration

NAME: Final = "Name"
OTHER_TYPES: Final = "Else"
OTHER_TYPES_HELP: Final = (
    "Where AWS has no instance of the first type left, it takes the next one here that it has, in "
    "this order. Costs are counted at the price of the dearest."
)
INSTANCE_TYPE: Final = "Instance type"
CREATE: Final = "Create endpoint"

KIND: Final = "Kind"
KINDS: Final = {True: "Asynchronous", False: "Real-time"}
"""By whether it is asynchronous."""
ASYNCHRONOUS_NOTE: Final = "Jobs of any length wait in a queue; can scale to zero."
REAL_TIME_NOTE: Final = "Jobs under a minute, without a queue; never without an instance."
INSTANCES: Final = "Instances"

STOP: Final = "Stop"
STOP_HELP: Final = (
    "Deletes it on AWS, so that it costs nothing, and keeps its order: Start again creates it."
)
STOPPED: Final = "Stopped"
START_AGAIN: Final = "Start again"
FORGET: Final = "Forget"
FORGET_HELP: Final = "Keep its order no longer."

OPERATORS_ONLY: Final = (
    "Operators of your team create, scale, update and delete endpoints; you can look at those "
    "below. Ask an operator for another one."
)
LIST_TITLE: Final = "Running and starting"
EMPTY_TITLE: Final = "No endpoint yet"
EMPTY: Final = "An endpoint draws the pictures. Press Create endpoint above."

DELETE_HELP: Final = (
    "AWS deletes an endpoint only while nothing else happens to it; until then the wish is kept."
)
DELETE_QUESTION: Final = "Delete this endpoint?"


def start_note(settings: Settings) -> str:
    """What creating an endpoint takes."""
    if settings.embedded:
        cost = "On the embedded AWS every instance type is a process on this machine's CPU."
    else:
        cost = "AWS charges for every instance while it runs; at zero nothing runs."
    return f"A start takes {start_duration(settings)}. {cost}"


def idle_cost(per_hour: float | None, instances: int) -> str:
    """What a real-time endpoint costs while nobody uses it."""
    if per_hour is None:
        return "It costs the same while idle, until somebody stops it; its price is unknown."
    hour = per_hour * instances
    return (
        f"It costs the same while idle: ${hour:,.2f} an hour, ${hour * 24:,.2f} a day, until "
        "somebody stops it. An asynchronous endpoint at zero costs nothing."
    )


def stopped(order: EndpointOrder, stopped_at: str) -> str:
    """A stopped endpoint and what it was ordered with."""
    kind = KINDS[order.is_asynchronous].lower()
    types, number = instance_types(order.instance_type), number_of_instances(order.instances)
    return f"{order.name} · {types} · {kind}, {number} · stopped at {stopped_at}"


def host_note(host: GpuHost | None) -> str:
    """GPU and driver of the type that is chosen; empty for one without a GPU."""
    if host is None:
        return ""
    driver = f"NVIDIA driver {host.driver}, CUDA {host.cuda}" if host.driver else "AWS's own driver"
    return f"GPU {host.gpu} · {driver} ({host.ami or 'no InferenceAmiVersion asked for'})"


def offered_type(instance_type: str, quota: Quota | None) -> str:
    """An instance type in the list; those that the account may not have say so."""
    return f"{instance_type} (quota 0)" if quota and not quota.instances else instance_type


def quota_note(quota: Quota) -> str:
    """What the account may have of the type that is chosen."""
    return f"Quota: {quota.instances} for endpoints · [ask for more]({quota.url})"


def quota_is_zero(alternatives: tuple[str, ...]) -> str:
    """AWS would refuse the endpoint."""
    others = f" Others with as much GPU memory: {', '.join(alternatives)}." if alternatives else ""
    return f"AWS refuses this type until the quota is raised.{others}"


def deletion(name: str) -> str:
    """What deleting one does."""
    return (
        f"{name} stops drawing at once. Jobs that wait for it will fail; pictures and models stay."
    )
