"""Reads the `<lora:name:weight>` tags of a prompt by A1111's grammar, or says why it can't.

Source: A1111, modules/extra_networks.py and extensions-builtin/Lora/extra_networks_lora.py.
"""

import re
from typing import Final

from pydantic import ValidationError

from formats import texts
from formats.generation.request import LoraUse
from formats.limits import MAX_LORA_WEIGHT, MAX_LORAS

_TAG: Final = re.compile(r"<(\w+):([^<>]*)>")
_TORN: Final = re.compile(r"<\s*(?:lora|lyco|hypernet)\s*:[^<>]*>?", re.IGNORECASE)
"""What is left of a tag that isn't closed, or has a space where none may be."""

_LORAS: Final = ("lora", "lyco")
"""A1111 reads the second as the first since 1.5."""
_NAMED: Final = ("te", "unet")


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
        raise ValueError(texts.torn_tag(texts.shown(torn[0])))
    return clean.strip(), tuple(found.values())


def _read(found: re.Match[str]) -> LoraUse:
    tag = texts.shown(found[0])
    if found[1].lower() not in _LORAS:
        raise ValueError(texts.tag_of_no_lora(tag))
    return _use(tag, *(part.strip() for part in found[2].split(":")))


def _use(tag: str, name: str, *arguments: str) -> LoraUse:
    """The LoRA of a tag; `tag` is what an error shows of it."""
    plain = [each for each in arguments if "=" not in each]
    if len(plain) > len(_NAMED):
        raise ValueError(texts.tag_with_dyn(tag))
    weights = [_weight(tag, each) for each in plain]
    named = dict(_named(tag, each) for each in arguments if "=" in each)
    first = named.get("te", weights[0] if weights else None)
    second = named.get("unet", weights[1] if len(weights) > 1 else None)
    return _checked(tag, name, 1.0 if first is None else first, second)


def _named(tag: str, argument: str) -> tuple[str, float]:
    key, _, value = argument.partition("=")
    if key.strip() not in _NAMED:
        raise ValueError(texts.tag_with_argument(tag, argument))
    return key.strip(), _weight(tag, value)


def _weight(tag: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise ValueError(texts.tag_without_number(tag, text.strip())) from error
    if not abs(number) <= MAX_LORA_WEIGHT:  # NaN is neither more nor less
        raise ValueError(texts.tag_with_large_weight(tag))
    return number


def _checked(tag: str, name: str, first: float, second: float | None) -> LoraUse:
    file = name if name.lower().endswith(".safetensors") else f"{name}.safetensors"
    try:
        if second is None:
            return LoraUse(name=file, weight=first)
        return LoraUse(name=file, weight=second, text_encoder_weight=first)
    except ValidationError as error:
        raise ValueError(texts.tag_with_bad_name(tag, name)) from error


def merge_loras(picked: tuple[LoraUse, ...], prompt: str) -> tuple[str, tuple[LoraUse, ...]]:
    """The prompt without tags, and all LoRAs to apply: a tag wins over the picker, each once.

    Raises ValueError as `split_loras` does, and for more than `MAX_LORAS`.
    """
    clean, tagged = split_loras(prompt)
    by_name = {use.name: use for use in (*picked, *tagged)}
    if len(by_name) > MAX_LORAS:
        raise ValueError(texts.too_many_loras(len(by_name)))
    return clean, tuple(by_name.values())
