"""What is kept of an endpoint's update: the old and the wanted version, and what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from core.records.interface import RecordKind
from formats.frozen import Tolerant


class UpdateOutcome(StrEnum):
    """What came of an update. One that succeeded is forgotten."""

    RUNNING = "running"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"


class DeployedVersion(Tolerant):
    """What an endpoint ran, or is to run."""

    config_name: str
    models: tuple[str, ...]
    instance_type: str
    image: str
    instances: int


class UpdateRecord(Tolerant):
    """One update of an endpoint."""

    asked_by: str
    asked_at: datetime
    created_at: datetime
    """When the endpoint was created."""
    old: DeployedVersion
    wanted: DeployedVersion
    outcome: UpdateOutcome = UpdateOutcome.RUNNING
    reason: str = ""
    """AWS's, of a failure."""


UPDATES: Final = RecordKind("endpoint-update", UpdateRecord)
"""The owner is the endpoint's name."""
