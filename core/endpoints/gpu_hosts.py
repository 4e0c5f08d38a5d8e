"""Decides whether a GPU instance's host can run the container image, and with which AMI."""

from core.errors import InvalidInput
from core.settings import Settings
from core.texts import endpoints as texts
from formats.frozen import Frozen
from formats.instance_hosts import (
    gpu_family,
    host_driver,
    parse_release,
    release_text,
    supports_gpu,
    types_of,
)


class GpuHost(Frozen):
    """What a GPU endpoint's instances will be: for the form, before it is created."""

    gpu: str
    driver: str
    """The NVIDIA driver's major version; empty where AWS does not document it."""
    cuda: str
    """The newest CUDA that the driver runs."""
    ami: str
    """The InferenceAmiVersion that is asked for; empty for AWS's own."""


def is_gpu(instance_type: str) -> bool:
    """Whether instances of that type have an NVIDIA GPU; of several types, of the first: all of
    them are alike in that."""
    return gpu_family(types_of(instance_type)[0]) is not None


def describe_host(instance_type: str, settings: Settings) -> GpuHost | None:
    """The GPU and driver behind an instance type, or None for one without."""
    family = gpu_family(instance_type)
    if family is None:
        return None
    driver = host_driver(instance_type, settings.inference_ami)
    return GpuHost(
        gpu=f"{family.gpu} ({family.architecture})",
        driver=str(driver.version) if driver else "",
        cuda=release_text(driver.cuda) if driver else "",
        ami=settings.inference_ami,
    )


def check_gpu(instance_type: str, settings: Settings) -> None:
    """Raise InvalidInput at `instance_type` where the image can't run on such an instance.

    Its GPU may be too old for the image's CUDA, or the host's driver. Such an endpoint would stay
    in Creating for an hour, or fail with no log.
    """
    family = gpu_family(instance_type)
    if family is None:
        return
    cuda = parse_release(settings.image_cuda)
    if not supports_gpu(cuda, family):
        reason = texts.gpu_too_old(instance_type, family.gpu, family.architecture, cuda[0])
        raise InvalidInput(reason, "instance_type")
    driver = host_driver(instance_type, settings.inference_ami)
    if driver and driver.cuda < cuda:
        reason = texts.driver_too_old(
            instance_type, driver.version, release_text(driver.cuda), settings.image_cuda
        )
        raise InvalidInput(reason, "instance_type")


def runs_image(instance_type: str, settings: Settings) -> bool:
    """Whether `check_gpu` lets the type pass."""
    try:
        check_gpu(instance_type, settings)
    except InvalidInput:
        return False
    return True
