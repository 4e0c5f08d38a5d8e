"""Turns an infotext into settings of the form, and names what can't be honoured, with the reason.

The one place where A1111's entries get the form's names (A1111 modules/infotext_utils.py,
`parse_generation_parameters`, whose defaults are filled in too).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from core.errors import InvalidInput
from core.jobs.preparing.draft import DraftUnit
from core.jobs.preparing.infotext.hires import hires
from core.jobs.preparing.infotext.inpaint import inpaint
from core.jobs.preparing.infotext.models import models, with_names_of_here
from core.jobs.preparing.infotext.reading import FindFile, Reading, Setting, Unmet
from core.jobs.preparing.infotext.samplers import sampler_and_schedule
from core.jobs.preparing.infotext.units import units
from core.texts.jobs import infotext as texts
from formats.frozen import Frozen
from formats.generation import infotext
from formats.generation.parameters import RANDOM_SEED, parameter_fields
from formats.generation.samplers import Schedule
from formats.limits import MAX_SEED, MAX_SIDE, MIN_SIDE, SIDE_STEP
from formats.texts import INFOTEXT_TOO_LONG

_SEEDS: Final = ("seed", "variation_seed")
_WITHOUT_EFFECT: Final = frozenset(
    {
        *("Version", "User", "App", "Backend", "Pipeline", "Operations", "Parser", "Created Date"),
        *("Model hash", "VAE hash", "Lora hashes", "TI hashes", "TI", "Hashes", "Init image hash"),
        *("Civitai resources", "Civitai metadata", "Init image size", "Variation seed strength"),
        *("Batch size", "Batch pos", "Comment", "Script", "Size name", "Denoising strength"),
        *("VAE Encoder", "VAE Decoder", "FP8 weight", "Cache FP16 weight for LoRA"),
        *("Style Selector Enabled", "Wildcard prompt"),
    }
)
"""Entries that say what was there, and set nothing; hashes are read where models are looked up."""
_JSON: Final = ("{", "[")


class InfotextSettings(Frozen):
    """What an infotext sets. Models that the library lacks are not among it."""

    settings: tuple[Setting, ...]
    units: tuple[DraftUnit, ...] = ()
    """ControlNet units, without their images."""
    unmet: tuple[Unmet, ...] = ()


def read_settings(text: str, find: FindFile) -> InfotextSettings:
    """The settings of an infotext; of text without parameters, the prompt.

    Raises InvalidInput for a text that is too long, or JSON.
    """
    if len(text) > infotext.MAX_INFOTEXT:
        raise InvalidInput(INFOTEXT_TOO_LONG)
    if is_json(text):
        raise InvalidInput(texts.IS_JSON)
    info = infotext.read(infotext.cut_json(text)[0])
    reading = Reading(info.parameters, find)
    with_parameters = bool(info.parameters)
    if info.prompt or with_parameters:
        reading.set(texts.PROMPT, prompt=with_names_of_here(info.prompt, find))
    if info.negative_prompt or with_parameters:
        negative = with_names_of_here(info.negative_prompt, find)
        reading.set(texts.NEGATIVE_PROMPT, negative_prompt=negative)
    found = _parameters(reading) if with_parameters else ()
    return InfotextSettings(
        settings=tuple(reading.settings), units=found, unmet=tuple(reading.unmet)
    )


def is_json(text: str) -> bool:
    """Whether it is what SwarmUI, Fooocus and others write in the infotext's place."""
    if not text.lstrip().startswith(_JSON):
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _parameters(reading: Reading) -> tuple[DraftUnit, ...]:
    """Everything behind the prompts, in the order of the form."""
    models(reading)
    hires(reading)
    _sampling(reading)
    inpaint(reading)
    found = units(reading)
    _noise(reading)
    _refuse_the_rest(reading)
    return found


