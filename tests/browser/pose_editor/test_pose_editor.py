"""The pose editor in a real browser: what is drawn and dragged reaches Python, unspoilt."""

import math

import pytest
from PIL import Image, ImageChops, ImageFilter

from formats.openpose.pose_map import LIMBS, draw, limb_outline, limb_radius
from formats.openpose.skeleton import Point
from poses.hands import HandShape, Side, with_hand
from tests.browser.pose_editor.editor_driver import MAP, Place, joint, options, place
from tests.browser.pose_studio.figure_checks import (
    ELBOW,
    HIP,
    KNEE,
    LEFT_WRIST,
    NECK,
    WRIST,
    Open,
    changed,
    is_map_of,
    lengths,
    middle,
    near,
    off,
)

pytestmark = pytest.mark.browser


def test_a_dragged_joint_takes_its_limb_along_and_changes_the_map(editor: Open) -> None:
    page = editor()
    before, old_map = page.held(), page.map()
    start = place(before.people[0].body, WRIST)
    end = off(start, -60, 30)

    page.drag(start, end, let_go=False)
    page.page.wait_for_function(
        "([node, x]) => Math.abs(node.getAttribute('cx') - x) < 1.5",
        arg=[page.joint("right wrist").element_handle(), end[0]],
    )
    forearm = page.attributes(".limb")[LIMBS.index((ELBOW, WRIST))]
    expected = math.dist(place(before.people[0].body, ELBOW), end)
    assert float(forearm["rx"]) * 2 == pytest.approx(expected, abs=1.5)
    assert page.held() == before, "nothing is handed over before the mouse is up"

    page.page.mouse.up()
    after = page.until(lambda pose: near(pose.people[0].body[WRIST], end))
    assert changed(before.people[0], after.people[0]) == [WRIST]
    page.page.wait_for_function(
        "([map, old]) => document.querySelector(map)?.src !== old", arg=[MAP, old_map.source]
    )
    assert is_map_of(old_map.data, before)
    assert is_map_of(page.map().data, after)


def test_twenty_quick_drags_are_all_kept(editor: Open) -> None:
    page = editor()
    body = page.held().people[0].body
    here = {index: place(body, index) for index in range(len(body))}
    moves = [*here, WRIST, KNEE]
    for index in moves:
        page.drag(here[index], off(here[index], 5, 5), steps=3)
        here[index] = off(here[index], 5, 5)
    assert len(moves) == 20
    page.until(lambda pose: all(near(pose.people[0].body[i], at) for i, at in here.items()))


def test_mirroring_swaps_the_sides_and_twice_is_the_same(editor: Open) -> None:
    page = editor()
    start = page.held()
    page.use("mirror")
    once = page.until(lambda pose: pose != start).people[0]
    right = place(start.people[0].body, WRIST)
    assert place(once.body, LEFT_WRIST)[1] == right[1], "the right wrist became the left one"
    assert place(once.body, WRIST)[0] < place(once.body, LEFT_WRIST)[0]
    page.use("mirror")
    page.until(lambda pose: pose == start)


def test_a_hidden_joint_keeps_its_place_and_leaves_the_map(editor: Open) -> None:
    page = editor()
    start = page.held()
    wrist = place(start.people[0].body, WRIST)
    gone = Point(x=wrist[0], y=wrist[1], hidden=True)
    limbs = len(page.attributes(".limb"))
    page.page.mouse.dblclick(*page.on_screen(wrist))
    page.until(lambda pose: pose.people[0].body[WRIST] == gone)
    assert len(page.attributes(".limb")) == limbs - 1
    assert "hidden" in (page.joint("right wrist").get_attribute("aria-label") or "")
    page.page.keyboard.press("Delete")
    page.until(lambda pose: pose == start)
    page.use("visible")
    page.until(lambda pose: pose.people[0].body[WRIST] == gone)


