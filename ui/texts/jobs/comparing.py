"""Texts of the comparison of two images, and the names of the fields in which they differ."""

from collections.abc import Mapping
from typing import Final

from formats.generation.parameters import parameter_fields
from formats.models.kinds import ModelKind
from ui.texts.jobs import parameter_table

COMPARE: Final = "Compare"
END_COMPARISON: Final = "End the comparison"
COMPARE_WITH: Final = "Compare with"
COMPARE_WITH_HELP: Final = (
    "Its map or source, a job that you looked at, one of the list, or the id of any other. Choose "
    "another job in the list, and that one is compared with the same."
)
CHOOSE: Final = "Choose a job, or paste its id"
SOURCE: Final = "the picture that it started from"
NO_IMAGE: Final = "That job has no picture. Choose another one."
NOT_THERE: Final = "This job has no such map or source. Choose something else."
PICTURE_HERE: Final = "Picture of this job"
PICTURE_THERE: Final = "Picture of the other"
THIS: Final = "this job"
DIFFERENCES: Final = "What differs"
NO_DIFFERENCE: Final = "Their parameters are the same."
PARAMETER: Final = "Parameter"

COMPONENT: Final = {
    "modes": "How they are compared",
    "slider": "Slider",
    "side": "Side by side",
    "difference": "Difference",
    "stage": "Two pictures. Arrow keys move the slider; + and - zoom, 0 fits, F full screen",
    "keys": "← → slider · + − zoom · 0 fit · 1 1:1 · F full screen",
    "divide": "Where one picture ends and the other begins",
    "amplify": "How much the difference is amplified",
    "swap": "Swap",
    "swap_help": "Swap the two pictures",
}

_PARTS: Final[Mapping[str, str]] = {
    "checkpoint": parameter_table.CHECKPOINT,
    "vae": parameter_table.VAE,
    "mode": parameter_table.MODE,
    "init_image": "Source picture",
    "embeddings": "Embeddings",
    "styles": "Styles",
    "hires": "Hires",
    "upscale": "Upscale",
    "inpaint": "Inpaint",
    "loras": "LoRA",
    "controlnets": "ControlNet",
    "applied": "Applied",
    "sampler_class": "Sampler in diffusers",
    "prediction": "prediction",
    "device": "device",
    "container": "container",
    "size": "size",
    **{kind.value: kind.label for kind in ModelKind},
}
"""Parts of a field's path that are not called what they are in code."""


def map_number(number: int) -> str:
    """A control map of the job itself, counting from 1."""
    return f"its map of unit {number}"


def job_name(time: str, job_id: str) -> str:
    """What a job is called everywhere."""
    return f"{time} → {job_id}"


def image_of(job: str, number: int, images: int) -> str:
    """The label on an image of a job, counting from 1."""
    return f"{job}, picture {number}" if images > 1 else job


def field_name(path: str) -> str:
    """`hires/scale` is `Hires: scale`, `loras/ink.safetensors/weight` `LoRA: ink.safetensors:
    weight`; a declared parameter has its label."""
    declared = parameter_fields().get(path)
    if declared:
        return declared.parameter.label
    return ": ".join(_PARTS.get(part, part.replace("_", " ")) for part in path.split("/"))
