"""Texts of the settings that were used last with a checkpoint."""

from typing import Final

TITLE: Final = "Settings used last"
SIZE: Final = "Size"
VAE: Final = "VAE"
HIRES: Final = "Hires fix"
HIRES_SCALE: Final = "Hires upscale by"
HIRES_UPSCALER: Final = "Hires upscaler"
HIRES_DENOISING: Final = "Hires denoising strength"


def offer(name: str) -> str:
    """The button; `name` is Markdown."""
    return f"Settings you used last with {name}"


def used(name: str) -> str:
    """Above the changes; `name` is Markdown."""
    return f"What you generated with **{name}** last; tick what the form shall take over."


def name(title: str) -> str:
    """Where the settings are from, once they are applied; `title` is Markdown."""
    return f"your last job with {title}"
