"""Updates endpoints: another instance type, image or number, seen through to its end or rollback.

The order is AWS's: what scales the endpoint is deregistered, UpdateEndpoint retains the number of
instances, and the scaling is set up again once it is InService (UpdateEndpoint in SageMaker's API
reference; boto/boto3#2839, aws/sagemaker-python-sdk#3126).
"""

import logging
import re
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Final

from core.aws.client import translate_errors
from core.endpoints.lifecycle.update_record import (
    UPDATES,
    DeployedVersion,
    UpdateOutcome,
    UpdateRecord,
)
from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.service import Endpoint, Endpoints, EndpointStatus
from core.endpoints.spec import EndpointSpec, check_spec
from core.endpoints.status import endpoint_item
from core.errors import AwsError, Conflict, InvalidInput, NotFound
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import Record, RecordStore
from core.settings import Settings
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts import endpoints as endpoint_texts
from core.texts import lifecycle as texts
from core.texts import scaling as scaling_texts

log = logging.getLogger(__name__)

_ID: Final = "update"
_MOST: Final = 200
_SETTLE: Final = timedelta(seconds=20)
"""For so long DescribeEndpoint may still tell of what was before UpdateEndpoint."""

_ECR_REGION: Final = re.compile(r"\d+\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com")
_FAILED: Final = frozenset({EndpointStatus.FAILED, EndpointStatus.UPDATE_ROLLBACK_FAILED})


