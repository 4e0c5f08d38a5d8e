"""Every form of an address, and what it means (docs of both sites; forms that users paste)."""

import pytest
from pydantic import SecretStr

from core.errors import ConfigurationError, InvalidInput
from core.models.remote.addresses import Address, PlainLink, parse_address
from core.models.remote.http.urls import https_url
from core.models.remote.sites.civitai_addresses import (
    CivitaiDownload,
    CivitaiHash,
    CivitaiModel,
    CivitaiVersion,
)
from core.models.remote.sites.hugging_face_addresses import HuggingFaceFile, HuggingFaceRepository
from core.models.remote.sites.site import sites_of
from core.settings import Settings

SITES = sites_of(Settings())
HASH = "6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa"


def repository(name: str, **parts: str) -> HuggingFaceRepository:
    return HuggingFaceRepository(repository=name, **parts)


def file(name: str, path: str, revision: str = "main") -> HuggingFaceFile:
    return HuggingFaceFile(repository=name, path=path, revision=revision)


XL = "stabilityai/stable-diffusion-xl-base-1.0"
FORMS: dict[str, Address] = {
    # ---- Hugging Face
    f"https://huggingface.co/{XL}": repository(XL),
    f"https://huggingface.co/{XL}/": repository(XL),
    f"https://www.huggingface.co/{XL}#model": repository(XL),
    f"https://hf.co/{XL}": repository(XL),
    f"huggingface.co/{XL}": repository(XL),
    f"  <https://huggingface.co/{XL}>\n": repository(XL),
    f"https://HuggingFace.co/{XL}?library=diffusers": repository(XL),
    f"https://huggingface.co./{XL}": repository(XL),
    f"https://huggingface.co/{XL}/tree/main": repository(XL),
    f"https://huggingface.co/{XL}/tree/fp16/unet": repository(XL, revision="fp16", folder="unet"),
    f"https://huggingface.co/{XL}/discussions/3": repository(XL),
    f"https://huggingface.co/api/models/{XL}?blobs=true": repository(XL),
    f"https://huggingface.co/api/models/{XL}/revision/v1": repository(XL, revision="v1"),
    f"https://huggingface.co/{XL}/blob/main/sd_xl.safetensors": file(XL, "sd_xl.safetensors"),
    f"https://huggingface.co/{XL}/resolve/main/sd_xl.safetensors?download=true": file(
        XL, "sd_xl.safetensors"
    ),
    f"https://huggingface.co/{XL}/raw/main/sd_xl.safetensors": file(XL, "sd_xl.safetensors"),
    f"https://huggingface.co/{XL}/blame/main/vae/a.safetensors": file(XL, "vae/a.safetensors"),
    f"https://huggingface.co/{XL}/blob/refs%2Fpr%2F1/a%20b.safetensors": file(
        XL, "a b.safetensors", "refs/pr/1"
    ),
    f"https://huggingface.co/{XL}/resolve/refs/pr/1/a.safetensors": file(
        XL, "a.safetensors", "refs/pr/1"
    ),
    "https://huggingface.co/gpt2/resolve/main/model.safetensors": file("gpt2", "model.safetensors"),
    "https://huggingface.co/gpt2/tree/main": repository("gpt2"),
    XL: repository(XL),
    f"{XL}:fp16": repository(XL, variant="fp16"),
    f"{XL}:fp16:unet": repository(XL, variant="fp16", folder="unet"),
    f"{XL}::/vae/": repository(XL, folder="vae"),
    # ---- Civitai
    "https://civitai.com/models/4384": CivitaiModel(model=4384),
    "https://civitai.com/models/4384/dreamshaper": CivitaiModel(model=4384),
    "https://www.civitai.com/models/4384/dreamshaper?modelVersionId=128713": CivitaiModel(
        model=4384, version=128713
    ),
    "https://civitai.red/models/4384?modelVersionId=128713": CivitaiModel(
        model=4384, version=128713
    ),
    "https://civitai.green/models/4384": CivitaiModel(model=4384),
    "civitai.com/models/4384": CivitaiModel(model=4384),
    "https://civitai.com/models/4384?modelVersionId=newest": CivitaiModel(model=4384),
    "https://civitai.com/model-versions/128713": CivitaiVersion(version=128713),
    "https://civitai.com/api/v1/models/4384": CivitaiModel(model=4384),
    "https://civitai.com/api/v1/model-versions/128713": CivitaiVersion(version=128713),
    f"https://civitai.com/api/v1/model-versions/by-hash/{HASH.upper()}": CivitaiHash(hash=HASH),
    "https://civitai.com/api/v1/model-versions/by-hash/879DB523C3": CivitaiHash(hash="879db523c3"),
    "https://civitai.com/api/download/models/128713": CivitaiDownload(version=128713),
    "https://civitai.com/api/download/models/128713?type=Model&format=SafeTensor&size=pruned"
    "&fp=fp16&token=secret": CivitaiDownload(
        version=128713,
        choice={"type": "Model", "format": "SafeTensor", "size": "pruned", "fp": "fp16"},
    ),
    "urn:air:sdxl:checkpoint:civitai:101055@128078": CivitaiModel(model=101055, version=128078),
    "air:sd1:lora:civitai:1234": CivitaiModel(model=1234),
    "urn:air:sd1:lora:civitai:1234@56.safetensors": CivitaiModel(model=1234, version=56),
    # ---- any other site
    "https://example.com/a.safetensors": PlainLink(
        url=https_url("https://example.com/a.safetensors")
    ),
    "https://example.com:443/a%20b?x=1#top": PlainLink(
        url=https_url("https://example.com/a%20b?x=1")
    ),
    "https://example.com/é.safetensors": PlainLink(
        url=https_url("https://example.com/%C3%A9.safetensors")
    ),
    "https://github.com/o/r/releases/download/v1/a.pth": PlainLink(
        url=https_url("https://github.com/o/r/releases/download/v1/a.pth")
    ),
}


