"""Owns the endpoints: created, listed as DescribeEndpoint tells them, deleted."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import StrEnum
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import botocore.loaders

from core.access import Access, Action, User
from core.aws import Aws, translated
from core.errors import AwsError, AwsNotFound, Conflict, InvalidInput, NotFound
from core.ids import Clock
from core.settings import Settings
from core.storage import Storage
from formats.frozen import Frozen
from formats.keys import ASYNC_FAILURE, ASYNC_OUTPUT

if TYPE_CHECKING:
    from types_boto3_sagemaker.type_defs import DescribeEndpointOutputTypeDef

log = logging.getLogger(__name__)

VARIANT: Final = "main"
OWNER_TAG: Final = "contrapposto:owner"
MAX_INSTANCES: Final = 10
_NAME: Final = re.compile(r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")
"""SageMaker's own rule for endpoint names."""

_FRESH_SECONDS: Final = 2.0
"""A listing is shared by all sessions for this long."""

_LOOKS: Final = 8
_STARTUP_SECONDS: Final = 900
_GPU: Final = re.compile(r"^ml\.(g|p)\d")
_JOBS_ON_GPU: Final = 8
"""Invocations that a GPU instance takes at once, to draw them in one batch."""


class EndpointStatus(StrEnum):
    """SageMaker's nine states of an endpoint."""

    OUT_OF_SERVICE = "OutOfService"
    CREATING = "Creating"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    ROLLING_BACK = "RollingBack"
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    FAILED = "Failed"
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"


_WHY_NOT: Final = {
    EndpointStatus.CREATING: "is still being created; wait until it is InService",
    EndpointStatus.UPDATING: "is being updated; wait until it is InService",
    EndpointStatus.SYSTEM_UPDATING: "is being updated by AWS; wait until it is InService",
    EndpointStatus.ROLLING_BACK: "is rolling back an update; wait until it is InService",
    EndpointStatus.OUT_OF_SERVICE: "is out of service; delete it and create another",
    EndpointStatus.DELETING: "is being deleted; choose another",
    EndpointStatus.FAILED: "failed; delete it and create another",
    EndpointStatus.UPDATE_ROLLBACK_FAILED: "failed to update; delete it and create another",
}


class Endpoint(Frozen):
    """One endpoint that works for this bucket, as AWS describes it."""

    name: str
    status: EndpointStatus
    instance_type: str
    instances: int
    desired: int
    created_at: datetime
    changed_at: datetime
    failure_reason: str = ""
    owner: str = ""
    accepts_jobs: bool = False

    @property
    def why_not(self) -> str:
        """Why it takes no jobs, as a sentence; empty where it does."""
        if self.accepts_jobs:
            return ""
        return f"The endpoint {self.name} {_WHY_NOT.get(self.status, 'takes no jobs')}."


class _Made(Frozen):
    """What never changes about an endpoint's configuration."""

    instance_type: str
    ours: bool
    owner: str


@cache
def instance_types() -> tuple[str, ...]:
    """Every instance type SageMaker can host on, from botocore's own service model."""
    model: Any = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")
    return tuple(model["shapes"]["ProductionVariantInstanceType"]["enum"])


