"""What an address would bring is told before a byte of it is fetched."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.errors import NotAllowed, RemoteError
from core.models.metadata.fields import FieldSource
from core.settings import Settings
from core.team.users import Role, User
from formats.models.kinds import Family, ModelKind
from tests.core.models.remote.conftest import Asking
from tests.support.web.server import Asked, LocalWeb, ranged, reply
from tests.support.web.sites import CivitaiModelPage, Repository

ANN = User(name="ann", role=Role.ARTIST)
REPOSITORY = "lykon/dreams"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="session")
def lora(models: Path) -> bytes:
    return (models / "tiny-style-lora.safetensors").read_bytes()


@pytest.fixture(scope="session")
def vae(models: Path) -> bytes:
    return (models / "tiny-vae.safetensors").read_bytes()


def test_a_file_of_hugging_face(asking: Asking, web: LocalWeb, lora: bytes) -> None:
    Repository(
        web,
        REPOSITORY,
        {"style.safetensors": lora, "README.md": b"#"},
        card={
            "license": "other",
            "license_name": "dream-1",
            "license_link": "https://example.com/licence",
            "base_model": ["runwayml/stable-diffusion-v1-5"],
            "instance_prompt": "dream style",
        },
        tags=("lora", "anime", "license:other"),
    ).serve()
    preview = asking.remote.preview(
        ANN, f"https://huggingface.co/{REPOSITORY}/blob/main/style.safetensors"
    )
    (file,) = preview.files
    assert (preview.site, file.name, file.size) == ("Hugging Face", "style.safetensors", len(lora))
    assert (file.kind, file.family, file.problem) == (ModelKind.LORA, Family.SD1, "")
    assert file.is_main
    assert file.source.sha256 == sha256(lora)
    assert file.source.etag == '"v1"'
    assert file.source.url == f"https://huggingface.co/{REPOSITORY}/resolve/main/style.safetensors"
    fields = preview.layers[FieldSource.SITE]
    assert fields.licence == "dream-1 https://example.com/licence"
    assert fields.base_model == "runwayml/stable-diffusion-v1-5"
    assert fields.trained_words == ("dream style",)
    assert fields.tags == ("lora", "anime")
    assert fields.author == "lykon"


def test_a_repository_is_a_list_to_choose_from(
    asking: Asking, web: LocalWeb, lora: bytes, vae: bytes
) -> None:
    files = {
        "old/model.ckpt": b"\x80\x02pickle",
        "unet/diffusion_pytorch_model.fp16.safetensors": lora,
        "weights.zip": b"PK\x03\x04",
        "model-00001-of-00002.safetensors": lora,
        "vae.safetensors": vae,
        "config.json": b"{}",
    }
    Repository(web, REPOSITORY, files).serve()
    preview = asking.remote.preview(ANN, REPOSITORY)
    found = {file.name: file for file in preview.files}
    assert set(found) == {
        "vae.safetensors",
        "dreams.fp16.safetensors",
        "model.ckpt",
        "weights.zip",
        "model-00001-of-00002.safetensors",
    } - {"model.ckpt"} | {"dreams.ckpt"}
    assert [file.name for file in preview.files if file.is_main] == ["vae.safetensors"]
    assert found["vae.safetensors"].kind is ModelKind.VAE
    assert "can run code" in found["dreams.ckpt"].problem
    assert "archive" in found["weights.zip"].problem
    assert "one part" in found["model-00001-of-00002.safetensors"].problem
    assert not any("zip" in asked.path for asked in web.asked)
    folder = asking.remote.preview(ANN, f"{REPOSITORY}:fp16:unet")
    assert [file.name for file in folder.files] == ["dreams.fp16.safetensors"]


@pytest.mark.parametrize(
    "address",
    [
        "https://civitai.com/models/4384/dreamshaper",
        "https://civitai.red/models/4384?modelVersionId=128713",
        "https://civitai.com/model-versions/128713",
        "urn:air:sd1:lora:civitai:4384@128713",
        "https://civitai.com/api/download/models/128713",
    ],
)
def test_a_version_of_civitai(asking: Asking, web: LocalWeb, lora: bytes, address: str) -> None:
    told: dict[str, dict[str, Any]] = {
        "data.zip": {"type": "Training Data"},
        "c.ckpt": {"metadata": {"format": "PickleTensor"}},
    }
    files = {"c.ckpt": b"\x80\x02", "data.zip": b"PK", "style.safetensors": lora}
    CivitaiModelPage(web, files, kind="LORA", told=told).serve()
    preview = asking.remote.preview(ANN, address)
    main, *others = preview.files
    assert (main.name, main.size, main.kind) == ("style.safetensors", len(lora), ModelKind.LORA)
    assert main.is_main
    assert main.problem == ""
    assert main.source.sha256 == sha256(lora)
    assert main.source.url.startswith("https://civitai.com/api/download/models/128713?")
    assert main.source.page == "https://civitai.com/models/4384?modelVersionId=128713"
    problems = {file.name: file.problem for file in others}
    assert "trained with" in problems["data.zip"]
    assert "can run code" in problems["c.ckpt"]
    fields = preview.layers[FieldSource.SITE]
    assert (fields.title, fields.version, fields.author) == ("DreamShaper", "8", "lykon")
    assert fields.description == "Dreams & more\nSecond line"
    assert fields.trained_words == ("dream style",)
    assert fields.base_model == "SD 1.5"
    assert fields.licence == ("Commercial use: Image. The maker need not be named. May be merged.")
    assert preview.preview_image == "https://image.civitai.com/a.jpeg"


def test_the_file_that_a_download_names_comes_first(
    asking: Asking, web: LocalWeb, lora: bytes, vae: bytes
) -> None:
    CivitaiModelPage(web, {"a.safetensors": lora, "b.safetensors": vae}).serve()
    address = "https://civitai.com/api/download/models/128713?type=Model&size=b.safetensors"
    main, other = asking.remote.preview(ANN, address).files
    assert (main.name, main.is_main, main.kind) == ("b.safetensors", True, ModelKind.VAE)
    assert (other.name, other.is_main) == ("a.safetensors", False)


def test_a_plain_link(asking: Asking, web: LocalWeb, lora: bytes) -> None:
    def send(asked: Asked) -> bytes:
        return ranged(
            lora, asked, content_disposition='attachment; filename="../My: style.safetensors"'
        )

    web.routes["files.example.com/download"] = send
    preview = asking.remote.preview(ANN, "https://files.example.com/download?id=3")
    (file,) = preview.files
    assert preview.site == "files.example.com"
    assert (file.name, file.kind, file.size) == ("My_ style.safetensors", ModelKind.LORA, len(lora))
    assert file.source.sha256 is None


def test_a_site_without_ranges_and_lengths_is_read_no_further_than_the_header(
    asking: Asking, web: LocalWeb, lora: bytes
) -> None:
    body = lora + bytes(64 << 20)
    sent = [0]

    def send(asked: Asked) -> Iterator[bytes]:
        yield reply(b"", content_length=None, etag='"x"')
        for start in range(0, len(body), 1 << 16):
            yield body[start : start + (1 << 16)]
            sent[0] = start

    web.routes["files.example.com/style.safetensors"] = send
    (file,) = asking.remote.preview(ANN, "https://files.example.com/style.safetensors").files
    assert (file.kind, file.size, file.problem) == (ModelKind.LORA, len(lora), "")
    assert sent[0] < 16 << 20


def test_what_is_there_already_is_said(asking: Asking, web: LocalWeb, lora: bytes) -> None:
    asking.stored[sha256(lora)] = "models/Lora/mine.safetensors"
    Repository(web, REPOSITORY, {"style.safetensors": lora}).serve()
    (file,) = asking.remote.preview(ANN, REPOSITORY).files
    assert file.stored_as == "models/Lora/mine.safetensors"


def test_only_who_may_upload_may_look(asking: Asking, web: LocalWeb) -> None:
    with pytest.raises(NotAllowed):
        asking.remote.preview(User(name="vic", role=Role.VIEWER), REPOSITORY)
    assert web.asked == []


def test_a_person_looks_at_so_many_addresses_in_a_time(asking: Asking, web: LocalWeb) -> None:
    for _ in range(20):
        with pytest.raises(RemoteError):
            asking.remote.preview(ANN, "https://files.example.com/a.safetensors")
    with pytest.raises(Exception, match="many addresses in a short time"):
        asking.remote.preview(ANN, "https://files.example.com/a.safetensors")
    with pytest.raises(RemoteError, match="nothing at this address"):
        asking.remote.preview(
            User(name="bob", role=Role.ARTIST), "https://files.example.com/a.safetensors"
        )


def test_tokens_go_to_their_site_alone_and_into_no_log(
    asking: Asking, web: LocalWeb, lora: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    asking.set_up(
        Settings(huggingface_token=SecretStr("hf-secret"), civitai_token=SecretStr("civ-secret"))
    )
    Repository(web, REPOSITORY, {"style.safetensors": lora}, token="hf-secret").serve()
    CivitaiModelPage(web, {"style.safetensors": lora}, kind="LORA", token="civ-secret").serve()
    web.routes["files.example.com/a.safetensors"] = lambda asked: ranged(lora, asked)
    addresses = (
        REPOSITORY,
        "urn:air:sd1:lora:civitai:4384",
        "https://files.example.com/a.safetensors",
    )
    for address in addresses:
        (file,) = asking.remote.preview(ANN, address).files
        assert file.problem == ""
        assert "secret" not in file.model_dump_json()
    sent = {asked.host: asked.headers.get("authorization") for asked in web.asked}
    assert sent == {
        "huggingface.co": "Bearer hf-secret",
        "civitai.com": "Bearer civ-secret",
        "cas-bridge.xethub.hf.co": None,
        "worker.r2.cloudflarestorage.com": None,
        "files.example.com": None,
    }
    assert "secret" not in caplog.text
