"""Builds the two images here, with whichever builder there is, and pushes them to ECR."""

import os
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from core.aws.client import translate_errors
from core.errors import ConfigurationError, DeploymentFailed
from deploy import texts
from deploy.stack import Report
from formats.frozen import Frozen

BUILDERS: Final = ("docker", "podman", "buildah")
_MANIFESTS: Final = {"podman": ["--format", "docker"], "buildah": ["--format", "docker"]}
"""SageMaker refuses an index of images for several platforms, which an attestation makes of one."""


class ImageSource(Frozen):
    """What an image is built from; paths below the repository's root."""

    name: str
    dockerfile: str
    arguments: Mapping[str, str] = {}


DASHBOARD: Final = ImageSource(name="dashboard", dockerfile="Dockerfile")
CONTAINER: Final = ImageSource(
    name="container",
    dockerfile="sagemaker_container/Dockerfile",
    arguments={"TORCH": "cuda"},
)


class Builder(Protocol):
    """Builds an image and pushes it."""

    def push(self, source: ImageSource, repository: str, tag: str, report: Report) -> str:
        """The pushed image as `repository@sha256:...`. Raises DeploymentFailed, AwsError."""
        ...


class LocalBuilder:
    """docker, podman or buildah on this machine."""

    def __init__(self, program: str, root: Path, ecr: Any) -> None:
        self._program = program
        self._root = root
        self._ecr = ecr

    def push(self, source: ImageSource, repository: str, tag: str, report: Report) -> str:
        """Build, sign in, push; what the builder says goes to stdout as it comes."""
        image = f"{repository}:{tag}"
        report(texts.building(image, self._program))
        self._run("build", *_build_options(self._program, source, image))
        self._sign_in(repository.partition("/")[0])
        self._run("push", image)
        return pushed_image(self._ecr, repository, tag)

    def _sign_in(self, registry: str) -> None:
        with translate_errors(texts.SIGNING_IN_TO_ECR_FAILED):
            answer = self._ecr.get_authorization_token()
        token = answer["authorizationData"][0]["authorizationToken"]
        user, _, password = b64decode(token).decode().partition(":")
        self._run("login", "--username", user, "--password-stdin", registry, typed=password)

    def _run(self, *arguments: str, typed: str = "") -> None:
        done = subprocess.run(
            [self._program, *arguments],
            cwd=self._root,
            input=typed,
            text=True,
            check=False,
            env={**os.environ, "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"},
        )
        if done.returncode:
            command = f"{self._program} {arguments[0]}"
            raise DeploymentFailed(texts.command_failed(command, done.returncode))


def find_builder(ecr: Any, root: Path) -> LocalBuilder:
    """The first builder that is installed. Raises ConfigurationError."""
    for program in BUILDERS:
        if shutil.which(program):
            return LocalBuilder(program, root, ecr)
    raise ConfigurationError(texts.NO_BUILDER)


def pushed_image(ecr: Any, repository: str, tag: str) -> str:
    """The image by its digest, as ECR has it: whatever is pushed later, this stays the same."""
    name = repository.partition("/")[2]
    with translate_errors(texts.READING_IMAGES_FAILED):
        answer = ecr.describe_images(repositoryName=name, imageIds=[{"imageTag": tag}])
    return f"{repository}@{answer['imageDetails'][0]['imageDigest']}"


def _build_options(program: str, source: ImageSource, image: str) -> list[str]:
    arguments = [
        part
        for name, value in source.arguments.items()
        for part in ("--build-arg", f"{name}={value}")
    ]
    return [
        *_MANIFESTS.get(program, ()),
        "--platform",
        "linux/amd64",
        "--file",
        source.dockerfile,
        *arguments,
        "--tag",
        image,
        ".",
    ]
