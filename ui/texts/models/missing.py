"""Texts of the question which models of an infotext the library lacks."""

from collections.abc import Mapping
from typing import Final

from core.models.metadata.missing_models import Standing

TITLE: Final = "Which models does a picture need?"
INFOTEXT: Final = "Infotext"
INFOTEXT_HELP: Final = "The parameters that A1111 writes into a picture, as PNG Info shows them."
PLACEHOLDER: Final = (
    "a harbour at dawn <lora:ink_wash:0.8>\nSteps: 20, Sampler: Euler a, Model hash: 1a2b3c4d5e"
)
IMAGE: Final = "Or a picture that has it"
NO_INFOTEXT: Final = (
    "This picture has no infotext: it is lost where a site or a chat saves the picture anew. Take "
    "the original file, or paste the text."
)
TOO_LONG: Final = "The text in this picture is too long for an infotext."
NOTHING: Final = "This text names no model."
FIND: Final = "Find it on Civitai"

_STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.MISSING: ":red[:material/close:] missing",
    Standing.OTHER_HASH: (
        ":orange[:material/warning:] a file of this name is here, with another hash"
    ),
    Standing.BY_NAME: ":green[:material/check:] here, by its name",
    Standing.BY_HASH: ":green[:material/check:] here, by its hash",
}


def answer(name: str, kind: str, standing: Standing, files: str) -> str:
    """A line of the answer, in Markdown."""
    told = f"**{name}**" + (f" · {kind}" if kind else "") + f"  \n{_STANDINGS[standing]}"
    return f"{told}: {files}" if files else told


def lacking(count: int, total: int) -> str:
    """How many of the models are not here, or are other files."""
    return f"{count} of {total} missing or different" if count else f"All {total} are here"