def _refuse_the_rest(reading: Reading) -> None:
    """Every entry that nobody took."""
    for name, value in _as_written(reading.left()):
        if name not in _WITHOUT_EFFECT:
            reading.refuse(name, value, texts.REASONS.get(name, texts.UNKNOWN))


def _as_written(entries: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A size, which was read as two entries, is one."""
    for name, value in entries.items():
        entry, _, number = name.rpartition("-")
        if number == "1" and f"{entry}-2" in entries:
            yield entry, f"{value}x{entries[f'{entry}-2']}"
        elif not (number == "2" and f"{entry}-1" in entries):
            yield name, value


def _sampling(reading: Reading) -> None:
    _sampler(reading)
    _size(reading)
    _variation(reading)
    for name, field in parameter_fields().items():
        if field.type in (int, float) and field.parameter.infotext and name != "width":
            _number(reading, name)


def _sampler(reading: Reading) -> None:
    fields = parameter_fields()
    sampler, schedule = sampler_and_schedule(reading, "Sampler", "Schedule type", "Scheduler")
    if sampler:
        reading.set(fields["sampler"].parameter.label, sampler=sampler)
        schedule = schedule or Schedule.AUTOMATIC
        reading.set(fields["schedule"].parameter.label, schedule=schedule)


def _size(reading: Reading) -> None:
    """Both sides, or the nearest that a request may have."""
    sides = reading.take("Size-1"), reading.take("Size-2")
    if not all(side.isdecimal() and len(side) < _MAX_DIGITS for side in sides):
        return
    wanted = tuple(map(int, sides))
    width, height = (nearest_side(side) for side in wanted)
    if (width, height) != wanted:
        reading.refuse("Size", "x".join(sides), texts.nearest(f"{width}x{height}"))
    reading.set(texts.SIZE, width=width, height=height)


_MAX_DIGITS: Final = 10


def nearest_side(side: float) -> int:
    """The nearest length that an image's side may have, in pixels."""
    return min(max(round(side / SIDE_STEP) * SIDE_STEP, MIN_SIDE), MAX_SIDE)


def _variation(reading: Reading) -> None:
    """Without a variation in the text there is none: the form's goes."""
    field = parameter_fields()["variation_strength"]
    strength = reading.number(field.parameter.infotext, field.minimum, field.maximum)
    reading.set(field.parameter.label, variation_strength=strength or 0.0)


def _number(reading: Reading, name: str) -> None:
    """One number of the form; clip skip is 1 where the text is silent (A1111)."""
    field = parameter_fields()[name]
    entry = field.parameter.infotext
    if name == "clip_skip" and not reading.has(entry):
        reading.set(field.parameter.label, clip_skip=field.default)
    if name in _SEEDS and not _has_seed(reading, entry):
        return
    lowest = RANDOM_SEED if name in _SEEDS else field.minimum
    value = reading.number(entry, lowest, field.maximum)
    if value is None:
        return
    if name == "denoising_strength":
        reading.refuse(entry, f"{value:g}", texts.FROM_AN_IMAGE)
    reading.set(field.parameter.label, **{name: field.type(value)})


def _has_seed(reading: Reading, entry: str) -> bool:
    """Whether the entry is a seed that a form may have: taken as text, since 2**64 is no float."""
    text = reading.left().get(entry, "").strip()
    if not text:
        return False
    is_number = text.removeprefix("-").isdecimal()
    if is_number and RANDOM_SEED <= int(text[:_SEED_DIGITS]) <= MAX_SEED:
        return True
    reading.refuse(entry, reading.take(entry), texts.SEED_TOO_LARGE)
    return False


_SEED_DIGITS: Final = 20


def _noise(reading: Reading) -> None:
    """A1111 draws noise on the GPU where the text is silent."""
    source = reading.take("RNG", "GPU")
    if source != "CPU":
        reading.refuse("RNG", source, texts.GPU_NOISE)
    if reading.left().get("ENSD", "").strip() == "0":
        reading.take("ENSD")
