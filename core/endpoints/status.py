"""An endpoint as AWS describes it, and whether it takes jobs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from core.endpoints.scaling.spec import ScalingSpec, can_scale_to_zero
from core.team.permissions import Item, Kind
from core.texts import endpoints as texts
from core.texts import scaling as scaling_texts
from formats.frozen import Frozen

if TYPE_CHECKING:
    from types_boto3_sagemaker.type_defs import (
        DescribeEndpointOutputTypeDef,
        ProductionVariantSummaryTypeDef,
    )


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


_UNAVAILABLE: Final[Mapping[EndpointStatus, Callable[[str], str]]] = {
    EndpointStatus.CREATING: texts.is_creating,
    EndpointStatus.UPDATING: texts.is_updating,
    EndpointStatus.SYSTEM_UPDATING: texts.is_system_updating,
    EndpointStatus.ROLLING_BACK: texts.is_rolling_back,
    EndpointStatus.OUT_OF_SERVICE: texts.is_out_of_service,
    EndpointStatus.DELETING: texts.is_deleting,
    EndpointStatus.FAILED: texts.has_failed,
    EndpointStatus.UPDATE_ROLLBACK_FAILED: texts.update_has_failed,
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
    arn: str = ""
    is_asynchronous: bool = True
    scaling: ScalingSpec | None = None
    """What was ordered; None for an endpoint whose number of instances stays."""
    scaling_applied: bool = False
    """Whether AWS's objects were brought in line with the order."""
    is_held: bool = False
    """It is kept at zero until its budget lets it go on."""
    has_ended: bool = False
    """Its end date is over: it has no instances, and gets none."""
    config_name: str = ""
    """Of the configuration that it runs."""
    models: tuple[str, ...] = ()
    """Of that configuration."""
    image: str = ""
    """The container's."""

    @property
    def item(self) -> Item:
        """The endpoint, for the permission check."""
        return endpoint_item(self.owner)

    @property
    def is_scalable(self) -> bool:
        """Whether its number of instances can be changed, or is being changed."""
        return self.accepts_jobs or self.has_ended

    @property
    def is_at_zero(self) -> bool:
        """Whether it has no instance and waits for a job that wakes it."""
        return self.is_scalable and self.instances == self.desired == 0 and not self.is_held

    @property
    def stops_at_zero(self) -> bool:
        """Whether it can be stopped without being deleted: its order lets it have no instances."""
        may = can_scale_to_zero(is_asynchronous=self.is_asynchronous)
        return self.scaling is not None and self.scaling.minimum == 0 and may

    @property
    def can_be_held(self) -> bool:
        """Whether it can be kept at zero for a while: what scales it can be set to nothing, and its
        jobs wait in a queue."""
        return self.scaling is not None and self.is_asynchronous

    @property
    def is_waking(self) -> bool:
        """Whether its first instance starts; one that is replaced leaves it InService."""
        is_changing = self.accepts_jobs and self.status is EndpointStatus.UPDATING
        return is_changing and self.instances == 0 < self.desired

    @property
    def unavailable_reason(self) -> str:
        """Why it takes no jobs, as a sentence; empty where it does."""
        if self.accepts_jobs:
            return ""
        if self.has_ended and self.scaling and self.scaling.ends_at:
            return scaling_texts.has_ended(self.name, self.scaling.ends_at)
        return _UNAVAILABLE.get(self.status, texts.takes_no_jobs)(self.name)


def endpoint_item(owner: str) -> Item:
    """An endpoint of this owner, or what is left of it, for the permission check."""
    return Item(kind=Kind.ENDPOINT, owner=owner)


class EndpointConfig(Frozen):
    """What an endpoint's configuration and tags say."""

    instance_type: str
    is_ours: bool
    """It writes to this bucket."""
    owner: str
    is_asynchronous: bool = True
    scaling: ScalingSpec | None = None
    scaling_applied: bool = False
    is_held: bool = False
    models: tuple[str, ...] = ()


def parse_endpoint(
    answer: "DescribeEndpointOutputTypeDef", config: EndpointConfig, now: datetime | None = None
) -> Endpoint:
    """The endpoint of DescribeEndpoint's answer; without a time it has not ended."""
    status = EndpointStatus(answer["EndpointStatus"])
    variant = next(iter(answer.get("ProductionVariants", ())), None)
    # Only a new configuration leaves a pending deployment; a change of capacity does not,
    # and the instances that are there go on working.
    scaling = status is EndpointStatus.UPDATING and "PendingDeploymentSummary" not in answer
    takes_jobs = status is EndpointStatus.IN_SERVICE or scaling
    has_ended = bool(now and config.scaling and config.scaling.has_ended(now))
    return Endpoint(
        name=answer["EndpointName"],
        status=status,
        instance_type=config.instance_type,
        instances=variant.get("CurrentInstanceCount", 0) if variant else 0,
        desired=variant.get("DesiredInstanceCount", 0) if variant else 0,
        created_at=answer["CreationTime"],
        changed_at=answer["LastModifiedTime"],
        failure_reason=answer.get("FailureReason", ""),
        owner=config.owner,
        accepts_jobs=takes_jobs and not has_ended,
        arn=answer.get("EndpointArn", ""),
        is_asynchronous=config.is_asynchronous,
        scaling=config.scaling,
        scaling_applied=config.scaling_applied,
        is_held=config.is_held,
        has_ended=takes_jobs and has_ended,
        config_name=answer.get("EndpointConfigName", ""),
        models=config.models,
        image=_image(variant),
    )


def _image(variant: "ProductionVariantSummaryTypeDef | None") -> str:
    images = variant.get("DeployedImages", ()) if variant else ()
    return next((one.get("SpecifiedImage", "") for one in images), "")
