"""Keeps an endpoint at zero whatever waits for it, until it is released: its budget is used up."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.aws.client import Aws, translate_errors
from core.endpoints.scaling.order_tag import HELD_TAG
from core.endpoints.scaling.schedule import STOPPED, bounds_at
from core.endpoints.scaling.writer import ScalingWriter
from core.endpoints.service import Endpoint, Endpoints, EndpointStatus
from core.errors import InvalidInput
from core.ids import Clock
from core.texts import scaling as texts

if TYPE_CHECKING:
    from types_boto3_sagemaker.type_defs import TagTypeDef

log = logging.getLogger(__name__)

_BUDGET = "budget"


class ScalingHold:
    """Sets the bounds to 0 and suspends what could raise them; the order stays, and a tag of the
    endpoint says that it is held. Whoever calls has asked for the right.

    Each call may be repeated. The tag is written last: until then it is tried again.
    """

    def __init__(
        self,
        aws: Aws,
        endpoints: Endpoints,
        writer: ScalingWriter,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self._sagemaker = aws.sagemaker
        self._endpoints = endpoints
        self._writer = writer
        self._clock = clock
        self._changed = changed

    def hold(self, endpoint: Endpoint) -> None:
        """Stop all instances; neither a job nor the office hours start one. Raises AwsError,
        InvalidInput where SageMaker does not change the endpoint now."""
        if endpoint.status is not EndpointStatus.IN_SERVICE:
            raise InvalidInput(texts.not_in_service(endpoint.name, endpoint.status))
        failed = texts.holding_failed(endpoint.name)
        self._writer.set_bounds(endpoint.name, STOPPED, failed, is_held=True)
        if endpoint.desired:
            self._writer.set_desired(endpoint.name, 0, failed)
        self._save(endpoint, _BUDGET, failed)
        log.info("event=endpoint_held endpoint=%s", endpoint.name)

    def release(self, endpoint: Endpoint) -> None:
        """Give it the bounds of its order again; a job that waits then wakes it. Raises
        AwsError."""
        failed = texts.releasing_failed(endpoint.name)
        if endpoint.scaling:
            bounds = bounds_at(endpoint.scaling, self._clock())
            self._writer.set_bounds(endpoint.name, bounds, failed)
        self._save(endpoint, "", failed)
        log.info("event=endpoint_released endpoint=%s", endpoint.name)

    def _save(self, endpoint: Endpoint, value: str, failed: str) -> None:
        tags: list[TagTypeDef] = [{"Key": HELD_TAG, "Value": value}]
        with translate_errors(failed):
            self._sagemaker.add_tags(ResourceArn=endpoint.arn, Tags=tags)
        self._endpoints.forget(endpoint.name)
        self._changed()
