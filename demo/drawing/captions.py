"""Writes captions from a grammar: sentences or tags, with plurals, synonyms and unknown words."""

import random
from dataclasses import dataclass
from typing import Final

from demo.drawing.figures.looks import SPECIES, with_article
from demo.drawing.palette import COLOURS

SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    "dog": ("puppy", "doggy"), "cat": ("kitten", "kitty"), "bear": ("teddy bear",),
    "rabbit": ("bunny", "hare"), "man": ("person", "guy", "boy", "human"),
    "woman": ("person", "girl", "lady", "human"), "robot": ("android", "machine"),
    "astronaut": ("spaceman", "cosmonaut"), "wizard": ("magician", "sorcerer"),
    "mouse": ("rat",), "princess": ("queen",), "pig": ("piglet",), "fox": ("wolf",),
    "frog": ("toad",), "alien": ("martian",), "dragon": ("dinosaur",), "knight": ("soldier",),
    "panda": ("panda bear",), "ninja": ("samurai",),
}  # fmt: skip
_IRREGULAR: Final = {
    "man": "men", "woman": "women", "mouse": "mice", "person": "people", "wolf": "wolves",
    "puppy": "puppies", "kitty": "kitties", "bunny": "bunnies", "lady": "ladies",
    "doggy": "doggies", "fox": "foxes", "princess": "princesses", "spaceman": "spacemen",
}  # fmt: skip
_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "standing": ("standing", "standing still"), "walking": ("walking", "taking a walk"),
    "running": ("running", "running fast"), "jumping": ("jumping", "jumping high"),
    "waving": ("waving", "waving hello", "waving a hand"),
    "cheering": ("cheering", "with arms up", "with hands up", "arms raised"),
    "dancing": ("dancing", "doing a dance"), "sitting": ("sitting", "sitting on a box", "seated"),
    "kicking": ("kicking", "doing a kick"),
    "open": ("with arms wide open", "arms spread", "in a t-pose"),
    "hips": ("hands on hips", "with hands on hips"),
    "pointing": ("pointing", "pointing to the side"),
    "clapping": ("clapping", "clapping hands"), "squatting": ("squatting", "crouching"),
    "lying": ("lying down", "sleeping", "lying on the ground"),
    "upside down": ("upside down", "doing a handstand"), "floating": ("floating", "flying"),
    "random": (),
}  # fmt: skip
_PLACES: Final[dict[str, tuple[str, ...]]] = {
    "beach": ("on the beach", "at the beach", "by the sea"),
    "forest": ("in the forest", "in a forest", "in the woods", "among trees"),
    "city": ("in the city", "in a city street", "in town"),
    "mountains": ("in the mountains", "on a mountain"),
    "snow": ("in the snow", "in winter", "on a snowy day"),
    "desert": ("in the desert",), "space": ("in space", "in outer space", "among the stars"),
    "room": ("in a room", "at home", "indoors", "in a house"),
    "meadow": ("in a meadow", "in the park", "on the grass", "in a garden"),
    "underwater": ("underwater", "under the sea", "in the ocean"),
    "castle": ("in front of a castle", "at the castle", "near a castle"),
}  # fmt: skip
_TIMES: Final[dict[str, tuple[str, ...]]] = {
    "day": ("", "", "", "", "on a sunny day", "during the day"),
    "sunset": ("at sunset", "at sunset", "in the evening"),
    "night": ("at night", "at night", "under the night sky", "in the moonlight"),
}
GOOD: Final = (
    "masterpiece", "best quality", "high quality", "highly detailed", "beautiful", "8k", "4k",
    "cartoon style", "cartoon", "digital art", "vibrant colors", "colorful", "sharp focus",
    "illustration", "flat colors", "clean lines", "vector art", "simple", "anime", "detailed",
    "cinematic lighting", "concept art", "trending on artstation", "professional",
)  # fmt: skip
BAD: Final = (
    "blurry", "low quality", "worst quality", "bad anatomy", "ugly", "deformed", "extra limbs",
    "watermark", "text", "bad hands", "noise", "jpeg artifacts", "cropped", "lowres",
    "disfigured", "mutated", "poorly drawn", "signature", "error", "grainy", "out of focus",
)  # fmt: skip
_PREFIXES: Final = (
    "", "", "", "", "a cartoon of ", "a picture of ", "a drawing of ", "an illustration of ",
    "a photo of ", "cartoon ", "an image of ", "a painting of ",
)  # fmt: skip
_CLOSE: Final = ("a portrait of ", "a close-up of ", "portrait of ", "a close-up portrait of ")
_BEFORE_PLACE: Final = ("on", "at", "in", "under", "among", "by", "near", "during")
_GLUE: Final = """a an the and with in on of to by at near wearing holding background simple
both two 2 pair couple portrait close-up close up cute little small baby chibi adorable tall slim
big realistic
happy funny friendly nice smiling lovely shirt sweater robe dress armor hat scarf cape crown balloon
ball flower flag sword umbrella photo picture cartoon drawing illustration image painting"""
_SYLLABLES: Final = ("zor", "qua", "ble", "nix", "vul", "tra", "ophe", "wend", "kri", "sju")


