"""Inpaint and outpaint on the page: masks of older versions, figures, and extended images."""

import io
import json
from base64 import b64encode
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.images.files import encode_image
from core.jobs.preparing.draft import Draft
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.inpaint import InpaintArea
from formats.generation.parameters import Mode
from poses.preset_poses import default_pose
from tests.pages.steps import button, errors, png
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from ui.form.image.mask import image_digest
from ui.form.storage import FormStorage
from ui.form.values import FormValues, MaskSource

GO = "Generate on Cloud"
START = png(200, 120)
STROKE: dict[str, Any] = {
    "type": "path",
    "path": [["M", 20, 30], ["L", 80, 30]],
    "left": 15,
    "top": 25,
    "strokeWidth": 10,
}


def opened(page: Open, studio: Studio, source: MaskSource, **mask: Any) -> AppTest:
    """The form as it was left, with an image and what was painted on it."""
    values = FormValues(
        mode=Mode.INPAINT,
        mask_source=source,
        prompt="a cute dog",
        checkpoints=["tiny-noise-v1.safetensors"],
        endpoint="inpaint",
        width=64,
        height=64,
        pose=default_pose(),
    )
    storage = FormStorage(studio.settings.data / "drafts")
    storage.keep_values(LOCAL, "generate", values)
    storage.keep_file(LOCAL, "generate", "init_picture.png", START)
    if mask:
        kept = json.dumps({"picture": image_digest(START), **mask}).encode()
        storage.keep_file(LOCAL, "generate", "mask.json", kept)
    return page("generate")


def sent(app: AppTest, studio: Studio) -> Draft:
    """Press the button, and what the container gets."""
    button(app, GO).click().run()
    assert not errors(app)
    assert not app.exception
    newest = studio.jobs.newest(LOCAL)
    assert newest
    wait_for(lambda: studio.jobs.detail(LOCAL, newest.id).request)
    return studio.jobs.draft_of(LOCAL, newest.id)


def pixels(data: bytes | None) -> Any:
    assert data
    return np.asarray(Image.open(io.BytesIO(data)))


def painted(box: tuple[int, int, int, int]) -> str:
    mask = Image.new("L", (200, 120))
    mask.paste(255, box)
    return b64encode(encode_image(mask).data).decode()


@pytest.mark.parametrize(
    ("mask", "box"),
    [
        ({"mask": painted((10, 20, 60, 70))}, (10, 20, 60, 70)),
        ({"objects": [STROKE], "width": 100, "height": 60}, (30, 50, 170, 70)),
    ],
)
def test_what_was_painted_is_sent(
    page: Open, studio: Studio, mask: Any, box: tuple[int, int, int, int]
) -> None:
    draft = sent(opened(page, studio, MaskSource.PAINT, **mask), studio)
    assert draft.inpaint
    found = Image.open(io.BytesIO(draft.inpaint.mask or b""))
    assert (found.mode, found.size) == ("L", (200, 120))
    assert found.getbbox() == pytest.approx(box, abs=2)


def test_an_uploaded_mask_is_painted_on(page: Open, studio: Studio) -> None:
    app = opened(page, studio, MaskSource.UPLOAD)
    upload = app.file_uploader(key="generate.mask.upload")
    white = Image.new("L", (50, 30), 255)
    upload.set_value(("mask.png", encode_image(white).data, "image/png")).run()
    button(app, "Go on painting this mask").click().run()
    assert app.button_group(key="generate.mask_source").value == MaskSource.PAINT
    draft = sent(app, studio)
    assert draft.inpaint
    assert pixels(draft.inpaint.mask).shape == (120, 200)


@pytest.mark.parametrize(
    "mask",
    [
        {},
        {"mask": None},
        {"mask": "%"},
        {"mask": 3},
        {"objects": [STROKE]},
        {"objects": [{"type": "path", "path": 3}], "width": 100, "height": 60},
    ],
)
def test_nothing_painted_is_said(page: Open, studio: Studio, mask: Any) -> None:
    app = opened(page, studio, MaskSource.PAINT, **mask)
    button(app, GO).click().run()
    assert "Paint over what shall be drawn anew" in errors(app)


def test_people_are_looked_for_in_the_image(page: Open, studio: Studio) -> None:
    app = opened(page, studio, MaskSource.PAINT)
    button(app, "Find people in the picture").click().run()
    assert any("Nobody was found" in caption.value for caption in app.caption)
    again = page("generate")
    assert not [one for one in again.button if one.label == "Find people in the picture"]


def test_an_image_is_extended(page: Open, studio: Studio) -> None:
    app = opened(page, studio, MaskSource.OUTPAINT)
    app.number_input(key="generate.outpaint.left").set_value(20)
    app.number_input(key="generate.outpaint.right").set_value(0)
    app.number_input(key="generate.outpaint.down").set_value(16).run()
    assert any("200 x 120 becomes 224 x 136 pixels." in c.value for c in app.caption)
    draft = sent(app, studio)
    assert (draft.width, draft.height) == (224, 136)
    assert (pixels(draft.init_image)[:120, 24:] == pixels(START)).all()
    assert draft.inpaint
    assert pixels(draft.inpaint.mask)[:104, 36:].max() == 0


def test_an_aspect_sets_the_sides(page: Open, studio: Studio) -> None:
    app = opened(page, studio, MaskSource.OUTPAINT)
    app.button_group(key="generate.outpaint.aspect").set_value((1, 1)).run()
    sides = ("left", "right", "up", "down")
    found = [app.number_input(key=f"generate.outpaint.{side}").value for side in sides]
    assert found == [0, 0, 40, 40]


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        ({"left": 0, "right": 0}, "which sides"),
        ({"left": -8}, "At least 0"),
        ({"left": 2000}, "Only masked"),
    ],
)
def test_an_extension_that_is_wrong(
    page: Open, studio: Studio, sides: dict[str, int], said: str
) -> None:
    app = opened(page, studio, MaskSource.OUTPAINT)
    for side, value in sides.items():
        app.number_input(key=f"generate.outpaint.{side}").set_value(value)
    button(app, GO).click().run()
    assert said in errors(app)
    assert errors(app).count(said) == 1


def test_only_masked_extends_at_the_size_of_the_form(page: Open, studio: Studio) -> None:
    app = opened(page, studio, MaskSource.OUTPAINT)
    app.selectbox(key="generate.inpaint.area").set_value(InpaintArea.MASKED).run()
    draft = sent(app, studio)
    assert (draft.width, draft.height) == (64, 64)
    assert pixels(draft.init_image).shape == (120, 456, 3)
