"""A `docker` that builds nothing: it notes how it was called, and its push puts an image in ECR.

Run as a program; the image's manifest is small, the registry is the real API.
"""

import json
import os
import sys
from pathlib import Path

import boto3

MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {"digest": "sha256:" + "0" * 64, "size": 2},
    "layers": [],
}


def main(arguments: list[str]) -> int:
    """Note the call; the exit status is what FAKE_DOCKER_STATUS says for its command."""
    call = {"arguments": arguments, "typed": sys.stdin.read()}
    with Path(os.environ["FAKE_DOCKER_LOG"]).open("a", encoding="utf-8") as log:
        log.write(json.dumps(call) + "\n")
    if os.environ.get("FAKE_DOCKER_FAILS") == arguments[0]:
        return 3
    if arguments[0] == "push":
        image, _, tag = arguments[1].rpartition(":")
        boto3.client("ecr").put_image(
            repositoryName=image.partition("/")[2],
            imageTag=tag,
            imageManifest=json.dumps({**MANIFEST, "tag": arguments[1]}),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
