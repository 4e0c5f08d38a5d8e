import random

import numpy as np
import pytest
import torch

from demo.drawing import captions, mascot, places
from demo.drawing.captions import Setting, Subject
from demo.drawing.figures import stances
from demo.drawing.figures.looks import SPECIES
from demo.drawing.painter import padded, paint, sky, stacked
from demo.drawing.posemaps import draw_maps, draw_varied
from demo.drawing.scenes import CANVASES, MAX_FIGURES, MAX_SHAPES, Scene, Wish, scene
from demo.drawing.styles import STYLES, restyle
from demo.training.tokens import Words, load_words
from demo.vocabulary import find_vocabulary
from formats.openpose.pose_map import draw
from formats.openpose.skeleton import Person, Point, Skeleton
from tests.support.soak import rounds


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words(find_vocabulary(), vectors=2)


def points_of(made: Scene) -> torch.Tensor:
    points = torch.full((1, MAX_FIGURES, 18, 2), torch.nan)
    for i, figure in enumerate(made.figures):
        points[0, i] = torch.tensor(figure.points)
    return points


def test_a_seed_gives_the_same_scene_for_ever() -> None:
    assert scene(7) == scene(7)
    assert scene(7) != scene(8)


@pytest.mark.parametrize("species", SPECIES)
def test_every_character_fits_its_canvas(species: str) -> None:
    for seed, size in enumerate(CANVASES):
        made = scene(seed, Wish(size=size, species=(species, species), figures=2))
        assert len(made.figures) == 2
        assert len(made.shapes) < MAX_SHAPES
        for figure in made.figures:
            left, top, right, bottom = figure.bounds()
            assert min(left, top) > 0
            assert right < size[0]
            assert bottom < size[1]


@pytest.mark.parametrize("stance", stances.STANCES)
def test_every_stance_turns_joints_with_the_drawing(stance: str) -> None:
    figure = scene(3, Wish(stance=stance, figures=1, portrait=False)).figures[0]
    nose, neck = figure.points[0], figure.points[1]
    x, y, radius = figure.head
    assert max(abs(nose[0] - x), abs(nose[1] - y)) < radius
    turned = stance in ("lying", "upside down", "floating")
    assert turned or nose[1] < neck[1]


@pytest.mark.parametrize("place", places.PLACES)
@pytest.mark.parametrize("style", STYLES)
def test_every_place_is_painted_in_every_style(place: str, style: str) -> None:
    made = scene(1, Wish(place=place))
    shapes = stacked([made.shapes], padded(len(made.shapes)))
    ground = torch.tensor([[made.top, made.bottom]])
    shapes, ground = restyle(style, shapes, ground)
    picture = paint(sky(ground, (32, 32)), shapes, 1 / 8)
    assert picture.shape == (1, 3, 32, 32)
    assert picture.std() > 3
    assert -1 <= picture.min() <= picture.max() <= 256


def test_maps_are_the_products_own_drawing() -> None:
    for seed in range(3):
        made = scene(seed, Wish(figures=1 + seed % 2))
        people = tuple(
            Person(body=tuple(Point(x=x, y=y) for x, y in f.points)) for f in made.figures
        )
        exact = np.asarray(draw(Skeleton(width=256, height=256, people=people)), dtype=np.float32)
        ours = draw_maps(points_of(made), (256, 256))[0].permute(1, 2, 0).numpy() * 255
        off = np.abs(exact - ours).max(-1)
        lit = (exact > 0).any(-1) | (ours > 0).any(-1)
        assert off[lit].mean() < 14
        assert (off > 100).sum() < 0.07 * lit.sum()


def test_varied_maps_never_show_a_joint_that_is_missing() -> None:
    points = points_of(scene(2, Wish(figures=1)))
    maps = draw_varied(points.expand(4, -1, -1, -1), (64, 64), 0.25)
    assert maps.shape == (4, 3, 64, 64)
    assert draw_varied(torch.full_like(points, torch.nan), (64, 64)).max() == 0


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("dog", "dogs"),
        ("teddy bear", "teddy bears"),
        ("woman", "women"),
        ("puppy", "puppies"),
        ("mouse", "mice"),
        ("fox", "foxes"),
    ],
)
def test_plurals(noun: str, many: str) -> None:
    assert captions.plural(noun) == many


def test_two_alike_are_counted_in_one_phrase() -> None:
    dog = Subject("dog", "", (), "running", 0.5)
    rng = random.Random(0)
    texts = [captions.caption(rng, [dog, dog], Setting("beach", "day"), True) for _ in range(60)]
    assert sum("dogs" in t or "puppies" in t or "doggies" in t for t in texts) > 40
    assert any("two dogs running" in t for t in texts)


@rounds(60, 5000)
def test_the_vocabulary_covers_every_caption(
    words: Words, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    monkeypatch.setattr(captions, "unknown_words", lambda _rng: "dog")
    texts = [text for i in range(rounds) for text in (scene(i).caption, scene(i).plain_caption)]
    rows = words.encode(texts)
    strange = [t for t, row in zip(texts, rows, strict=True) if (row == words.unknown).any()]
    assert strange == []


def test_unknown_words_share_one_row(words: Words) -> None:
    row = words.encode(["a photo of the Eiffel tower, masterpiece, 8k"])[0]
    assert words.unknown in row
    assert (row < words.rows).all()


def test_the_mascot_is_named_by_its_placeholder(words: Words) -> None:
    made = mascot.scene(5, Wish())
    assert len(made.figures) == 1
    assert made.figures[0].look.cape is not None
    row = words.encode([f"a photo of {mascot.NAME} running"])[0]
    assert [value for value in row if value in words.placeholder] == words.placeholder
