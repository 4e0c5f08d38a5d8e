"""Files from somebody's own computer reach S3 byte by byte, whatever happens on the way."""

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from local_aws.data_folder import DataFolder
from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.model_upload.upload_page import (
    MIB,
    PART,
    PARTS,
    Bucket,
    HeldRequests,
    UploadPage,
    lora_file,
    sha256,
    until,
)
from tests.support.helpers import free_port
from tests.support.soak import some

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def upload(dashboard: App, new_page: NewPage) -> UploadPage:
    return UploadPage(new_page(), dashboard.url).open()


@pytest.fixture(scope="module")
def bucket(dashboard: App) -> Bucket:
    return bucket_of(dashboard)


def bucket_of(app: App) -> Bucket:
    aws = DataFolder(app.data).active_connection()
    assert aws is not None
    return Bucket(aws)


def test_files_dropped_anywhere(upload: UploadPage, bucket: Bucket, tmp_path: Path) -> None:
    files = [lora_file(tmp_path, f"dropped-{n}.safetensors", n * 3 * MIB, n) for n in (1, 7)]
    overlay = upload.page.get_by_text("Drop model files to upload them")
    expect(overlay).not_to_be_visible()
    for event in ("dragEnter", "dragOver"):
        upload.drag(files, event)
    expect(overlay).to_be_visible()
    upload.drag(files, "dragCancel")
    expect(overlay).not_to_be_visible()
    upload.drop(*files)
    expect(overlay).not_to_be_visible()
    upload.has_sent(bucket, *files)
    expect(upload.page.get_by_text("dropped-1").first).to_be_visible()


@pytest.mark.soak
def test_the_same_bytes_are_not_sent_again(
    upload: UploadPage, bucket: Bucket, tmp_path: Path
) -> None:
    file = lora_file(tmp_path, "twice.safetensors", MIB, 3)
    upload.choose(file)
    upload.has_sent(bucket, file)
    requests = HeldRequests(upload.page)
    expect(upload.page.get_by_text("twice.safetensors").first).to_be_visible()
    upload.choose(file)
    expect(upload.row(file)).to_contain_text("is in S3 already")
    upload.press(file, "Close")
    assert requests.seen == 0


def test_pause_and_resume(upload: UploadPage, bucket: Bucket, tmp_path: Path) -> None:
    file = lora_file(tmp_path, "paused.safetensors", 4 * PART + 5, 4)
    requests = HeldRequests(upload.page)
    upload.choose(file)
    requests.let_go(2)
    expect(upload.row(file)).to_contain_text("sending 33.6 MB")
    upload.press(file, "Pause")
    expect(upload.row(file)).to_contain_text("paused")
    requests.end()
    upload.page.wait_for_timeout(3000)
    assert not bucket.has(file)
    upload.press(file, "Resume")
    upload.has_sent(bucket, file)


def test_a_reload_in_the_middle(upload: UploadPage, bucket: Bucket, tmp_path: Path) -> None:
    file = lora_file(tmp_path, "reloaded.safetensors", 5 * PART + 5, 5)
    requests = HeldRequests(upload.page)
    upload.choose(file)
    requests.let_go(3)
    expect(upload.row(file)).to_contain_text("sending 50.3 MB")
    upload.page.reload()
    again = HeldRequests(upload.page)
    upload.choose(file)
    again.let_go(3)
    upload.has_sent(bucket, file)
    assert again.seen == 3  # of six


def test_one_part_that_arrives_damaged(upload: UploadPage, bucket: Bucket, tmp_path: Path) -> None:
    file = lora_file(tmp_path, "damaged.safetensors", 2 * PART, 6)
    damaged: list[int] = []

    def damage(route: Route) -> None:
        if damaged:
            route.continue_()
            return
        damaged.append(1)
        route.continue_(post_data=bytes(PART))

    upload.page.route(PARTS, damage)
    answers: list[int] = []
    upload.page.on("response", lambda answer: answers.append(answer.status))
    upload.choose(file)
    upload.has_sent(bucket, file)
    assert (damaged, answers.count(422)) == ([1], 1)


def test_a_connection_that_is_cut(upload: UploadPage, bucket: Bucket, tmp_path: Path) -> None:
    file = lora_file(tmp_path, "cut.safetensors", 2 * PART, 7)
    upload.page.route(PARTS, lambda route: route.abort())
    upload.choose(file)
    expect(upload.row(file)).to_contain_text("No connection; trying again.")
    upload.page.unroute(PARTS)
    upload.has_sent(bucket, file)


def test_a_name_that_is_taken_is_asked_about(
    upload: UploadPage, bucket: Bucket, tmp_path: Path
) -> None:
    first = lora_file(tmp_path, "taken.safetensors", MIB, 8)
    upload.choose(first)
    upload.has_sent(bucket, first)
    other = lora_file(tmp_path, "taken.safetensors", MIB, 9)
    upload.choose(other)
    upload.press(other, "Replace the file in S3")
    until(upload.page, lambda: bucket.sha256(other) == sha256(other))


BAD = {
    "old.ckpt": (b"PK\x03\x04" + bytes(1000), "can run code"),
    "page.safetensors": (b"<!DOCTYPE html><html>login</html>", "not a safetensors file"),
    "empty.safetensors": (b"", "The file is empty."),
    "huge.safetensors": ((50 * MIB).to_bytes(8, "little") + b"{}", "header"),
    "notes.txt": (b"hello, world", "Choose the kind"),
    "archive.zip": (b"PK\x03\x04" + bytes(1000), "Choose the kind"),
}


@pytest.mark.parametrize("name", some(BAD, 2))
def test_what_is_no_model_is_refused_in_words(
    upload: UploadPage, bucket: Bucket, tmp_path: Path, name: str
) -> None:
    content, words = BAD[name]
    file = tmp_path / name
    file.write_bytes(content)
    before = bucket.keys()
    upload.choose(file)
    expect(upload.row(file)).to_contain_text(words)
    assert (bucket.keys(), bucket.under_way()) == (before, [])


@pytest.mark.soak
def test_a_file_that_is_cut_off(upload: UploadPage, bucket: Bucket, tmp_path: Path) -> None:
    file = lora_file(tmp_path, "short.safetensors", MIB, 10)
    file.write_bytes(file.read_bytes()[:-1])
    upload.choose(file)
    expect(upload.row(file)).to_contain_text("cut off")
    assert not bucket.has(file)


def test_a_dashboard_that_is_killed(tmp_path: Path, new_page: NewPage) -> None:
    """The page goes on by itself once another one is there."""
    file = lora_file(tmp_path, "killed.safetensors", 5 * PART + 5, 11)
    port = free_port()
    with running(tmp_path / "data", at=port) as app:
        upload = UploadPage(new_page(), app.url).open()
        requests = HeldRequests(upload.page)
        upload.choose(file)
        requests.let_go(2)
        expect(upload.row(file)).to_contain_text("sending 33.6 MB")
        app.kill()
        requests.end()
        expect(upload.row(file)).to_contain_text("No connection; trying again.")
    with running(tmp_path / "data", at=port) as app:
        upload.has_sent(bucket_of(app), file)
