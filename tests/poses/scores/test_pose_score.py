"""Images that follow their pose score high, others low, and the measure says what it used."""

import itertools
import math
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from formats.openpose.pose_map import LIMBS, draw
from formats.openpose.skeleton import Person, Skeleton
from poses.detection.detector import PoseDetector
from poses.scores.figure_mask import measure
from poses.scores.keypoints import SIGMAS, compare_keypoints, oks
from poses.scores.mask_holes import fill_holes
from poses.scores.matching import best_pairs
from poses.scores.pose_score import ScoreMethod, score_image
from tests.poses.figures import canvas, preset_pose, standing

PHOTO = Path(__file__).parents[1] / "photos" / "astronaut.jpg"
ONE = canvas(standing())
TWO = canvas(standing(0.8, -100), standing(0.8, 100))


@pytest.fixture(scope="module")
def detector() -> PoseDetector:
    return PoseDetector()


def cartoon(skeleton: Skeleton, ground: str = "lightblue") -> Image.Image:
    """Thick-limbed figures that no detector of people would know."""
    picture = Image.new("RGB", (skeleton.width, skeleton.height), ground)
    canvas = ImageDraw.Draw(picture)
    for person in skeleton.people:
        points = person.visible()
        for a, b in ((points[i], points[j]) for i, j in LIMBS[:12]):
            if a and b:
                canvas.line((a.x, a.y, b.x, b.y), fill="darkgreen", width=34)
        nose = points[0]
        if nose:
            canvas.ellipse((nose.x - 38, nose.y - 38, nose.x + 38, nose.y + 38), fill="darkgreen")
    return picture


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [(1, 1), (3, 3), (2, 4), (4, 2), (5, 5)])
def test_the_best_pairs_are_best(seed: int, size: tuple[int, int]) -> None:
    rng = random.Random(seed)
    scores = [[rng.random() for _ in range(size[1])] for _ in range(size[0])]
    wide = scores if size[0] <= size[1] else [list(row) for row in zip(*scores, strict=True)]
    best = max(
        sum(wide[i][j] for i, j in enumerate(order))
        for order in itertools.permutations(range(len(wide[0])), len(wide))
    )
    pairs = best_pairs(scores)
    assert len(pairs) == min(size)
    assert sum(scores[i][j] for i, j in pairs) == pytest.approx(best)


def test_nobody_has_no_pairs() -> None:
    assert best_pairs([]) == best_pairs([[]]) == []


def test_a_pose_is_like_itself_at_any_size_and_in_any_order() -> None:
    swapped = TWO.model_copy(update={"people": TWO.people[::-1]}).scaled(1024, 768)
    assert compare_keypoints(swapped, TWO) == pytest.approx((1, 1))


def test_who_is_not_found_counts_nothing() -> None:
    assert compare_keypoints(canvas(TWO.people[1]), TWO) == pytest.approx((0.5, 0.5))
    assert compare_keypoints(canvas(), TWO) == (0, 0)
    assert compare_keypoints(TWO, canvas(TWO.people[0])) == pytest.approx((1, 1))


def test_a_joint_off_by_its_sigma_costs_what_the_formula_says() -> None:
    joints = standing().visible()
    xs, ys = [p.x for p in joints if p], [p.y for p in joints if p]
    tall = max(ys) - min(ys)
    area = 0.53 * (max(xs) - min(xs) + 0.2 * tall) * (1.2 * tall)
    off = SIGMAS[4] * 2 * math.sqrt(area)
    moved = [p and p.model_copy(update={"x": p.x + off * (i == 4)}) for i, p in enumerate(joints)]
    assert oks(joints, Person(body=tuple(moved))) == pytest.approx((17 + math.exp(-0.5)) / 18)


def test_only_what_is_shown_on_the_canvas_counts() -> None:
    missing = standing(missing=(0, 14, 15, 16, 17))
    assert compare_keypoints(ONE, canvas(missing)) == pytest.approx((1, 1))
    assert compare_keypoints(canvas(missing), ONE) == pytest.approx((13 / 18, 13 / 18))
    outside = canvas(standing(1.5))
    assert compare_keypoints(outside, outside) == pytest.approx((1, 1))


@pytest.mark.parametrize("ground", ["white", "lightblue", "black"])
@pytest.mark.parametrize("pose", [ONE, TWO], ids=["one", "two"])
def test_a_figure_mask_tells_poses_apart(ground: str, pose: Skeleton) -> None:
    own = measure(cartoon(pose, ground), pose)
    other = measure(cartoon(pose, ground), preset_pose("leaping"))
    assert own is not None
    assert other is not None
    assert min(own.cover, own.inside) > 0.95
    assert own.iou > 0.6
    assert other.balance < 0.6


