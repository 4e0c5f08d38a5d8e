"""Texts of the question which models of an infotext the library lacks."""

from typing import Final

TITLE: Final = "Which models of a picture's infotext are missing?"
INFOTEXT: Final = "Infotext"
INFOTEXT_HELP: Final = "The parameters that A1111 writes into a picture, as PNG Info shows them."
PLACEHOLDER: Final = (
    "a harbour at dawn <lora:ink_wash:0.8>\nSteps: 20, Sampler: Euler a, Model hash: 1a2b3c4d5e"
)
NOTHING: Final = "This text names no model."
FIND: Final = "Find it on Civitai"
STANDINGS: Final = {
    "missing": ":red[:material/close:] missing",
    "other hash": ":orange[:material/warning:] a file of this name is here, with other bytes",
    "by name": ":green[:material/check:] here, by its name",
    "by hash": ":green[:material/check:] here, by its hash",
}


def answer(name: str, kind: str, standing: str, files: str) -> str:
    """A line of the answer, in Markdown."""
    told = f"**{name}**" + (f" · {kind}" if kind else "") + f"  \n{STANDINGS[standing]}"
    return f"{told}: {files}" if files else told