def test_people_are_added_duplicated_and_removed(editor: Open) -> None:
    page = editor("width=768&height=512")
    page.use("add")
    page.until(lambda pose: len(pose.people) == 2)
    page.use("duplicate")
    three = page.until(lambda pose: len(pose.people) == 3)
    assert lengths(three.people[2]) == pytest.approx(lengths(three.people[1]), abs=0.05)
    assert three.people[1] != three.people[2]
    page.use("remove")
    page.until(lambda pose: pose.people == three.people[:2])
    page.page.mouse.click(*page.on_screen(middle(three.people[0], HIP, KNEE)))
    page.page.keyboard.press("Delete")
    page.until(lambda pose: pose.people == three.people[1:2])


def test_a_dragged_limb_moves_the_person_or_with_alt_the_limb(editor: Open) -> None:
    page = editor()
    start = page.held().people[0]
    thigh = middle(start, HIP, KNEE)
    page.drag(thigh, off(thigh, 30, 20))
    nose = off(place(start.body, 0), 30, 20)
    moved = page.until(lambda pose: near(pose.people[0].body[0], nose)).people[0]
    assert lengths(moved) == pytest.approx(lengths(start), abs=0.05)
    page.page.keyboard.down("Alt")
    page.drag(off(thigh, 30, 20), off(thigh, 45, 20))
    page.page.keyboard.up("Alt")
    after = page.until(lambda pose: pose.people[0] != moved).people[0]
    assert changed(moved, after) == [HIP, KNEE]


@pytest.mark.parametrize(
    ("index", "dx", "dy"), [(WRIST, 50, -90), (ELBOW, -60, -40), (KNEE, 40, 5), (NECK, 20, 10)]
)
def test_locked_limbs_keep_their_lengths(editor: Open, index: int, dx: int, dy: int) -> None:
    page = editor("lock=1")
    start = page.held().people[0]
    target = off(place(start.body, index), dx, dy)
    page.drag(place(start.body, index), target)
    after = page.until(lambda pose: pose.people[0] != start).people[0]
    assert lengths(after) == pytest.approx(lengths(start), abs=0.05)
    if index == WRIST:
        assert near(after.body[WRIST], target)
        assert changed(start, after) == [ELBOW, WRIST]


@pytest.mark.parametrize("grip", ["turn", "c"])
def test_turned_and_scaled_people_stay_on_the_canvas(editor: Open, grip: str) -> None:
    page = editor()
    start = page.held().people[0]
    page.page.mouse.click(*page.on_screen(middle(start, HIP, KNEE)))
    box = page.page.locator(f".frame .{grip}").bounding_box()
    assert box
    mouse = page.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(*page.on_screen((900, 560)), steps=8)
    mouse.up()
    after = page.until(lambda pose: pose.people[0] != start).people[0]
    ratios = [a / b for a, b in zip(lengths(after), lengths(start), strict=True)]
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=0.01), "it keeps its shape"
    assert ratios[0] == pytest.approx(1, rel=0.01) if grip == "turn" else ratios[0] > 1.02
    assert all(p and 0 <= p.x <= 512 and 0 <= p.y <= 512 for p in after.body)


@pytest.mark.parametrize(("width", "height"), [(512, 512), (512, 1024), (2048, 1152)])
def test_the_canvas_fits_and_lies_within_a_pixel_of_the_map(
    editor: Open, width: int, height: int
) -> None:
    page = editor(f"width={width}&height={height}&hands=1")
    page.page.locator("[data-hand=left_hand]").select_option("open")
    pose = page.until(lambda pose: pose.people[0].left_hand is not None)
    body = pose.people[0].body
    assert is_map_of(page.map().data, pose)
    for drawn, (a, b) in zip(page.attributes(".limb"), LIMBS, strict=True):
        outline = limb_outline(joint(body, a), joint(body, b), limb_radius(width, height))
        pairs = zip(ellipse(drawn), outline, strict=True)
        assert max(math.dist(p, q) for p, q in pairs) < 0.1
    painted, expected = mask(page.raster(width, height)), mask(draw(pose))
    for one, other in [(painted, expected), (expected, painted)]:
        beyond = ImageChops.subtract(one, other.filter(ImageFilter.MaxFilter(3)))
        assert beyond.getbbox() is None
    box = page.page.locator("svg.canvas").bounding_box()
    assert box
    assert box["height"] <= 0.73 * options()["viewport"]["height"]


