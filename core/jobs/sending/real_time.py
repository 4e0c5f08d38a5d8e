"""Invokes real-time endpoints: the call waits for the container's answer."""

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from core.aws.client import Aws, translate_errors
from core.errors import AwsError, AwsThrottled, AwsUnreachable
from core.texts.jobs import jobs as texts
from formats.generation.request import GenerationRequest

if TYPE_CHECKING:
    from types_boto3_sagemaker_runtime.type_defs import InvokeEndpointOutputTypeDef

_MODEL_ERROR: Final = "ModelError"
_BUSY: Final = 503
"""The container's answer while its queue is full; it has not taken the job."""


class RealTimeInvoker:
    """A real-time endpoint has no queue: what its container can't take now is to be sent again. The
    container writes progress and result to S3 as it does for an asynchronous endpoint."""

    def __init__(self, aws: Aws) -> None:
        self._runtime = aws.real_time_runtime()

    def invoke(self, endpoint: str, request: GenerationRequest) -> str:
        """Run a job. Returns why the container failed it, empty where it did not.

        Raises AwsThrottled where nobody had room for it, AwsUnreachable where the answer is lost
        and the job may run all the same, other AwsErrors where SageMaker refused it.
        """
        try:
            with translate_errors(texts.INVOKING_FAILED):
                self._call(endpoint, request)["Body"].read()
        except AwsError as error:
            answer = _answer_of_container(error)
            if answer is None:
                raise
            status, words = answer
            if status == _BUSY:
                raise AwsThrottled(texts.endpoint_is_busy(endpoint), _MODEL_ERROR) from error
            if not status:  # SageMaker did not wait any longer, or the connection broke
                raise AwsUnreachable(words) from error
            return words
        return ""

    def _call(self, endpoint: str, request: GenerationRequest) -> "InvokeEndpointOutputTypeDef":
        return self._runtime.invoke_endpoint(
            EndpointName=endpoint,
            ContentType="application/json",
            InferenceId=request.id,
            Body=request.model_dump_json().encode(),
        )


def _answer_of_container(error: AwsError) -> tuple[int, str] | None:
    """HTTP status and words of the container's own error, status 0 where it gave no answer; None
    where the error is SageMaker's."""
    cause = error.__cause__
    if not isinstance(cause, ClientError) or error.code != _MODEL_ERROR:
        return None
    response: dict[str, Any] = {**cause.response}
    words = str(response.get("OriginalMessage") or error)
    return int(response.get("OriginalStatusCode") or 0), words
