"""Settings read from an image or a text: old and new value, a tick each, applied and undone."""

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Checkbox

from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from tests.pages.steps import button, errors, png
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from ui.form.values import Source
from ui.texts.form import estimate, last_settings
from ui.texts.form import infotext as texts

FILES = "infotext.files.0"
INFOTEXT = (
    "a harbour <lora:gone:1>\nNegative prompt: fog\nSteps: 31, Sampler: DPM++ 2M Karras, CFG "
    "scale: 5.5, Seed: 7, Size: 320x256, Model: tiny-noise-v2, Clip skip: 2, ENSD: 31337, "
    'ControlNet 0: "Module: canny, Model: tiny-control-openpose, Weight: 0.5"'
)


def image(text: str) -> bytes:
    buffer, info = io.BytesIO(), PngInfo()
    info.add_text("parameters", text)
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def drop(app: AppTest, *files: tuple[str, bytes], form: str = "generate") -> AppTest:
    """As the component does it: through the hidden field."""
    given = [(name, data, "application/octet-stream") for name, data in files]
    app = app.file_uploader(key=f"{form}.{FILES}").set_value(given).run()
    assert not app.exception
    return app


def tick(app: AppTest, label: str) -> Checkbox:
    return next(box for box in app.checkbox if box.label.startswith(label))


def apply(app: AppTest) -> AppTest:
    next(
        b for b in app.button if str(b.key).endswith((".infotext.apply", ".last.apply"))
    ).click().run()
    assert not app.exception
    return app


def written(app: AppTest) -> str:
    return " ".join(str(each.value) for each in (*app.markdown, *app.caption)).replace("\\", "")


def test_what_is_ticked_is_applied_and_undone(page: Open) -> None:
    app = page("generate")
    app.text_area(key="generate.prompt").set_value("mine").run()
    drop(app, ("a.png", image(INFOTEXT)))
    assert app.number_input(key="generate.steps").value == 20
    told = written(app)
    assert "**ENSD**: 31337" in told
    assert "gone" in told
    tick(app, "CFG scale").uncheck().run()
    apply(app)
    assert app.text_area(key="generate.prompt").value == "a harbour <lora:gone:1>"
    assert app.number_input(key="generate.steps").value == 31
    assert app.number_input(key="generate.width").value == 320
    assert app.number_input(key="generate.cfg_scale").value == 7.0
    assert app.selectbox(key="generate.sampler").value == "DPM++ 2M"
    assert app.multiselect(key="generate.checkpoints").value == ["tiny-noise-v2.safetensors"]
    button(app, texts.UNDO).click().run()
    assert app.text_area(key="generate.prompt").value == "mine"
    assert app.number_input(key="generate.steps").value == 20
    assert not any(each.label == texts.UNDO for each in app.button)


def test_units_are_set_on_controlnet(page: Open) -> None:
    app = drop(page("controlnet"), ("a.png", image(INFOTEXT)), form="controlnet")
    assert "ControlNet 0" in written(app)
    apply(app)
    assert app.slider(key="controlnet.units.0.weight").value == 0.5
    assert app.segmented_control(key="controlnet.units.0.source").value is Source.POSE


def test_generate_hands_units_over(page: Open) -> None:
    app = drop(page("generate"), ("a.png", image(INFOTEXT)))
    button(app, texts.ON_CONTROLNET).click().run()
    app.switch_page("../pages/controlnet.py").run()
    apply(app)
    assert app.slider(key="controlnet.units.0.weight").value == 0.5


def test_several_are_compared_and_one_is_chosen(page: Open) -> None:
    other = INFOTEXT.replace("Steps: 31", "Steps: 32")
    app = drop(page("generate"), ("a.png", image(INFOTEXT)), ("b.txt", other.encode()))
    assert app.table[0].value.to_dict("list") == {
        texts.ENTRY: ["Steps"],
        "1. a\\.png": ["31"],
        "2. b\\.txt": ["32"],
    }
    app.selectbox(key="generate.infotext.chosen").set_value(1).run()
    apply(app)
    assert app.number_input(key="generate.steps").value == 32


def test_a_text_is_pasted_by_keyboard(page: Open) -> None:
    app = page("generate")
    button(app, texts.READ).click().run()
    app.text_area(key="generate.infotext.text").set_value(INFOTEXT).run()
    button(app, texts.TAKE_TEXT).click().run()
    button(app, texts.UNTICK_ALL).click().run()
    assert next(b for b in app.button if b.label == texts.apply(0)).disabled
    button(app, texts.TICK_ALL).click().run()
    apply(app)
    assert app.number_input(key="generate.steps").value == 31


def test_an_image_without_a_text_is_one_to_start_from(page: Open) -> None:
    app = drop(page("generate"), ("a.png", png()))
    button(app, texts.USE_START).click().run()
    assert app.segmented_control(key="generate.mode").value is Mode.IMG2IMG
    app = drop(page("controlnet"), ("a.png", png()), form="controlnet")
    button(app, texts.unit_image(2)).click().run()
    assert app.segmented_control(key="controlnet.units.1.source").value is Source.IMAGE


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", b"\xff\xfe\xfa", texts.NO_TEXT_FILE),
        ("a.txt", b"x" * 300_000, texts.TOO_LONG),
        ("a.png", b"no image", "not a PNG"),
        ("a.png", image("x" * 70_000), texts.TOO_LONG),
        ("a.png", image('{"sui_image_params": {}}'), "JSON"),
    ],
)
def test_what_is_no_infotext_is_told(page: Open, name: str, data: bytes, says: str) -> None:
    assert says in errors(drop(page("generate"), (name, data)))


def test_the_settings_used_last_with_a_checkpoint_are_offered(page: Open) -> None:
    app = page("generate")
    app.text_area(key="generate.prompt").set_value("a dog")
    for field, value in (("width", 64), ("height", 64), ("steps", 3)):
        app.number_input(key=f"generate.{field}").set_value(value)
    app.multiselect(key="generate.checkpoints").set_value(["tiny-noise-v1.safetensors"]).run()
    offer = last_settings.offer("tiny\\-noise\\-v1")
    button(app, "Generate on Cloud").click().run()
    assert not errors(app)
    assert offer not in [each.label for each in app.button]
    app.number_input(key="generate.steps").set_value(9).run()
    button(app, offer).click().run()
    apply(app)
    assert app.number_input(key="generate.steps").value == 3
    assert offer not in [each.label for each in app.button]
    button(app, texts.UNDO).click().run()
    assert app.number_input(key="generate.steps").value == 9


@pytest.mark.parametrize("count", [10, pytest.param(50, marks=pytest.mark.soak)])
def test_clicks_in_a_row_make_a_job_each(page: Open, studio: Studio, count: int) -> None:
    app = page("generate")
    app.text_area(key="generate.prompt").set_value("a row")
    app.number_input(key="generate.width").set_value(64)
    app.multiselect(key="generate.checkpoints").set_value(["tiny-noise-v1.safetensors"]).run()
    made = set()
    studio.line.cancel_all(LOCAL)
    wait_for(lambda: not studio.jobs.open(LOCAL))
    studio.line.hold(LOCAL)
    for steps in range(1, count + 1):
        app.number_input(key="generate.steps").set_value(steps)
        button(app, "Generate on Cloud").click().run()
        newest = studio.jobs.newest(LOCAL)
        assert newest is not None
        made.add(newest.id)
    assert len(made) == count
    assert estimate.ahead(count, "") in written(app)
    assert studio.line.cancel_all(LOCAL) == count
    studio.line.resume(LOCAL)