class Endpoints:
    """Creates, lists and deletes endpoints. What it shows is what AWS says."""

    def __init__(
        self, aws: Aws, storage: Storage, settings: Settings, access: Access, clock: Clock
    ) -> None:
        self._sagemaker = aws.sagemaker
        self._storage = storage
        self._settings = settings
        self._access = access
        self._clock = clock
        self._lock = Lock()
        self._listed: tuple[datetime, tuple[Endpoint, ...]] | None = None
        self._made: dict[str, _Made] = {}

    def list(self, user: User, *, refresh: bool = False) -> tuple[Endpoint, ...]:
        """The endpoints that write to this bucket, newest first."""
        with self._lock:
            if refresh or self._is_old():
                self._listed = (self._clock(), self._read())
            endpoints = self._listed[1] if self._listed else ()
        return tuple(e for e in endpoints if self._access.may(user, Action.USE, e.owner))

    def find(self, user: User, name: str) -> Endpoint | None:
        """One endpoint as AWS describes it now, or None."""
        described = self._describe(name)
        if described and self._access.may(user, Action.USE, described.owner):
            return described
        return None

    def create(self, user: User, name: str, instance_type: str, instances: int) -> None:
        """Start an asynchronous endpoint; it takes jobs once it is InService.

        Raises InvalidInput at the field, Conflict where the name is taken, AwsError with AWS's
        words; what was created before an error is removed again.
        """
        self._check_new(name, instance_type, instances)
        tags: list[Any] = [{"Key": OWNER_TAG, "Value": user.name}]
        try:
            self._create_model(name, tags)
            self._create_config(name, instance_type, instances, tags)
            with translated(f"Creating the endpoint {name}"):
                self._sagemaker.create_endpoint(
                    EndpointName=name, EndpointConfigName=name, Tags=tags
                )
        except AwsError:
            self._remove_parts(name)
            raise
        self._forget()
        log.info("event=endpoint_created name=%s type=%s n=%d", name, instance_type, instances)

    def delete(self, user: User, name: str) -> None:
        """Delete an endpoint with its configuration and model. Raises NotFound, NotAllowed."""
        endpoint = self._describe(name)
        if endpoint is None:
            raise NotFound(f"The endpoint {name} is gone already.")
        self._access.require(user, Action.DELETE, endpoint.owner)
        with translated(f"Deleting the endpoint {name}"):
            self._sagemaker.delete_endpoint(EndpointName=name)
        self._remove_parts(name)
        self._forget()
        log.info("event=endpoint_deleted name=%s", name)

    def _check_new(self, name: str, instance_type: str, instances: int) -> None:
        if not _NAME.match(name):
            raise InvalidInput(
                "1-63 letters, digits and hyphens; it starts and ends with a letter or digit.",
                "name",
            )
        if instance_type not in instance_types():
            raise InvalidInput(f"SageMaker has no instance type {instance_type}.", "instance_type")
        if not 1 <= instances <= MAX_INSTANCES:
            raise InvalidInput(f"1 to {MAX_INSTANCES} instances.", "instances")
        if self._describe(name, ours_only=False):
            raise Conflict(f"There is an endpoint {name} already. Choose another name.")

    def _create_model(self, name: str, tags: list[Any]) -> None:
        settings = self._settings
        with translated(f"Creating the model {name}"):
            self._sagemaker.create_model(
                ModelName=name,
                PrimaryContainer={
                    "Image": settings.container_image,
                    "Environment": {"CONTRAPPOSTO_BUCKET": settings.bucket},
                },
                ExecutionRoleArn=settings.role,
                Tags=tags,
            )

    def _create_config(
        self, name: str, instance_type: str, instances: int, tags: list[Any]
    ) -> None:
        with translated(f"Creating the configuration {name}"):
            self._sagemaker.create_endpoint_config(
                EndpointConfigName=name,
                ProductionVariants=[
                    {
                        "VariantName": VARIANT,
                        "ModelName": name,
                        "InstanceType": instance_type,  # type: ignore[typeddict-item]  # checked
                        "InitialInstanceCount": instances,
                        "ContainerStartupHealthCheckTimeoutInSeconds": _STARTUP_SECONDS,
                    }
                ],
                AsyncInferenceConfig={
                    "OutputConfig": {
                        "S3OutputPath": self._storage.uri(ASYNC_OUTPUT),
                        "S3FailurePath": self._storage.uri(ASYNC_FAILURE),
                    },
                    "ClientConfig": {
                        "MaxConcurrentInvocationsPerInstance": self._at_once(instance_type)
                    },
                },
                Tags=tags,
            )

    def _at_once(self, instance_type: str) -> int:
        on_gpu = _GPU.match(instance_type) and not self._settings.embedded
        return _JOBS_ON_GPU if on_gpu else 1

    def _remove_parts(self, name: str) -> None:
        """Remove configuration and model; they may be missing, and cost nothing if they stay."""
        for action in (
            lambda: self._sagemaker.delete_endpoint_config(EndpointConfigName=name),
            lambda: self._sagemaker.delete_model(ModelName=name),
        ):
            try:
                with translated(f"Cleaning up after {name}"):
                    action()
            except AwsError as error:
                log.info("event=cleanup_skipped name=%s error=%s", name, error)

    def _is_old(self) -> bool:
        if self._listed is None:
            return True
        return (self._clock() - self._listed[0]).total_seconds() > _FRESH_SECONDS

    def _forget(self) -> None:
        with self._lock:
            self._listed = None

    def _read(self) -> tuple[Endpoint, ...]:
        with translated("Listing the endpoints"):
            pages = self._sagemaker.get_paginator("list_endpoints").paginate(
                SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 100}
            )
            names = [item["EndpointName"] for page in pages for item in page["Endpoints"]]
        with ThreadPoolExecutor(_LOOKS) as pool:
            described = tuple(pool.map(self._describe, names))
        return tuple(endpoint for endpoint in described if endpoint)

    def _describe(self, name: str, *, ours_only: bool = True) -> Endpoint | None:
        try:
            with translated(f"Describing the endpoint {name}"):
                answer = self._sagemaker.describe_endpoint(EndpointName=name)
        except AwsNotFound:
            return None
        made = self._made_of(answer)
        return _endpoint(answer, made) if made.ours or not ours_only else None

    def _made_of(self, answer: "DescribeEndpointOutputTypeDef") -> _Made:
        """The configuration, asked for once: AWS never lets it change."""
        config = f"{answer['EndpointArn']}/{answer['EndpointConfigName']}"
        if config not in self._made:
            self._made[config] = self._ask_made(answer)
        return self._made[config]

    def _ask_made(self, answer: "DescribeEndpointOutputTypeDef") -> _Made:
        try:
            with translated("Reading the endpoint's configuration"):
                config = self._sagemaker.describe_endpoint_config(
                    EndpointConfigName=answer["EndpointConfigName"]
                )
                tags = self._sagemaker.list_tags(ResourceArn=answer["EndpointArn"])["Tags"]
        except AwsNotFound:
            return _Made(instance_type="", ours=False, owner="")
        output = config.get("AsyncInferenceConfig", {}).get("OutputConfig", {})
        return _Made(
            instance_type=config["ProductionVariants"][0].get("InstanceType", ""),
            ours=str(output.get("S3OutputPath", "")).startswith(self._storage.uri("")),
            owner=next((t["Value"] for t in tags if t["Key"] == OWNER_TAG), ""),
        )


def _endpoint(answer: "DescribeEndpointOutputTypeDef", made: _Made) -> Endpoint:
    status = EndpointStatus(answer["EndpointStatus"])
    variant = next(iter(answer.get("ProductionVariants", ())), None)
    # Only a new configuration leaves a pending deployment; a change of capacity does not,
    # and the instances that are there go on working.
    scaling = status is EndpointStatus.UPDATING and "PendingDeploymentSummary" not in answer
    return Endpoint(
        name=answer["EndpointName"],
        status=status,
        instance_type=made.instance_type,
        instances=variant.get("CurrentInstanceCount", 0) if variant else 0,
        desired=variant.get("DesiredInstanceCount", 0) if variant else 0,
        created_at=answer["CreationTime"],
        changed_at=answer["LastModifiedTime"],
        failure_reason=answer.get("FailureReason", ""),
        owner=made.owner,
        accepts_jobs=status is EndpointStatus.IN_SERVICE or scaling,
    )
