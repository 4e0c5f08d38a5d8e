"""Scaling of the endpoints: orders, the doctor's reports, repair, stop and wake, what is left."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, RLock
from typing import TYPE_CHECKING, Final

from core.aws.client import Aws, translate_errors
from core.aws.shared_listing import SharedListing
from core.endpoints.scaling.account import ScalingAccount, ScalingObjects
from core.endpoints.scaling.hold import ScalingHold
from core.endpoints.scaling.idle import BacklogHistory, BacklogMetric
from core.endpoints.scaling.order_tag import APPLIED_TAG, ORDER_TAG, encode_order
from core.endpoints.scaling.reports import Leftover, ScalingReport, report_of
from core.endpoints.scaling.schedule import bounds_at, closed_bounds
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.scaling.writer import ScalingWriter
from core.endpoints.service import Endpoint, Endpoints, EndpointStatus
from core.endpoints.spec import is_endpoint_name
from core.endpoints.status import endpoint_item
from core.errors import AwsError, Conflict, InvalidInput, NotFound
from core.ids import Clock
from core.settings import Settings
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts import endpoints as endpoint_texts
from core.texts import scaling as texts

if TYPE_CHECKING:
    from types_boto3_sagemaker.type_defs import TagTypeDef

log = logging.getLogger(__name__)

_FRESH_SECONDS: Final = 10.0
_IDLE_FRESH_SECONDS: Final = 60.0
"""CloudWatch has a value a minute, and asks money for each that is read."""


class EndpointScaling:
    """The scaling of the endpoints in this studio's listing."""

    def __init__(
        self, aws: Aws, endpoints: Endpoints, settings: Settings, access: Access, clock: Clock
    ) -> None:
        self._sagemaker = aws.sagemaker
        self._endpoints = endpoints
        self._access = access
        self._clock = clock
        self._account = ScalingAccount(aws)
        self._writer = ScalingWriter(aws, settings.team)
        self._backlog = BacklogMetric(aws)
        self._objects = SharedListing(self._account.read, clock, _FRESH_SECONDS)
        self._busy = SharedListing(self._read_busy, clock, _IDLE_FRESH_SECONDS)
        self._applying = RLock()
        self._problems: dict[str, str] = {}
        self.budget = ScalingHold(aws, endpoints, self._writer, clock, self._objects.expire)
        """Holds endpoints whose budget is used up."""
        self.ordered = Event()
        """Set when something is to be set up."""

    def create(self, user: User, name: str, instance_type: str, spec: ScalingSpec) -> None:
        """Start an endpoint; its scaling is set up once it is InService. Raises as
        `Endpoints.create`."""
        spec.check_end(self._clock())
        self._endpoints.create(user, name, instance_type, spec.first_instances, spec)
        self.ordered.set()

    def reports(self, user: User, *, refresh: bool = False) -> Mapping[str, ScalingReport]:
        """A report for each endpoint that has an order, by name. Raises AwsError."""
        ordered = [one for one in self._endpoints.list(user) if one.scaling]
        if not ordered:
            return {}
        objects = {one.endpoint: one for one in self._objects.get(refresh=refresh)}
        busy = dict(self._busy.get())
        return {
            one.name: report_of(
                one,
                objects.get(one.name, ScalingObjects(endpoint=one.name)),
                busy.get(one.name),
                self._clock(),
                self._problems.get(one.name, ""),
            )
            for one in ordered
        }

    def problem(self) -> str:
        """What AWS did not answer, and from when the reports are; empty where they are new."""
        return self._objects.problem() or self._busy.problem()

    def leftovers(self) -> tuple[Leftover, ...]:
        """Scaling objects that this software made, of endpoints that are no more."""
        there = self._endpoints.names_in_account()
        return tuple(
            Leftover(
                endpoint=one.endpoint,
                alarms=len(one.alarms),
                others=len(one.policies) + len(one.actions) + (one.target is not None),
            )
            for one in self._objects.get()
            if one.is_ours and one.endpoint not in there
        )

    def order(self, user: User, name: str, spec: ScalingSpec) -> None:
        """Save another order with the endpoint, and set it up. Raises AwsError, InvalidInput.

        The order is saved first, so that any dashboard completes what is interrupted after it.
        """
        with self._changing(user, name, AuditEvent.SCALE) as endpoint:
            self._order(endpoint, spec)

    def _order(self, endpoint: Endpoint, spec: ScalingSpec) -> None:
        name = endpoint.name
        if not endpoint.is_asynchronous:
            raise InvalidInput(endpoint_texts.REAL_TIME_SCALING)
        spec.check_end(self._clock())
        self._save(endpoint, ORDER_TAG, spec, texts.saving_failed(name))
        self._problems.pop(name, None)
        self.ordered.set()
        self._complete(name)

    def repair(self, user: User, name: str) -> None:
        """Make AWS's objects what was ordered. Raises AwsError, NotFound, InvalidInput."""
        with self._changing(user, name, AuditEvent.REPAIR) as endpoint:
            self._apply(endpoint, _order_of(endpoint))

    def stop(self, user: User, name: str) -> None:
        """Stop all instances now; the next job wakes the endpoint. Raises AwsError, InvalidInput.

        Within office hours they stay stopped until the next opening.
        """
        with self._changing(user, name, AuditEvent.STOP) as endpoint:
            self._stop(endpoint)

    def _stop(self, endpoint: Endpoint) -> None:
        name = endpoint.name
        spec = _order_of(endpoint)
        if not endpoint.stops_at_zero:
            raise InvalidInput(texts.CANNOT_STOP)
        if endpoint.is_held:
            raise InvalidInput(texts.is_held(name))
        failed = texts.stopping_failed(name)
        self._writer.set_bounds(name, closed_bounds(spec), failed)
        self._set_desired(endpoint, 0, failed)

    def wake(self, user: User, name: str) -> None:
        """Start an instance now, or as many as the office hours want. Raises as `stop`."""
        with self._changing(user, name, AuditEvent.WAKE) as endpoint:
            self._wake(endpoint)

    def _wake(self, endpoint: Endpoint) -> None:
        name = endpoint.name
        spec, now, failed = _order_of(endpoint), self._clock(), texts.waking_failed(name)
        if spec.ends_at and spec.has_ended(now):
            raise InvalidInput(texts.has_ended(name, spec.ends_at))
        if endpoint.is_held:
            raise InvalidInput(texts.is_held(name))
        bounds = bounds_at(spec, now)
        # In this order: a higher minimum makes AWS itself change the number, and refuse ours.
        self._set_desired(endpoint, max(1, bounds.minimum), failed)
        self._writer.set_bounds(name, bounds, failed)

    def clean(self, user: User, name: str) -> None:
        """Remove what is left of an endpoint. Raises AwsError, Conflict where it exists."""
        event = AuditEvent.CLEAN_UP
        with self._access.acting(user, Action.DELETE, endpoint_item(""), event=event) as act:
            if self._endpoints.exists(name):
                raise Conflict(texts.still_exists(name))
            if is_endpoint_name(name):
                act.name(name)
            self._writer.remove(name, texts.removing_failed(name))
        self._objects.expire()

    def suspend(self, endpoint: Endpoint) -> None:
        """Remove what scales an endpoint, as SageMaker asks for before an update; its order stays.
        Raises AwsError."""
        if endpoint.scaling:
            self._writer.remove(endpoint.name, texts.suspending_failed(endpoint.name))
            self._objects.expire()

    def resume(self, endpoint: Endpoint) -> None:
        """Have its order set up again once it is InService. Raises AwsError."""
        if endpoint.scaling:
            tags: list[TagTypeDef] = [{"Key": APPLIED_TAG, "Value": ""}]
            with translate_errors(texts.applying_failed(endpoint.name)):
                self._sagemaker.add_tags(ResourceArn=endpoint.arn, Tags=tags)
            self._endpoints.forget(endpoint.name)
            self.ordered.set()

    def complete_pending(self) -> bool:
        """Set up what was ordered and not done yet; whether one is waited for to be InService.

        Called by one worker of each dashboard: everything written may be written twice.
        """
        pending = [one for one in self._endpoints.all() if one.scaling and not one.scaling_applied]
        for endpoint in pending:
            try:
                self._complete(endpoint.name)
            except AwsError as error:
                log.warning("event=scaling_failed endpoint=%s error=%s", endpoint.name, error)
        return any(one.status is EndpointStatus.CREATING for one in pending)

    def _complete(self, name: str) -> None:
        """Apply the order as it is saved now, where the endpoint can be scaled."""
        with self._applying:
            self._endpoints.forget(name)
            endpoint = self._endpoints.look_up_now(name)
            if endpoint is None or endpoint.scaling_applied:  # another thread was faster
                return
            if endpoint.scaling and endpoint.is_scalable:
                self._apply(endpoint, endpoint.scaling)

    def _apply(self, endpoint: Endpoint, spec: ScalingSpec) -> None:
        with self._applying:
            try:
                listed = {one.endpoint: one for one in self._account.read()}
                found = listed.get(endpoint.name, ScalingObjects(endpoint=endpoint.name))
                self._writer.apply(
                    endpoint.name, spec, found, self._clock(), is_held=endpoint.is_held
                )
                self._save(endpoint, APPLIED_TAG, spec, texts.applying_failed(endpoint.name))
            except AwsError as error:
                self._problems[endpoint.name] = str(error)
                raise
            finally:
                self._objects.expire()
            self._problems.pop(endpoint.name, None)
            log.info("event=scaling_applied endpoint=%s", endpoint.name)

    def _save(self, endpoint: Endpoint, tag: str, spec: ScalingSpec, failed: str) -> None:
        tags: list[TagTypeDef] = [{"Key": tag, "Value": encode_order(spec)}]
        with translate_errors(failed):
            self._sagemaker.add_tags(ResourceArn=endpoint.arn, Tags=tags)
        self._endpoints.forget(endpoint.name)

    def _set_desired(self, endpoint: Endpoint, instances: int, failed: str) -> None:
        if endpoint.status is not EndpointStatus.IN_SERVICE:
            raise InvalidInput(texts.not_in_service(endpoint.name, endpoint.status))
        if endpoint.desired != instances:
            self._writer.set_desired(endpoint.name, instances, failed)
        self._endpoints.forget(endpoint.name)
        self._objects.expire()

    @contextmanager
    def _changing(self, user: User, name: str, event: AuditEvent) -> Iterator[Endpoint]:
        """The endpoint, where this user may change it and SageMaker does."""
        endpoint = self._endpoints.find(user, name)
        if endpoint is None:
            raise NotFound(endpoint_texts.is_gone(name))
        with self._access.acting(user, Action.CHANGE, endpoint.item, name, event):
            if not endpoint.is_scalable:
                raise InvalidInput(texts.not_in_service(name, endpoint.status))
            yield endpoint

    def _read_busy(self) -> tuple[tuple[str, BacklogHistory], ...]:
        names = [one.name for one in self._endpoints.all() if one.scaling]
        return tuple(self._backlog.read(names, self._clock()).items())


def _order_of(endpoint: Endpoint) -> ScalingSpec:
    if endpoint.scaling is None:
        raise InvalidInput(texts.NO_ORDER)
    return endpoint.scaling
