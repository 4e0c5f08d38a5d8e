"""Owns how a character looks: species, colours, clothes, and the words that say so."""

import random
from dataclasses import dataclass, field, replace
from typing import Final

from demo.painting.palette import (
    COLOURS,
    HAIRS,
    SKINS,
    Colour,
    darker,
    mix,
    random_named_colour,
    vary,
)

FURS: Final[dict[str, tuple[Colour, ...]]] = {
    "dog": ((190, 130, 75), (225, 185, 130), (140, 95, 60)),
    "cat": ((240, 160, 70), (150, 150, 158), (240, 230, 215)),
    "bear": ((135, 85, 50), (165, 110, 65)),
    "rabbit": ((240, 236, 232), (225, 195, 165)),
    "fox": ((235, 125, 45),),
    "panda": ((246, 246, 246),),
    "mouse": ((165, 165, 175),),
    "pig": ((248, 175, 190),),
    "frog": ((95, 185, 75),),
    "lion": ((235, 185, 90),),
    "elephant": ((150, 160, 175),),
    "dragon": ((80, 170, 110), (190, 70, 80)),
    "robot": ((165, 175, 190), (120, 160, 200)),
    "astronaut": ((240, 242, 246),),
    "alien": ((125, 210, 90),),
}
"""Natural colours of the characters without clothes."""

PEOPLE: Final = ("man", "woman", "wizard", "princess", "ninja", "knight")
SPECIES: Final[dict[str, float]] = {
    "dog": 3,
    "cat": 3,
    "bear": 2,
    "rabbit": 2,
    "fox": 1.6,
    "panda": 1.5,
    "mouse": 1.3,
    "pig": 1.4,
    "frog": 1.5,
    "lion": 1.4,
    "elephant": 1.4,
    "dragon": 1.5,
    "robot": 2,
    "astronaut": 2,
    "alien": 1.3,
    "man": 2.4,
    "woman": 2.4,
    "wizard": 1.8,
    "princess": 1.5,
    "ninja": 1.4,
    "knight": 1.4,
}
"""Every character and its weight in random choices."""

_UNCOLOURED: Final = ("panda", "astronaut")
_HATLESS: Final = ("wizard", "princess", "astronaut", "knight", "rabbit", "alien", "dragon")
_CROWNLESS: Final = ("wizard", "princess", "astronaut", "knight")


@dataclass(frozen=True)
class Look:
    """Colours of one character's parts, and its words for the caption."""

    species: str
    fur: Colour
    body: Colour
    sleeve: Colour
    fore: Colour
    leg: Colour
    shoe: Colour
    hand: Colour
    hair: Colour
    accent: Colour
    glow: Colour
    build: float
    """Width of limbs, about 1."""
    beard: bool = False
    shirt: bool = False
    hat: Colour | None = None
    scarf: Colour | None = None
    cape: Colour | None = None
    crown: bool = False
    colour_word: str = ""
    wear: tuple[str, ...] = field(default=())
    """Phrases after "wearing"."""

    @property
    def human(self) -> bool:
        """Whether it has skin rather than fur."""
        return self.species in PEOPLE


def random_look(rng: random.Random, species: str, colour: str | None = None) -> Look:
    """A random look; `colour` names the colour of its fur or clothes."""
    look = _person(rng, species, colour) if species in PEOPLE else _creature(rng, species, colour)
    return _accessory(rng, look)


def _base(rng: random.Random, species: str, main: Colour) -> Look:
    glow = rng.choice(((90, 235, 250), (250, 220, 70), (120, 250, 120), (255, 90, 80)))
    return Look(
        species,
        main,
        main,
        main,
        main,
        main,
        main,
        main,
        hair=vary(rng, rng.choice(HAIRS)),
        accent=vary(rng, COLOURS["red"]),
        glow=glow,
        build=rng.uniform(0.95, 1.2),
        beard=rng.random() < 0.15,
    )


