"""What somebody reads who deploys the studio."""

from collections.abc import Iterable
from typing import Final

READING_STACK_FAILED: Final = "Reading the stack failed"
READING_NETWORK_FAILED: Final = "Looking for the account's network failed"
READING_IMAGES_FAILED: Final = "Looking for the image in ECR failed"
SIGNING_IN_TO_ECR_FAILED: Final = "Signing in to ECR failed"
STARTING_BUILD_FAILED: Final = "Starting the build in CodeBuild failed"
FOLLOWING_BUILD_FAILED: Final = "Following the build in CodeBuild failed"
READING_SERVICE_FAILED: Final = "Reading the dashboard's service failed"
READING_DATA_FAILED: Final = "Looking for what an earlier stack left failed"
READING_ACCOUNT_FAILED: Final = "Asking AWS for the account failed"

NO_HTTPS: Final = "it begins with no https://"
NO_NETWORK: Final = (
    "The region has no default VPC with public subnets in two availability zones. Name a network "
    "with --set VpcId=..., --set BalancerSubnets=... and --set DashboardSubnets=... (ids joined "
    "by commas)."
)
NO_BUILDER: Final = (
    "No docker, podman or buildah was found here. Install one, or build in the account with "
    "--builder codebuild."
)
NO_SOURCE: Final = (
    "Images are built from a checkout of the repository, and this is none. Name images that are in "
    "ECR with --set DashboardImage=... and --set ContainerImage=..., each with its digest."
)
NO_DOMAIN: Final = (
    "A team's address needs a domain: --domain studio.example.com, with --hosted-zone ID for a "
    "zone of Route 53, or with --set CertificateArn=... for a certificate that there is."
)
NO_ROLLBACK: Final = "There is no version before this one to go back to."


def no_stack(name: str) -> str:
    """Nothing was deployed under that name."""
    return f"There is no stack {name} in this region. `contrapposto deploy up` makes it."


def stack_is_busy(name: str, status: str) -> str:
    """CloudFormation takes one change at a time."""
    return f"The stack {name} is being changed ({status}). Wait until that is over."


def stack_failed(name: str, status: str, reasons: Iterable[str]) -> str:
    """CloudFormation gave up, and why."""
    return "\n".join((f"The stack {name} ended as {status}.", *reasons))


def changing_stack_failed(name: str) -> str:
    """CreateStack, UpdateStack or DeleteStack."""
    return f"Changing the stack {name} failed"


def unknown_parameters(unknown: Iterable[str], known: Iterable[str]) -> str:
    """A parameter that the template hasn't."""
    return f"The template has no {', '.join(unknown)}. It has {', '.join(known)}."


def no_assignment(text: str) -> str:
    """Not NAME=VALUE."""
    return f"{text} is no NAME=VALUE."


def command_failed(command: str, status: int) -> str:
    """A builder ended badly; its own words are above."""
    return f"`{command}` ended with status {status}; what it said is above."


def build_failed(status: str, phase: str, logs: str) -> str:
    """CodeBuild ended badly."""
    return f"The build in CodeBuild ended as {status} in {phase}. Its log: {logs}"


def building(image: str, builder: str) -> str:
    """An image is built and pushed."""
    return f"building {image} with {builder}"


def build_phase(image: str, phase: str) -> str:
    """CodeBuild is at another phase."""
    return f"{image}: {phase}"


def event(resource: str, kind: str, status: str, reason: str) -> str:
    """One event of the stack."""
    return f"{status:<28} {resource} ({kind}){': ' if reason else ''}{reason}"


def reason_of(resource: str, reason: str) -> str:
    """Why a resource failed."""
    return f"  {resource}: {reason}"


def discovery_failed(url: str, why: str) -> str:
    """The identity provider's own description could not be read."""
    return (
        f"{url} could not be read ({why}). Check OidcIssuer, or name OidcAuthorizationEndpoint, "
        "OidcTokenEndpoint and OidcUserInfoEndpoint with --set."
    )


def kept_in_part(found: Iterable[str], missing: Iterable[str]) -> str:
    """An earlier stack left some of what people kept."""
    return (
        f"An earlier stack left {', '.join(found)}, but {', '.join(missing)} is not there. Restore "
        "what is missing from a backup, or delete the rest, and try again."
    )


def emptying_failed(name: str) -> str:
    """What people kept could not be deleted."""
    return f"Deleting {name} failed"


NO_SDK: Final = (
    "The SageMaker SDK is not installed here. Install the extra contrapposto[deploy] with "
    "`pip install --editable '.[deploy]'` in the checkout (1 GB), or start the endpoint on the "
    "Endpoints page."
)
NO_IMAGE: Final = (
    "The stack has no image for endpoints yet. `contrapposto deploy up` builds and names one."
)


def endpoint_status(name: str, status: str) -> str:
    """SageMaker's word for the endpoint's state."""
    return f"endpoint {name}: {status}"


def endpoint_is_gone(name: str) -> str:
    """Somebody deleted it meanwhile."""
    return f"The endpoint {name} is gone."


def endpoint_failed(name: str, reason: str) -> str:
    """SageMaker gave up."""
    return f"The endpoint {name} did not start: {reason}"
