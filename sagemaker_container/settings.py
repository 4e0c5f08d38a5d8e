"""The container's settings, which it reads from its environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator

from formats.frozen import Frozen

GIB: Final = 2**30

ENVIRONMENT_NAMES: Final = {
    "bucket": "CONTRAPPOSTO_BUCKET",
    "region": "AWS_REGION",
    "kms_key": "CONTRAPPOSTO_KMS_KEY",
    "host": "CONTRAPPOSTO_HOST",
    "port": "SAGEMAKER_BIND_TO_PORT",
    "base_dir": "SAGEMAKER_BASE_DIR",
    "cache_dirs": "CONTRAPPOSTO_CACHE_DIR",
    "disk_cache_gb": "CONTRAPPOSTO_DISK_CACHE_GB",
    "memory_cache_gb": "CONTRAPPOSTO_MEMORY_CACHE_GB",
    "kernel_cache": "CONTRAPPOSTO_KERNEL_CACHE",
    "queue_depth": "CONTRAPPOSTO_QUEUE_DEPTH",
    "batch_images": "CONTRAPPOSTO_BATCH_PICTURES",
    "batch_wait_seconds": "CONTRAPPOSTO_BATCH_WAIT_SECONDS",
    "hang_seconds": "CONTRAPPOSTO_HANG_SECONDS",
    "drain_seconds": "CONTRAPPOSTO_DRAIN_SECONDS",
    "device": "CONTRAPPOSTO_DEVICE",
    "endpoint": "CONTRAPPOSTO_ENDPOINT",
    "emf": "CONTRAPPOSTO_EMF",
    "log_level": "CONTRAPPOSTO_LOG_LEVEL",
}
"""The environment variable behind each setting."""


class ContainerSettings(Frozen):
    """Everything that a request doesn't say."""

    bucket: Annotated[str, Field(min_length=3)]
    """The one bucket it reads and writes."""
    region: str | None = None
    """SageMaker sets AWS_REGION, which boto3 alone doesn't read."""
    kms_key: str | None = None
    """The KMS key that what is written to S3 is encrypted with; None means as the bucket says."""
    host: str = "127.0.0.1"
    """Address to listen on; the image sets 0.0.0.0, as SageMaker needs it."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    base_dir: Path = Path("/opt/ml")
    cache_dirs: tuple[Path, ...] | None = None
    """Where model files are cached: of several folders, joined by `:`, the one whose volume has the
    most free space. None means `cache` below `base_dir`."""
    disk_cache_gb: Annotated[float, Field(gt=0)] | None = None
    """How much the cached files may take there, in GiB; None means 70 % of what is free
    there when the worker starts."""
    memory_cache_gb: Annotated[float, Field(gt=0)] | None = None
    """How much of the host's memory loaded models may take, in GiB; None means half of what is
    free when the worker starts. Of a GPU's memory they take half."""
    kernel_cache: bool = True
    """Whether compiled GPU kernels are fetched from the bucket, and stored there."""
    queue_depth: Annotated[int, Field(ge=1, le=1000)] = 3
    """How many jobs are held at a time, the running one included. A good value is SageMaker's
    MaxConcurrentInvocationsPerInstance + 2."""
    batch_images: Annotated[int, Field(ge=1, le=64)] = 8
    """How many images of several jobs may share a batch; a single job may have more."""
    batch_wait_seconds: Annotated[float, Field(ge=0, le=1)] = 0.01
    """How long a job that reaches an idle worker waits for others to share its batch."""
    hang_seconds: Annotated[float, Field(gt=0)] = 600
    """A worker that is silent for so long while it runs a job counts as hung and is replaced."""
    drain_seconds: Annotated[float, Field(gt=0, le=15)] = 15
    """How long running jobs may take after SIGTERM. SIGKILL comes after 30 s, and a job that is
    stopped at the end needs up to 5 s more to be reported."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    endpoint: str = ""
    """The endpoint's name, for the metrics in the log."""
    emf: bool = False
    """Whether each job's figures are written to stdout for CloudWatch."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("cache_dirs", mode="before")
    @classmethod
    def _split_folders(cls, value: object) -> object:
        return value.split(":") if isinstance(value, str) else value

    @property
    def cache_folders(self) -> tuple[Path, ...]:
        """The folders that the cached model files may lie in; at least one."""
        return self.cache_dirs or (self.base_dir / "cache",)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings. Raises pydantic.ValidationError for a missing or wrong one."""
        given = {field: environment.get(name) for field, name in ENVIRONMENT_NAMES.items()}
        return cls.model_validate({field: value for field, value in given.items() if value})
