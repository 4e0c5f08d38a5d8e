"""Texts about the models that ship with the demo."""

from typing import Final

TITLE: Final = "Demo models: what they are for"
ABOUT: Final = (
    "Small models that draw in seconds on this computer's CPU, to try everything with. "
    "Upload a Stable Diffusion checkpoint of your own for serious pictures."
)
RESTORE: Final = "Bring the demo back"
RESTORED: Final = "The demo models are on their way; refresh the list in a moment."


def model(name: str, kind: str, about: str) -> str:
    """An entry of the list of demo models, in Markdown."""
    return f"- **{name}** ({kind}): {about}"


def restore_help(endpoint: str) -> str:
    """What bringing the demo back does."""
    return f"Uploads them again, and creates the endpoint {endpoint} if it is gone."
