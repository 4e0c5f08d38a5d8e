"""Reads the `<lora:name:weight>` tags of a prompt by A1111's grammar, or says why it can't.

Source: A1111, modules/extra_networks.py and extensions-builtin/Lora/extra_networks_lora.py.
"""

import re
from typing import Final

from pydantic import ValidationError

from formats.generation.request import LoraUse
from formats.limits import MAX_LORA_WEIGHT

_TAG: Final = re.compile(r"<(\w+):([^<>]*)>")
_TORN: Final = re.compile(r"<\s*(?:lora|lyco|hypernet)\s*:[^<>]*>?", re.IGNORECASE)
"""What is left of a tag that isn't closed, or has a space where none may be."""

_LORAS: Final = ("lora", "lyco")
"""A1111 reads the second as the first since 1.5."""
_NAMED: Final = ("te", "unet")
_MOST_SHOWN: Final = 60


def split_loras(prompt: str) -> tuple[str, tuple[LoraUse, ...]]:
    """The prompt without its tags, and the LoRAs they name, each once (the last tag wins).

    `<lora:name>`, `<lora:name:te>` or `<lora:name:te:unet>`, with `te=` and `unet=` in any place
    after the name, which may leave out `.safetensors`. Raises ValueError, whose text names the
    tag, for one that can't be honoured: none is left to be drawn as words.
    """
    found: dict[str, LoraUse] = {}
    for tag in _TAG.finditer(prompt):
        use = _read(tag)
        found[use.name] = use
    clean = _TAG.sub("", prompt)
    if torn := _TORN.search(clean):
        raise ValueError(f"{_shown(torn[0])} is no whole tag. A LoRA is written <lora:name:0.8>.")
    return clean.strip(), tuple(found.values())


def _read(tag: re.Match[str]) -> LoraUse:
    try:
        if tag[1].lower() not in _LORAS:
            raise ValueError("of the networks that a prompt can name there are only LoRAs here")
        return _use(*(part.strip() for part in tag[2].split(":")))
    except ValueError as error:
        raise ValueError(f"{_shown(tag[0])} can't be used: {error}.") from error


def _use(name: str, *arguments: str) -> LoraUse:
    plain = [each for each in arguments if "=" not in each]
    if len(plain) > len(_NAMED):
        raise ValueError("a LoRA has two weights at most; a third number (dyn) is not offered")
    weights = [_weight(each) for each in plain]
    named = dict(_named(each) for each in arguments if "=" in each)
    first = named.get("te", weights[0] if weights else None)
    second = named.get("unet", weights[1] if len(weights) > 1 else None)
    return _checked(name, 1.0 if first is None else first, second)


def _named(argument: str) -> tuple[str, float]:
    key, _, value = argument.partition("=")
    if key.strip() not in _NAMED:
        raise ValueError(f'"{argument}" is not offered; only te= and unet= are')
    return key.strip(), _weight(value)


def _weight(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise ValueError(f'the weight "{text.strip()}" is no number') from error
    if not abs(number) <= MAX_LORA_WEIGHT:  # NaN is neither more nor less
        raise ValueError(f"a weight goes from -{MAX_LORA_WEIGHT:g} to {MAX_LORA_WEIGHT:g}")
    return number


def _checked(name: str, first: float, second: float | None) -> LoraUse:
    file = name if name.lower().endswith(".safetensors") else f"{name}.safetensors"
    try:
        if second is None:
            return LoraUse(name=file, weight=first)
        return LoraUse(name=file, weight=second, text_encoder_weight=first)
    except ValidationError as error:
        raise ValueError(f'"{name}" is not the name of a file') from error


def _shown(tag: str) -> str:
    return tag if len(tag) <= _MOST_SHOWN else f"{tag[:_MOST_SHOWN]}…"


def merge_loras(picked: tuple[LoraUse, ...], prompt: str) -> tuple[str, tuple[LoraUse, ...]]:
    """The prompt without tags, and all LoRAs to apply: a tag wins over the picker, each once.

    Raises ValueError as `split_loras` does.
    """
    clean, tagged = split_loras(prompt)
    by_name = {use.name: use for use in (*picked, *tagged)}
    return clean, tuple(by_name.values())
