"""Models from S3 and from web sites: checked by their headers, sent in parts, verified."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.aws.client import Connection
from core.errors import InvalidDraft, InvalidInput, NotFound, RemoteError
from core.ids import new_id
from core.models.files import PENDING, VERIFICATION_METADATA
from core.models.uploads.planning.new_upload import NewUpload
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.sending.target import UPLOAD_METADATA
from core.models.uploads.sources import UrlSource
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.core.models.uploads.conftest import (
    MIB,
    PARTS,
    SIZE,
    finished,
    lora_bytes,
    only,
    settled,
    stored,
    stored_keys,
)
from tests.core.models.uploads.test_paths import torch_file
from tests.support.helpers import wait_for
from tests.support.models import verify_models

pytestmark = pytest.mark.usefixtures("small_parts")


def put(studio: Studio, key: str, data: bytes, bucket: str = "") -> str:
    """Another team's object; its address."""
    bucket = bucket or f"{studio.settings.bucket}-other"
    s3 = studio.uploads._reader._s3
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=data)
    return f"s3://{bucket}/{key}"


def copied(studio: Studio, address: str, **changes: Any) -> Upload:
    new = studio.uploads.look_at_address(LOCAL, address, changes.pop("kind", None))
    (started,) = studio.uploads.start(LOCAL, [new.model_copy(update=changes)])
    settled(studio)
    return studio.uploads.find(LOCAL, started.id)


def test_what_records_that_are_lost_had_verified_is_verified_again(
    studio: Studio, connection: Connection, tmp_path: Path
) -> None:
    data = lora_bytes(SIZE)
    upload = copied(studio, put(studio, "loras/new.safetensors", data))
    key = model_key(ModelKind.LORA, "foreign.safetensors")
    studio.storage._s3.put_object(
        Bucket=studio.storage.bucket, Key=key, Body=data, Metadata={"verification": "pending"}
    )
    settings = studio.settings.model_copy(update={"data": tmp_path})
    with open_studio(settings, connection) as other:
        wait_for(lambda: len([f for f in other.models.list(LOCAL) if not f.problem]) == 1)
        (again,) = other.uploads.list(LOCAL)
        assert (again.id, again.stage, again.sha256) == (upload.id, UploadStage.DONE, upload.sha256)
        (foreign,) = [f for f in other.models.list(LOCAL) if f.problem]
        assert (foreign.key, foreign.sha256) == (key, None)


def test_an_upload_that_has_ended_does_not_keep_a_later_object_unverified(
    studio: Studio, lora: Path
) -> None:
    (upload,) = finished(studio, [lora])
    data = lora_bytes(SIZE, seed=1)
    metadata = {VERIFICATION_METADATA: PENDING, UPLOAD_METADATA: new_id()}
    studio.storage._s3.put_object(
        Bucket=studio.storage.bucket, Key=upload.key, Body=data, Metadata=metadata
    )
    assert studio.models.list(LOCAL, refresh=True)[0].is_unverified
    verify_models(studio)
    (model,) = studio.models.list(LOCAL)
    assert (model.sha256, model.problem) == (hashlib.sha256(data).hexdigest(), None)


def test_an_object_is_copied_within_s3(studio: Studio, sent_parts: list[int]) -> None:
    data = lora_bytes(SIZE)
    upload = copied(studio, put(studio, "loras/new one.safetensors", data))
    assert (upload.stage, upload.message, upload.parts) == (UploadStage.DONE, "", PARTS)
    assert stored(studio, "new one.safetensors") == data
    assert upload.sha256 == hashlib.sha256(data).hexdigest()
    (model,) = studio.models.list(LOCAL, refresh=True)
    assert (model.sha256, model.problem) == (upload.sha256, None)
    assert sent_parts == []


def test_a_copy_replaces_a_model_after_it_was_verified(studio: Studio, lora: Path) -> None:
    finished(studio, [lora])
    data = lora_bytes(SIZE, seed=1)
    upload = copied(studio, put(studio, lora.name, data), replace=True)
    assert upload.stage is UploadStage.DONE
    assert stored(studio, lora.name) == data
    assert studio.storage.list("uploads/") == ()


def test_a_copy_of_weights_goes_over_the_disk(studio: Studio) -> None:
    data = torch_file(b"x" * 6 * MIB)
    upload = copied(studio, put(studio, "a.pt", data), kind=ModelKind.EMBEDDING)
    assert upload.stage is UploadStage.DONE
    assert stored(studio, "a.pt", ModelKind.EMBEDDING) == data
    bad = torch_file(b"", b"cos\nsystem\n(S'false'\ntR.")
    upload = copied(studio, put(studio, "b.pt", bad), kind=ModelKind.EMBEDDING)
    assert upload.stage is UploadStage.FAILED
    assert "os system" in upload.message
    assert studio.storage.head(upload.key) is None