class EndpointUpdate:
    """The updates; `look`, which a worker of each dashboard calls, follows them."""

    def __init__(
        self,
        settings: Settings,
        endpoints: Endpoints,
        scaling: EndpointScaling,
        records: RecordStore,
        access: Access,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._scaling = scaling
        self._records = records
        self._access = access
        self._clock = clock
        self._known: Mapping[str, UpdateRecord] = {}

    def known(self) -> Mapping[str, UpdateRecord]:
        """The updates that run or did not succeed, by endpoint, as of the last look."""
        return self._known

    def ask(
        self,
        user: User,
        name: str,
        instance_type: str,
        image: str = "",
        instances: int | None = None,
    ) -> None:
        """Begin an update; an empty image takes that of the settings, None retains the number.

        Raises NotFound, NotAllowed, InvalidInput at the field, AwsError, after which the endpoint
        is as before.
        """
        endpoint = self._find(user, name)
        with self._access.acting(user, Action.CHANGE, endpoint.item, name, AuditEvent.UPDATE):
            self._ask(user, endpoint, instance_type, image, instances)

    def _ask(
        self,
        user: User,
        endpoint: Endpoint,
        instance_type: str,
        image: str,
        instances: int | None,
    ) -> None:
        name = endpoint.name
        if endpoint.status is not EndpointStatus.IN_SERVICE:
            raise InvalidInput(scaling_texts.not_in_service(name, endpoint.status))
        if instances is not None and endpoint.scaling:
            raise InvalidInput(texts.NUMBER_FOLLOWS_JOBS, "instances")
        now = self._clock()
        count = max(1, endpoint.desired) if instances is None else instances
        spec = EndpointSpec(
            name=name,
            instance_type=instance_type,
            instances=count,
            owner=endpoint.owner or user.name,
            version=f"u{now:%y%m%d%H%M%S}",
            image=image or self._settings.container_image,
            is_asynchronous=endpoint.is_asynchronous,
        )
        self._check(spec, endpoint)
        record = UpdateRecord(
            asked_by=user.name,
            asked_at=now,
            created_at=endpoint.created_at,
            old=_deployed(endpoint),
            wanted=_wanted(spec),
        )
        self._begin(endpoint, spec, record, is_counted=instances is not None)
        log.info("event=update_asked endpoint=%s config=%s", name, spec.config_name)

    def dismiss(self, user: User, name: str) -> None:
        """Forget an update that did not succeed. Raises NotAllowed, AwsError."""
        subject = name if name in self._known else ""
        with self._access.acting(
            user, Action.CHANGE, endpoint_item(""), subject, AuditEvent.DISMISS
        ):
            self._forget(name)

    def look(self) -> None:
        """See what became of the updates that run. Raises AwsError."""
        page = self._records.page(UPDATES, limit=_MOST)
        self._known = {record.owner: record.value for record in page.records}
        for record in page.records:
            try:
                self._follow(record)
            except AwsError as error:
                log.warning("event=update_not_followed endpoint=%s error=%s", record.owner, error)

    def _find(self, user: User, name: str) -> Endpoint:
        endpoint = self._endpoints.find(user, name)
        if endpoint is None:
            raise NotFound(endpoint_texts.is_gone(name))
        return endpoint

    def _check(self, spec: EndpointSpec, endpoint: Endpoint) -> None:
        check_spec(spec, self._settings)
        found, region = _ECR_REGION.match(spec.image), endpoint.arn.split(":")[3]
        if found and found[1] != region and not self._settings.embedded:
            raise InvalidInput(texts.image_elsewhere(found[1], region), "image")
        before = endpoint.instance_type, endpoint.image, max(1, endpoint.desired)
        if before == (spec.instance_type, spec.image, spec.instances):
            raise InvalidInput(texts.NOTHING_CHANGES, "instance_type")

    def _begin(
        self, endpoint: Endpoint, spec: EndpointSpec, record: UpdateRecord, *, is_counted: bool
    ) -> None:
        """Make the new configuration, and have AWS change over to it; an error undoes it all."""
        name = endpoint.name
        with translate_errors(endpoint_texts.updating_failed(name)), ExitStack() as undo:
            self._endpoints.resources.create_parts(spec, undo)
            edit(self._records, UPDATES, name, _ID, lambda _: record)
            undo.callback(self._forget, name)
            undo.callback(self._scaling.resume, endpoint)
            self._scaling.suspend(endpoint)
            self._endpoints.resources.start_update(spec, is_counted=is_counted)
            self._endpoints.forget(spec.name)
            undo.pop_all()
        self._known = {**self._known, name: record}
        self._scaling.resume(endpoint)

    def _follow(self, record: Record[UpdateRecord]) -> None:
        name, update = record.owner, record.value
        if update.outcome is not UpdateOutcome.RUNNING:
            return
        endpoint = self._endpoints.describe_any(name)
        if endpoint is None or endpoint.created_at != update.created_at:
            self._remove(name, update.old)
            self._remove(name, update.wanted)
            self._forget(name)
        elif endpoint.status in _FAILED:
            self._end(name, endpoint, UpdateOutcome.FAILED)
        elif endpoint.status is EndpointStatus.IN_SERVICE:
            self._settle(name, endpoint, update)

    def _settle(self, name: str, endpoint: Endpoint, update: UpdateRecord) -> None:
        """It is InService: with the wanted configuration, or, rolled back, with the old one."""
        if endpoint.config_name == update.wanted.config_name:
            self._scaling.resume(endpoint)  # also where a dashboard was interrupted before it
            self._remove(name, update.old)
            self._forget(name)
            log.info("event=update_done endpoint=%s", name)
        elif self._clock() - update.asked_at > _SETTLE:
            self._scaling.resume(endpoint)
            self._remove(name, update.wanted)
            self._end(name, endpoint, UpdateOutcome.ROLLED_BACK)

    def _remove(self, name: str, version: DeployedVersion) -> None:
        self._endpoints.resources.remove_parts(name, version.config_name, version.models)

    def _end(self, name: str, endpoint: Endpoint, outcome: UpdateOutcome) -> None:
        changes = {"outcome": outcome, "reason": endpoint.failure_reason}

        def note(kept: UpdateRecord | None) -> UpdateRecord | None:
            return kept and kept.model_copy(update=changes)

        if kept := edit(self._records, UPDATES, name, _ID, note):
            self._known = {**self._known, name: kept}
        log.warning("event=update_failed endpoint=%s outcome=%s", name, outcome)

    def _forget(self, name: str) -> None:
        self._known = {key: value for key, value in self._known.items() if key != name}
        try:
            if kept := self._records.get(UPDATES, name, _ID):
                self._records.delete(kept)
        except (AwsError, Conflict) as error:
            log.warning("event=update_not_forgotten endpoint=%s error=%s", name, error)


def _deployed(endpoint: Endpoint) -> DeployedVersion:
    return DeployedVersion(
        config_name=endpoint.config_name,
        models=endpoint.models,
        instance_type=endpoint.instance_type,
        image=endpoint.image,
        instances=endpoint.desired,
    )


def _wanted(spec: EndpointSpec) -> DeployedVersion:
    return DeployedVersion(
        config_name=spec.config_name,
        models=(spec.config_name,),
        instance_type=spec.instance_type,
        image=spec.image,
        instances=spec.instances,
    )
