"""Hires fix as an infotext tells it, that of the versions before 2023 included."""

import math
from typing import Final

from core.jobs.preparing.infotext.reading import Reading, as_number
from core.jobs.preparing.infotext.samplers import sampler_and_schedule
from core.texts.jobs import infotext as texts
from formats.generation.parameters import Mode
from formats.generation.upscaling import LatentUpscaler, PixelUpscaler
from formats.limits import MAX_HIRES_SCALE, MAX_STEPS
from formats.models.kinds import ModelKind

_ENTRIES: Final = ("Hires upscale", "Hires upscaler", "Hires steps")
_OLD: Final = "First pass size-1"
_SAME: Final = {"Use same sampler", "Use same scheduler", "Use same checkpoint"}
_OWN: Final = {each.value.lower(): each.value for each in (*LatentUpscaler, *PixelUpscaler)}
_FILES: Final = {
    "r-esrgan 4x+": "RealESRGAN_x4plus",
    "r-esrgan 4x+ anime6b": "RealESRGAN_x4plus_anime_6B",
    "r-esrgan 2x+": "RealESRGAN_x2plus",
}
"""A1111's names of upscalers that it fetches itself, and their files (modules/realesrgan_model.py,
without the endings)."""
_MIN_SCALE: Final = 1.05
"""The first step of A1111's slider that makes an image larger."""
_OLD_SIDE: Final = 512
_OLD_STEP: Final = 64
_MANY: Final = 1e6


def hires(reading: Reading) -> None:
    """Switch it on with its settings, or off where the text has none."""
    for name in ("Hires checkpoint", "Hires sampler", "Hires schedule type"):
        if reading.left().get(name, "").strip() in _SAME:
            reading.take(name)
    if reading.has(_OLD):
        _as_new(reading)
    is_on = reading.has(*_ENTRIES) or _resized(reading) is not None
    if not is_on:
        reading.set(texts.HIRES, with_hires=False)
        return
    reading.set(texts.MODE, mode=Mode.TXT2IMG)
    reading.set(texts.HIRES, with_hires=True)
    _scale(reading)
    _upscaler(reading)
    _passes(reading)


def _as_new(reading: Reading) -> None:
    """Before 2023 the size was the result's, the first pass had its own, and 0x0 was worked out
    from 512x512 (A1111 modules/processing.py, old_hires_fix_first_pass_dimensions)."""
    first = [_side(reading.take(f"First pass size-{n}")) for n in (1, 2)]
    last = [_side(reading.left().get(f"Size-{n}", "")) for n in (1, 2)]
    if not all(last):
        return
    if not all(first):
        shrink = math.sqrt(_OLD_SIDE**2 / (last[0] * last[1]))
        first = [math.ceil(shrink * side / _OLD_STEP) * _OLD_STEP for side in last]
    for number, (small, large) in enumerate(zip(first, last, strict=True), 1):
        reading.replace(f"Size-{number}", str(small))
        reading.replace(f"Hires resize-{number}", str(large))


def _side(text: str) -> int:
    """A length in pixels; 0 for none."""
    value = as_number(text.strip())
    return int(value) if value and 0 < value < _MANY else 0


def _resized(reading: Reading) -> float | None:
    """The factor that `Hires resize` stands for; None without it. One side may be 0 (A1111)."""
    factors = []
    for number in (1, 2):
        large = _side(reading.left().get(f"Hires resize-{number}", ""))
        small = _side(reading.left().get(f"Size-{number}", ""))
        if large and small:
            factors.append(large / small)
    return max(factors, default=None)


def _scale(reading: Reading) -> None:
    factor = _resized(reading)
    sides = [reading.take(f"Hires resize-{number}") for number in (1, 2)]
    if factor is None:
        value = reading.number("Hires upscale", _MIN_SCALE, MAX_HIRES_SCALE)
    else:
        value = round(min(max(factor, _MIN_SCALE), MAX_HIRES_SCALE), 3)
        if abs(value - factor) > _ROUNDING or _is_bent(reading, sides):
            reading.refuse("Hires resize", "x".join(sides), texts.OTHER_SHAPE)
    if value:
        reading.set(texts.HIRES_SCALE, hires__scale=value)


_ROUNDING: Final = 0.01


def _is_bent(reading: Reading, sides: list[str]) -> bool:
    """Whether both sides of the result are given, and not of the first pass's shape."""
    pairs = [(_side(s), _side(reading.left().get(f"Size-{n}", ""))) for n, s in enumerate(sides, 1)]
    factors = [large / small for large, small in pairs if large and small]
    return len(factors) > 1 and abs(factors[0] - factors[1]) > _ROUNDING * max(factors)


def _upscaler(reading: Reading) -> None:
    named = reading.take("Hires upscaler")
    if not named:
        reading.set(texts.HIRES_UPSCALER, hires__upscaler=LatentUpscaler.LATENT.value)
        return
    own = _OWN.get(named.lower())
    other = _FILES.get(named.lower(), "")
    file = own or reading.find(ModelKind.UPSCALER, named) or reading.find(ModelKind.UPSCALER, other)
    if file:
        reading.set(texts.HIRES_UPSCALER, hires__upscaler=file)
    elif named.lower() == "none":
        reading.refuse("Hires upscaler", named, texts.NO_UPSCALER)


def _passes(reading: Reading) -> None:
    """What the second pass has of its own; nothing stands for the first pass's."""
    if reading.left().get("Hires steps", "").strip() == "0":
        reading.take("Hires steps")
    steps = reading.number("Hires steps", 1, MAX_STEPS)
    reading.set(texts.HIRES_STEPS, hires__steps=None if steps is None else int(steps))
    sampler, schedule = sampler_and_schedule(reading, "Hires sampler", "Hires schedule type")
    reading.set(texts.HIRES_SAMPLER, hires__sampler=sampler)
    reading.set(texts.HIRES_SCHEDULE, hires__schedule=schedule)
    denoising = reading.number("Denoising strength", 0, 1)
    if denoising is not None:
        reading.set(texts.HIRES_DENOISING, hires__denoising_strength=denoising)
