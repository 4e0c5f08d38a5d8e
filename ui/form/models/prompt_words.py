"""Puts a model's trained words into a form's prompt, and a LoRA's tag."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from core.models.files import ModelFile
from formats.models.kinds import ModelKind
from ui.form.state import Form


def lora_tag(file: ModelFile) -> str:
    """`<lora:name:weight>` with the weight that it is best used with; empty for other kinds."""
    if file.kind is not ModelKind.LORA:
        return ""
    return f"<lora:{PurePath(file.name).stem}:{weight_of(file):g}>"


def weight_of(file: ModelFile) -> float:
    """The weight that a LoRA is best used with; 1 where nothing says one."""
    weight = file.known.fields.weight
    return 1.0 if weight is None else weight


def insert(form: Form, file: ModelFile, words: Sequence[str]) -> tuple[str, ...]:
    """Add words to the end of the prompt, and the tag of a LoRA that the form doesn't use yet.

    An embedding is used by its own name. Returns what was added: nothing that was there already.
    """
    prompt = form.get("prompt") or ""
    new = [word for word in words if not _has(prompt, word)]
    if file.kind is ModelKind.EMBEDDING:
        name = PurePath(file.name).stem
        new = [*new, *([] if _has(prompt, name) else [name])]
    if file.kind is ModelKind.LORA and not _uses_lora(form, prompt, file):
        new.append(lora_tag(file))
    form.put(prompt=", ".join(filter(None, (prompt.rstrip().rstrip(","), *new))))
    return tuple(new)


def missing(form: Form, words: Sequence[str]) -> list[str]:
    """Those of the words that the prompt has not."""
    prompt = form.get("prompt") or ""
    return [word for word in words if not _has(prompt, word)]


def _has(prompt: str, word: str) -> bool:
    """Whether the prompt has the word as it stands, between anything that is no letter."""
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", prompt, re.IGNORECASE))


def _uses_lora(form: Form, prompt: str, file: ModelFile) -> bool:
    return file.name in form.get("loras") or f"<lora:{PurePath(file.name).stem}:" in prompt
