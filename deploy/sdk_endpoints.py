"""Creates endpoints through the resource classes of the `sagemaker` SDK, version 3.

The SDK takes seconds to import and 1 GB on the disk, so it is an extra (`contrapposto[deploy]`),
and this command alone imports it.
"""

import importlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from botocore import xform_name

from core.aws.client import Aws
from core.aws.storage import Storage
from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.service import Endpoints
from core.errors import ConfigurationError, DeploymentFailed
from core.ids import Clock
from core.settings import Backend, Settings
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from deploy import texts
from deploy.stack import Report, StackState

if TYPE_CHECKING:
    from types_boto3_sagemaker import SageMakerClient

_MODULE: Final = "sagemaker.core.resources"
_POLL_SECONDS: Final = 15.0
_FREE_KEYS: Final = {"Environment"}
"""Members whose keys are the user's, not SageMaker's."""


class Resources(Protocol):
    """What is used of the SDK's module of resources; each class has `create`."""

    Model: Any
    EndpointConfig: Any
    Endpoint: Any


def load_resources() -> Resources:
    """Import the SDK. Raises ConfigurationError where it is not installed."""
    try:
        return cast("Resources", importlib.import_module(_MODULE))
    except ImportError as error:
        raise ConfigurationError(texts.NO_SDK) from error


class SdkSageMaker:
    """boto3's client of SageMaker, whose three creations go through the SDK."""

    def __init__(self, client: "SageMakerClient", resources: Resources, session: Any) -> None:
        self._client = client
        self._resources = resources
        self._where = {"session": session, "region": client.meta.region_name}

    def create_model(self, **arguments: Any) -> None:
        """CreateModel's arguments, as boto3 takes them."""
        self._resources.Model.create(**snake_case(arguments), **self._where)

    def create_endpoint_config(self, **arguments: Any) -> None:
        """CreateEndpointConfig's arguments."""
        self._resources.EndpointConfig.create(**snake_case(arguments), **self._where)

    def create_endpoint(self, **arguments: Any) -> None:
        """CreateEndpoint's arguments."""
        self._resources.Endpoint.create(**snake_case(arguments), **self._where)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def snake_case(value: Any) -> Any:
    """boto3's arguments under the names that the SDK has for them: `ModelName` is `model_name`."""
    if isinstance(value, list):
        return [snake_case(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        xform_name(name): each if name in _FREE_KEYS else snake_case(each)
        for name, each in value.items()
    }


def settings_of(state: StackState) -> Settings:
    """The settings that the stack's dashboard has; the others are this machine's."""
    given, outputs = state.parameters, state.outputs
    return Settings(
        backend=Backend.AWS,
        bucket=outputs["Bucket"],
        table=outputs["JobsTable"],
        records_table=outputs["RecordsTable"],
        endpoint_role=outputs["EndpointRole"],
        image=outputs.get("ContainerImage", ""),
        team=given.get("Team", ""),
        kms_key=given.get("KmsKeyArn", ""),
        subnets=given.get("EndpointSubnets", ""),
        security_groups=given.get("EndpointSecurityGroups", ""),
    )


def open_endpoints(
    aws: Aws, settings: Settings, resources: Resources, clock: Clock
) -> tuple[Endpoints, EndpointScaling]:
    """The studio's endpoints, created through the SDK, and what scales them."""
    sdk = SdkSageMaker(aws.sagemaker, resources, aws.session)
    aws.sagemaker = cast("SageMakerClient", sdk)
    storage, access = Storage(aws, settings.bucket), Access(allow_all)
    endpoints = Endpoints(aws, storage, settings, access, clock)
    return endpoints, EndpointScaling(aws, endpoints, settings, access, clock)


def follow(
    endpoints: Endpoints,
    name: str,
    report: Report,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until an endpoint takes jobs. Raises DeploymentFailed with SageMaker's reason."""
    said = ""
    while True:
        found = endpoints.find(LOCAL, name)
        if found is None:
            raise DeploymentFailed(texts.endpoint_is_gone(name))
        if found.status != said:
            said = found.status
            report(texts.endpoint_status(name, found.status))
        if found.accepts_jobs:
            return
        if found.failure_reason:
            raise DeploymentFailed(texts.endpoint_failed(name, found.failure_reason))
        sleep(_POLL_SECONDS)
