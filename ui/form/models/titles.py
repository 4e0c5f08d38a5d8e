"""What a model is called where people choose one: its title; its file keeps its name."""

from collections import Counter
from collections.abc import Mapping

from core.models.files import ModelFile
from formats.models.kinds import Family
from ui.texts.form import form as texts


def title_of(file: ModelFile) -> str:
    """What people call it; without a title the file's name."""
    return short_name(file.title)


def short_name(name: str) -> str:
    """A file's name without the ending that nearly all have."""
    return name.removesuffix(".safetensors")


def picker_labels(files: Mapping[str, ModelFile]) -> dict[str, str]:
    """The entries of a picker by the file's name; those of one title tell their file too."""
    titles = {name: title_of(file) for name, file in files.items()}
    seen = Counter(title.casefold() for title in titles.values())
    labels = {}
    for name, title in titles.items():
        is_shared = seen[title.casefold()] > 1
        label = texts.same_title(title, short_name(name)) if is_shared else title
        family = files[name].family
        labels[name] = label if family is Family.UNKNOWN else texts.model(label, family)
    return labels
