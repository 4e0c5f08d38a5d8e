"""The place where one instance's container runs: its folder, its log, how it is started there."""

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
from local_aws.sagemaker.instances.model_data import lay_out

_LOG_LIMIT = 5_000_000  # bytes; then the log is put aside once


@dataclass(frozen=True)
class Builder:
    """What all containers have in common: the command, the variables that point them at AWS."""

    command: tuple[str, ...]
    aws: Mapping[str, str]
    store: ObjectStore

    def site(self, folder: Path, name: str, variant: Variant) -> "Site":
        """A place for one instance of an endpoint whose files are below `folder`."""
        return Site(self, variant, folder / "instances" / name, folder / "logs" / f"{name}.log")


@dataclass(frozen=True)
class Site:
    """One place. `base` is what `/opt/ml` is on AWS."""

    builder: Builder
    variant: Variant
    base: Path
    log: Path

    def start(self, on_exit: Callable[[], None]) -> Container:
        """Lay the model out, the first time, and start a container that calls `on_exit` at its end.

        Raises `CannotStart` or `OSError`.
        """
        check_command(self.builder.command)
        self._lay_out()
        self._open_log()
        environment = container_environment(
            os.environ, self.variant.container.get("Environment") or {}, self.builder.aws
        )
        spec = ContainerSpec(self.builder.command, environment, self.base, self.log)
        return Container(spec, on_exit)

    def remove(self) -> None:
        """Delete the container's files; its log stays."""
        shutil.rmtree(self.base, ignore_errors=True)

    def _lay_out(self) -> None:
        if self.base.exists():
            return
        staged = self.base.with_name(f"{self.base.name}.new")
        shutil.rmtree(staged, ignore_errors=True)
        lay_out(self.builder.store, self.variant.container, staged)
        staged.rename(self.base)

    def _open_log(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch()