@pytest.mark.parametrize(
    ("address", "error", "says"),
    [
        ("s3://", InvalidInput, "s3://bucket/folder"),
        ("s3://UPPER/x.safetensors", InvalidInput, "s3://bucket/folder"),
        ("s3://bucket/folder/", InvalidInput, "s3://bucket/folder"),
        ("http://bucket/x.safetensors", InvalidInput, "s3://bucket/folder"),
        ("s3://no-such-bucket-here/x.safetensors", NotFound, "no object"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(
    studio: Studio, address: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        studio.uploads.look_at_address(LOCAL, address)
    assert studio.uploads.list(LOCAL) == ()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.safetensors", b"text", "safetensors"),
        ("a.safetensors", lora_bytes(6000)[:-1], "cut off"),
        ("a.ckpt", b"x", ".ckpt"),
        ("a:b.safetensors", lora_bytes(6000), "A name has no"),
    ],
)
def test_an_object_that_is_no_model_is_refused(
    studio: Studio, name: str, data: bytes, says: str
) -> None:
    address = put(studio, name, data)
    with pytest.raises(InvalidInput, match=says):
        studio.uploads.look_at_address(LOCAL, address)
    assert studio.storage.list("models/") == ()


# ---- web sites


@dataclass
class Site:
    """A web site that behaves: it sends what it has, and breaks off where it is told to."""

    data: bytes
    etag: str = '"1"'
    sha256: str | None = None
    tells_size: bool = True
    breaks_at: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    @contextmanager
    def open(self, source: UrlSource, start: int) -> Iterator["Stream"]:
        is_same = source.etag in ("", self.etag)
        self.starts.append(start if is_same else 0)
        yield Stream(self, self.starts[-1])


class Stream:
    def __init__(self, site: Site, start: int) -> None:
        self.size = len(site.data) if site.tells_size else None
        self.etag, self.sha256, self.is_from_start = site.etag, site.sha256, not start
        self._site, self._start = site, start

    @property
    def blocks(self) -> Iterator[bytes]:
        end = self._site.breaks_at.pop(0) if self._site.breaks_at else len(self._site.data)
        for at in range(self._start, end, 700_000):
            yield self._site.data[at : min(at + 700_000, end)]
        if end < len(self._site.data):
            raise RemoteError("cut off", can_retry=True)


def streamed(studio: Studio, site: Site, name: str = "web.safetensors", **changes: Any) -> Upload:
    studio.uploads._worker._remote._remote = site
    source = UrlSource(url="https://example.org/web", sha256=changes.pop("sha256", None))
    fields = {"source": source, "kind": ModelKind.LORA, "name": name, **changes}
    (started,) = studio.uploads.start(LOCAL, [NewUpload(**fields)])
    settled(studio)
    return studio.uploads.find(LOCAL, started.id)


@pytest.mark.parametrize("tells_size", [True, False])
def test_a_stream_is_hashed_on_its_way(studio: Studio, tells_size: bool) -> None:
    data = lora_bytes(SIZE)
    sha256 = hashlib.sha256(data).hexdigest()
    upload = streamed(studio, Site(data, tells_size=tells_size), sha256=sha256)
    assert (upload.stage, upload.message, upload.size) == (UploadStage.DONE, "", SIZE)
    assert (upload.parts_done, upload.sha256) == (PARTS, sha256)
    assert stored(studio, "web.safetensors") == data
    (model,) = studio.models.list(LOCAL, refresh=True)
    assert (model.sha256, model.problem) == (sha256, None)


def test_a_stream_that_breaks_off_goes_on_and_is_read_back(
    studio: Studio, sent_parts: list[int]
) -> None:
    data = lora_bytes(SIZE)
    site = Site(data, breaks_at=[SIZE // 2, SIZE // 2 + 9 * MIB])
    upload = streamed(studio, site, sha256=hashlib.sha256(data).hexdigest())
    assert (upload.stage, upload.message) == (UploadStage.DONE, "")
    assert stored(studio, "web.safetensors") == data
    assert site.starts[0] == 0
    assert all(start > 0 for start in site.starts[1:])
    assert len(sent_parts) == PARTS


def test_another_version_on_the_way_begins_anew(studio: Studio) -> None:
    first, second = lora_bytes(SIZE), lora_bytes(SIZE, seed=1)
    site = Site(first, breaks_at=[SIZE // 2])
    opened = site.open

    def open_changed(source: UrlSource, start: int) -> Any:
        if site.starts:
            site.data, site.etag = second, '"2"'
        return opened(source, start)

    site.open = open_changed  # type: ignore[method-assign]
    assert streamed(studio, site).stage is UploadStage.DONE
    assert stored(studio, "web.safetensors") == second


@pytest.mark.parametrize("breaks_at", [[], [SIZE // 2]])
@pytest.mark.parametrize("replace", [False, True])
def test_other_bytes_than_the_site_names_never_become_a_model(
    studio: Studio, tmp_path: Path, breaks_at: list[int], replace: bool
) -> None:
    good = tmp_path / "web.safetensors"
    good.write_bytes(lora_bytes(SIZE, seed=3))
    if replace:
        finished(studio, [good])
    site = Site(lora_bytes(SIZE), breaks_at=list(breaks_at))
    upload = streamed(studio, site, sha256="ab" * 32, replace=replace)
    assert upload.stage is UploadStage.FAILED
    assert "are not those that its SHA-256 names" in upload.message
    found = studio.storage.find(upload.key)
    assert (found and found.data) == (good.read_bytes() if replace else None)
    assert studio.storage.list("uploads/") == ()
    assert studio.uploads._targets.multipart.pending("") == ()


@pytest.mark.parametrize(
    ("name", "data", "kind", "says"),
    [
        ("a.safetensors", b"<html>log in</html>", ModelKind.LORA, "safetensors"),
        ("a.safetensors", b"", ModelKind.LORA, "empty"),
        ("a.safetensors", lora_bytes(6000)[:-1], ModelKind.LORA, "cut off"),
        ("a.safetensors", lora_bytes(6000), ModelKind.VAE, "LoRA, not a VAE"),
        ("a.pt", torch_file(b"", b"cos\nsystem\n(S'false'\ntR."), ModelKind.EMBEDDING, "os system"),
        ("a.pt", b"PK\x03\x04 an archive", ModelKind.EMBEDDING, "PyTorch"),
    ],
)
def test_a_stream_of_no_model_is_refused_before_a_part_leaves(
    studio: Studio, sent_parts: list[int], name: str, data: bytes, kind: ModelKind, says: str
) -> None:
    upload = streamed(studio, Site(data), name, kind=kind)
    assert upload.stage is UploadStage.FAILED
    assert says in upload.message
    assert sent_parts == []
    assert stored_keys(studio) == []


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("a.ckpt", ModelKind.CHECKPOINT, ".ckpt"),
        ("a.zip", ModelKind.CHECKPOINT, "must be one of"),
        ("../a.safetensors", ModelKind.LORA, "A name has no"),
        ("a.safetensors", None, "Choose its kind"),
    ],
)
def test_an_import_is_refused_by_its_name(
    studio: Studio, name: str, kind: ModelKind | None, says: str
) -> None:
    new = NewUpload(source=UrlSource(url="https://example.org/web"), kind=kind, name=name)
    with pytest.raises(InvalidDraft, match=says):
        studio.uploads.start(LOCAL, [new])
    assert studio.uploads.list(LOCAL) == ()


def test_weights_of_a_site_are_read_before_they_are_sent(studio: Studio) -> None:
    data = torch_file(b"x" * 6 * MIB)
    upload = streamed(studio, Site(data), "web.pt", kind=ModelKind.EMBEDDING)
    assert (upload.stage, upload.message) == (UploadStage.DONE, "")
    assert stored(studio, "web.pt", ModelKind.EMBEDDING) == data


def test_a_site_s_file_that_is_there_is_not_fetched(studio: Studio, lora: Path) -> None:
    finished(studio, [lora])
    site = Site(b"")
    upload = streamed(studio, site, sha256=hashlib.sha256(lora.read_bytes()).hexdigest())
    assert upload.stage is UploadStage.DONE
    assert "nothing was sent" in upload.message
    assert site.starts == []


def test_a_site_that_refuses_says_why_and_can_be_tried_again(studio: Studio) -> None:
    class Closed(Site):
        @contextmanager
        def open(self, source: UrlSource, start: int) -> Iterator[Stream]:
            raise RemoteError(f"{source.url} wants a token, from byte {start} on.")
            yield

    upload = streamed(studio, Closed(b""))
    assert (upload.stage, upload.message) == (
        UploadStage.FAILED,
        "https://example.org/web wants a token, from byte 0 on.",
    )
    data = lora_bytes(6000)
    studio.uploads._worker._remote._remote = Site(data)
    studio.uploads.retry(LOCAL, upload.id)
    wait_for(lambda: only(studio).stage is UploadStage.DONE)
    assert studio.storage.read(model_key(ModelKind.LORA, "web.safetensors")).data == data