def test_an_outline_is_as_good_as_a_painted_figure() -> None:
    figure = cartoon(ONE)
    inner = figure.convert("L").filter(ImageFilter.MaxFilter(7)).point([255] * 100 + [0] * 156)
    figure.paste("lightblue", mask=inner)
    found = measure(figure, ONE)
    assert found is not None
    assert min(found.cover, found.inside) > 0.95


@pytest.mark.parametrize(
    ("mask", "filled"),
    [
        ("...../.###./.#.#./.###./.....", "...../.###./.###./.###./....."),
        ("##.../#.#../.####/.#..#/.###.", "##.../###../.####/.####/.###."),
        ("#.#/.../#.#", "#.#/.../#.#"),
        ("###/#.#/##.", "###/###/##."),
    ],
    ids=["a ring", "at corners", "open", "at the edge"],
)
def test_holes_are_filled(mask: str, filled: str) -> None:
    rows = [[pixel == "#" for pixel in row] for row in mask.split("/")]
    after = fill_holes(np.array(rows))
    assert "/".join("".join(".#"[int(pixel)] for pixel in row) for row in after) == filled


def test_the_figure_mask_asks_for_a_plain_ground() -> None:
    busy = Image.effect_noise((512, 512), 80).convert("RGB")
    assert measure(busy, ONE) is None
    assert measure(Image.new("RGB", (512, 512), "white"), ONE) is None
    assert measure(cartoon(ONE), canvas(Person(body=(None,) * 18))) is None


@pytest.mark.parametrize("missing", [(8, 11), (1, 8, 11), (0, 2, 3, 4), (8, 9, 10)])
def test_half_figures_have_a_size_too(missing: tuple[int, ...]) -> None:
    half = canvas(standing(missing=missing))
    found = measure(cartoon(half), half)
    assert found is not None
    assert found.cover > 0.9


def test_people_are_scored_by_keypoints(detector: PoseDetector) -> None:
    photo = Image.open(PHOTO)
    right = score_image(photo, detector.detect(photo), detector.detect)
    wrong = score_image(photo, preset_pose("handstand"), detector.detect)
    assert (right.method, wrong.method) == (ScoreMethod.KEYPOINTS, ScoreMethod.KEYPOINTS)
    assert right.value == right.oks == right.pck == 1
    assert wrong.value is not None
    assert wrong.value < 0.2


def test_cartoons_are_scored_by_their_mask(detector: PoseDetector) -> None:
    found = score_image(cartoon(ONE), ONE, detector.detect)
    assert found.method is ScoreMethod.FIGURE_MASK
    assert found.value is not None
    assert found.value > 0.95
    assert (found.oks, found.pck) == (None, None)


def test_a_detector_that_sees_limbs_where_none_are_is_refuted() -> None:
    drawn, other = ONE, preset_pose("leaping")
    followed = score_image(cartoon(drawn), drawn, lambda _: other)
    assert followed.method is ScoreMethod.FIGURE_MASK
    assert followed.value is not None
    assert followed.value > 0.95
    missed = score_image(cartoon(other), drawn, lambda _: other)
    assert missed.method is ScoreMethod.KEYPOINTS
    assert missed.value is not None
    assert missed.value < 0.3


def test_a_ground_may_fade_and_a_figure_may_touch_its_edge() -> None:
    shift = min(p.x for p in standing().body if p) - 12
    body = tuple(p and p.model_copy(update={"x": p.x - shift}) for p in standing().body)
    pose = canvas(Person(body=body))
    fade = Image.linear_gradient("L").resize((512, 512)).point([v // 4 for v in range(256)])
    picture = ImageChops.add(cartoon(pose, "#303060"), Image.merge("RGB", [fade] * 3))
    ImageDraw.Draw(picture).line((0, 0, 511, 0), fill="red")
    found = measure(picture, pose)
    assert found is not None
    assert min(found.cover, found.inside) > 0.9


def test_else_there_is_no_score(detector: PoseDetector) -> None:
    busy = Image.effect_noise((256, 256), 90).convert("RGB")
    for picture, pose in ((busy, ONE), (draw(ONE), canvas())):
        found = score_image(picture, pose, detector.detect)
        assert (found.value, found.method) == (None, ScoreMethod.NOT_SCORED)
