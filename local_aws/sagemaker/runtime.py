"""Owns the SageMaker Runtime API: InvokeEndpoint and InvokeEndpointAsync."""

import logging
import re
import uuid
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from local_aws.arns import ACCOUNT_ID
from local_aws.http.errors import InvalidInvocation, ModelError
from local_aws.http.messages import Request, Response
from local_aws.http.request_validation import RequestValidator
from local_aws.sagemaker.endpoint_runtime import EndpointRuntime
from local_aws.sagemaker.endpoints import EndpointManager
from local_aws.sagemaker.instances.container import ContainerResponse
from local_aws.sagemaker.instances.deployment import Deployment
from local_aws.sagemaker.invocations.delivery import TIMED_OUT, error_message
from local_aws.sagemaker.invocations.queue import Invocation

_logger = logging.getLogger(__name__)

_PATH = re.compile(r"/endpoints/([^/]+)/(invocations|async-invocations)")
_SYNC_TIMEOUT_S = 60.0  # the container answers a synchronous invocation within 60 s
_REQUEST_TTL_S = 21_600  # RequestTTLSeconds: six hours
_INVOCATION_TIMEOUT_S = 900  # InvocationTimeoutSeconds: 15 minutes


class SageMakerRuntime:
    """Accepts invocations. `clock` gives Unix seconds."""

    def __init__(self, endpoints: EndpointManager, clock: Callable[[], float]) -> None:
        self._endpoints = endpoints
        self._clock = clock
        self._validator = RequestValidator(
            "sagemaker-runtime", ("InvokeEndpoint", "InvokeEndpointAsync"), InvalidInvocation
        )

    def handle(self, request: Request) -> Response | None:
        """The response, or None for another path."""
        match = _PATH.fullmatch(request.path)
        if match is None:
            return None
        if match[2] == "invocations":
            return self._invoke(self._validator.parse_rest("InvokeEndpoint", match[1], request))
        return self._invoke_async(
            self._validator.parse_rest("InvokeEndpointAsync", match[1], request)
        )

    def _accepting_endpoint(self, name: str) -> EndpointRuntime:
        endpoint = self._endpoints.find(name)
        if endpoint is None:
            raise InvalidInvocation(f"Endpoint {name} of account {ACCOUNT_ID} not found.")
        if not endpoint.is_serving:
            raise _not_in_service(endpoint)
        return endpoint

    def _invoke(self, params: Mapping[str, Any]) -> Response:
        endpoint = self._accepting_endpoint(params["EndpointName"])
        if endpoint.deployment.async_config is not None:
            raise InvalidInvocation(
                f"Endpoint {endpoint.name} is asynchronous: use InvokeEndpointAsync."
            )
        for name in ("TargetModel", "TargetContainerHostname", "InferenceComponentName"):
            if name in params:
                raise InvalidInvocation(
                    f"Endpoint {endpoint.name} has one model and no inference components: "
                    f"{name} can't be set."
                )
        target = params.get("TargetVariant")
        if target is not None and endpoint.deployment.variant(target) is None:
            raise InvalidInvocation(f"Variant {target} not found for endpoint {endpoint.name}.")
        with endpoint.lease(target) as lease:
            try:
                response = lease.container.invoke(
                    params.get("Body", b""), _container_headers(params), _SYNC_TIMEOUT_S
                )
            except TimeoutError as error:
                raise _model_error(0, TIMED_OUT) from error
            except (OSError, HTTPException) as error:
                raise _model_error(0, f"The container broke the connection: {error!r}") from error
        if not response.ok:
            raise _model_error(response.status, response.body.decode(errors="replace")[:1000])
        return _sync_response(response, lease.variant)

    def _invoke_async(self, params: Mapping[str, Any]) -> Response:
        endpoint = self._accepting_endpoint(params["EndpointName"])
        if endpoint.deployment.async_config is None:
            raise InvalidInvocation(
                f"Endpoint {endpoint.name} is not asynchronous: use InvokeEndpoint."
            )
        if ("InputLocation" in params) == ("Body" in params):
            raise InvalidInvocation("Provide exactly one of InputLocation and Body.")
        invocation = self._invocation(params, endpoint.deployment)
        if not endpoint.enqueue(invocation):
            raise _not_in_service(endpoint)
        _logger.info(
            "event=invocation_queued endpoint=%s inference_id=%s",
            endpoint.name,
            invocation.inference_id,
        )
        headers = {"X-Amzn-SageMaker-OutputLocation": invocation.output_location}
        if invocation.failure_location:
            headers["X-Amzn-SageMaker-FailureLocation"] = invocation.failure_location
        response = Response.json({"InferenceId": invocation.inference_id}, status=202)
        return Response(response.status, {**response.headers, **headers}, response.body)

    def _invocation(self, params: Mapping[str, Any], deployment: Deployment) -> Invocation:
        now, invocation_id = self._clock(), str(uuid.uuid4())
        output_config = (deployment.async_config or {})["OutputConfig"]
        extension = params.get("S3OutputPathExtension", "")
        inference_id = params.get("InferenceId", invocation_id)
        failure_path = output_config.get("S3FailurePath")
        return Invocation(
            endpoint=params["EndpointName"],
            inference_id=inference_id,
            output_location=_output_uri(
                output_config["S3OutputPath"],
                extension,
                params.get("Filename", f"{invocation_id}.out"),
            ),
            failure_location=failure_path
            and _output_uri(failure_path, extension, f"{invocation_id}-error.out"),
            received=now,
            expires=now + params.get("RequestTTLSeconds", _REQUEST_TTL_S),
            timeout=float(params.get("InvocationTimeoutSeconds", _INVOCATION_TIMEOUT_S)),
            headers=_container_headers({**params, "InferenceId": inference_id}),
            input_location=params.get("InputLocation"),
            body=params.get("Body"),
        )


def _not_in_service(endpoint: EndpointRuntime) -> InvalidInvocation:
    return InvalidInvocation(
        f"Endpoint {endpoint.name} of account {ACCOUNT_ID} is not in service: it is "
        f"{endpoint.status}."
    )


def _output_uri(path: str, extension: str, name: str) -> str:
    return "/".join(part for part in (path.rstrip("/"), extension.strip("/"), name) if part)


def _container_headers(params: Mapping[str, Any]) -> dict[str, str]:
    """The headers that SageMaker forwards to the container."""
    headers = {
        "Content-Type": params.get("ContentType", "application/octet-stream"),
        "Accept": params.get("Accept", "*/*"),
        "X-Amzn-SageMaker-Custom-Attributes": params.get("CustomAttributes"),
        "X-Amzn-SageMaker-Inference-Id": params.get("InferenceId"),
    }
    return {name: value for name, value in headers.items() if value is not None}


def _sync_response(response: ContainerResponse, variant: str) -> Response:
    headers = {
        "Content-Type": response.headers.get("content-type", "application/octet-stream"),
        "x-Amzn-Invoked-Production-Variant": variant,
    }
    custom = response.headers.get("x-amzn-sagemaker-custom-attributes")
    if custom is not None:
        headers["X-Amzn-SageMaker-Custom-Attributes"] = custom
    return Response(200, headers, response.body)


def _model_error(status: int, message: str) -> ModelError:
    text = error_message(status, message)
    return ModelError(text, OriginalStatusCode=status, OriginalMessage=message)
