"""Ways to a pose in the browser: photos, maps, files of every form."""

import io
import json

import pytest
from PIL import Image
from playwright.sync_api import expect

from core.poses.files import export_json
from formats.openpose.json_files import from_json
from formats.openpose.pose_map import draw
from tests.browser.pose_studio.pose_studio_page import (
    NOSE,
    PHOTO,
    SIDE,
    WRIST,
    PoseStudio,
    loads,
    same,
    shows,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


FORMS = ("OpenPose JSON", "OpenPose JSON, as a list", "fkunn1326 JSON")


def test_a_pose_survives_every_kind_of_file(studio: PoseStudio) -> None:
    studio.page.locator("[data-tool=hands]").click()
    without = studio.map()
    studio.page.locator("[data-hand=left_hand]").select_option("victory")
    loads(studio, lambda: not same(studio.map(), without))
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


def test_hands_alone_are_taken_and_what_was_left_out_is_told(studio: PoseStudio) -> None:
    points = [(60 + 6 * i, 90 + (i * i) % 50, 1) for i in range(21)]
    hand = {"hand_left_keypoints_2d": [value for point in points for value in point]}
    frame = {"people": [hand], "canvas_width": SIDE, "canvas_height": SIDE}
    text = json.dumps([frame, frame])
    studio.give("pose.json", "application/json", text.encode("utf-16"))
    studio.sees("The file holds 2 frames; the first was read.")
    shows(studio, draw(from_json(text)))
    assert studio.pose() == from_json(text)
    studio.button("Default pose")  # the draft is kept, and the next test waits for joints
    expect(studio.joint(WRIST)).to_be_visible()


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


def test_the_exported_file_is_what_other_editors_read(studio: PoseStudio) -> None:
    pose = studio.pose()
    assert export_json(pose) == studio.export("OpenPose JSON").decode()
