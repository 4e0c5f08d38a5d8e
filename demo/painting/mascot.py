"""Composes scenes of Biscuit, the textual inversion's character: an orange dog in a blue cape."""

import random
from dataclasses import replace
from typing import Final

from demo.painting.figures.looks import Look, random_look
from demo.painting.palette import COLOURS
from demo.painting.scenes import Scene, SceneSpec, compose_scene

NAME: Final = "<*>"
"""Its name in captions; see `demo.training.tokens.PLACEHOLDER`."""
START_WORDS: Final = ("orange", "dog", "blue", "cape")
"""The words whose vectors its own are initialised with."""


def biscuit(rng: random.Random) -> Look:
    """Its look, always the same but for the build."""
    base = random_look(rng, "dog", "orange")
    return replace(
        base,
        fur=COLOURS["orange"],
        body=COLOURS["orange"],
        sleeve=COLOURS["orange"],
        fore=COLOURS["orange"],
        leg=COLOURS["orange"],
        hand=COLOURS["white"],
        shoe=COLOURS["white"],
        hat=None,
        scarf=None,
        crown=True,
        cape=COLOURS["blue"],
        shirt=False,
        colour_word="",
        wear=(),
    )


def compose_mascot(seed: int, spec: SceneSpec) -> Scene:
    """A scene with Biscuit alone, named in the caption."""
    return compose_scene(seed, replace(spec, figures=1, look=biscuit, name=NAME, portrait=False))
