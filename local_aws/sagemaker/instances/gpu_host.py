"""The check that a GPU instance's host makes before a container starts: is its driver new enough?

NVIDIA's container toolkit reads `NVIDIA_REQUIRE_CUDA` from the container's environment
(docs.nvidia.com/datacenter/cloud-native/container-toolkit, "Constraints").
"""

import re
from collections.abc import Mapping
from typing import Final

from formats.instance_hosts import HostDriver, Release, host_driver, parse_release, release_text
from local_aws.sagemaker.instances.container import ContainerStartError

_REQUIREMENT: Final = re.compile(r"(?:^|[\s,])cuda>=(\d+\.\d+)(?=$|[\s,])")


def check_driver(instance_type: str, ami: str, environment: Mapping[str, str], name: str) -> None:
    """Raise `ContainerStartError`, with SageMaker's words, where the host's driver is too old.

    `ami` is the InferenceAmiVersion, empty for the default; `name` is the variant's.
    """
    driver = host_driver(instance_type, ami)
    needed = _needed_cuda(environment)
    if driver is None or needed is None or driver.cuda >= needed:
        return
    raise ContainerStartError(_message(driver, needed, name))


def _needed_cuda(environment: Mapping[str, str]) -> Release | None:
    """The newest CUDA that a container asks for; None for one that asks for none."""
    found = _REQUIREMENT.findall(environment.get("NVIDIA_REQUIRE_CUDA", ""))
    return max(map(parse_release, found), default=None)


def _message(driver: HostDriver, needed: Release, name: str) -> str:
    return (
        f"CannotStartContainerError. Please ensure the model container for variant {name} starts "
        "correctly when invoked with 'docker run <image> serve'. On this machine: "
        f"nvidia-container-cli: requirement error: unsatisfied condition: "
        f"cuda>={release_text(needed)}, please update your driver to a newer version: the host has "
        f"driver {driver.version}, which runs CUDA {release_text(driver.cuda)}"
    )
