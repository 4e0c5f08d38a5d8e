"""Uploads that a browser sends in parts: checked first, resumed, verified, never trusted."""

import hashlib
import io
from base64 import b64encode
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.errors import Conflict, InvalidInput, NotFound
from core.ids import utc_now
from core.models.uploads.browser import BrowserFile, BrowserPlan
from core.models.uploads.records import Upload, UploadStage
from core.studio.service import Studio
from core.team.users import LOCAL, Role, User
from formats.models.kinds import ModelKind
from formats.models.safetensors_header import header_size
from tests.core.models.uploads.conftest import (
    PART,
    PARTS,
    SIZE,
    finished,
    lora_bytes,
    only,
    settled,
    stored,
)

pytestmark = pytest.mark.usefixtures("small_parts")
EVE = User(name="eve", role=Role.ADMIN)


def told(data: bytes, **changes: Any) -> BrowserFile:
    """What a browser tells of a file with these bytes."""
    header = data[: header_size(data)]
    fields = {"name": "mine.safetensors", "size": len(data), "modified_ms": 7, "header": header}
    return BrowserFile(**(fields | {"sha256": hashlib.sha256(data).hexdigest()} | changes))


def parts_of(data: bytes) -> dict[int, tuple[bytes, str]]:
    """Each part with the base64 of its SHA-256."""
    starts = range(0, len(data), PART)
    pieces = (data[start : start + PART] for start in starts)
    return {
        n: (piece, b64encode(hashlib.sha256(piece).digest()).decode())
        for n, piece in enumerate(pieces, 1)
    }


def send(studio: Studio, plan: BrowserPlan, data: bytes, numbers: Iterable[int]) -> None:
    """Through the dashboard, as a local browser does."""
    parts = parts_of(data)
    for number in numbers:
        piece, checksum = parts[number]
        studio.uploads.send_part(LOCAL, plan.upload.id, number, io.BytesIO(piece), checksum)


def verified(studio: Studio, plan: BrowserPlan) -> Upload:
    studio.uploads.finish_browser(LOCAL, plan.upload.id)
    settled(studio)
    return studio.uploads.find(LOCAL, plan.upload.id)


def test_a_browser_sends_through_the_dashboard(studio: Studio) -> None:
    data = lora_bytes(SIZE)
    plan = studio.uploads.begin_browser(LOCAL, told(data), None)
    assert (plan.part_size, plan.missing) == (PART, tuple(range(1, PARTS + 1)))
    send(studio, plan, data, plan.missing)
    assert studio.storage.head(plan.upload.key) is None
    upload = verified(studio, plan)
    assert (upload.stage, upload.message) == (UploadStage.DONE, "")
    assert stored(studio, "mine.safetensors") == data
    (model,) = studio.models.list(LOCAL, refresh=True)
    assert (model.sha256, model.problem) == (hashlib.sha256(data).hexdigest(), None)


def test_a_browser_sends_straight_to_s3(studio: Studio) -> None:
    data = lora_bytes(SIZE)
    plan = studio.uploads.begin_browser(LOCAL, told(data, sha256=None), ModelKind.LORA)
    parts = parts_of(data)
    urls = studio.uploads.presign_parts(LOCAL, plan.upload.id, {n: parts[n][1] for n in parts})
    with httpx.Client(trust_env=False) as browser:
        for number, url in urls.items():
            piece, checksum = parts[number]
            headers = {"x-amz-checksum-sha256": checksum}
            assert browser.put(url, content=piece, headers=headers).status_code == 200
            wrong = browser.put(url, content=piece[:-1] + b"?", headers=headers)
            assert wrong.status_code == 400
    assert verified(studio, plan).stage is UploadStage.DONE
    assert stored(studio, "mine.safetensors") == data


def test_a_reload_goes_on_with_what_is_missing(studio: Studio) -> None:
    data = lora_bytes(SIZE)
    plan = studio.uploads.begin_browser(LOCAL, told(data), None)
    send(studio, plan, data, (1, 2, 5))
    again = studio.uploads.begin_browser(LOCAL, told(data), None)
    assert again.upload.id == plan.upload.id
    assert again.missing == (3, 4, 6, 7, 8, 9, 10)
    assert again.stored == {n: parts_of(data)[n][1] for n in (1, 2, 5)}
    send(studio, again, data, again.missing)
    assert verified(studio, plan).stage is UploadStage.DONE
    assert stored(studio, "mine.safetensors") == data


def test_a_browser_that_is_gone_pauses_its_upload(studio: Studio) -> None:
    data = lora_bytes(SIZE)
    plan = studio.uploads.begin_browser(LOCAL, told(data), None)
    send(studio, plan, data, (1,))
    past = {"lease_until": utc_now() - timedelta(seconds=1)}
    studio.uploads._records.change(plan.upload, lambda found: found.model_copy(update=past))
    studio.uploads._runner.wake()
    (upload,) = settled(studio)
    assert "Drop the same file again" in upload.message
    with pytest.raises(Conflict, match="paused"):
        send(studio, plan, data, (2,))
    again = studio.uploads.begin_browser(LOCAL, told(data), None)
    assert (again.upload.id, again.upload.stage) == (plan.upload.id, UploadStage.UPLOADING)


