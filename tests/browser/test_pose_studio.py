"""The pose studio as a user has it: drag, load, import, photograph, sketch, generate, share."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Locator, Page, expect

from core.pose_files import export_json
from core.pose_fit import fitted
from formats.openpose import Skeleton, from_json
from formats.openpose_map import COLOURS, draw
from poses.preset_poses import presets
from tests.browser.app_process import running
from tests.browser.conftest import NewPage
from tests.browser.editor_driver import bytes_of
from tests.browser.studio_page import StudioPage
from tests.support import ROOT, wait_for
from ui.default_pose import default_pose

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKPOINT, CONTROLNET = "tiny-noise-v1.safetensors", "tiny-control-openpose.safetensors"
SIDE = 256
WRIST = "right wrist"
PHOTO = ROOT / "tests" / "poses" / "photos" / "astronaut.jpg"
NOSE = (0.436, 0.239)
"""Where the photo's nose is, in its sides; looked up in the picture."""


_FILES = """([name, type, bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(bytes)], name, { type }));
  return files;
}"""


class PoseStudio(StudioPage):
    """The ControlNet page in one browser session."""

    def open_studio(self) -> None:
        """Open the page and wait until the figure and its map stand."""
        self.open("/controlnet")
        self.page.wait_for_selector("svg.canvas .joint")
        expect(self.page.get_by_alt_text("The OpenPose map", exact=True)).to_be_visible()

    def joint(self, name: str) -> Locator:
        return self.page.locator(f"circle.joint[aria-label^='person 1, {name},']")

    def at(self, name: str) -> tuple[float, float]:
        """Where a joint is, in pixels of the canvas."""
        x, y = (float(self.joint(name).get_attribute(a) or "nan") for a in ("cx", "cy"))
        return x, y

    def drag(self, name: str, dx: int, dy: int) -> None:
        """Drag a joint over the screen."""
        box = self.joint(name).bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=5)
        self.page.mouse.up()

    def map(self) -> Image.Image:
        """The map that is shown beside the editor."""
        image = self.page.get_by_alt_text("The OpenPose map", exact=True)
        data = bytes_of(str(image.evaluate("image => image.src")))
        return Image.open(io.BytesIO(data)).convert("RGB")

    def export(self, label: str) -> bytes:
        """Download the pose."""
        self.button("Export")
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name=label, exact=True).click()
        data = Path(waiting.value.path()).read_bytes()
        self.page.keyboard.press("Escape")
        return data

    def pose(self) -> Skeleton:
        """The pose as it would be exported."""
        return from_json(self.export("OpenPose JSON"))

    def give(self, name: str, kind: str, data: bytes) -> None:
        """Drop a file on the studio's upload field."""
        file = {"name": name, "mimeType": kind, "buffer": data}
        self.page.locator("input[type=file]").first.set_input_files(file)  # type: ignore[arg-type]

    def drop(self, name: str, kind: str, data: bytes) -> None:
        """Drop a file on the canvas."""
        files = self.page.evaluate_handle(_FILES, [name, kind, list(data)])
        for event in ("dragover", "drop"):
            self.page.locator("svg.canvas").dispatch_event(event, {"dataTransfer": files})


def same(a: Image.Image, b: Image.Image) -> bool:
    return a.size == b.size and ImageChops.difference(a, b).getbbox() is None


@pytest.fixture(scope="module")
def url(
    tmp_path_factory: pytest.TempPathFactory, tiny_models: Path, new_session: NewPage
) -> Iterator[str]:
    """The dashboard with models and an endpoint."""
    with running(tmp_path_factory.mktemp("studio") / "data") as app:
        user = StudioPage(new_session(), app.url)
        user.open("/models")
        user.upload_models([tiny_models / CHECKPOINT, tiny_models / CONTROLNET])
        user.go("Endpoints")
        user.button("Create endpoint")
        user.sees("InService", 120)
        yield app.url


@pytest.fixture
def studio(new_page: NewPage, url: str) -> PoseStudio:
    """The default pose on a small canvas."""
    user = PoseStudio(new_page(), url)
    user.open_studio()
    user.small(SIDE)
    user.sees(f"The map, {SIDE} x {SIDE}")
    user.button("Default pose")
    wait_for(lambda: same(user.map(), draw(fitted(default_pose(), SIDE, SIDE))), 30)
    return user


def loads(user: PoseStudio, at: Callable[[], bool]) -> None:
    """Wait until the editor shows what was asked for."""

    def turned() -> bool:
        user.page.wait_for_timeout(50)  # lets the browser's events through
        return at()

    wait_for(turned, 30)


def shows(user: PoseStudio, wanted: Image.Image) -> None:
    """Wait for a map."""
    loads(user, lambda: same(user.map(), wanted))


