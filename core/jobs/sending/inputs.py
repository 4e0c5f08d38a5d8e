"""Stores what a job is sent with: its input images and its request."""

import logging
from collections.abc import Sequence

from core.aws.storage import Storage
from core.errors import AwsConflict
from core.images.files import InputImage
from formats.generation.request import GenerationRequest
from formats.keys import input_key, request_key

log = logging.getLogger(__name__)


def store_inputs(
    storage: Storage, request: GenerationRequest, images: Sequence[InputImage]
) -> None:
    """Write the images, then the request: where it lies, everything does. Raises AwsError."""
    store_images(storage, images)
    body = request.model_dump_json().encode()
    _write_once(storage, request_key(request.id), body, "application/json")


def store_images(storage: Storage, images: Sequence[InputImage]) -> None:
    """Write input images, each named by its bytes. Raises AwsError."""
    for image in images:
        _write_once(storage, input_key(image.sha256), image.data, "image/png")


def _write_once(storage: Storage, key: str, data: bytes, content_type: str) -> None:
    try:
        storage.write(key, data, content_type, if_absent=True)
    except AwsConflict:
        log.debug("event=already_stored key=%s", key)  # the key names the bytes
