import torch

from demo.evaluation import cases
from demo.evaluation.colour_measure import figure_colours
from demo.evaluation.judge import classify_images, trained_judge
from demo.evaluation.pose_measure import measure
from demo.painting.palette import COLOURS
from demo.painting.scenes import SceneSpec

CPU = torch.device("cpu")


def test_the_renderers_own_pictures_score_high_and_others_low() -> None:
    posed = cases.pose_cases(6, ("standing", "running", "lying"), 1, CPU)
    own = measure(posed.rendered, posed.points).means()
    other = measure(posed.rendered, posed.points.roll(1, 0)).means()
    assert own["cover"] > 0.9
    assert own["inside"] > 0.85
    assert other["cover"] < 0.7
    assert other["iou"] < 0.5 * own["iou"]


def test_two_figures_are_measured_together() -> None:
    posed = cases.pose_cases(3, ("standing",), 2, CPU)
    assert measure(posed.rendered, posed.points).means()["cover"] > 0.9


def test_an_empty_picture_covers_nothing() -> None:
    posed = cases.pose_cases(2, ("standing",), 1, CPU)
    assert measure(torch.zeros_like(posed.rendered), posed.points).cover.max() == 0


def test_a_figures_colour_is_read_from_its_pixels() -> None:
    right = 0
    for i, name in enumerate(COLOURS):
        ground = SceneSpec(
            figures=1, place="plain", colour=name, species=("dog",), bare=True, portrait=False
        )
        made = cases.held_out_scenes(2, ground, first=100 * i)
        right += sum(c == name for c in figure_colours(cases.paint_scenes(made, CPU)))
    assert right >= 19


def test_the_judge_that_ships_knows_painted_characters() -> None:
    made = cases.held_out_scenes(24, SceneSpec(figures=1))
    names, counts = classify_images(trained_judge(), cases.paint_scenes(made, CPU))
    right = sum(n == s.figures[0].look.species for n, s in zip(names, made, strict=True))
    assert right >= 22
    assert counts.count(1) >= 22
