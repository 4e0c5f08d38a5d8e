"""Job records that the tests of the stores keep."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ulid import ULID

from core.jobs.records import Job
from formats.generation.parameters import Mode

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def job(minutes: float = 0, **changes: Any) -> Job:
    """A job that was created so long after `NOW`."""
    at = NOW + timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "id": str(ULID.from_datetime(at)),
        "owner": "ann",
        "endpoint": "demo",
        "created_at": at,
        "updated_at": at,
        "mode": Mode.TXT2IMG,
        "checkpoint": "a.safetensors",
        "prompt": "a dog",
    }
    return Job(**{**values, **changes})
