"""Texts of the side-cars that a person gives to a model."""

from typing import Final

TITLE: Final = "Add a side-car of another program"
UPLOAD: Final = "Side-cars and previews"
UPLOAD_HELP: Final = (
    "What A1111, SD.Next, Civitai Helper, SwarmUI, Stability Matrix or LoRA Manager keep beside "
    "the file: .json, .civitai.info, .swarm.json, .cm-info.json, .metadata.json, or a picture. "
    "What you typed stays as it is."
)
TAKEN: Final = "Taken. What you typed yourself stays as it is."


def refused(name: str, message: str) -> str:
    """Which file it was, and why."""
    return f"{name}: {message}"