@dataclass(frozen=True)
class Subject:
    """The words of one figure."""

    species: str
    colour: str
    wear: tuple[str, ...]
    stance: str
    chibi: float
    holds: str = ""


@dataclass(frozen=True)
class Setting:
    """The words of the place."""

    place: str
    time: str
    colour: str = ""
    portrait: bool = False


def vocabulary() -> list[str]:
    """Every phrase a caption can hold, made-up words aside; what the text encoder learns."""
    nouns = [*SPECIES, *(noun for many in SYNONYMS.values() for noun in many)]
    tables = (_ACTIONS, _PLACES, _TIMES)
    phrases = [phrase for table in tables for many in table.values() for phrase in many]
    rest = (_GLUE, *_PREFIXES, *_CLOSE, ",", *_PLACES, *COLOURS, *GOOD, *BAD)
    return [*nouns, *map(plural, nouns), *phrases, *rest]


def plural(noun: str) -> str:
    """The plural of a subject's noun, which may be two words."""
    head, _, last = noun.rpartition(" ")
    many = _IRREGULAR.get(last, last + "s")
    return f"{head} {many}" if head else many


def caption(rng: random.Random, subjects: list[Subject], setting: Setting, pose: bool) -> str:
    """One caption; every part may be left out, and `pose` allows the stances' words."""
    if rng.random() < 0.02:
        return _tags_only(rng)
    tags = rng.random() < 0.25
    text = (
        _as_tags(rng, subjects, setting, pose) if tags else _sentence(rng, subjects, setting, pose)
    )
    extra = rng.sample(GOOD, rng.choice((0, 0, 0, 1, 1, 2, 3)))
    if rng.random() < 0.07:
        extra.insert(rng.randint(0, len(extra)), unknown_words(rng))
    if tags and rng.random() < 0.3:
        return ", ".join([*extra, text])
    return ", ".join([text, *extra])


def _tags_only(rng: random.Random) -> str:
    words = [*rng.sample(GOOD, rng.randint(0, 4)), unknown_words(rng)]
    rng.shuffle(words)
    return ", ".join(words)


def unknown_words(rng: random.Random) -> str:
    """One to three made-up words: what the model sees for a word it never learnt."""
    words = ("".join(rng.sample(_SYLLABLES, rng.randint(1, 3))) for _ in range(rng.randint(1, 3)))
    return " ".join(words)


def bad_caption(rng: random.Random, text: str) -> str:
    """A caption for a spoilt picture: words of blame, with or without the rest."""
    blame = rng.sample(BAD, rng.randint(1, 5))
    return ", ".join(blame if rng.random() < 0.6 else [text, *blame])


def _noun(rng: random.Random, species: str) -> str:
    if rng.random() < 0.03:
        return unknown_words(rng)
    if species in SYNONYMS and rng.random() < 0.22:
        return rng.choice(SYNONYMS[species])
    return species


