"""Finds the endpoint configurations and models of this software that no endpoint runs, and removes
them. They cost nothing; scaling objects without an endpoint are `EndpointScaling.leftovers`."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from core.aws.ascii_values import decode_value
from core.aws.client import Aws, translate_errors
from core.aws.shared_listing import SharedListing
from core.aws.tags import ENDPOINT_TAG, OWNER_TAG
from core.endpoints.service import Endpoint, Endpoints, EndpointStatus
from core.endpoints.status import endpoint_item
from core.errors import AwsDenied, AwsNotFound, NotFound
from core.ids import Clock
from core.team.access import Access, Act
from core.team.permissions import Action
from core.team.users import User
from core.texts import lifecycle as texts
from formats.frozen import Frozen

log = logging.getLogger(__name__)

_FRESH_SECONDS: Final = 60.0
_YOUNG: Final = timedelta(minutes=10)
"""What is younger may belong to an endpoint that is just being created or updated."""

_MOST: Final = 300
"""Of each kind, the newest ones: an account may have thousands, and each has its tags read once."""

_WORKERS: Final = 8

_SETTLED: Final = frozenset(
    {
        EndpointStatus.IN_SERVICE,
        EndpointStatus.FAILED,
        EndpointStatus.OUT_OF_SERVICE,
        EndpointStatus.UPDATE_ROLLBACK_FAILED,
    }
)


class OrphanKind(StrEnum):
    """What no endpoint runs."""

    CONFIGURATION = "endpoint configuration"
    MODEL = "model"


class Orphan(Frozen):
    """One configuration or model that this software made, and no endpoint runs."""

    kind: OrphanKind
    name: str
    endpoint: str
    """That it was made for."""
    owner: str
    created_at: datetime


class Orphans:
    """Reads the account's configurations and models when somebody asks for them."""

    def __init__(self, aws: Aws, endpoints: Endpoints, access: Access, clock: Clock) -> None:
        self._sagemaker = aws.sagemaker
        self._reader = aws.sagemaker_for_pages
        self._endpoints = endpoints
        self._access = access
        self._clock = clock
        self._listing = SharedListing(self._read, clock, _FRESH_SECONDS)
        self._tags: dict[tuple[str, datetime], dict[str, str]] = {}
        """Of each configuration and model that was seen: those of ours never change."""

    def list(self, *, refresh: bool = False) -> tuple[Orphan, ...]:
        """The newest first. Raises AwsError where AWS never answered."""
        return self._listing.get(refresh=refresh)

    def problem(self) -> str:
        """What AWS did not answer, and from when the list is; empty where it is new."""
        return self._listing.problem()

    def remove(self, user: User, orphan: Orphan) -> None:
        """Remove one that is an orphan still. Raises NotFound, NotAllowed, AwsError."""
        with self._access.acting(user, Action.DELETE, endpoint_item(orphan.owner)) as act:
            self._remove(orphan, act)

    def _remove(self, orphan: Orphan, act: Act) -> None:
        if orphan not in self.list(refresh=True):
            raise NotFound(texts.is_no_orphan(orphan.kind, orphan.name))
        act.name(orphan.name)
        with (
            suppress(AwsNotFound),
            translate_errors(texts.removing_failed(orphan.kind, orphan.name)),
        ):
            if orphan.kind is OrphanKind.MODEL:
                self._sagemaker.delete_model(ModelName=orphan.name)
            else:
                self._sagemaker.delete_endpoint_config(EndpointConfigName=orphan.name)
        self._listing.expire()
        log.info("event=orphan_removed kind=%s name=%s", orphan.kind, orphan.name)

    def _read(self) -> tuple[Orphan, ...]:
        there = {one.name: one for one in self._endpoints.all()}
        names = self._endpoints.names_in_account()
        with translate_errors(texts.LISTING_ORPHANS_FAILED):
            found = [*self._configurations(), *self._models()]
            with ThreadPoolExecutor(_WORKERS) as pool:
                tags = tuple(pool.map(self._tags_of, found))
        orphans = (_orphan(one, values) for one, values in zip(found, tags, strict=True))
        old = self._clock() - _YOUNG
        unused = (
            one
            for one in orphans
            if one and one.created_at < old and _is_unused(one, there.get(one.endpoint), names)
        )
        return tuple(sorted(unused, key=lambda one: one.created_at, reverse=True))

    def _configurations(self) -> "Iterator[_Found]":
        pages = self._reader.get_paginator("list_endpoint_configs").paginate(**_newest())
        for page in pages:
            for one in page["EndpointConfigs"]:
                yield (
                    OrphanKind.CONFIGURATION,
                    one["EndpointConfigName"],
                    one["EndpointConfigArn"],
                    one["CreationTime"],
                )

    def _models(self) -> "Iterator[_Found]":
        pages = self._reader.get_paginator("list_models").paginate(**_newest())
        for page in pages:
            for one in page["Models"]:
                yield OrphanKind.MODEL, one["ModelName"], one["ModelArn"], one["CreationTime"]

    def _tags_of(self, found: "_Found") -> dict[str, str]:
        _, _, arn, created_at = found
        if (arn, created_at) not in self._tags:
            self._tags[arn, created_at] = self._read_tags(arn)
        return self._tags[arn, created_at]

    def _read_tags(self, arn: str) -> dict[str, str]:
        """None for one that is gone, or that somebody else's policy hides."""
        with (
            suppress(AwsNotFound, AwsDenied),
            translate_errors(texts.LISTING_ORPHANS_FAILED),
        ):
            tags = self._reader.list_tags(ResourceArn=arn)["Tags"]
            return {tag["Key"]: tag["Value"] for tag in tags}
        return {}


_Found = tuple[OrphanKind, str, str, datetime]
"""Kind, name, ARN, and when it was created."""


def _newest() -> Any:
    page = {"PageSize": 100, "MaxItems": _MOST}
    return {"SortBy": "CreationTime", "SortOrder": "Descending", "PaginationConfig": page}


def _orphan(found: _Found, tags: dict[str, str]) -> Orphan | None:
    """None for one that is not of this software."""
    if OWNER_TAG not in tags or ENDPOINT_TAG not in tags:
        return None
    kind, name, _, created_at = found
    return Orphan(
        kind=kind,
        name=name,
        endpoint=decode_value(tags[ENDPOINT_TAG]),
        owner=decode_value(tags[OWNER_TAG]),
        created_at=created_at,
    )


def _is_unused(orphan: Orphan, endpoint: Endpoint | None, names: frozenset[str]) -> bool:
    """Whether its endpoint is gone, or runs another one. One that is being changed may need it."""
    if endpoint is None:
        return orphan.endpoint not in names
    used = endpoint.models if orphan.kind is OrphanKind.MODEL else (endpoint.config_name,)
    return endpoint.status in _SETTLED and orphan.name not in used
