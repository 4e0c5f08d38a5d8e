"""Stores what a job is sent with: its input images and its request."""

import logging
from collections.abc import Sequence

from core.aws.storage import Storage
from core.errors import AwsConflict
from core.images.files import InputImage
from core.jobs.inputs.unused import keep_in_use
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
        key = input_key(image.sha256)
        is_new = _write_once(storage, key, image.data, "image/png")
        if not is_new and not keep_in_use(storage, image.sha256):
            _write_once(storage, key, image.data, "image/png")


def _write_once(storage: Storage, key: str, data: bytes, content_type: str) -> bool:
    """Whether it was not there before."""
    try:
        storage.write(key, data, content_type, if_absent=True)
    except AwsConflict:
        log.debug("event=already_stored key=%s", key)  # the key names the bytes
        return False
    return True
