"""Points out the trained words that the prompt lacks of the LoRAs that its tags name."""

from pathlib import PurePath

from core.models.files import ModelFile
from formats.generation.extra_networks import split_loras
from formats.models.kinds import ModelKind
from ui.form.models.advice import words_of
from ui.form.state import Form
from ui.state import studio, user


def tagged_words(form: Form) -> None:
    """A button for each word; those of LoRAs from the picker stand below the picker."""
    for file in _tagged(form):
        words_of(form, file)


def _tagged(form: Form) -> list[ModelFile]:
    try:
        _, uses = split_loras(form.get("prompt") or "")
    except ValueError:  # said at the click, and marked in the box
        return []
    picked = {PurePath(name).stem for name in form.get("loras")}
    named = {PurePath(use.name).stem for use in uses} - picked
    loras = studio().models.of_kind(user(), ModelKind.LORA) if named else ()
    return [file for file in loras if PurePath(file.name).stem in named]
