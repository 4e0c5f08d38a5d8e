"""A file far larger than memory comes from a site in constant memory."""

from collections.abc import Iterator

import pytest

from core.models.uploads.records import UploadStage
from core.studio.service import Studio
from tests.core.models.remote.test_imports import begin, importing, site_settings
from tests.support.constant_memory import BYTES, MOST_SECONDS, SIZE, constant_memory, header
from tests.support.helpers import wait_for
from tests.support.web.server import Asked, LocalWeb, head

__all__ = ["importing", "site_settings"]

_BLOCK = bytes(1 << 20)


def send(_asked: Asked) -> Iterator[bytes]:
    yield head(content_length=SIZE, content_type="application/octet-stream")
    yield header()
    for _ in range(BYTES // len(_BLOCK)):
        yield _BLOCK
    yield _BLOCK[: BYTES % len(_BLOCK)]


@pytest.mark.soak
def test_five_gigabytes_from_a_site(importing: Studio, web: LocalWeb) -> None:
    web.routes["files.example.com/large.safetensors"] = send
    with constant_memory():
        upload = begin(importing, f"{web.url('files.example.com')}/large.safetensors")
        wait_for(lambda: not importing.uploads.all()[0].active, MOST_SECONDS, every=1)
    (ended,) = [each for each in importing.uploads.all() if each.id == upload.id]
    assert ended.stage is UploadStage.DONE, ended.message
    stored = importing.storage.head(ended.key)
    assert stored
    assert stored.size == SIZE
