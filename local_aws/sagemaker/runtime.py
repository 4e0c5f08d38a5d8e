"""SageMaker Runtime: InvokeEndpoint and InvokeEndpointAsync."""

import logging
import re
import uuid
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from local_aws.http.errors import InvalidInvocation, ModelError
from local_aws.http.messages import Request, Response
from local_aws.http.request_validation import RequestValidator
from local_aws.sagemaker.arns import ACCOUNT
from local_aws.sagemaker.endpoint_runtime import Fleet
from local_aws.sagemaker.endpoints import Endpoints
from local_aws.sagemaker.instances.container import ContainerResponse
from local_aws.sagemaker.instances.deployment import Deployment
from local_aws.sagemaker.invocations.delivery import TIMED_OUT, server_error
from local_aws.sagemaker.invocations.queue import Invocation, InvocationQueue

_log = logging.getLogger(__name__)

_PATH = re.compile(r"/endpoints/([^/]+)/(invocations|async-invocations)")
_SYNC_TIMEOUT_S = 60.0  # the container answers a synchronous invocation within 60 s
_REQUEST_TTL_S = 21_600  # RequestTTLSeconds: six hours
_INVOCATION_TIMEOUT_S = 900  # InvocationTimeoutSeconds: 15 minutes
# Updating too: while only capacity or a new version is being added, the endpoint serves.
_ACCEPTING = {"InService", "Updating"}


class Runtime:
    """Takes invocations. `clock` gives Unix seconds."""

    def __init__(
        self, endpoints: Endpoints, queue: InvocationQueue, clock: Callable[[], float]
    ) -> None:
        self._endpoints = endpoints
        self._queue = queue
        self._clock = clock
        self._validator = RequestValidator(
            "sagemaker-runtime", ("InvokeEndpoint", "InvokeEndpointAsync"), InvalidInvocation
        )

    def handle(self, request: Request) -> Response | None:
        """The answer, or None for another path."""
        place = _PATH.fullmatch(request.path)
        if place is None:
            return None
        if place[2] == "invocations":
            return self._invoke(self._validator.parse_rest("InvokeEndpoint", place[1], request))
        return self._invoke_async(
            self._validator.parse_rest("InvokeEndpointAsync", place[1], request)
        )

    def _serving(self, name: str) -> Fleet:
        fleet = self._endpoints.find(name)
        if fleet is None:
            raise InvalidInvocation(f"Endpoint {name} of account {ACCOUNT} not found.")
        if fleet.status not in _ACCEPTING:
            raise InvalidInvocation(
                f"Endpoint {name} of account {ACCOUNT} is not in service: it is {fleet.status}."
            )
        return fleet

    def _invoke(self, asked: Mapping[str, Any]) -> Response:
        fleet = self._serving(asked["EndpointName"])
        if fleet.deployment.async_config is not None:
            raise InvalidInvocation(
                f"Endpoint {fleet.name} is asynchronous: use InvokeEndpointAsync."
            )
        target = asked.get("TargetVariant")
        if target is not None and fleet.deployment.variant(target) is None:
            raise InvalidInvocation(f"Variant {target} not found for endpoint {fleet.name}.")
        with fleet.borrow(target) as loan:
            try:
                answer = loan.container.invoke(
                    asked.get("Body", b""), _container_headers(asked), _SYNC_TIMEOUT_S
                )
            except TimeoutError as error:
                raise _model_error(0, TIMED_OUT) from error
            except (OSError, HTTPException) as error:
                raise _model_error(0, f"The container broke the connection: {error!r}") from error
        if not answer.ok:
            raise _model_error(answer.status, answer.body.decode(errors="replace")[:1000])
        return _sync_response(answer, loan.variant)

    def _invoke_async(self, asked: Mapping[str, Any]) -> Response:
        fleet = self._serving(asked["EndpointName"])
        if fleet.deployment.async_config is None:
            raise InvalidInvocation(
                f"Endpoint {fleet.name} is not asynchronous: use InvokeEndpoint."
            )
        if ("InputLocation" in asked) == ("Body" in asked):
            raise InvalidInvocation("Provide exactly one of InputLocation and Body.")
        invocation = self._invocation(asked, fleet.deployment)
        self._queue.put(invocation)
        fleet.wake()
        _log.info(
            "event=invocation_queued endpoint=%s inference_id=%s",
            fleet.name,
            invocation.inference_id,
        )
        headers = {"X-Amzn-SageMaker-OutputLocation": invocation.output_location}
        if invocation.failure_location:
            headers["X-Amzn-SageMaker-FailureLocation"] = invocation.failure_location
        response = Response.json({"InferenceId": invocation.inference_id}, status=202)
        return Response(response.status, {**response.headers, **headers}, response.body)

    def _invocation(self, asked: Mapping[str, Any], deployment: Deployment) -> Invocation:
        now, unique = self._clock(), str(uuid.uuid4())
        output = (deployment.async_config or {})["OutputConfig"]
        extension = asked.get("S3OutputPathExtension", "")
        inference_id = asked.get("InferenceId", unique)
        failures = output.get("S3FailurePath")
        return Invocation(
            endpoint=asked["EndpointName"],
            inference_id=inference_id,
            output_location=_below(
                output["S3OutputPath"], extension, asked.get("Filename", f"{unique}.out")
            ),
            failure_location=failures and _below(failures, extension, f"{unique}-error.out"),
            received=now,
            expires=now + asked.get("RequestTTLSeconds", _REQUEST_TTL_S),
            timeout=float(asked.get("InvocationTimeoutSeconds", _INVOCATION_TIMEOUT_S)),
            headers=_container_headers({**asked, "InferenceId": inference_id}),
            input_location=asked.get("InputLocation"),
            body=asked.get("Body"),
        )


def _below(path: str, extension: str, name: str) -> str:
    return "/".join(part for part in (path.rstrip("/"), extension.strip("/"), name) if part)


def _container_headers(asked: Mapping[str, Any]) -> dict[str, str]:
    """What SageMaker passes on to the container."""
    headers = {
        "Content-Type": asked.get("ContentType", "application/octet-stream"),
        "Accept": asked.get("Accept", "*/*"),
        "X-Amzn-SageMaker-Custom-Attributes": asked.get("CustomAttributes"),
        "X-Amzn-SageMaker-Inference-Id": asked.get("InferenceId"),
    }
    return {name: value for name, value in headers.items() if value is not None}


def _sync_response(answer: ContainerResponse, variant: str) -> Response:
    headers = {
        "Content-Type": answer.headers.get("content-type", "application/octet-stream"),
        "x-Amzn-Invoked-Production-Variant": variant,
    }
    custom = answer.headers.get("x-amzn-sagemaker-custom-attributes")
    if custom is not None:
        headers["X-Amzn-SageMaker-Custom-Attributes"] = custom
    return Response(200, headers, answer.body)


def _model_error(status: int, message: str) -> ModelError:
    words = server_error(status, message)
    return ModelError(words, OriginalStatusCode=status, OriginalMessage=message)