def test_a_person_pauses_and_cancels_a_browser(studio: Studio) -> None:
    data = lora_bytes(SIZE)
    plan = studio.uploads.begin_browser(LOCAL, told(data), None)
    studio.uploads.pause(LOCAL, plan.upload.id)
    assert only(studio).stage is UploadStage.PAUSED
    again = studio.uploads.begin_browser(LOCAL, told(data), None)
    send(studio, again, data, (1, 2))
    studio.uploads.cancel(LOCAL, plan.upload.id)
    assert only(studio).stage is UploadStage.CANCELLED
    assert studio.uploads._targets.multipart.pending("") == ()
    with pytest.raises(Conflict):
        send(studio, again, data, (3,))


@pytest.mark.parametrize("replace", [False, True])
def test_other_bytes_than_were_told_never_become_a_model(
    studio: Studio, lora: Path, replace: bool
) -> None:
    """With `replace`, the good file of that name is not lost to them."""
    good = lora.rename(lora.with_name("mine.safetensors"))
    if replace:
        finished(studio, [good])
    data, other = lora_bytes(SIZE, seed=1), lora_bytes(SIZE, seed=2)
    plan = studio.uploads.begin_browser(LOCAL, told(data), None, replace=replace)
    send(studio, plan, other, plan.missing)
    upload = verified(studio, plan)
    assert upload.stage is UploadStage.FAILED
    assert "are not those that its SHA-256 names" in upload.message
    found = studio.storage.find(upload.key)
    assert (found and found.data) == (good.read_bytes() if replace else None)
    assert studio.storage.list("uploads/") == ()


def test_a_verified_file_replaces_another(studio: Studio, lora: Path) -> None:
    good = lora.rename(lora.with_name("mine.safetensors"))
    finished(studio, [good])
    data = lora_bytes(SIZE, seed=1)
    with pytest.raises(Conflict, match="Replace"):
        studio.uploads.begin_browser(LOCAL, told(data), None)
    plan = studio.uploads.begin_browser(LOCAL, told(data), None, replace=True)
    send(studio, plan, data, plan.missing)
    assert verified(studio, plan).stage is UploadStage.DONE
    head = studio.storage.head(plan.upload.key)
    assert head
    assert head.metadata["sha256"] == hashlib.sha256(data).hexdigest()
    assert stored(studio, "mine.safetensors") == data
    assert studio.storage.list("uploads/") == ()


def test_a_header_that_was_made_up_is_found_out(studio: Studio) -> None:
    data = lora_bytes(SIZE)
    plan = studio.uploads.begin_browser(LOCAL, told(data, sha256=None), None)
    send(studio, plan, b"\0" * SIZE, plan.missing)
    assert verified(studio, plan).stage is UploadStage.FAILED
    assert studio.storage.head(plan.upload.key) is None


def test_bytes_that_are_there_are_not_sent(studio: Studio, lora: Path) -> None:
    finished(studio, [lora])
    plan = studio.uploads.begin_browser(LOCAL, told(lora.read_bytes()), None)
    assert (plan.already_stored, plan.missing) == ("models/Lora/large.safetensors", ())
    assert plan.upload.stage is UploadStage.DONE


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"size": 0}, "empty"),
        ({"size": SIZE + 1}, "cut off"),
        ({"header": b"I am text"}, "not a safetensors"),
        ({"header": b""}, "too short|safetensors"),
        ({"name": "mine.ckpt"}, ".ckpt"),
        ({"name": "mine.bin"}, ".bin"),
        ({"name": "mine.pt"}, "Choose the kind"),
        ({"name": "mine.zip"}, "Choose the kind"),
    ],
)
def test_what_is_no_model_is_refused_before_a_byte_is_sent(
    studio: Studio, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        studio.uploads.begin_browser(LOCAL, told(lora_bytes(SIZE), **changes), None)
    assert any(word in str(refused.value) for word in says.split("|")), str(refused.value)
    assert studio.uploads.list(LOCAL) == ()


def test_parts_of_others_and_of_wrong_sizes_are_refused(studio: Studio) -> None:
    data = lora_bytes(SIZE)
    plan = studio.uploads.begin_browser(LOCAL, told(data), None)
    piece, checksum = parts_of(data)[1]
    for number, body in ((0, piece), (PARTS + 1, piece), (1, piece[:-1]), (10, piece)):
        with pytest.raises(InvalidInput, match=f"Part {number}"):
            studio.uploads.send_part(LOCAL, plan.upload.id, number, io.BytesIO(body), checksum)
    with pytest.raises(NotFound):
        studio.uploads.send_part(EVE, plan.upload.id, 1, io.BytesIO(piece), checksum)
    with pytest.raises(InvalidInput, match="Parts are missing: 1, 2, 3"):
        studio.uploads.finish_browser(LOCAL, plan.upload.id)
