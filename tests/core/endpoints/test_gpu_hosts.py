"""A GPU endpoint starts on a host whose driver runs the image's CUDA, or it is refused."""

import pytest

from core.endpoints.gpu_hosts import describe_host
from core.endpoints.spec import EndpointSpec, check_spec, config_arguments, model_arguments
from core.errors import InvalidInput
from core.settings import Settings
from formats.instance_hosts import NEWEST_AMI


def spec(instance_type: str) -> EndpointSpec:
    return EndpointSpec(name="e", instance_type=instance_type, instances=1, owner="local")


@pytest.mark.parametrize(
    ("instance_type", "ami", "cuda", "says"),
    [
        ("ml.p2.xlarge", NEWEST_AMI, "13.0", "a K80 (Kepler), which CUDA 13 no longer supports"),
        ("ml.p2.xlarge", "", "12.4", "a K80 (Kepler), which CUDA 12 no longer supports"),
        ("ml.p3.2xlarge", NEWEST_AMI, "13.0", "a V100 (Volta), which CUDA 13 no longer supports"),
        ("ml.g5.xlarge", "", "13.0", "NVIDIA driver 470, which runs CUDA 11.4"),
        ("ml.g6.xlarge", "", "13.0", "NVIDIA driver 535, which runs CUDA 12.2"),
        ("ml.p5en.48xlarge", "", "13.0", "NVIDIA driver 550, which runs CUDA 12.4"),
        (
            "ml.g6e.xlarge",
            "al2-ami-sagemaker-inference-gpu-3-1",
            "13.0",
            "NVIDIA driver 550, which runs CUDA 12.4",
        ),
    ],
)
def test_a_host_that_cannot_run_the_image_is_refused(
    instance_type: str, ami: str, cuda: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_spec(spec(instance_type), Settings(inference_ami=ami, image_cuda=cuda))
    assert refused.value.field == "instance_type"
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("instance_type", "ami", "cuda"),
    [
        ("ml.g4dn.xlarge", NEWEST_AMI, "13.0"),
        ("ml.p5.48xlarge", NEWEST_AMI, "13.0"),
        ("ml.p3.2xlarge", "al2-ami-sagemaker-inference-gpu-2", "12.1"),
        ("ml.g5.xlarge", "", "11.4"),
        ("ml.g7e.2xlarge", "", "13.0"),  # AWS does not document its default driver
        ("ml.m5.large", "", "13.0"),
    ],
)
def test_a_host_that_can_run_it_is_not(instance_type: str, ami: str, cuda: str) -> None:
    check_spec(spec(instance_type), Settings(inference_ami=ami, image_cuda=cuda))


@pytest.mark.parametrize(
    ("instance_type", "ami", "volume", "requirement"),
    [
        ("ml.g5.xlarge", NEWEST_AMI, None, "cuda>=13.0"),
        ("ml.p4d.24xlarge", NEWEST_AMI, None, "cuda>=13.0"),
        ("ml.m5.large", None, 64, None),
        ("ml.m5d.large", None, None, None),
        ("ml.c6gd.large", None, None, None),
        ("ml.inf2.xlarge", None, 64, None),
    ],
)
def test_what_is_asked_of_aws_fits_the_instance_type(
    instance_type: str, ami: str | None, volume: int | None, requirement: str | None
) -> None:
    (variant,) = config_arguments(spec(instance_type), Settings())["ProductionVariants"]
    assert variant.get("InferenceAmiVersion") == ami
    assert variant.get("VolumeSizeInGB") == volume
    assert variant["ModelDataDownloadTimeoutInSeconds"] == 1200
    assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 900
    environment = model_arguments(spec(instance_type), Settings())["PrimaryContainer"]
    assert environment["Environment"].get("NVIDIA_REQUIRE_CUDA") == requirement


def test_no_ami_is_asked_for_where_the_setting_is_empty() -> None:
    settings = Settings(inference_ami="")
    (variant,) = config_arguments(spec("ml.g5.xlarge"), settings)["ProductionVariants"]
    assert "InferenceAmiVersion" not in variant


@pytest.mark.parametrize(
    ("instance_type", "ami", "expected"),
    [
        ("ml.m5.large", NEWEST_AMI, None),
        ("ml.g5.xlarge", NEWEST_AMI, ("A10G (Ampere)", "580", "13.0")),
        ("ml.g5.xlarge", "", ("A10G (Ampere)", "470", "11.4")),
        ("ml.g7.2xlarge", "", ("RTX PRO 4500 (Blackwell)", "", "")),
    ],
)
def test_the_form_can_say_which_host_it_will_be(
    instance_type: str, ami: str, expected: tuple[str, str, str] | None
) -> None:
    host = describe_host(instance_type, Settings(inference_ami=ami))
    assert (host and (host.gpu, host.driver, host.cuda)) == expected
