"""Reads the `<lora:name:weight>` tags of a prompt."""

import re
from typing import Final

from formats.request import LoraUse

_TAG: Final = re.compile(r"<lora:([^:<>]+)(?::([-+0-9.]+))?(?::([-+0-9.]+))?>", re.IGNORECASE)


def split_loras(prompt: str) -> tuple[str, tuple[LoraUse, ...]]:
    """The prompt without its tags, and the LoRAs they name, each once (the last tag wins).

    `<lora:name:te>` or `<lora:name:te:unet>`, as A1111's extra_networks_lora.py reads them;
    the name may leave out `.safetensors`. Raises ValueError for a weight that is no number or
    out of range.
    """
    found: dict[str, LoraUse] = {}
    for name, first, second in _TAG.findall(prompt):
        use = _use(name.strip(), float(first or 1), float(second) if second else None)
        found[use.name] = use
    return _TAG.sub("", prompt).strip(), tuple(found.values())


def _use(name: str, first: float, second: float | None) -> LoraUse:
    file = name if name.endswith(".safetensors") else f"{name}.safetensors"
    if second is None:
        return LoraUse(name=file, weight=first)
    return LoraUse(name=file, weight=second, text_encoder_weight=first)


def merge_loras(picked: tuple[LoraUse, ...], prompt: str) -> tuple[str, tuple[LoraUse, ...]]:
    """The prompt without tags, and all LoRAs to apply: a tag wins over the picker, each once."""
    clean, tagged = split_loras(prompt)
    by_name = {use.name: use for use in (*picked, *tagged)}
    return clean, tuple(by_name.values())