def test_a_dragged_joint_reaches_the_stored_map_pixel_by_pixel(studio: PoseStudio) -> None:
    before, old = studio.at(WRIST), studio.map()
    studio.drag(WRIST, -40, 20)
    studio.generate("a dancer")
    loads(studio, lambda: not same(studio.map(), old))
    assert studio.at(WRIST)[0] < before[0]
    job = studio.finished()
    drawn = draw(studio.pose())
    assert same(studio.map(), drawn)
    studio.page.get_by_role("button", name="Pose", exact=True).click()
    layer = studio.page.locator("a.frame img.map")
    expect(layer).to_be_visible()
    source = str(layer.evaluate("image => image.src"))
    assert job in source
    stored = httpx.get(source, trust_env=False).content
    assert same(Image.open(io.BytesIO(stored)).convert("RGB"), drawn)
    studio.page.get_by_role("button", name="Overlay", exact=True).click()
    seen = Image.open(io.BytesIO(studio.page.locator("a.frame").screenshot())).convert("RGB")
    x, y = (value * seen.width / SIDE for value in studio.at(WRIST))
    colour = seen.getpixel((round(x), round(y)))
    assert isinstance(colour, tuple)
    pairs = zip(colour, COLOURS[4], strict=True)
    assert max(abs(a - b) for a, b in pairs) < 60, "a bright picture does not wash the map out"
    studio.sees("Pose score")


def test_a_pose_comes_from_the_library(studio: PoseStudio) -> None:
    one = next(preset for preset in presets() if preset.id == "arabesque")
    studio.button("Pose library")
    studio.page.locator(f"button.pose[title='{one.name}']").click()
    studio.button("Load")
    shows(studio, draw(fitted(one.skeleton, SIDE, SIDE)))


FORMS = ("OpenPose JSON", "OpenPose JSON, as a list", "fkunn1326 JSON")


def test_a_pose_survives_every_kind_of_file(studio: PoseStudio) -> None:
    studio.page.locator("[data-tool=hands]").click()
    studio.page.locator("[data-hand=left_hand]").select_option("victory")
    with_hand = studio.export(FORMS[0])
    shown = studio.map()
    for form, keeps_hands in zip(FORMS, (True, True, False), strict=True):
        exported = studio.export(form)
        studio.button("Default pose")
        loads(studio, lambda: not same(studio.map(), shown))
        studio.give("pose.json", "application/json", exported)
        shows(studio, shown if keeps_hands else draw(from_json(exported)))
        assert studio.export(form) == exported
        studio.give("pose.json", "application/json", with_hand)
        shows(studio, shown)


def test_a_map_is_recognised_and_comes_back_as_joints(studio: PoseStudio) -> None:
    png = studio.export("Map (PNG)")
    before = studio.pose()
    studio.give("anything.png", "image/png", png)
    studio.sees("its joints were read back")
    expect(studio.joint(WRIST)).to_be_visible()
    ours, theirs = before.people[0].body[4], studio.pose().people[0].body[4]
    assert ours
    assert theirs
    assert abs(ours.x - theirs.x) + abs(ours.y - theirs.y) < 2


@pytest.mark.parametrize("dropped", [False, True], ids=["uploaded", "dropped on the canvas"])
def test_a_photo_becomes_a_figure_that_lies_over_it(studio: PoseStudio, dropped: bool) -> None:
    old, before = studio.map(), studio.at(WRIST)
    if dropped:
        studio.drop("astronaut.jpg", "image/jpeg", PHOTO.read_bytes())
    else:
        studio.give("astronaut.jpg", "image/jpeg", PHOTO.read_bytes())
    studio.sees("Found 1 person")
    expect(studio.page.locator("svg.canvas image")).to_be_visible()
    loads(studio, lambda: not same(studio.map(), old))
    nose = studio.pose().people[0].body[0]
    assert nose
    assert abs(nose.x / SIDE - NOSE[0]) + abs(nose.y / SIDE - NOSE[1]) < 0.06
    studio.page.locator("[data-tool=undo]").click()
    loads(studio, lambda: same(studio.map(), old))
    assert studio.at(WRIST) == pytest.approx(before, abs=0.1)


def test_a_picture_takes_its_photos_shape_and_the_figure_stays_on_it(studio: PoseStudio) -> None:
    wide = Image.new("RGB", (1024, 512), "grey")
    with Image.open(PHOTO) as photo:
        wide.paste(photo, (512, 0))
    buffer = io.BytesIO()
    wide.save(buffer, "PNG")
    studio.give("wide.png", "image/png", buffer.getvalue())
    studio.sees("Found 1 person")
    studio.button("Take its shape")
    studio.sees("The map, 360 x 184")
    loads(studio, lambda: studio.map().size == (360, 184))
    nose = studio.pose().people[0].body[0]
    assert nose
    scale = 360 / 1024
    assert abs(nose.x - (512 + 512 * NOSE[0]) * scale) < 8
    assert abs(nose.y - (512 * NOSE[1] * scale + (184 - 512 * scale) / 2)) < 8