def mask(picture: Image.Image) -> Image.Image:
    """What is drawn at all: the darkest limb has 153, its half-covered rim 76."""
    red, green, blue = picture.convert("RGB").split()
    brightest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return brightest.point([255 * (value > 76) for value in range(256)])


def ellipse(drawn: dict[str, str]) -> list[Place]:
    """72 points of a drawn ellipse, from its attributes."""
    words = drawn["transform"].replace("(", " ").replace(")", " ").split()
    x, y, angle = float(words[1]), float(words[2]), math.radians(float(words[4]))
    long, wide = float(drawn["rx"]), float(drawn["ry"])
    turns = [2 * math.pi * i / 72 for i in range(72)]
    flat = [(long * math.cos(turn), wide * math.sin(turn)) for turn in turns]
    cos, sin = math.cos(angle), math.sin(angle)
    return [(x + u * cos - v * sin, y + u * sin + v * cos) for u, v in flat]


@pytest.mark.parametrize("side", list(Side))
def test_a_hand_is_put_on_follows_the_forearm_and_is_taken_off(editor: Open, side: Side) -> None:
    page = editor("hands=1")
    start = page.held().people[0]
    part, wrist = (f"{side}_hand", WRIST if side is Side.RIGHT else LEFT_WRIST)
    choice = page.page.locator(f"[data-hand={part}]")
    choice.select_option(HandShape.OPEN.value)
    put_on = page.until(lambda pose: getattr(pose.people[0], part) is not None).people[0]
    expected = getattr(with_hand(start, side, HandShape.OPEN), part)
    pairs = zip(getattr(put_on, part), expected, strict=True)
    assert all(near(p, (q.x, q.y), 0.02) for p, q in pairs)

    end = off(place(start.body, wrist), 40, -60)
    page.drag(place(start.body, wrist), end)
    moved = page.until(lambda pose: near(pose.people[0].body[wrist], end)).people[0]
    hand = getattr(moved, part)
    assert near(hand[0], end)
    tip = place(hand, 12)
    page.drag(tip, off(tip, -12, 9))
    page.until(lambda pose: near(getattr(pose.people[0], part)[12], off(tip, -12, 9)))
    page.use(f"turn_{part}")
    turned = page.until(lambda pose: not near(getattr(pose.people[0], part)[4], place(hand, 4)))
    ends = [place(turned.people[0].body, wrist - back) for back in (1, 0)]
    for before, after in zip(hand, getattr(turned.people[0], part), strict=True):
        assert near(after, reflected(before, *ends), 25 if before == hand[12] else 0.1)
    page.use(f"turn_{part}")
    page.until(lambda pose: near(getattr(pose.people[0], part)[4], place(hand, 4), 0.05))
    choice.select_option("none")
    page.until(lambda pose: getattr(pose.people[0], part) is None)


def reflected(point: Point, a: Place, b: Place) -> Place:
    """Mirrored about the line through two places."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = ((point.x - a[0]) * dx + (point.y - a[1]) * dy) / (dx * dx + dy * dy)
    return (2 * (a[0] + along * dx) - point.x, 2 * (a[1] + along * dy) - point.y)


def test_zoom_keeps_places_and_the_grid_catches_joints(editor: Open) -> None:
    page = editor("picture=1")
    wrist = place(page.held().people[0].body, WRIST)
    page.use("in")
    page.use("grid")
    page.drag(wrist, off(wrist, -30, -30))
    body = page.until(lambda pose: not near(pose.people[0].body[WRIST], wrist)).people[0].body
    assert [value % 16 for value in place(body, WRIST)] == [0, 0]
    assert near(body[WRIST], off(wrist, -30, -30), 12)
    page.page.locator("input[type=range]").fill("20")
    assert page.attributes("image")[0]["opacity"] == "0.2"
