"""Draws Biscuit, the character of the textual inversion: an orange dog with a blue cape."""

import random
from dataclasses import replace
from typing import Final

from demo.drawing.figures.looks import Look, look
from demo.drawing.palette import COLOURS
from demo.drawing.scenes import Scene, Wish
from demo.drawing.scenes import scene as any_scene

NAME: Final = "<*>"
"""Where the captions say its name; see `demo.training.tokens.PLACEHOLDER`."""
START_WORDS: Final = ("orange", "dog", "blue", "cape")
"""What its vectors start from."""


def biscuit(rng: random.Random) -> Look:
    """Its look, always the same but for the build."""
    made = look(rng, "dog", "orange")
    return replace(
        made, fur=COLOURS["orange"], body=COLOURS["orange"], sleeve=COLOURS["orange"],
        fore=COLOURS["orange"], leg=COLOURS["orange"], hand=COLOURS["white"],
        shoe=COLOURS["white"], hat=None, scarf=None, crown=True, cape=COLOURS["blue"], shirt=False,
        colour_word="", wear=(),
    )  # fmt: skip


def scene(seed: int, wish: Wish) -> Scene:
    """A scene with Biscuit alone, named in the caption."""
    return any_scene(seed, replace(wish, figures=1, look=biscuit, name=NAME, portrait=False))
