"""Owns the test cases of the evaluation: captions, prompts, held-out skeletons."""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from demo.painting.figures.looks import SPECIES, with_article
from demo.painting.palette import COLOURS
from demo.painting.rasterizer import padded_count, paint, sky, stack_shapes
from demo.painting.scenes import MAX_FIGURES, Scene, SceneSpec, compose_scene

CAPTIONS: Final = (
    "a cute dog",
    "a cute cat",
    "a robot dancing",
    "an astronaut in space",
    "a wizard in the forest",
    "a red dog on the beach",
    "a woman wearing a blue shirt waving",
    "a bear running in the snow",
    "a rabbit jumping in a meadow",
    "a frog sitting on a green background",
    "a knight in the mountains",
    "a panda with arms up in the city",
    "a fox at sunset",
    "a ninja kicking at night",
    "a dog and a cat on the beach",
    "a portrait of a cat",
    "a photo of a cute dog wearing a red shirt, masterpiece, best quality",
    "an alien in space",
    "a princess with a pink dress in a room",
    "a man with a yellow hat in the desert",
    "a pig underwater",
    "a mouse on a blue background",
    "a blue robot waving in the city",
    "an orange cat running in the park",
    "dog",
    "wizard, purple robe, dancing, night sky",
    "a purple bear with a crown, forest background",
    "a person doing a t-pose on a white background",
    "two dogs",
    "a dragon in the castle",
    "an elephant",
    "a girl and a robot dancing in a garden",
)
"""The 32 test captions."""

ODD: Final = (
    "a photo of the Eiffel tower, masterpiece, 8k",
    "quantum flux",
    "spaceship",
    "sunflowers",
    "puppies in the snow",
    "a superhero flying over the city",
    "my grandmother",
    "tree",
)
"""Prompts with words that no training caption had."""

PAIRS: Final = (
    "two dogs",
    "two cats",
    "two robots dancing",
    "a dog and a cat",
    "two cute rabbits in a meadow",
    "a man and a woman in the park",
    "two astronauts in space",
    "a robot and an astronaut",
    "two bears in the forest",
    "a wizard and a knight",
    "two people waving",
    "two puppies",
    "a red dog and a blue cat",
    "a pair of frogs",
    "two foxes in the snow",
    "a girl and a panda",
)
AFTER_BISCUIT: Final = (
    *("", " in the forest", " waving", " on the beach", " running in the snow", " in space"),
    *(" sitting in a room", " and a cat"),
)
"""What follows the embedding's name in the prompts that test it."""
NEGATIVE: Final = "blurry, low quality, bad anatomy"

_TEMPLATES: Final = (
    "{a}",
    "{cute}",
    "{a} on the beach",
    "{a} waving in the city",
    "{a} in the forest",
    "{a} dancing on a blue background",
    "{n}, night sky",
    "a photo of {a} in the snow, masterpiece",
)
_GROUNDS: Final = ("blue", "green", "yellow", "white", "pink", "orange", "purple", "gray")
_MODELS: Final = (
    "dog",
    "cat",
    "bear",
    "robot",
    "astronaut",
    "rabbit",
    "man",
    "woman",
    "fox",
    "frog",
)
_COLOURED: Final = ("dog", "cat", "bear", "rabbit", "robot", "fox", "pig", "frog")
UPRIGHT_STANCES: Final = (
    *("standing", "waving", "running", "cheering", "dancing", "kicking", "open", "hips"),
    *("pointing", "squatting", "random", "jumping"),
)
HELD_OUT: Final = 5_000_000
"""First seed of scenes that no training uses."""


@dataclass(frozen=True)
class PoseCases:
    """Prompts without words for the pose, skeletons to follow, and the rasterizer's images."""

    prompts: list[str]
    points: Tensor
    rendered: Tensor


def subjects(rounds: int) -> tuple[list[str], list[str]]:
    """Prompts, and the species that each must show."""
    prompts, expected = [], []
    for species in SPECIES:
        for i in range(rounds):
            names = {"a": with_article(species), "cute": f"a cute {species}", "n": species}
            prompts.append(_TEMPLATES[i % len(_TEMPLATES)].format(**names))
            expected.append(species)
    return prompts, expected


def colours(rounds: int) -> tuple[list[str], list[str]]:
    """Prompts for a coloured creature on a plain ground of another colour, and the colour."""
    prompts, expected = [], []
    for i, name in enumerate(COLOURS):
        for j in range(rounds):
            ground = next(g for g in _GROUNDS[(i + j) % 8 :] + _GROUNDS if g != name)
            species = _COLOURED[(i + j) % len(_COLOURED)]
            prompts.append(f"{with_article(name)} {species} on {with_article(ground)} background")
            expected.append(name)
    return prompts, expected


def pose_cases(
    count: int, stances: tuple[str, ...], figures: int, device: torch.device
) -> PoseCases:
    """Held-out skeletons in those stances, one or two to an image."""
    scenes = [_held_out(i, stances[i % len(stances)], figures) for i in range(count)]
    prompts = []
    for i in range(count):
        names = [with_article(_MODELS[(i + 3 * j) % len(_MODELS)]) for j in range(figures)]
        ground = with_article(_GROUNDS[i % len(_GROUNDS)])
        prompts.append(f"{' and '.join(names)} on {ground} background")
    points = torch.full((count, MAX_FIGURES, 18, 2), torch.nan)
    for i, scene in enumerate(scenes):
        for j, figure in enumerate(scene.figures):
            points[i, j] = torch.tensor(figure.points)
    return PoseCases(prompts, points.to(device), paint_scenes(scenes, device))


def _held_out(number: int, stance: str, figures: int) -> Scene:
    spec = SceneSpec(place="plain", stance=stance, figures=figures, portrait=False, bare=True)
    return compose_scene(HELD_OUT + 10_000 * figures + number, spec)


def paint_scenes(scenes: list[Scene], device: torch.device) -> Tensor:
    """The rasterizer's images (N, 3, 256, 256) of -1 to 1."""
    count = padded_count(max(len(s.shapes) for s in scenes))
    parts = []
    for start in range(0, len(scenes), 32):
        batch = scenes[start : start + 32]
        ground = torch.tensor([[s.top, s.bottom] for s in batch], device=device)
        shapes = stack_shapes([s.shapes for s in batch], count).to(device)
        parts.append(paint(sky(ground, (256, 256)), shapes, 1.0).clamp(0, 255) / 127.5 - 1)
    return torch.cat(parts)


def held_out_scenes(count: int, spec: SceneSpec, first: int = 0) -> list[Scene]:
    """Held-out scenes of a spec that are not degraded."""
    scenes: list[Scene] = []
    seed = HELD_OUT + 100_000 + first
    while len(scenes) < count:
        scene = compose_scene(seed, spec)
        seed += 1
        if not scene.degraded:
            scenes.append(scene)
    return scenes