@pytest.mark.parametrize("text", FORMS)
def test_a_form_is_understood(text: str) -> None:
    assert parse_address(text, SITES) == FORMS[text]


REFUSED = {
    "": "address of a model file",
    "dreamshaper": "no address",
    "org/repo/file.safetensors": "no address",
    "4384": "may be a model or a version",
    "https://huggingface.co": "not a model repository",
    "https://huggingface.co/stabilityai": "not a model repository",
    "https://huggingface.co/datasets/org/images": "not a model repository",
    "https://huggingface.co/spaces/org/demo": "not a model repository",
    f"https://huggingface.co/{XL}/blob/main/../../../secret": "can't be read",
    f"https://huggingface.co/{XL}/blob/main/%2e%2e/secret": "can't be read",
    "org/repo::../../secret": "can't be read",
    "https://civitai.com": "not a model's",
    "https://civitai.com/images/123": "not a model's",
    "https://civitai.com/api/download/training-data/1": "not a model's",
    "urn:air:sdxl:model:huggingface:org/repo": "only those of Civitai",
    "http://civitai.com/models/1": "Use https",
    "http://example.com/a.safetensors": "Use https",
    "ftp://example.com/a.safetensors": "ftp:",
    "file:///etc/passwd": "file:",
    "file:/etc/passwd": "file:",
    "javascript:alert(1)": "javascript:",
    "data:text/plain,x": "data:",
    "s3://bucket/a.safetensors": "copied inside of S3",
    "//example.com/a.safetensors": "no address",
    "https://": "can't be read",
    "https:///a.safetensors": "can't be read",
    "https://user@example.com/a.safetensors": "user or a password",
    "https://user:secret@example.com/a.safetensors": "user or a password",
    "https://example.com@127.0.0.1/a.safetensors": "user or a password",
    "https://example.com/a b.safetensors": "can't be read",
    "https://example.com/a\r\nHost: evil": "can't be read",
    "https://example.com\\@127.0.0.1/": "can't be read",
    "https://exa\tmple.com/": "can't be read",
    "https://example.com:99999/": "can't be read",
    "https://example.com:port/": "can't be read",
    "https://-example.com/": "can't be read",
    "https://[::1/": "can't be read",
    "https://[fe80::1%25eth0]/": "can't be read",
    "https://example.com/a.safetensors?token=abc": "`token=`",
    "https://example.com/a.safetensors?API_KEY=abc": "`API_KEY=`",
    "https://example.com/" + "a" * 3000: "2,048 characters",
}


@pytest.mark.parametrize("text", REFUSED)
def test_an_address_is_refused_in_words_that_do_not_repeat_it(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_address(text, SITES)
    assert REFUSED[text] in str(refused.value)
    assert refused.value.field == "address"
    assert "secret" not in str(refused.value).replace("a secret in it", "")


MIRRORED = sites_of(
    Settings(
        huggingface_url="https://hub.intern:8443/hf",
        huggingface_token=SecretStr("hf-token"),
        civitai_url="https://civitai.intern",
    )
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (f"https://hub.intern:8443/hf/{XL}", repository(XL)),
        (f"https://huggingface.co/{XL}", repository(XL)),
        ("https://civitai.intern/models/5", CivitaiModel(model=5)),
        (
            "https://hub.intern/hf/a/b",
            PlainLink(url=https_url("https://hub.intern/hf/a/b")),
        ),
    ],
)
def test_a_mirrors_addresses_are_the_sites(text: str, meant: Address) -> None:
    assert parse_address(text, MIRRORED) == meant


def test_a_mirror_is_asked_in_the_sites_place_with_its_token() -> None:
    query = MIRRORED.query(https_url("https://huggingface.co/a/b/resolve/main/c.safetensors"))
    assert str(query.url) == "https://hub.intern:8443/hf/a/b/resolve/main/c.safetensors"
    assert query.token == "hf-token"
    assert MIRRORED.query(https_url("https://example.com/x")).token == ""
    assert ("hub.intern", 8443) in MIRRORED.named
    assert ("huggingface.co", 443) not in SITES.named


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("import_hosts", "nas.intern:99999"),
        ("import_hosts", "nas..intern"),
        ("civitai_url", "https://-mirror.example.com"),
    ],
)
def test_a_host_that_can_be_none_is_said_at_the_start(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"CONTRAPPOSTO_{name.upper()} can't be used"):
        sites_of(Settings.model_validate({name: value}))
