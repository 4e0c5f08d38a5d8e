"""Creates, lists and deletes endpoints; a listing says what DescribeEndpoint says."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Final

from core.aws.client import Aws, translate_errors
from core.aws.shared_listing import SharedListing
from core.aws.storage import Storage
from core.endpoints.configurations import EndpointConfigurations
from core.endpoints.lifecycle.resources import EndpointResources
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.send_limit import SendLimit, send_limit
from core.endpoints.spec import (
    EndpointSpec,
    check_spec,
    instance_types,
)
from core.endpoints.status import Endpoint, EndpointStatus, endpoint_item, parse_endpoint
from core.errors import AwsDenied, AwsNotFound, Conflict, NotFound
from core.ids import Clock
from core.settings import Settings
from core.team.access import Access
from core.team.permissions import Action
from core.team.users import User
from core.texts import endpoints as texts
from core.texts import scaling as scaling_texts

if TYPE_CHECKING:
    from types_boto3_sagemaker.type_defs import (
        EndpointSummaryTypeDef,
    )

__all__ = ["Endpoint", "EndpointStatus", "Endpoints", "SendLimit", "instance_types"]

log = logging.getLogger(__name__)

_FRESH_SECONDS: Final = 2.0
"""A listing is shared by all sessions for this long."""

_WORKERS: Final = 8


class Endpoints:
    """The endpoints of this bucket, as AWS describes them."""

    def __init__(
        self, aws: Aws, storage: Storage, settings: Settings, access: Access, clock: Clock
    ) -> None:
        self._reader = aws.sagemaker_for_pages
        self._settings = settings
        self._access = access
        self._clock = clock
        self.resources = EndpointResources(aws, settings, self.describe_any)
        self._listing = SharedListing(self._read, clock, _FRESH_SECONDS)
        self._configurations = EndpointConfigurations(self._reader, storage.uri(""), clock)
        self._names: frozenset[str] = frozenset()
        """Every endpoint of the account in the last listing."""
        self._foreign: set[tuple[str, datetime]] = set()
        """Versions of endpoints that write to other buckets: an account may be full of them."""
        self._denied: set[str] = set()
        """Names of those that these credentials may not describe."""
        self.check_quota: Callable[[User], None] = lambda _user: None
        """Raises QuotaExceeded where the user has as many endpoints as they may."""

    def list(self, user: User, *, refresh: bool = False) -> tuple[Endpoint, ...]:
        """The endpoints that write to this bucket, newest first.

        Where AWS does not answer, those of the last answer; `listing_problem` then says so.
        """
        endpoints = self._listing.get(refresh=refresh)
        return tuple(e for e in endpoints if self._access.may(user, Action.SEE, e.item))

    def of_others(self, user: User) -> tuple[Endpoint, ...]:
        """The endpoints that write to this bucket too, and that this user may not use."""
        endpoints = self._listing.get()
        return tuple(e for e in endpoints if not self._access.may(user, Action.SEE, e.item))

    def listing_problem(self) -> str:
        """What AWS did not answer, and from when the list is; empty where it is up to date."""
        return self._listing.problem()

    def find(self, user: User, name: str) -> Endpoint | None:
        """One endpoint as AWS describes it now, or None."""
        described = self._describe(name)
        if described and self._access.may(user, Action.SEE, described.item):
            return described
        return None

    def look_up(self, name: str) -> Endpoint | None:
        """The same for the poller, which asks for no user: mostly from the shared listing."""
        listing = (endpoint for endpoint in self._listing.get() if endpoint.name == name)
        return next(listing, None) or self._describe(name)

    def look_up_now(self, name: str) -> Endpoint | None:
        """The same as AWS describes it now."""
        return self._describe(name)

    def send_limit(self, endpoint: Endpoint | None) -> SendLimit:
        """How many jobs it is handed at once: none where it is gone."""
        return send_limit(endpoint, self._settings) if endpoint else SendLimit(jobs=0)

    def all(self) -> tuple[Endpoint, ...]:
        """The listing for the workers, which ask for no user."""
        return self._listing.get()

    def names_in_account(self) -> frozenset[str]:
        """The names of all endpoints of the account, other people's too, as last listed."""
        self._listing.get()
        return self._names

    def exists(self, name: str) -> bool:
        """Whether the account has an endpoint of this name, of whomever. Raises AwsError."""
        return self._describe(name, ours_only=False) is not None

    def describe_any(self, name: str) -> Endpoint | None:
        """One of any bucket, as AWS describes it now, also while it is deleted. Raises AwsError."""
        return self._describe(name, ours_only=False)

    def forget(self, name: str) -> None:
        """Read an endpoint's tags again: somebody changed them."""
        self._configurations.forget(name)
        self._listing.expire()

    def create(
        self,
        user: User,
        name: str,
        instance_type: str,
        instances: int,
        scaling: ScalingSpec | None = None,
        *,
        is_asynchronous: bool = True,
    ) -> None:
        """Start an endpoint, asynchronous or real-time; it takes jobs once it is InService.

        Raises InvalidInput at the field, QuotaExceeded, Conflict where the name is taken, AwsError
        with AWS's words; what was created before an error is removed again.
        """
        with self._access.acting(user, Action.CREATE, endpoint_item(user.name)) as act:
            spec = EndpointSpec(
                name=name,
                instance_type=instance_type,
                instances=instances,
                owner=user.name,
                scaling=scaling,
                is_asynchronous=is_asynchronous,
            )
            check_spec(spec, self._settings)
            act.name(name)
            self._start(user, spec)

    def _start(self, user: User, spec: EndpointSpec) -> None:
        name, scaling = spec.name, spec.scaling
        if self.exists(name):
            raise Conflict(texts.name_is_taken(name))
        self.check_quota(user)
        if scaling:  # an old target would scale the new endpoint; who can't remove one, can't scale
            self.resources.remove_scaling(name, scaling_texts.checking_failed(name))
        self.resources.create(spec)
        self._listing.expire()
        log.info(
            "event=endpoint_created name=%s type=%s n=%d",
            name,
            spec.instance_type,
            spec.instances,
        )

    def delete(self, user: User, name: str) -> None:
        """Delete an endpoint with its configuration and model. Raises NotFound, NotAllowed."""
        endpoint = self._describe(name)
        if endpoint is None:
            raise NotFound(texts.is_gone(name))
        with self._access.acting(user, Action.DELETE, endpoint.item, name):
            self.remove(endpoint)

    def remove(self, endpoint: Endpoint) -> None:
        """The same for whoever has asked for the right already. Raises AwsError, also while AWS
        creates or updates it."""
        try:
            self.resources.delete(endpoint)
        finally:
            self._listing.expire()

    def _read(self) -> tuple[Endpoint, ...]:
        with translate_errors(texts.LISTING_FAILED):
            pages = self._reader.get_paginator("list_endpoints").paginate(
                SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 100}
            )
            names = {_version(item): item["EndpointName"] for p in pages for item in p["Endpoints"]}
        self._names = frozenset(names.values())
        unknown = {version: name for version, name in names.items() if version not in self._foreign}
        with ThreadPoolExecutor(_WORKERS) as pool:
            endpoints = tuple(pool.map(self._describe_allowed, unknown.values()))
        foreign = {
            version
            for (version, name), endpoint in zip(unknown.items(), endpoints, strict=True)
            if endpoint is None and name not in self._denied
        }
        self._foreign = self._foreign & names.keys() | foreign
        return tuple(endpoint for endpoint in endpoints if endpoint)

    def _describe_allowed(self, name: str) -> Endpoint | None:
        """The endpoint, or None for one of somebody else that these credentials may not see."""
        try:
            endpoint = self._describe(name)
        except AwsDenied as error:
            if name not in self._denied:
                log.warning("event=endpoint_skipped name=%s error=%s", name, error)
            self._denied.add(name)
            return None
        self._denied.discard(name)
        return endpoint

    def _describe(self, name: str, *, ours_only: bool = True) -> Endpoint | None:
        try:
            with translate_errors(texts.describing_failed(name)):
                answer = self._reader.describe_endpoint(EndpointName=name)
        except AwsNotFound:
            return None
        config = self._configurations.of(answer)
        if ours_only and not config.is_ours:
            return None
        return parse_endpoint(answer, config, self._clock())


def _version(item: "EndpointSummaryTypeDef") -> tuple[str, datetime]:
    return item["EndpointArn"], item["LastModifiedTime"]
