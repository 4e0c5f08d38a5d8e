import torch

from demo.drawing.palette import COLOURS
from demo.drawing.scenes import Wish
from demo.evaluation import cases
from demo.evaluation.colour_measure import figure_colours
from demo.evaluation.judge import trained_judge, verdicts
from demo.evaluation.pose_measure import measure

CPU = torch.device("cpu")


def test_the_renderers_own_pictures_score_high_and_others_low() -> None:
    posed = cases.posed(6, ("standing", "running", "lying"), 1, CPU)
    own = measure(posed.truth, posed.points).means()
    other = measure(posed.truth, posed.points.roll(1, 0)).means()
    assert own["cover"] > 0.9
    assert own["inside"] > 0.85
    assert other["cover"] < 0.7
    assert other["iou"] < 0.5 * own["iou"]


def test_two_figures_are_measured_together() -> None:
    posed = cases.posed(3, ("standing",), 2, CPU)
    assert measure(posed.truth, posed.points).means()["cover"] > 0.9


def test_an_empty_picture_covers_nothing() -> None:
    posed = cases.posed(2, ("standing",), 1, CPU)
    assert measure(torch.zeros_like(posed.truth), posed.points).cover.max() == 0


def test_a_figures_colour_is_read_from_its_pixels() -> None:
    right = 0
    for i, name in enumerate(COLOURS):
        ground = Wish(
            figures=1, place="plain", colour=name, species=("dog",), bare=True, portrait=False
        )
        made = cases.truth(2, ground, first=100 * i)
        right += sum(c == name for c in figure_colours(cases.painted(made, CPU)))
    assert right >= 19


def test_the_judge_that_ships_knows_painted_characters() -> None:
    made = cases.truth(24, Wish(figures=1))
    names, counts = verdicts(trained_judge(), cases.painted(made, CPU))
    right = sum(n == s.figures[0].look.species for n, s in zip(names, made, strict=True))
    assert right >= 22
    assert counts.count(1) >= 22