def test_a_unit_without_anybody_to_follow_says_so_at_once(studio: PoseStudio) -> None:
    note = studio.page.get_by_text("there is nobody in the pose")
    studio.page.locator("[data-tool=remove]").click()
    expect(note).to_be_visible()
    studio.page.locator("[data-tool=add]").click()
    expect(note).to_have_count(0)


def test_a_picture_without_people_lies_under_the_figure(studio: PoseStudio) -> None:
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(buffer, "PNG")
    studio.give("photo.png", "image/png", buffer.getvalue())
    studio.sees("Nobody was found in this photo")
    href = studio.page.locator("svg.canvas image").get_attribute("href")
    assert href
    assert href.startswith("data:image/webp")
    studio.button("Remove the photo")
    expect(studio.page.locator("svg.canvas image")).to_be_hidden()


STROKES = (
    [(260, 60), (295, 75), (310, 110), (295, 145), (260, 160), (225, 145), (210, 110), (225, 75),
     (260, 60)],
    [(260, 160), (260, 330)],
    [(260, 190), (200, 240), (150, 300)],
    [(260, 190), (320, 240), (370, 300)],
    [(260, 330), (225, 410), (205, 490)],
    [(260, 330), (295, 410), (315, 490)],
)  # fmt: skip


def sketched(page: Page) -> None:
    canvas = page.locator(".st-key-sketch-canvas canvas.upper-canvas")
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for first, *rest in STROKES:
        page.mouse.move(box["x"] + first[0], box["y"] + first[1])
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
        page.mouse.up()
        page.wait_for_timeout(400)  # the canvas waits 200 ms before it tells of a stroke


def test_a_sketch_becomes_a_figure(studio: PoseStudio) -> None:
    old = studio.map()
    studio.page.get_by_text("Sketch", exact=True).first.click()
    sketched(studio.page)
    studio.button("Make a skeleton of it")
    expect(studio.joint(WRIST)).to_be_visible()
    loads(studio, lambda: not same(studio.map(), old))
    (person,) = studio.pose().people
    scale = SIDE / 520
    nose, hand, foot = (person.body[index] for index in (0, 4, 13))
    assert nose
    assert hand
    assert foot
    assert abs(nose.x - 260 * scale) < 15
    assert abs(hand.x - 150 * scale) < 15
    assert abs(foot.y - 490 * scale) < 15


def test_a_photo_may_lie_under_a_sketch(studio: PoseStudio) -> None:
    studio.page.get_by_text("Sketch", exact=True).first.click()
    expect(studio.page.locator(".st-key-sketch-canvas canvas.upper-canvas")).to_be_visible()
    studio.give("astronaut.jpg", "image/jpeg", PHOTO.read_bytes())
    studio.sees("Draw over it")
    expect(studio.page.locator(".st-key-sketch-canvas canvas.upper-canvas")).to_be_visible()
    studio.page.get_by_role("button", name="Remove astronaut.jpg").click()
    studio.page.get_by_text("Pose editor", exact=True).first.click()
    expect(studio.joint(WRIST)).to_be_visible()
    expect(studio.page.locator("svg.canvas image")).to_be_hidden()


def test_strokes_survive_a_reload(studio: PoseStudio) -> None:
    studio.page.get_by_text("Sketch", exact=True).first.click()
    sketched(studio.page)
    studio.button("Use the sketch as it is")
    drawn = studio.page.get_by_alt_text("The sketch on the drawing board")
    expect(drawn.first).to_be_visible()
    studio.page.reload()
    studio.open_studio()
    expect(drawn.first).to_be_visible()
    studio.page.get_by_text("Sketch", exact=True).first.click()
    studio.button("Make a skeleton of it")
    expect(studio.joint(WRIST)).to_be_visible()


def test_two_who_save_the_same_pose_and_the_second_is_told(
    studio: PoseStudio, new_page: NewPage, url: str
) -> None:
    save(studio, "Shared", "Save as new")
    other = PoseStudio(new_page(), url)
    other.open_studio()
    other.button("Pose library")
    other.page.get_by_text("Team", exact=True).click()
    other.page.locator("button.pose[title='Shared']").click()
    other.button("Load")
    expect(other.page.get_by_role("dialog")).to_have_count(0)
    save(other, "Theirs", "Save changes")
    other.sees("Saved as “Theirs”")
    save(studio, "Mine", "Save changes")
    studio.sees("was changed meanwhile")
    save(studio, "Mine", "Save as new")
    studio.sees("Saved as “Mine”")


def save(user: PoseStudio, name: str, button: str) -> None:
    user.button("Add to library")
    user.box("Name of the pose", name)
    user.page.get_by_role("textbox", name="Name of the pose").press("Tab")
    user.button(button)
    user.page.keyboard.press("Escape")


def test_the_exported_file_is_what_other_editors_read(studio: PoseStudio) -> None:
    pose = studio.pose()
    assert export_json(pose) == studio.export("OpenPose JSON").decode()
