"""Texts of the page Endpoints."""

from typing import Final

from core.endpoints.capacity.quotas import Quota
from core.endpoints.gpu_hosts import GpuHost
from core.settings import Settings
from ui.texts.formatting import start_duration

NAME: Final = "Name"
INSTANCE_TYPE: Final = "Instance type"
CREATE: Final = "Create endpoint"

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
