"""A GPU host starts no container that asks for a newer CUDA than its driver runs."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.local_aws.conftest import Cloud, refusal

NEEDS_13 = {"NVIDIA_REQUIRE_CUDA": "cuda>=13.0"}


@pytest.mark.parametrize(
    ("variant", "driver"),
    [
        ({"InstanceType": "ml.g5.xlarge"}, "470"),
        ({"InstanceType": "ml.g6.xlarge"}, "535"),
        (
            {
                "InstanceType": "ml.g5.xlarge",
                "InferenceAmiVersion": "al2-ami-sagemaker-inference-gpu-3-1",
            },
            "550",
        ),
    ],
)
def test_an_old_driver_fails_the_endpoint(
    cloud: Cloud, variant: Mapping[str, Any], driver: str
) -> None:
    name = cloud.create(cloud.config(cloud.model(Environment=NEEDS_13), **variant))
    reason = cloud.reach(name, "Failed")["FailureReason"]
    assert reason.startswith("CannotStartContainerError")
    assert f"the host has driver {driver}" in reason
    assert "cuda>=13.0" in reason
    assert cloud.counts(name)[0] == 0


@pytest.mark.parametrize(
    ("environment", "variant"),
    [
        (NEEDS_13, {"InferenceAmiVersion": "al2023-ami-sagemaker-inference-gpu-4-1"}),
        ({"NVIDIA_REQUIRE_CUDA": "cuda>=11.0 brand=tesla,driver>=450"}, {}),
        (NEEDS_13, {"InstanceType": "ml.m5.large"}),
        ({}, {}),
    ],
)
def test_a_new_one_starts_it(
    cloud: Cloud, environment: dict[str, str], variant: Mapping[str, Any]
) -> None:
    assert cloud.counts(cloud.deploy(environment=environment, **variant)) == (1, 1)


def test_a_volume_beside_local_disks_is_refused(cloud: Cloud) -> None:
    model = cloud.model()
    code, message, _ = refusal(lambda: cloud.config(model, VolumeSizeInGB=64))
    assert code == "ValidationException"
    assert "VolumeSizeInGB can't be set for ml.g5.xlarge" in message
    cloud.config(model, InstanceType="ml.m5.large", VolumeSizeInGB=64)
