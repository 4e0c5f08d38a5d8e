"""The names of the objects that scale an endpoint, made in one place."""

from typing import Final

from core.endpoints.spec import VARIANT
from formats.frozen import Frozen

PREFIX: Final = "contrapposto-"
"""How the names of our policies, actions and alarms begin."""


class ScalingNames(Frozen):
    """The names of one endpoint's objects."""

    resource: str
    """The scalable target: Application Auto Scaling's resource ID of the variant."""
    tracking: str
    wake: str
    idle: str
    alarm: str
    """Alarms share one name space in an account; the others are the target's own."""
    idle_alarm: str
    opening: str
    closing: str
    ending: str


def names_of(endpoint: str) -> ScalingNames:
    """The names that the objects of an endpoint have."""
    return ScalingNames(
        resource=f"endpoint/{endpoint}/variant/{VARIANT}",
        tracking=f"{PREFIX}backlog-per-instance",
        wake=f"{PREFIX}wake",
        idle=f"{PREFIX}idle",
        alarm=f"{PREFIX}{endpoint}-backlog-without-capacity",
        idle_alarm=f"{PREFIX}{endpoint}-idle",
        opening=f"{PREFIX}office-opens",
        closing=f"{PREFIX}office-closes",
        ending=f"{PREFIX}ends",
    )


def endpoint_of(resource: str) -> str:
    """The endpoint of a resource ID; empty where its variant is not one of ours."""
    parts = resource.split("/")
    return parts[1] if len(parts) == 4 and names_of(parts[1]).resource == resource else ""
