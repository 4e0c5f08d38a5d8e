"""Owns the files of one instance, its base folder and its log, and starts its container there."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local_aws.s3 import ObjectStore
from local_aws.sagemaker.instances.container import (
    Container,
    ContainerSpec,
    check_command,
    container_environment,
)
from local_aws.sagemaker.instances.deployment import Variant
from local_aws.sagemaker.instances.gpu_host import check_driver
from local_aws.sagemaker.instances.model_data import install_model_data

_MAX_LOG_BYTES = 5_000_000  # then the log is rotated, once


@dataclass(frozen=True)
class ContainerFactory:
    """What all containers share: the command, the AWS_* variables, the store of model data."""

    command: tuple[str, ...]
    aws: Mapping[str, str]
    store: ObjectStore

    def directory(self, folder: Path, name: str, variant: Variant) -> "InstanceDirectory":
        """The directory of one instance of an endpoint whose files are below `folder`."""
        return InstanceDirectory(
            self, variant, folder / "instances" / name, folder / "logs" / f"{name}.log"
        )


@dataclass(frozen=True)
class InstanceDirectory:
    """The files of one instance. `base` is what `/opt/ml` is on AWS."""

    factory: ContainerFactory
    variant: Variant
    base: Path
    log: Path

    def start_container(self, on_exit: Callable[[], None]) -> Container:
        """Install the model data, the first time, and start a container that calls `on_exit`.

        Raises `ContainerStartError` or `OSError`.
        """
        check_command(self.factory.command)
        variant = self.variant
        given = variant.container.get("Environment") or {}
        check_driver(variant.instance_type, variant.ami, given, variant.name)
        self._install_model_data()
        self._rotate_log()
        environment = container_environment(os.environ, given, self.factory.aws)
        spec = ContainerSpec(self.factory.command, environment, self.base, self.log)
        return Container(spec, on_exit)

    def remove(self) -> None:
        """Delete the container's files; its log stays."""
        shutil.rmtree(self.base, ignore_errors=True)

    def _install_model_data(self) -> None:
        if self.base.exists():
            return
        staged = self.base.with_name(f"{self.base.name}.new")
        shutil.rmtree(staged, ignore_errors=True)
        install_model_data(self.factory.store, self.variant.container, staged)
        staged.rename(self.base)

    def _rotate_log(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _MAX_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch()
