"""A model file from a site to S3: over cuts and a restart, and never one that was not verified."""

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.aws.client import Connection
from core.models.metadata.fields import FieldSource
from core.models.uploads.planning.new_upload import NewUpload
from core.models.uploads.planning.plan import PART_BYTES
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.sources import UrlSource
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.support.helpers import wait_for
from tests.support.web.server import Asked, LocalWeb, Sent, ranged, redirect, reply
from tests.support.web.sites import HUGGING_FACE_STORAGE, Repository

SIZE = 150 << 20
"""Two parts and a half."""


@pytest.fixture
def site_settings(settings: Settings, web: LocalWeb, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SSL_CERT_FILE", str(web.authority))
    changes = {
        "huggingface_url": web.url("huggingface.co"),
        "huggingface_token": SecretStr("hf-secret"),
        "import_hosts": f"localhost:{web.port},127.0.0.1:{web.port}",
    }
    return settings.model_copy(update=changes)


@pytest.fixture
def importing(connection: Connection, site_settings: Settings) -> Iterator[Studio]:
    with open_studio(site_settings, connection) as opened:
        yield opened


@pytest.fixture(scope="session")
def vae(models: Path) -> bytes:
    return (models / "tiny-vae.safetensors").read_bytes()


@pytest.fixture(scope="session")
def large() -> bytes:
    tensor = {"dtype": "U8", "shape": [SIZE], "data_offsets": [0, SIZE]}
    header = json.dumps({"conv_first.weight": tensor}).encode()
    data = hashlib.sha256(b"seed").digest() * (SIZE // 32)
    return len(header).to_bytes(8, "little") + header + data


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def begin(studio: Studio, address: str, name: str | None = None) -> Upload:
    preview = studio.remote_models.preview(LOCAL, address)
    file = preview.files[0]
    new = NewUpload(
        source=file.source,
        kind=file.kind,
        name=name or file.name,
        size=file.size,
        layers=preview.layers,
    )
    (upload,) = studio.uploads.start(LOCAL, [new])
    return upload


def ended(studio: Studio, upload: Upload) -> Upload:
    def look() -> Upload | None:
        found = next(u for u in studio.uploads.list(LOCAL) if u.id == upload.id)
        return None if found.active else found

    found = wait_for(look)
    assert found
    return found


def stored(studio: Studio, kind: ModelKind, name: str) -> str | None:
    """The hash of what is in S3 under that name; None for nothing."""
    if studio.storage.find(model_key(kind, name)) is None:
        return None
    digest = hashlib.sha256()
    for chunk in studio.storage.stream(model_key(kind, name)).chunks:
        digest.update(chunk)
    return digest.hexdigest()


def test_from_hugging_face_with_what_the_site_says(
    importing: Studio, web: LocalWeb, vae: bytes
) -> None:
    Repository(
        web,
        "a/b",
        {"dream.safetensors": vae},
        token="hf-secret",
        card={"license": "openrail"},
        elsewhere=web.url(HUGGING_FACE_STORAGE, "127.0.0.1"),
    ).serve()
    upload = ended(importing, begin(importing, "a/b"))
    assert (upload.stage, upload.sha256) == (UploadStage.DONE, sha256(vae)), upload.message
    (file,) = importing.models.list(LOCAL, refresh=True)
    assert (file.name, file.sha256, file.problem) == ("dream.safetensors", sha256(vae), None)
    assert file.known.fields.licence == "openrail"
    assert file.known.sources["licence"] is FieldSource.SITE
    assert file.known.fields.source_url == "https://huggingface.co/a/b"
    again = importing.remote_models.preview(LOCAL, "a/b").files[0]
    assert again.stored_as == file.key
    assert "hf-secret" not in upload.model_dump_json()


def test_over_cuts(importing: Studio, web: LocalWeb, large: bytes) -> None:
    def send(asked: Asked) -> Sent:
        whole = ranged(large, asked)
        return whole[: 50 << 20]

    web.routes["files.example.com/up.safetensors"] = send
    address = f"{web.url('files.example.com')}/up.safetensors"
    upload = ended(importing, begin(importing, address))
    assert upload.stage is UploadStage.DONE, upload.message
    assert stored(importing, ModelKind.UPSCALER, "up.safetensors") == sha256(large)


def test_over_a_restart(
    connection: Connection, site_settings: Settings, web: LocalWeb, large: bytes
) -> None:
    """The dashboard ends in the middle; the next one asks for what is missing."""
    hold = [True]

    def send(asked: Asked) -> Iterator[bytes]:
        whole = ranged(large, asked)
        quick = 100 << 20 if hold[0] else len(whole)
        yield whole[:quick]
        for start in range(quick, len(whole), 1 << 16):
            time.sleep(0.2 if hold[0] else 0)
            yield whole[start : start + (1 << 16)]

    web.routes["files.example.com/up.safetensors"] = send
    address = f"{web.url('files.example.com')}/up.safetensors"
    with open_studio(site_settings, connection) as first:
        upload = begin(first, address)
        wait_for(lambda: any(u.done > 0.9 * PART_BYTES for u in first.uploads.list(LOCAL)))
    hold[0] = False
    web.asked.clear()
    with open_studio(site_settings, connection) as second:
        again = ended(second, upload)
        assert again.stage is UploadStage.DONE, again.message
        assert stored(second, ModelKind.UPSCALER, "up.safetensors") == sha256(large)
    asked = [each.headers for each in web.asked if each.headers.get("if-range")]
    assert [headers["if-range"] for headers in asked] == ['"v1"']
    assert asked[0]["range"] in {f"bytes={parts * PART_BYTES}-" for parts in (1, 2)}


@pytest.mark.parametrize("name", ["up.safetensors", "vae.safetensors"])
def test_other_bytes_than_the_site_said_are_not_kept(
    importing: Studio, web: LocalWeb, vae: bytes, name: str
) -> None:
    Repository(web, "a/b", {name: vae}, elsewhere=web.url("files.example.com", "127.0.0.1")).serve()
    web.routes[f"files.example.com/xet/a/b/{name}"] = lambda asked: ranged(vae[:-1] + b"x", asked)
    upload = ended(importing, begin(importing, "a/b"))
    assert upload.stage is UploadStage.FAILED
    assert upload.message
    assert stored(importing, ModelKind.VAE, name) is None
    assert importing.models.list(LOCAL, refresh=True) == ()


LATER: dict[str, tuple[bytes, str]] = {
    "a login": (redirect("/files.example.com/login"), "wants a login"),
    "a page": (reply(b"<html>", content_type="text/html"), "a page"),
    "another file": (reply(b"MZ" * 50), "safetensors"),
    "a private address": (redirect("https://169.254.169.254/"), "private network"),
    "not there": (reply(status=404), "nothing at this address"),
}


@pytest.mark.parametrize("case", LATER)
def test_a_site_that_changes_its_mind_stores_nothing(
    importing: Studio, web: LocalWeb, vae: bytes, case: str
) -> None:
    answer, words = LATER[case]
    web.routes["files.example.com/up.safetensors"] = lambda asked: ranged(vae, asked)
    address = f"{web.url('files.example.com')}/up.safetensors"
    preview = importing.remote_models.preview(LOCAL, address).files[0]
    web.routes["files.example.com/up.safetensors"] = answer
    new = NewUpload(source=preview.source, kind=preview.kind, name=preview.name, size=preview.size)
    (upload,) = importing.uploads.start(LOCAL, [new])
    found = ended(importing, upload)
    assert found.stage is UploadStage.FAILED
    assert words in found.message
    assert importing.storage.list("models/") == ()


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example.com/a.safetensors",
        "https://10.0.0.5/a.safetensors",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_was_never_looked_at_is_checked_too(importing: Studio, url: str) -> None:
    new = NewUpload(source=UrlSource(url=url), kind=ModelKind.VAE, name="a.safetensors", size=1000)
    (upload,) = importing.uploads.start(LOCAL, [new])
    assert ended(importing, upload).stage is UploadStage.FAILED
    assert importing.storage.list("models/") == ()
