"""Writes captions from a grammar: sentences or tags, with plurals, synonyms and unknown words."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from demo.painting.figures.looks import SPECIES, with_article
from demo.painting.palette import COLOURS

_WORDS: Final[dict[str, Any]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)
"""The words of captions; `actions` are by stance, `places` and `times` by their names in scenes."""


@dataclass(frozen=True)
class CaptionSubject:
    """What a caption says of one figure."""

    species: str
    colour: str
    wear: tuple[str, ...]
    stance: str
    chibi: float
    holds: str = ""


@dataclass(frozen=True)
class CaptionSetting:
    """What a caption says of the place."""

    place: str
    time: str
    colour: str = ""
    portrait: bool = False


def vocabulary() -> list[str]:
    """Every phrase a caption can hold, made-up words aside; what the text encoder learns."""
    nouns = [*SPECIES, *(noun for many in _WORDS["synonyms"].values() for noun in many)]
    tables = (_WORDS["actions"], _WORDS["places"], _WORDS["times"])
    phrases = [phrase for table in tables for many in table.values() for phrase in many]
    lists = ("other_words", "prefixes", "portrait_prefixes", "quality", "negative")
    rest = [word for name in lists for word in _WORDS[name]]
    rest += [",", *_WORDS["places"], *COLOURS]
    return [*nouns, *map(plural, nouns), *phrases, *rest]


def plural(noun: str) -> str:
    """The plural of a subject's noun, which may be two words."""
    head, _, last = noun.rpartition(" ")
    many = _WORDS["irregular_plurals"].get(last, last + "s")
    return f"{head} {many}" if head else many


def caption(
    rng: random.Random, subjects: list[CaptionSubject], setting: CaptionSetting, pose: bool
) -> str:
    """One caption; every part may be left out, and `pose` allows the stances' words."""
    if rng.random() < 0.02:
        return _tags_only(rng)
    tags = rng.random() < 0.25
    text = (
        _as_tags(rng, subjects, setting, pose) if tags else _sentence(rng, subjects, setting, pose)
    )
    extra = rng.sample(_WORDS["quality"], rng.choice((0, 0, 0, 1, 1, 2, 3)))
    if rng.random() < 0.07:
        extra.insert(rng.randint(0, len(extra)), unknown_words(rng))
    if tags and rng.random() < 0.3:
        return ", ".join([*extra, text])
    return ", ".join([text, *extra])


def _tags_only(rng: random.Random) -> str:
    words = [*rng.sample(_WORDS["quality"], rng.randint(0, 4)), unknown_words(rng)]
    rng.shuffle(words)
    return ", ".join(words)


def unknown_words(rng: random.Random) -> str:
    """One to three made-up words: what the model sees for a word it never learnt."""
    words = (
        "".join(rng.sample(_WORDS["syllables"], rng.randint(1, 3)))
        for _ in range(rng.randint(1, 3))
    )
    return " ".join(words)


def negative_caption(rng: random.Random, text: str) -> str:
    """A caption for a degraded image: negative words, with or without the rest."""
    negative = rng.sample(_WORDS["negative"], rng.randint(1, 5))
    return ", ".join(negative if rng.random() < 0.6 else [text, *negative])


def _noun(rng: random.Random, species: str) -> str:
    if rng.random() < 0.03:
        return unknown_words(rng)
    if species in _WORDS["synonyms"] and rng.random() < 0.22:
        return rng.choice(_WORDS["synonyms"][species])
    return species


def _adjectives(rng: random.Random, subject: CaptionSubject) -> list[str]:
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
    words = _WORDS["actions"][stance]
    return rng.choice(words) if words and pose and rng.random() < 0.9 else ""


def _describe(rng: random.Random, subject: CaptionSubject, action: str) -> str:
    noun = " ".join([*_adjectives(rng, subject), _noun(rng, subject.species)])
    text = with_article(noun) if rng.random() < 0.93 else noun
    worn = [phrase for phrase in subject.wear if rng.random() < 0.87]
    if worn:
        text += rng.choice((" wearing ", " wearing ", " in ", " with ")) + " and ".join(worn)
    if subject.holds and rng.random() < 0.9:
        text += f" {rng.choice(('holding', 'holding', 'with'))} {subject.holds}"
    return f"{text} {action}" if action else text


def _are_alike(subjects: list[CaptionSubject]) -> bool:
    first = subjects[0]
    same = all(s.species == first.species and s.colour == first.colour for s in subjects)
    return len(subjects) == 2 and same


def _pair(rng: random.Random, subjects: list[CaptionSubject], pose: bool) -> str:
    first = subjects[0]
    noun = " ".join([*_adjectives(rng, first), plural(_noun(rng, first.species))])
    count = rng.choice(("two", "two", "two", "two", "2", "a pair of", "a couple of", "both"))
    action = _action(rng, first.stance, pose and first.stance == subjects[1].stance)
    return f"{count} {noun} {action}".rstrip()


def _sentence(
    rng: random.Random, subjects: list[CaptionSubject], setting: CaptionSetting, pose: bool
) -> str:
    is_close = setting.portrait and rng.random() < 0.85
    prefix = rng.choice(_WORDS["portrait_prefixes" if is_close else "prefixes"])
    if _are_alike(subjects) and rng.random() < 0.85:
        text = _pair(rng, subjects, pose)
    else:
        together = len(subjects) == 2 and subjects[0].stance == subjects[1].stance
        actions = [_action(rng, s.stance, pose) for s in subjects]
        if together:
            actions[0] = ""
        text = " and ".join(_describe(rng, s, a) for s, a in zip(subjects, actions, strict=True))
    place = place_phrase(rng, setting)
    joint = " " if place.split(" ")[0] in _WORDS["place_prepositions"] else ", "
    return prefix + text + (joint + place if place else "")


def place_phrase(rng: random.Random, setting: CaptionSetting) -> str:
    """The phrase of place and time; sometimes empty."""
    if rng.random() < 0.1:
        return ""
    if setting.place == "plain":
        name = setting.colour
        return rng.choice(
            (
                f"on {with_article(name)} background",
                f"{name} background",
                f"simple {name} background",
            )
        )
    parts = [rng.choice(_WORDS["places"][setting.place]), rng.choice(_WORDS["times"][setting.time])]
    if setting.time != "day" and rng.random() < 0.25:
        parts = parts[1:]
    elif setting.time == "day" and rng.random() < 0.1:
        parts = [f"{setting.place} background"]
    return " ".join(part for part in parts if part)


def _as_tags(
    rng: random.Random, subjects: list[CaptionSubject], setting: CaptionSetting, pose: bool
) -> str:
    tags: list[str] = []
    if _are_alike(subjects):
        tags.append(_pair(rng, subjects, pose))
    else:
        for subject in subjects:
            noun = " ".join([*_adjectives(rng, subject), _noun(rng, subject.species)])
            tags.append(noun if rng.random() < 0.6 else with_article(noun))
            tags += [phrase.removeprefix("a ").removeprefix("an ") for phrase in subject.wear]
            tags += [tag for tag in (subject.holds, _action(rng, subject.stance, pose)) if tag]
    if setting.portrait:
        tags.append(rng.choice(("portrait", "close-up")))
    place = place_phrase(rng, setting)
    return ", ".join([*tags, place] if place else tags)
