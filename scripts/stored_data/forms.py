"""Saves poses, asks for a contact sheet, and fills in forms that nobody sends."""

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright
from streamlit.testing.v1 import AppTest

from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.controlnet_unit import Preprocessor
from formats.generation.inpaint import InpaintArea
from formats.generation.parameters import Mode
from formats.generation.samplers import Sampler
from poses.preset_poses import presets
from scripts.stored_data.jobs import LORA, finished, photo
from tests.browser.app_process import running
from tests.browser.chromium import FLAGS, chromium_path
from tests.pages.steps import button
from tests.support.helpers import ROOT
from ui.form.values import Source

_PATHS: Final = "/home/artist/models/dreamer.safetensors\n/home/artist/models/ink.safetensors"


def save_poses(studio: Studio) -> None:
    """So many that the first list writes the index, then a change that the index lacks."""
    shapes = [preset.skeleton for preset in presets()[:2]]
    poses = [studio.poses.save(LOCAL, f"Pose {n}", ("stage",), shapes[n % 2]) for n in range(16)]
    studio.poses.list(LOCAL)
    changed = {"name": "Bow", "tags": ("stage", "end")}
    studio.poses.update(LOCAL, poses[0].model_copy(update=changed))


def type_controlnet(studio: Studio) -> None:
    """A contact sheet of two poses; then three units, with a pose of the team, edges, a sketch."""
    app = _page("controlnet")
    bow, other = studio.poses.list(LOCAL)[:2]
    app.session_state["controlnet.sheet.open"] = True
    _fill(app, "controlnet", prompt="a dancer on stage", width=64, height=64, steps=3, seed=5)
    app.radio(key="controlnet.sheet.kind").set_value("Several poses, one seed").run()
    app.multiselect(key="controlnet.sheet.poses").set_value([bow.id, other.id]).run()
    button(app, "Generate the sheet").click().run()
    for cell in app.session_state["controlnet.kept"].sheet:
        finished(studio, studio.jobs.get(LOCAL, cell.job))
    app.session_state["library.shelf"], app.session_state["library.chosen"] = "Team", bow.id
    button(app, "Pose library").click().run()
    button(app, "Load").click().run()
    for _ in range(2):
        button(app, "Add a unit").click().run()
    _upload(app, "controlnet.map_picture_2")
    _fill(app, "controlnet", **{"units.0.weight": 0.65, "units.2.source": Source.SKETCH})
    _fill(app, "controlnet", **{"units.1.preprocessor": Preprocessor.CANNY})
    _fill(app, "controlnet", prompt="a dancer, typed", height=128, **{"units.1.edges": (30, 80)})


def type_generate() -> None:
    """An inpaint form; its mask is painted later."""
    app = _fill(_page("generate"), "generate", mode=Mode.INPAINT, loras=[LORA])
    _upload(app, "generate.init_picture")
    _fill(
        app,
        "generate",
        prompt="a boat, typed",
        negative_prompt="rain",
        width=96,
        height=64,
        steps=2,
        cfg_scale=5.5,
        seed=77,
        sampler=Sampler.EULER,
        batch_count=2,
        clip_skip=2,
        denoising_strength=0.6,
        **{"inpaint.area": InpaintArea.MASKED, "inpaint.blur": 3, f"lora.{LORA}": 0.35},
    )


def type_paths() -> None:
    """Files to upload."""
    _page("models").text_area(key="models.paths").set_value(_PATHS).run()


def _page(name: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60).run()
    return app if name == "generate" else app.switch_page(f"../pages/{name}.py").run()


def _fill(app: AppTest, form: str, **values: Any) -> AppTest:
    for field, value in values.items():
        app.session_state[f"{form}.{field}"] = value
    return app.run()


def _upload(app: AppTest, field: str) -> None:
    image = ("photo.png", photo(), "image/png")
    app.file_uploader(key=f"{field}.upload").set_value(image).run()


def paint(data: Path) -> None:
    """The mask and the sketch of these forms, with the mouse in the real page."""
    with running(data) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(app.url)
        _stroke(page, ".st-key-generate-mask-canvas canvas.canvas")
        page.goto(f"{app.url}/controlnet")
        page.get_by_text("Sketch", exact=True).first.click()
        _stroke(page, ".st-key-sketch-canvas canvas")
        browser.close()


def _stroke(page: Page, place: str) -> None:
    """From left to right through the middle."""
    canvas = page.locator(place)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    if box is None:
        raise SystemExit(f"There is no canvas in {place}.")
    x, y, width = box["x"], box["y"] + box["height"] / 2, box["width"]
    page.mouse.move(x + 0.2 * width, y)
    page.mouse.down()
    page.mouse.move(x + 0.8 * width, y, steps=6)
    page.mouse.up()
    page.wait_for_timeout(1500)  # the canvas waits 200 ms before it tells of a stroke
