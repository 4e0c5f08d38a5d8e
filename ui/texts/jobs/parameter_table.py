"""Texts of a job's parameter table: the names of its rows, and values that are more than one word.

Parameters that `formats.generation.parameters` declares bring their own labels.
"""

from typing import Final

from formats.generation.controlnet_unit import ControlNetUnit

ENDPOINT: Final = "Endpoint"
ROUTE: Final = "Why this endpoint"
CHECKPOINT: Final = "Checkpoint"
MODE: Final = "Mode"
STYLES: Final = "Styles"
VAE: Final = "VAE"
OWN_VAE: Final = "the checkpoint's own"
SIZE: Final = "Size"
BATCH: Final = "Batch"
VARIATION: Final = "Variation"

UPSCALER: Final = "Upscaler"
UPSCALE_BY: Final = "Upscale by"

MASK_MODE: Final = "Mask mode"
MASK_BLUR: Final = "Mask blur"
MASKED_CONTENT: Final = "Masked content"
INPAINT_AREA: Final = "Inpaint area"

HIRES_SIZE: Final = "Hires size"
HIRES_UPSCALER: Final = "Hires upscaler"
HIRES_STEPS: Final = "Hires steps"
HIRES_SAMPLER: Final = "Hires sampler"
HIRES_DENOISING: Final = "Hires denoising"

TOKENS: Final = "Prompt tokens"
SEEDS: Final = "Seeds"
VARIATION_SEEDS: Final = "Variation seeds"
DRAWN_TOGETHER: Final = "Drawn together"

ASKED_FOR: Final = "Asked for"
DRAWN_ON: Final = "Ran on"
COST: Final = "Cost"


def lora(name: str) -> str:
    """The name of a LoRA's row; its weight stands beside it."""
    return f"LoRA {name}"


def controlnet(number: int) -> str:
    """The name of a ControlNet unit's row, counting from 0 as A1111 does."""
    return f"ControlNet {number}"


def unit(settings: ControlNetUnit) -> str:
    """How a unit steers."""
    span = f"{settings.start:g} to {settings.end:g}"
    return f"{settings.model}, weight {settings.weight:g}, {span}, {settings.control_mode}"


def batches(count: int, size: int) -> str:
    """Batch count and batch size."""
    return f"{count} x {size}"


def variation(strength: str, seed: int) -> str:
    """Variation strength and variation seed."""
    return f"{strength} towards seed {seed}"


def padded_area(area: str, padding: int) -> str:
    """The inpaint area where it has a padding, in pixels."""
    return f"{area}, padding {padding} px"


def pixels(number: int) -> str:
    """A length."""
    return f"{number} px"


def hires_size(size: str, scale: float) -> str:
    """The size after hires fix, and how many times the first one that is."""
    return f"{size}, {scale:g} times"


def seed_range(first: int, last: int | None) -> str:
    """The seeds of several images."""
    return f"{first} to {last}"


def images_together(number: int) -> str:
    """How many images a batch had."""
    return f"{number} pictures"


def drawn_on(device: str, container: str) -> str:
    """Where the images were made."""
    return f"{device}, container {container}"
