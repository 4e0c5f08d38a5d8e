"""Quotas upon either store of records, of people who use what a test says."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from ulid import ULID

from core.records.interface import RecordStore
from core.settings import Identity, Settings
from core.team.access import Access
from core.team.quotas.service import InUse, Quota, QuotaLeft, Quotas
from core.team.users import Role, User
from formats.generation.request import GenerationRequest
from tests.core.records.conftest import store
from tests.core.team.conftest import MovedClock

__all__ = ["store"]

ADA: Final = User(name="idp.example/ada", role=Role.ARTIST)
EVE: Final = User(name="idp.example/eve", role=Role.ADMIN)


@dataclass
class Used:
    """What everybody has now."""

    open_jobs: int = 0
    model_bytes: int = 0
    endpoints: int = 0
    dollars: float = 0


@dataclass
class Team:
    """One dashboard's quotas, and how its jobs are asked for."""

    records: RecordStore
    clock: MovedClock
    identity: Identity = Identity.OIDC
    used: Used = field(default_factory=Used)

    def __post_init__(self) -> None:
        in_use = InUse(
            open_jobs=lambda _name: self.used.open_jobs,
            model_bytes=lambda _name: self.used.model_bytes,
            endpoints=lambda _name: self.used.endpoints,
            dollars=lambda _name: self.used.dollars,
        )
        settings = Settings(identity=self.identity)
        self.quotas = Quotas(self.records, settings, Access(), self.clock, in_use)

    def jobs(self, *images: int, **changes: Any) -> tuple[GenerationRequest, ...]:
        """A job for each number of images, of 1 megapixel-step an image."""
        return tuple(
            GenerationRequest.model_validate(
                {
                    "id": str(ULID.from_datetime(self.clock())),
                    "checkpoint": "a.safetensors",
                    "prompt": "a dog",
                    "seed": 1,
                    "width": 1000,
                    "height": 1000,
                    "steps": 1,
                    "batch_count": count,
                    **changes,
                }
            )
            for count in images
        )

    def left(self, quota: Quota, user: User = ADA) -> QuotaLeft:
        """How much of one quota somebody has."""
        return next(left for left in self.quotas.left(user) if left.quota is quota)

    def limit(self, **limits: float | None) -> None:
        """Set ADA's limits."""
        named = {Quota(name): limit for name, limit in limits.items()}
        self.quotas.set_person_limits(EVE, ADA.name, named)


@pytest.fixture
def team(store: RecordStore, clock: MovedClock) -> Team:
    return Team(store, clock)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
