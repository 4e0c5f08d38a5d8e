"""Which models of an infotext are here: of a text, of an image, and of what has none."""

import io

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo
from streamlit.testing.v1 import AppTest

from core.models.metadata.missing_models import Standing
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.models.kinds import ModelKind
from tests.pages.steps import errors
from tests.support.page_fixtures import Open
from ui.texts.models import missing as texts

TEXT = "library.infotext"
IMAGE = "library.infotext-image"
GONE = "a dog <lora:gone:0.8>\nSteps: 4, Sampler: Euler, Seed: 1, Model: tiny-noise-v1"


def image(form: str, text: str) -> bytes:
    buffer, info, exif = io.BytesIO(), PngInfo(), Image.Exif()
    if form == "PNG":
        info.add_text("parameters", text)
    else:
        comment = b"UNICODE\0" + text.encode("utf-16-be")
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    Image.new("RGB", (8, 8)).save(buffer, form, pnginfo=info, exif=exif)
    return buffer.getvalue()


def answers(app: AppTest) -> list[str]:
    """The lines of the answer, and where each leads."""
    assert not app.exception
    found = (str(each.value).replace("\\", "") for each in app.markdown)
    lines = [line for line in found if "here" in line or "missing" in line]
    return [*lines, *(link.proto.url for link in app.get("link_button"))]


def give(app: AppTest, name: str, data: bytes) -> AppTest:
    return app.file_uploader(key=IMAGE).set_value((name, data, "image/png")).run()


def test_a_text_is_answered(page: Open, studio: Studio) -> None:
    lora = studio.models.find(LOCAL, ModelKind.LORA, "tiny-style-lora.safetensors")
    assert lora is not None
    assert lora.sha256 is not None
    known = f'{GONE}, Lora hashes: "renamed: {lora.sha256[:12]}"'
    app = page("models")
    app.text_area(key=TEXT).set_value(known).run()
    assert answers(app) == [
        texts.answer("gone", "LoRA", Standing.MISSING, ""),
        texts.answer("tiny-noise-v1", "Checkpoint", Standing.BY_NAME, "tiny-noise-v1.safetensors"),
        texts.answer("renamed", "LoRA", Standing.BY_HASH, "tiny-style-lora.safetensors"),
        "https://civitai.com/search/models?query=gone",
    ]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_an_image_is_answered(page: Open, form: str) -> None:
    app = give(page("models"), f"dog.{form.lower()}", image(form, GONE))
    assert app.text_area(key=TEXT).value == GONE
    assert len(answers(app)) == 3


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (image("PNG", ""), texts.NO_INFOTEXT),
        (image("PNG", "x" * 70_000), texts.TOO_LONG),
        (b"a dog", "This is not a PNG"),
    ],
)
def test_an_image_without_one_is_told(page: Open, data: bytes, says: str) -> None:
    app = give(page("models"), "dog.png", data)
    assert says in errors(app)
    assert not app.text_area(key=TEXT).value


def test_a_text_without_models_is_told(page: Open) -> None:
    app = page("models")
    app.text_area(key=TEXT).set_value("a dog").run()
    assert texts.NOTHING in [info.value for info in app.info]
