"""What is known of the hosts behind SageMaker's instance types: GPU, NVIDIA driver, local disks.

AWS does not tell any of it in its API's model. Sources: SageMaker's developer guide
(inference-gpu-drivers), its API reference (ProductionVariant, InferenceAmiVersion), EC2's instance
types (GPU and its memory, instance store), NVIDIA's list of compute capabilities
(developer.nvidia.com/cuda-gpus) and the release notes of CUDA 12.0 and 13.0 (dropped
architectures).
"""

import re
from dataclasses import dataclass
from typing import Final

Release = tuple[int, int]
"""A release of CUDA, or a compute capability: major and minor number."""


@dataclass(frozen=True)
class HostDriver:
    """The NVIDIA driver of a host, and the newest CUDA that runs on it."""

    version: int
    cuda: Release


DRIVERS: Final = {
    "al2-ami-sagemaker-inference-gpu-2": HostDriver(535, (12, 2)),
    "al2-ami-sagemaker-inference-gpu-2-1": HostDriver(535, (12, 2)),
    "al2-ami-sagemaker-inference-gpu-3-1": HostDriver(550, (12, 4)),
    "al2023-ami-sagemaker-inference-gpu-4-1": HostDriver(580, (13, 0)),
}
"""The driver that each InferenceAmiVersion for GPUs carries."""

NEWEST_AMI: Final = "al2023-ami-sagemaker-inference-gpu-4-1"

_DRIVER_470: Final = HostDriver(470, (11, 4))
_DRIVER_535: Final = DRIVERS["al2-ami-sagemaker-inference-gpu-2"]
_DRIVER_550: Final = DRIVERS["al2-ami-sagemaker-inference-gpu-3-1"]


@dataclass(frozen=True)
class GpuFamily:
    """The GPU of a family of instance types, and the driver that its hosts have by default.

    The driver is None where AWS does not document it.
    """

    gpu: str
    architecture: str
    capability: Release
    driver: HostDriver | None = None
    has_local_disks: bool = True
    memory_gb: int = 0
    """Of one GPU; 0 where it is not known here."""


GPU_FAMILIES: Final = {
    "p2": GpuFamily("K80", "Kepler", (3, 7), has_local_disks=False, memory_gb=12),
    "p3": GpuFamily("V100", "Volta", (7, 0), has_local_disks=False, memory_gb=16),
    "g4dn": GpuFamily("T4", "Turing", (7, 5), _DRIVER_470, memory_gb=16),
    "g5": GpuFamily("A10G", "Ampere", (8, 6), _DRIVER_470, memory_gb=24),
    "p4d": GpuFamily("A100", "Ampere", (8, 0), _DRIVER_470, memory_gb=40),
    "p4de": GpuFamily("A100", "Ampere", (8, 0), _DRIVER_470, memory_gb=80),
    "g6": GpuFamily("L4", "Ada", (8, 9), _DRIVER_535, memory_gb=24),
    "g6e": GpuFamily("L40S", "Ada", (8, 9), _DRIVER_535, memory_gb=48),
    "p5": GpuFamily("H100", "Hopper", (9, 0), _DRIVER_535, memory_gb=80),
    "p5e": GpuFamily("H200", "Hopper", (9, 0), _DRIVER_550, memory_gb=141),
    "p5en": GpuFamily("H200", "Hopper", (9, 0), _DRIVER_550, memory_gb=141),
    "g7": GpuFamily("RTX PRO 4500", "Blackwell", (12, 0)),
    "g7e": GpuFamily("RTX PRO Server 6000", "Blackwell", (12, 0)),
    "p6-b200": GpuFamily("B200", "Blackwell", (10, 0)),
    "p6-b300": GpuFamily("B300", "Blackwell", (10, 3)),
    "p6e-gb200": GpuFamily("GB200", "Blackwell", (10, 0)),
}

_LEAST_CAPABILITY: Final[dict[int, Release]] = {11: (3, 5), 12: (5, 0), 13: (7, 5)}
"""The oldest GPU that each major release of CUDA still compiles for."""

_GRAVITON: Final = re.compile(r"ml\.([a-z]+\d+g[a-z]*|[a-z0-9]+-gb\d+)\.")
"""AWS's own processors have a `g` after the generation; `-gb200` is NVIDIA's Grace."""

_OTHER_LOCAL_DISKS: Final = frozenset({"dl1", "trn1", "trn1n", "trn2"})


def types_of(instance_type: str) -> tuple[str, ...]:
    """The types of an endpoint that takes the first that AWS has, `ml.g5.xlarge+ml.g6.xlarge`, in
    order of preference; of any other the one."""
    return tuple(instance_type.split("+"))


def architecture_of(instance_type: str) -> str:
    """`arm64` or `amd64`, as images name the processor of an instance type."""
    return "arm64" if _GRAVITON.match(instance_type) else "amd64"


def gpu_family(instance_type: str) -> GpuFamily | None:
    """The GPU of an instance type such as `ml.g5.xlarge`; None for one without an NVIDIA GPU."""
    return GPU_FAMILIES.get(_family(instance_type))


def has_local_disks(instance_type: str) -> bool:
    """Whether it has NVMe disks of its own; such a type takes no VolumeSizeInGB.

    Of the families without a GPU, those named for it have them: c5d, m6gd.
    """
    family, gpu = _family(instance_type), gpu_family(instance_type)
    if gpu:
        return gpu.has_local_disks
    return family.endswith("d") or family in _OTHER_LOCAL_DISKS


def host_driver(instance_type: str, ami: str) -> HostDriver | None:
    """The driver of a host; an empty `ami` asks for the default one's. None where unknown."""
    family = gpu_family(instance_type)
    return DRIVERS.get(ami) or (family.driver if family else None)


def supports_gpu(cuda: Release, family: GpuFamily) -> bool:
    """Whether programs compiled by that release of CUDA run on the GPU."""
    least = _LEAST_CAPABILITY.get(cuda[0], _LEAST_CAPABILITY[max(_LEAST_CAPABILITY)])
    return family.capability >= least


def parse_release(text: str) -> Release:
    """`13.0` as numbers. Raises ValueError."""
    major, minor = text.split(".")
    return int(major), int(minor)


def release_text(release: Release) -> str:
    """`13.0`."""
    return f"{release[0]}.{release[1]}"


def _family(instance_type: str) -> str:
    return instance_type.removeprefix("ml.").rpartition(".")[0]
