"""Parts that nobody goes on with are shown and removed, and so is what is old."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.ids import utc_now
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.sources import PathSource
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.keys import model_key, resume_note_key, staging_key
from formats.models.kinds import ModelKind

KEY = model_key(ModelKind.LORA, "a.safetensors")
ID = "01KB8000000000000000000000"


def keep(studio: Studio, stage: UploadStage, days: int = 0, multipart_id: str = "") -> Upload:
    """A record that was last written so many days ago."""
    at = utc_now() - timedelta(days=days)
    upload = Upload(
        id=studio.uploads._new_id(),
        owner=LOCAL.name,
        source=PathSource(path=Path("/away/a.safetensors"), modified=1.0),
        name="a.safetensors",
        kind=ModelKind.LORA,
        created=at,
        changed=at,
        stage=stage,
        multipart_id=multipart_id,
    )
    return studio.uploads._records.add(upload)


@pytest.fixture
def later(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """The sweep as eight days from now: S3 itself says when an upload was begun."""
    studio._periodic.close()  # which sweeps too
    monkeypatch.setattr(studio.uploads.sweep, "_clock", lambda: utc_now() + timedelta(days=8))
    return studio


@pytest.mark.parametrize(
    ("stage", "stays"),
    [
        (UploadStage.PAUSED, True),
        (UploadStage.FAILED, True),
        (UploadStage.CANCELLED, False),
        (None, False),
    ],
)
def test_parts_that_nobody_goes_on_with_are_removed(
    later: Studio, stage: UploadStage | None, stays: bool
) -> None:
    multipart = later.uploads._targets.multipart
    multipart_id = multipart.open(KEY, {})
    if stage:
        keep(later, stage, multipart_id=multipart_id)
    shown = [each.id for each in later.uploads.abandoned(LOCAL)]
    assert shown == ([] if stays else [multipart_id])
    later.uploads.sweep.look()
    assert multipart.is_open(KEY, multipart_id) is stays


def test_parts_of_today_stay(studio: Studio) -> None:
    multipart = studio.uploads._targets.multipart
    multipart_id = multipart.open(KEY, {})
    studio.uploads.sweep.look()
    assert multipart.is_open(KEY, multipart_id)


def test_notes_and_files_that_replace_nothing_any_more_are_removed(later: Studio) -> None:
    for key in (resume_note_key("0" * 64), staging_key(ID)):
        later.storage.write(key, b"{}", "application/json")
    later.uploads.sweep.look()
    assert later.storage.list("uploads/") == ()


@pytest.mark.parametrize(
    ("stage", "days", "stays"),
    [
        (UploadStage.DONE, 29, True),
        (UploadStage.DONE, 31, False),
        (UploadStage.FAILED, 31, False),
        (UploadStage.PAUSED, 31, True),
    ],
)
def test_uploads_that_ended_long_ago_leave_the_list(
    studio: Studio, stage: UploadStage, days: int, stays: bool
) -> None:
    upload = keep(studio, stage, days)
    studio.uploads.sweep.look()
    assert (studio.uploads._records.find(upload.id) is not None) is stays
