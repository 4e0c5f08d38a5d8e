"""What SageMaker refuses of a container's answer to an asynchronous invocation, in its words."""

from collections.abc import Mapping
from typing import Final

from local_aws.sagemaker.instances.container import ContainerResponse

_MAX_HEADER_BYTES: Final = 4096


def refused(response: ContainerResponse) -> str | None:
    """Why an answer is not taken; None for a good one."""
    if "content-length" not in response.headers:  # it is chunked
        return (
            "The response from container primary did not specify the required Content-Length header"
        )
    if _size(response.headers) > _MAX_HEADER_BYTES:
        return (
            "Response received from the primary container has headers with length greater than "
            f"{_MAX_HEADER_BYTES} bytes. Reduce the length of your container's response headers "
            "and update your endpoint."
        )
    return None


def _size(headers: Mapping[str, str]) -> int:
    """As they are sent: `name: value` and the end of the line."""
    return sum(len(name) + len(value) + 4 for name, value in headers.items())
