"""Checks the container image: that it is in ECR, and made for the endpoints' processors."""

import json
import re
from typing import Any, Final

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from core.aws.client import translate_errors
from core.errors import AwsError, AwsNotFound
from core.setup.checks import Check, failed, in_place, not_checked, unknown
from core.texts import setup as texts
from formats.instance_hosts import architecture_of

_ECR_IMAGE: Final = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/(?P<repository>[a-z0-9][a-z0-9._/-]*)(:(?P<tag>[\w.-]{1,128}))?"
    r"(@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_DOCKER: Final = "application/vnd.docker.distribution.manifest.v2+json"
_OCI: Final = "application/vnd.oci.image.manifest.v1+json"
_INDEXES: Final = (
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
"""Of images for several platforms: SageMaker answers `Unsupported manifest media type`."""

_TIMEOUT: Final = 3
"""Seconds to connect, and again to read."""


def check_image(image: str, region: str, instance_type: str, ecr: Any) -> Check:
    """The image at that address, for endpoints in the region."""
    found = _ECR_IMAGE.fullmatch(image)
    if not found or found["region"] != region:
        return failed(texts.IMAGE, _address_problem(image, found, region))
    try:
        manifest = _manifest(found, ecr)
    except AwsNotFound:
        return failed(texts.IMAGE, texts.image_is_missing(image))
    except AwsError as error:
        return not_checked(texts.IMAGE, error, "ecr:BatchGetImage")
    kind = manifest.get("mediaType", _OCI)
    if kind in _INDEXES or "manifests" in manifest:
        return failed(texts.IMAGE, texts.image_is_index(image))
    return _check_architecture(found, manifest, instance_type, ecr)


def _address_problem(image: str, found: re.Match[str] | None, region: str) -> str:
    if not found:
        return texts.no_ecr_image(image) if image else texts.SET_IMAGE
    return texts.image_elsewhere(image, found["region"], region)


def _manifest(found: re.Match[str], ecr: Any) -> Any:
    """The image's manifest. Raises AwsNotFound where there is no such image."""
    image_id = {"imageTag": found["tag"] or "latest"}
    if found["digest"]:
        image_id = {"imageDigest": found["digest"]}
    with translate_errors(texts.IMAGE_CHECK_FAILED):
        answer = ecr.batch_get_image(
            registryId=found["registry"],
            repositoryName=found["repository"],
            imageIds=[image_id],
            acceptedMediaTypes=[_DOCKER, _OCI, *_INDEXES],
        )
    if not answer["images"]:
        raise AwsNotFound(texts.image_is_missing(found[0]))
    return json.loads(answer["images"][0]["imageManifest"])


def _check_architecture(found: re.Match[str], manifest: Any, instance_type: str, ecr: Any) -> Check:
    try:
        its = _architecture(found, manifest["config"]["digest"], ecr)
    except AwsError as error:
        return not_checked(texts.IMAGE, error, "ecr:GetDownloadUrlForLayer")
    wanted = architecture_of(instance_type)
    if its != wanted:
        detail = texts.image_of_another_architecture(found[0], its, instance_type, wanted)
        return failed(texts.IMAGE, detail)
    if manifest.get("mediaType", _OCI) == _OCI:
        return unknown(texts.IMAGE, texts.image_is_oci(found[0]))
    return in_place(texts.IMAGE, texts.image_of(found[0], its))


def _architecture(found: re.Match[str], digest: str, ecr: Any) -> str:
    """What the image's configuration says, which lies in ECR as a layer does."""
    with translate_errors(texts.IMAGE_CHECK_FAILED):
        url = ecr.get_download_url_for_layer(
            registryId=found["registry"], repositoryName=found["repository"], layerDigest=digest
        )["downloadUrl"]
        session = URLLib3Session(proxies=get_environ_proxies(url), timeout=_TIMEOUT)
        answer = session.send(AWSRequest("GET", url).prepare())
    try:
        return str(json.loads(answer.content)["architecture"])
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError(texts.no_image_configuration(answer.status_code)) from error
