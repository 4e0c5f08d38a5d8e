"""A file far larger than memory goes through in constant memory, by each way but a web site's."""

import hashlib
import io
from base64 import b64encode
from pathlib import Path

import pytest

from core.models.uploads.browser import BrowserFile
from core.models.uploads.records import Upload, UploadStage
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.models.kinds import ModelKind
from tests.core.models.uploads.conftest import finished, settled
from tests.support.constant_memory import MOST_SECONDS, SIZE, constant_memory, header

pytestmark = pytest.mark.soak


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """5 GB that take no room on this disk."""
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.write(header())
        file.truncate(SIZE)
    return path


def require_stored(studio: Studio, upload: Upload) -> None:
    assert upload.stage is UploadStage.DONE, upload.message
    head = studio.storage.head(upload.key)
    assert head
    assert head.size == SIZE
    file = studio.models.find(LOCAL, upload.kind, upload.name)
    assert file
    assert (file.sha256, file.problem) == (upload.sha256, None)


def test_by_path_and_as_a_copy_within_s3(studio: Studio, large: Path) -> None:
    with constant_memory():
        (upload,) = finished(studio, [large], MOST_SECONDS, kind=ModelKind.CHECKPOINT)
    require_stored(studio, upload)
    address = studio.storage.uri(upload.key)
    new = studio.uploads.look_at_address(LOCAL, address)
    with constant_memory():
        (copy,) = studio.uploads.start(LOCAL, [new.model_copy(update={"name": "b.safetensors"})])
        settled(studio, 2, MOST_SECONDS)
    copied = studio.uploads.find(LOCAL, copy.id)
    require_stored(studio, copied)
    assert copied.sha256 == upload.sha256


def test_from_a_browser(studio: Studio, large: Path) -> None:
    told = BrowserFile(name="b.safetensors", size=SIZE, modified_ms=7, header=header(), sha256=None)
    with constant_memory():
        plan = studio.uploads.begin_browser(LOCAL, told, None)
        with large.open("rb") as file:
            for number in plan.missing:
                part = file.read(plan.part_size)
                checksum = b64encode(hashlib.sha256(part).digest()).decode()
                studio.uploads.send_part(LOCAL, plan.upload.id, number, io.BytesIO(part), checksum)
        studio.uploads.finish_browser(LOCAL, plan.upload.id)
        settled(studio, 1, MOST_SECONDS)
    require_stored(studio, studio.uploads.find(LOCAL, plan.upload.id))
