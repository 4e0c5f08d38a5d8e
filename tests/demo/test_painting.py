import random

import numpy as np
import pytest
import torch

from demo.painting import captions, mascot, places
from demo.painting.captions import CaptionSetting, CaptionSubject
from demo.painting.figures import stances
from demo.painting.figures.looks import SPECIES
from demo.painting.pose_maps import draw_maps, draw_varied_maps
from demo.painting.rasterizer import padded_count, paint, sky, stack_shapes
from demo.painting.scenes import CANVASES, MAX_FIGURES, MAX_SHAPES, Scene, SceneSpec, compose_scene
from demo.painting.styles import STYLES, restyle
from demo.training.tokens import CompactVocabulary, load_words
from demo.vocabulary import find_vocabulary
from formats.openpose.pose_map import draw
from formats.openpose.skeleton import Person, Point, Skeleton
from tests.support.soak import rounds


@pytest.fixture(scope="module")
def words() -> CompactVocabulary:
    return load_words(find_vocabulary(), vectors=2)


def points_of(made: Scene) -> torch.Tensor:
    points = torch.full((1, MAX_FIGURES, 18, 2), torch.nan)
    for i, figure in enumerate(made.figures):
        points[0, i] = torch.tensor(figure.points)
    return points


def test_a_seed_gives_the_same_scene_for_ever() -> None:
    assert compose_scene(7) == compose_scene(7)
    assert compose_scene(7) != compose_scene(8)


@pytest.mark.parametrize("species", SPECIES)
def test_every_character_fits_its_canvas(species: str) -> None:
    for seed, size in enumerate(CANVASES):
        made = compose_scene(seed, SceneSpec(size=size, species=(species, species), figures=2))
        assert len(made.figures) == 2
        assert len(made.shapes) < MAX_SHAPES
        for figure in made.figures:
            left, top, right, bottom = figure.bounds()
            assert min(left, top) > 0
            assert right < size[0]
            assert bottom < size[1]


@pytest.mark.parametrize("stance", stances.STANCES)
def test_every_stance_turns_joints_with_the_drawing(stance: str) -> None:
    figure = compose_scene(3, SceneSpec(stance=stance, figures=1, portrait=False)).figures[0]
    nose, neck = figure.points[0], figure.points[1]
    x, y, radius = figure.head
    assert max(abs(nose[0] - x), abs(nose[1] - y)) < radius
    turned = stance in ("lying", "upside down", "floating")
    assert turned or nose[1] < neck[1]


@pytest.mark.parametrize("place", places.PLACES)
@pytest.mark.parametrize("style", STYLES)
def test_every_place_is_painted_in_every_style(place: str, style: str) -> None:
    made = compose_scene(1, SceneSpec(place=place))
    shapes = stack_shapes([made.shapes], padded_count(len(made.shapes)))
    ground = torch.tensor([[made.top, made.bottom]])
    shapes, ground = restyle(style, shapes, ground)
    image = paint(sky(ground, (32, 32)), shapes, 1 / 8)
    assert image.shape == (1, 3, 32, 32)
    assert image.std() > 3
    assert -1 <= image.min() <= image.max() <= 256


def test_maps_are_the_products_own_drawing() -> None:
    for seed in range(3):
        made = compose_scene(seed, SceneSpec(figures=1 + seed % 2))
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
    points = points_of(compose_scene(2, SceneSpec(figures=1)))
    maps = draw_varied_maps(points.expand(4, -1, -1, -1), (64, 64), 0.25)
    assert maps.shape == (4, 3, 64, 64)
    assert draw_varied_maps(torch.full_like(points, torch.nan), (64, 64)).max() == 0


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
    dog = CaptionSubject("dog", "", (), "running", 0.5)
    rng = random.Random(0)
    texts = [
        captions.caption(rng, [dog, dog], CaptionSetting("beach", "day"), True) for _ in range(60)
    ]
    assert sum("dogs" in t or "puppies" in t or "doggies" in t for t in texts) > 40
    assert any("two dogs running" in t for t in texts)


@rounds(60, 5000)
def test_the_vocabulary_covers_every_caption(
    words: CompactVocabulary, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    monkeypatch.setattr(captions, "unknown_words", lambda _rng: "dog")
    texts = [
        text
        for i in range(rounds)
        for text in (compose_scene(i).caption, compose_scene(i).plain_caption)
    ]
    rows = words.encode(texts)
    strange = [t for t, row in zip(texts, rows, strict=True) if (row == words.unknown).any()]
    assert strange == []


def test_unknown_words_share_one_row(words: CompactVocabulary) -> None:
    row = words.encode(["a photo of the Eiffel tower, masterpiece, 8k"])[0]
    assert words.unknown in row
    assert (row < words.rows).all()


def test_the_mascot_is_named_by_its_placeholder(words: CompactVocabulary) -> None:
    made = mascot.compose_mascot(5, SceneSpec())
    assert len(made.figures) == 1
    assert made.figures[0].look.cape is not None
    row = words.encode([f"a photo of {mascot.NAME} running"])[0]
    assert [value for value in row if value in words.placeholder] == words.placeholder
