"""The models of an infotext: the checkpoint, the VAE, and the LoRAs that its prompts name."""

import re
from pathlib import PurePath
from typing import Final

from core.jobs.preparing.infotext.reading import FindFile, Reading, as_number
from core.texts.jobs import infotext as texts
from formats.limits import MAX_LORA_WEIGHT, MAX_LORAS
from formats.models.kinds import ModelKind

OWN_VAE: Final = ""
"""Stands in the form for the checkpoint's own VAE."""

_TAG: Final = re.compile(r"<(lora|lyco):([^<>:]{1,255})(?=[:>])")
_NO_VAE: Final = {"", "none", "automatic"}
_OLD_LORAS: Final = 8
"""sd-webui-additional-networks wrote up to five."""


def models(reading: Reading) -> None:
    """Checkpoint, VAE and the picked LoRAs; a file that isn't here leaves the form's."""
    has_model = reading.has("Model", "Model hash")
    name = reading.take("Model")
    checkpoint = reading.find(ModelKind.CHECKPOINT, name) if has_model else None
    if checkpoint:
        reading.set(texts.CHECKPOINT, checkpoints=[checkpoint])
    _vae(reading, has_model=has_model)
    _loras(reading)


def _vae(reading: Reading, *, has_model: bool) -> None:
    """A text that names its checkpoint and no VAE used the checkpoint's own."""
    named = reading.take("VAE")
    if named.lower() not in _NO_VAE:
        if file := reading.find(ModelKind.VAE, named):
            reading.set(texts.VAE, vae=file)
    elif has_model:
        reading.set(texts.VAE, vae=OWN_VAE)


def _loras(reading: Reading) -> None:
    """The prompt's tags are the LoRAs of an infotext, so that the form's own go; older texts had
    entries of sd-webui-additional-networks instead."""
    weights: dict[str, float] = {}
    reading.take("AddNet Enabled")
    for number in range(1, _OLD_LORAS + 1):
        reading.take(f"AddNet Module {number}")
        named = reading.take(f"AddNet Model {number}").partition("(")[0]
        weight = _old_weight(reading, number)
        if named and (file := reading.find(ModelKind.LORA, named)):
            weights[file] = weight
    kept = dict(list(weights.items())[:MAX_LORAS])
    reading.set(texts.LORAS, loras=list(kept), lora_weights=kept)


def _old_weight(reading: Reading, number: int) -> float:
    """Weight A is the UNet's, B the text encoder's; its first versions had one for both."""
    reading.take(f"AddNet Weight B {number}")
    text = reading.take(f"AddNet Weight A {number}") or reading.take(f"AddNet Weight {number}")
    value = as_number(text)
    return 1.0 if value is None else min(max(value, -MAX_LORA_WEIGHT), MAX_LORA_WEIGHT)


def with_names_of_here(prompt: str, find: FindFile) -> str:
    """The prompt whose tags name the library's files, where the same one has another name here."""

    def rename(tag: re.Match[str]) -> str:
        file = find(ModelKind.LORA, tag[2])
        return f"<{tag[1]}:{PurePath(file).stem}" if file else tag[0]

    return _TAG.sub(rename, prompt)