def _creature(rng: random.Random, species: str, colour: str | None) -> Look:
    fur, word = vary(rng, rng.choice(FURS[species])), ""
    wants = species not in _UNCOLOURED and rng.random() < 0.45
    if colour or wants:
        word = colour or rng.choice(list(COLOURS))
        fur = vary(rng, COLOURS[word])
    look = replace(_base(rng, species, fur), colour_word=word, shoe=darker(fur, 0.82))
    if species == "panda":
        dark = (40.0, 38.0, 42.0)
        look = replace(look, sleeve=dark, fore=dark, leg=dark, shoe=dark, hand=dark)
    elif species == "astronaut":
        look = replace(look, shoe=(95, 100, 112), hand=(110, 115, 128))
    elif species == "robot":
        limb, end = darker(fur, 0.85), darker(fur, 0.6)
        look = replace(look, sleeve=limb, fore=limb, leg=limb, shoe=end, hand=end)
    elif not colour and species != "dragon" and rng.random() < 0.33:
        look = _with_shirt(rng, look)
    return look


def _with_shirt(rng: random.Random, look: Look) -> Look:
    name, colour = random_named_colour(rng)
    words = rng.choice((f"{name} shirt", f"{name} shirt", f"{name} sweater"))
    return replace(
        look, body=colour, sleeve=colour, shirt=True, wear=(*look.wear, with_article(words))
    )


def _person(rng: random.Random, species: str, colour: str | None) -> Look:
    skin = vary(rng, rng.choice(SKINS))
    word, cloth = random_named_colour(rng)
    if colour:
        word, cloth = colour, vary(rng, COLOURS[colour])
    trousers = ((50, 65, 120), (60, 60, 66), (120, 85, 55), (150, 150, 155))
    look = replace(
        _base(rng, species, skin),
        body=cloth,
        sleeve=cloth,
        fore=rng.choice((cloth, skin)),
        leg=vary(rng, rng.choice(trousers)),
        shoe=vary(rng, rng.choice(((60, 45, 40), (225, 225, 225), (190, 50, 50)))),
        hand=skin,
        accent=cloth,
    )
    return _costume(rng, look, word, cloth)


def _costume(rng: random.Random, look: Look, word: str, cloth: Colour) -> Look:
    if look.species == "wizard":
        return replace(look, fore=cloth, hair=(235, 235, 235), wear=(with_article(f"{word} robe"),))
    if look.species == "princess":
        return replace(look, leg=look.fur, wear=(with_article(f"{word} dress"),))
    if look.species == "ninja":
        return _ninja(rng, look, word, cloth)
    if look.species == "knight":
        steel = vary(rng, (170, 176, 188))
        parts = darker(steel, 0.85), darker(steel, 0.65), darker(steel, 0.75)
        return replace(
            look,
            body=steel,
            sleeve=steel,
            fore=steel,
            leg=parts[0],
            shoe=parts[1],
            hand=parts[2],
            wear=("armor",),
        )
    bare = look.species == "woman" and rng.random() < 0.35
    return replace(look, leg=look.fur if bare else look.leg, wear=(with_article(f"{word} shirt"),))


def _ninja(rng: random.Random, look: Look, word: str, cloth: Colour) -> Look:
    if rng.random() < 0.5:
        word, cloth = "black", vary(rng, (45, 45, 52))
    band = COLOURS["white"] if word == "red" else COLOURS["red"]
    colour_word = word if word != "black" or rng.random() < 0.4 else ""
    return replace(
        look,
        body=cloth,
        sleeve=cloth,
        fore=cloth,
        leg=cloth,
        hand=cloth,
        shoe=darker(cloth, 0.7),
        accent=band,
        colour_word=colour_word,
    )


def _accessory(rng: random.Random, look: Look) -> Look:
    chance = rng.random()
    name, colour = random_named_colour(rng)
    if chance < 0.09 and look.species not in _HATLESS:
        return replace(look, hat=colour, wear=(*look.wear, with_article(f"{name} hat")))
    if 0.09 <= chance < 0.15:
        return replace(look, scarf=colour, wear=(*look.wear, with_article(f"{name} scarf")))
    if 0.15 <= chance < 0.21:
        return replace(look, cape=colour, wear=(*look.wear, with_article(f"{name} cape")))
    if 0.21 <= chance < 0.26 and look.species not in _CROWNLESS:
        return replace(look, crown=True, wear=(*look.wear, "a crown"))
    return look


def with_article(noun: str) -> str:
    """The noun with "a" or "an"."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def outline_width(size: float) -> float:
    """Width of a figure's outline in pixels, by its height in pixels."""
    return max(1.6, 0.011 * size)


def robe_hem(look: Look) -> Colour:
    """The belt of robes and dresses."""
    return mix(look.body, (245, 205, 70), 0.8)