def _adjectives(rng: random.Random, subject: Subject) -> list[str]:
    words = []
    if subject.chibi > 0.62 and rng.random() < 0.6:
        words.append(rng.choice(("cute", "cute", "little", "small", "baby", "chibi", "adorable")))
    elif subject.chibi < 0.3 and rng.random() < 0.6:
        words.append(rng.choice(("tall", "tall", "slim", "big", "realistic")))
    elif rng.random() < 0.1:
        words.append(rng.choice(("happy", "funny", "friendly", "nice", "smiling", "lovely")))
    if subject.colour and rng.random() < 0.95:
        words.append(subject.colour)
    return words


def _action(rng: random.Random, stance: str, pose: bool) -> str:
    words = _ACTIONS[stance]
    return rng.choice(words) if words and pose and rng.random() < 0.9 else ""


def _described(rng: random.Random, subject: Subject, action: str) -> str:
    noun = " ".join([*_adjectives(rng, subject), _noun(rng, subject.species)])
    text = with_article(noun) if rng.random() < 0.93 else noun
    worn = [phrase for phrase in subject.wear if rng.random() < 0.87]
    if worn:
        text += rng.choice((" wearing ", " wearing ", " in ", " with ")) + " and ".join(worn)
    if subject.holds and rng.random() < 0.9:
        text += f" {rng.choice(('holding', 'holding', 'with'))} {subject.holds}"
    return f"{text} {action}" if action else text


def _alike(subjects: list[Subject]) -> bool:
    first = subjects[0]
    same = all(s.species == first.species and s.colour == first.colour for s in subjects)
    return len(subjects) == 2 and same


def _pair(rng: random.Random, subjects: list[Subject], pose: bool) -> str:
    first = subjects[0]
    noun = " ".join([*_adjectives(rng, first), plural(_noun(rng, first.species))])
    count = rng.choice(("two", "two", "two", "two", "2", "a pair of", "a couple of", "both"))
    action = _action(rng, first.stance, pose and first.stance == subjects[1].stance)
    return f"{count} {noun} {action}".rstrip()


def _sentence(rng: random.Random, subjects: list[Subject], setting: Setting, pose: bool) -> str:
    prefix = rng.choice(_CLOSE if setting.portrait and rng.random() < 0.85 else _PREFIXES)
    if _alike(subjects) and rng.random() < 0.85:
        text = _pair(rng, subjects, pose)
    else:
        together = len(subjects) == 2 and subjects[0].stance == subjects[1].stance
        actions = [_action(rng, s.stance, pose) for s in subjects]
        if together:
            actions[0] = ""
        text = " and ".join(_described(rng, s, a) for s, a in zip(subjects, actions, strict=True))
    place = where(rng, setting)
    joint = " " if place.split(" ")[0] in _BEFORE_PLACE else ", "
    return prefix + text + (joint + place if place else "")


def where(rng: random.Random, setting: Setting) -> str:
    """The words of place and time; sometimes none."""
    if rng.random() < 0.1:
        return ""
    if setting.place == "plain":
        name = setting.colour
        return rng.choice((f"on {with_article(name)} background", f"{name} background",
                           f"simple {name} background"))  # fmt: skip
    parts = [rng.choice(_PLACES[setting.place]), rng.choice(_TIMES[setting.time])]
    if setting.time != "day" and rng.random() < 0.25:
        parts = parts[1:]
    elif setting.time == "day" and rng.random() < 0.1:
        parts = [f"{setting.place} background"]
    return " ".join(part for part in parts if part)


def _as_tags(rng: random.Random, subjects: list[Subject], setting: Setting, pose: bool) -> str:
    tags: list[str] = []
    if _alike(subjects):
        tags.append(_pair(rng, subjects, pose))
    else:
        for subject in subjects:
            noun = " ".join([*_adjectives(rng, subject), _noun(rng, subject.species)])
            tags.append(noun if rng.random() < 0.6 else with_article(noun))
            tags += [phrase.removeprefix("a ").removeprefix("an ") for phrase in subject.wear]
            tags += [tag for tag in (subject.holds, _action(rng, subject.stance, pose)) if tag]
    if setting.portrait:
        tags.append(rng.choice(("portrait", "close-up")))
    place = where(rng, setting)
    return ", ".join([*tags, place] if place else tags)
