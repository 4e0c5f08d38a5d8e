"""What people want of an upload: pause, resume, cancel, retry, clear; and the list of them."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.aws.client import Connection
from core.errors import Conflict, NotFound
from core.models.uploads.live import LiveUpload
from core.models.uploads.records import UploadStage, Wish
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.core.models.uploads.conftest import (
    PARTS,
    SIZE,
    finished,
    only,
    settled,
    stored,
    stored_keys,
)
from tests.core.models.uploads.test_breaks import hold_parts
from tests.support.helpers import wait_for


@pytest.fixture
def under_way(studio: Studio, lora: Path) -> Studio:
    """An upload that has sent some parts, and goes on when it is resumed."""
    hold_parts(studio, after=3)
    studio.uploads.start_paths(LOCAL, [str(lora)], None)
    wait_for(lambda: only(studio).parts_done >= 1)
    return studio


def test_paused_and_resumed(under_way: Studio, lora: Path, sent_parts: list[int]) -> None:
    under_way.uploads.pause(LOCAL, only(under_way).id)
    (upload,) = settled(under_way)
    assert (upload.stage, upload.wish) == (UploadStage.PAUSED, Wish.PAUSE)
    under_way.uploads.resume(LOCAL, upload.id)
    wait_for(lambda: only(under_way).stage is UploadStage.DONE)
    assert only(under_way).parts_skipped >= 1
    assert len(sent_parts) < PARTS
    assert stored(under_way, lora.name) == lora.read_bytes()


def test_a_pause_lasts_over_a_restart(
    connection: Connection, settings: Settings, lora: Path
) -> None:
    with open_studio(settings, connection) as studio:
        hold_parts(studio, after=3)
        studio.uploads.start_paths(LOCAL, [str(lora)], None)
        wait_for(lambda: only(studio).parts_done >= 1)
        studio.uploads.pause(LOCAL, only(studio).id)
        settled(studio)
    with open_studio(settings, connection) as studio:
        studio.uploads._runner._look()
        assert only(studio).stage is UploadStage.PAUSED
        studio.uploads.start_paths(LOCAL, [str(lora)], None)
        wait_for(lambda: only(studio).stage is UploadStage.DONE)


def test_those_of_who_is_removed_end_and_are_forgotten(under_way: Studio) -> None:
    uploads = under_way.uploads
    assert uploads.active_count(LOCAL.name) == 1

    def is_gone() -> bool:
        with suppress(Conflict):  # its worker stops a moment later
            uploads.remove_all(LOCAL.name)
        return not uploads.list(LOCAL)

    wait_for(is_gone)
    assert uploads.active_count(LOCAL.name) == 0
    assert uploads._targets.multipart.pending("") == ()


def test_cancelled_its_parts_are_gone_and_it_can_be_tried_again(
    under_way: Studio, lora: Path
) -> None:
    uploads = under_way.uploads
    uploads.cancel(LOCAL, only(under_way).id)
    (upload,) = settled(under_way)
    wait_for(lambda: only(under_way).stage is UploadStage.CANCELLED)
    assert uploads._targets.multipart.pending("") == ()
    assert stored_keys(under_way) == []
    with pytest.raises(NotFound):
        uploads.cancel(LOCAL, upload.id)
    uploads.retry(LOCAL, upload.id)
    wait_for(lambda: only(under_way).stage is UploadStage.DONE)
    assert stored(under_way, lora.name) == lora.read_bytes()


def test_what_can_not_be_is_said(studio: Studio, lora: Path) -> None:
    (upload,) = finished(studio, [lora])
    uploads = studio.uploads
    wishes: tuple[tuple[Callable[..., None], type[Exception]], ...] = (
        (uploads.pause, NotFound),
        (uploads.resume, Conflict),
        (uploads.retry, Conflict),
        (uploads.cancel, NotFound),
    )
    for wish, error in wishes:
        with pytest.raises(error):
            wish(LOCAL, upload.id)
        with pytest.raises(NotFound):
            wish(LOCAL, "01KB8000000000000000000000")
    uploads.clear(LOCAL)
    assert uploads.list(LOCAL) == ()
    uploads.clear(LOCAL)


def test_a_file_that_is_away_pauses_its_upload_until_it_is_back(
    under_way: Studio, lora: Path
) -> None:
    """By itself: nobody has to press anything."""
    uploads = under_way.uploads
    uploads.pause(LOCAL, only(under_way).id)
    settled(under_way)
    away = lora.rename(lora.with_name("away"))
    uploads.resume(LOCAL, only(under_way).id)
    wait_for(lambda: "Put it back" in only(under_way).message)
    assert only(under_way).stage is UploadStage.PAUSED
    away.rename(lora)
    uploads._runner.wake()
    wait_for(lambda: only(under_way).stage is UploadStage.DONE)
    assert stored(under_way, lora.name) == lora.read_bytes()


def test_two_run_and_the_others_wait(studio: Studio, models: Path, lora: Path) -> None:
    hold_parts(studio, after=0)
    names = ("tiny-vae.safetensors", "tiny-control-openpose.safetensors")
    paths = [str(lora), *(str(models / name) for name in names)]
    studio.uploads.start_paths(LOCAL, paths, None)
    wait_for(lambda: len(studio.uploads._runner.live()) == 2)
    assert [u.stage for u in studio.uploads.list(LOCAL)].count(UploadStage.WAITING) == 1
    assert studio.uploads.active_bytes(LOCAL.name) > SIZE
    for upload in studio.uploads.list(LOCAL):
        studio.uploads.cancel(LOCAL, upload.id)
    wait_for(lambda: all(not u.active for u in studio.uploads.list(LOCAL)))


def test_the_same_file_twice_is_one_upload(under_way: Studio, lora: Path) -> None:
    first = only(under_way)
    (again,) = under_way.uploads.start_paths(
        LOCAL, [str(lora), f"{lora.parent}/../{lora.parent.name}/{lora.name}"], None
    ).started
    assert again.id == first.id
    assert only(under_way).id == first.id


def test_speed_and_time_left_are_told_of_the_last_seconds(under_way: Studio) -> None:
    kept = under_way.uploads._records.find(only(under_way).id)
    assert kept
    clock = [0.0]
    live = LiveUpload(kept, lambda *_: None, lambda: clock[0])
    told = []
    for at, done in ((0.0, 0), (0.1, 500), (1.0, 1000), (2.0, 2000), (9.0, 2500)):
        clock[0] = at
        live.report(stage=UploadStage.UPLOADING, done=done)
        told.append(live.upload.bytes_per_second)
    assert told == [0, 0, 1000, 1000, pytest.approx(500 / 7)]
    assert live.upload.seconds_left == pytest.approx((SIZE - 2500) / (500 / 7))
    live.end(stage=UploadStage.DONE)
    assert live.upload.bytes_per_second == 0
