"""Texts of an infotext that is read into the form: what it sets, and why something is not taken."""

from collections.abc import Mapping
from typing import Final

# ---- what it sets
PROMPT: Final = "Prompt"
NEGATIVE_PROMPT: Final = "Negative prompt"
CHECKPOINT: Final = "Checkpoint"
VAE: Final = "VAE"
LORAS: Final = "LoRAs picked in the form"
SIZE: Final = "Size"
MODE: Final = "Mode"
HIRES: Final = "Hires fix"
HIRES_UPSCALER: Final = "Hires upscaler"
HIRES_SCALE: Final = "Hires upscale by"
HIRES_STEPS: Final = "Hires steps"
HIRES_SAMPLER: Final = "Hires sampler"
HIRES_SCHEDULE: Final = "Hires schedule type"
HIRES_DENOISING: Final = "Hires denoising strength"
MASK_MODE: Final = "Inpaint what is not masked"
MASK_BLUR: Final = "Mask blur"
MASKED_CONTENT: Final = "Masked content"
INPAINT_AREA: Final = "Inpaint area"
MASK_PADDING: Final = "Masked area padding"

# ---- what can't be taken
IS_JSON: Final = "This text is JSON of another program, not an infotext, so nothing is taken of it."
NO_NUMBER: Final = "That is no number, so the field stays."
SEED_TOO_LARGE: Final = "Seeds here go up to 4294967295, so the seed stays."
NO_SUCH_PREPROCESSOR: Final = (
    "This preprocessor doesn't exist here. Give the unit a finished map instead."
)
ONLY_BODY: Final = "The openpose preprocessor here finds bodies; hands and faces are left out."
UNKNOWN: Final = "There is no such setting here."
NO_UPSCALER: Final = "Hires fix needs an upscaler, so the form's stays."
WITHOUT_IMAGES: Final = "The text has no image. The unit keeps the one it has, or needs one."
FROM_AN_IMAGE: Final = "This was made from another image, which is not in the text."
OTHER_SHAPE: Final = "Hires fix keeps the shape, so the nearest factor is taken."
GPU_NOISE: Final = "Noise is always drawn on the CPU here: the same seed gives another image."
NO_HASH_SEED: Final = "Ancestral samplers here add no number to the seed: the image will differ."
NO_REFINER: Final = "There is no refiner here. Hires fix or img2img is what comes nearest."
NO_FACES: Final = "Faces aren't restored here. Inpaint them at full size instead."
NO_TILING: Final = "Images that tile aren't made here."
RESOLVED: Final = "The prompt that it became is taken, not the template."
ONE_PROMPT: Final = "Hires fix here has one prompt and one checkpoint for both passes."

REASONS: Final[Mapping[str, str]] = {
    "ENSD": NO_HASH_SEED,
    "Refiner": NO_REFINER,
    "Refiner switch at": NO_REFINER,
    "Face restoration": NO_FACES,
    "Tiling": NO_TILING,
    "Template": RESOLVED,
    "Negative Template": RESOLVED,
    "Hires prompt": ONE_PROMPT,
    "Hires negative prompt": ONE_PROMPT,
    "Hires checkpoint": ONE_PROMPT,
    "Hires CFG Scale": ONE_PROMPT,
}
"""By A1111's names; every other entry that is not known is `UNKNOWN`."""


def nearest(value: str) -> str:
    """A number out of bounds."""
    return f"That is out of bounds; {value} is the nearest."


def no_sampler(name: str) -> str:
    """A sampler or a schedule type that nobody knows."""
    return f"{name} isn't offered here, so the form's stays."


def no_such_pair(sampler: str) -> str:
    """A schedule type that the sampler can't have."""
    return f"{sampler} doesn't have this schedule type here; Automatic is taken."


def too_many_units(limit: int) -> str:
    """More units than a request has room for."""
    return f"A job has at most {limit} units."
