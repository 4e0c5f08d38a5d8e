"""Builds the images in the account with CodeBuild, from an archive of the source in the bucket."""

import re
import shlex
import time
import zipfile
from collections.abc import Callable
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path
from typing import Final

from core.aws.client import translate_errors
from core.errors import DeploymentFailed
from deploy import texts
from deploy.account import Account
from deploy.images import CONTAINER, DASHBOARD, ImageSource, pushed_image
from deploy.stack import Report

SOURCE_KEY: Final = "builds/source.zip"
_POLL_SECONDS: Final = 10.0
_COPY: Final = re.compile(r"^COPY (.+)", re.MULTILINE)


class CodeBuilder:
    """The build project of the stack."""

    def __init__(
        self,
        account: Account,
        project: str,
        root: Path,
        bucket: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._codebuild, self._ecr = account.client("codebuild"), account.client("ecr")
        self._s3 = account.client("s3")
        self._project = project
        self._root = root
        self._bucket = bucket
        self._sleep = sleep

    def push(self, source: ImageSource, repository: str, tag: str, report: Report) -> str:
        """Send the source, build, and wait: about 5 minutes, 15 for the container's image."""
        image = f"{repository}:{tag}"
        report(texts.building(image, "CodeBuild"))
        with translate_errors(texts.STARTING_BUILD_FAILED):
            self._s3.put_object(
                Bucket=self._bucket, Key=SOURCE_KEY, Body=source_archive(self._root)
            )
            started = self._codebuild.start_build(
                projectName=self._project,
                environmentVariablesOverride=[
                    {"name": name, "value": value, "type": "PLAINTEXT"}
                    for name, value in {
                        "IMAGE": image,
                        "DOCKERFILE": source.dockerfile,
                        "TORCH": source.arguments.get("TORCH", ""),
                    }.items()
                ],
            )
        self._follow(started["build"]["id"], image, report)
        return pushed_image(self._ecr, repository, tag)

    def _follow(self, build_id: str, image: str, report: Report) -> None:
        phase = ""
        while True:
            with translate_errors(texts.FOLLOWING_BUILD_FAILED):
                (build,) = self._codebuild.batch_get_builds(ids=[build_id])["builds"]
            if build.get("currentPhase", "") != phase:
                phase = build["currentPhase"]
                report(texts.build_phase(image, phase))
            if build["buildStatus"] == "SUCCEEDED":
                return
            if build["buildStatus"] != "IN_PROGRESS":
                logs = build.get("logs", {}).get("deepLink", "")
                raise DeploymentFailed(texts.build_failed(build["buildStatus"], phase, logs))
            self._sleep(_POLL_SECONDS)


def source_archive(root: Path) -> bytes:
    """A zip of the two Dockerfiles and of what they copy; nothing else leaves the machine."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(_sources(root)):
            archive.write(path, path.relative_to(root))
    return packed.getvalue()


def _sources(root: Path) -> set[Path]:
    names = {".dockerignore"}
    for dockerfile in (DASHBOARD.dockerfile, CONTAINER.dockerfile):
        text = (root / dockerfile).read_text("utf-8").replace("\\\n", " ")
        names |= {dockerfile, *(name for copied in _COPY.findall(text) for name in _from(copied))}
    listed = {root / name for name in names}
    below = {path for folder in listed if folder.is_dir() for path in folder.rglob("*")}
    return {path for path in listed | below if path.is_file() and not _is_ignored(path, root)}


def _from(arguments: str) -> list[str]:
    return shlex.split(arguments)[:-1]


def _is_ignored(path: Path, root: Path) -> bool:
    """Whether a name on the way to it is one that .dockerignore leaves out in every folder."""
    lines = (root / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line.removeprefix("**/") for line in lines if line.startswith("**/")]
    parts = path.relative_to(root).parts
    return any(fnmatch(part, pattern) for part in parts for pattern in patterns)
