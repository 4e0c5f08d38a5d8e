"""Texts of the page Endpoints."""

from typing import Final

from core.endpoints.gpu_hosts import GpuHost
from core.endpoints.real_time.orders import EndpointOrder
from core.endpoints.service import Endpoint
from core.settings import Settings
from ui.texts.formatting import start_duration

NAME: Final = "Name"
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

LIST_TITLE: Final = "Running and starting"
EMPTY_TITLE: Final = "No endpoint yet"
EMPTY: Final = "An endpoint draws the pictures. Press Create endpoint above."

DELETE_HELP: Final = "AWS deletes an endpoint only while nothing else happens to it."
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
    number = "1 instance" if order.instances == 1 else f"{order.instances} instances"
    return f"{order.name} · {order.instance_type} · {kind}, {number} · stopped at {stopped_at}"


def host_note(host: GpuHost | None) -> str:
    """GPU and driver of the type that is chosen; empty for one without a GPU."""
    if host is None:
        return ""
    driver = f"NVIDIA driver {host.driver}, CUDA {host.cuda}" if host.driver else "AWS's own driver"
    return f"GPU {host.gpu} · {driver} ({host.ami or 'no InferenceAmiVersion asked for'})"


def starting(endpoint: Endpoint, age: str, settings: Settings) -> str:
    """How one in Creating is doing."""
    return (
        f"{endpoint.instance_type} · starting for {age}; a start takes {start_duration(settings)}"
    )


def state(endpoint: Endpoint, age: str) -> str:
    """Where it runs, on how many instances, and since when it is in its state."""
    number = f"{endpoint.instances} of {endpoint.desired} instances"
    return f"{endpoint.instance_type} · {number} · {endpoint.status.value} for {age}"


def state_short_of_instances(endpoint: Endpoint, age: str) -> str:
    """The same of one that takes jobs while instances are missing."""
    missing = endpoint.desired - endpoint.instances
    number = f"{endpoint.instances} of {endpoint.desired} instances, {missing} starting"
    return (
        f"{endpoint.instance_type} · {number}; jobs wait meanwhile · "
        f"{endpoint.status.value} for {age}"
    )


def deletion(name: str) -> str:
    """What deleting one does."""
    return (
        f"{name} stops drawing at once. Jobs that wait for it will fail; pictures and models stay."
    )
