"""Tells which requests may be drawn together, in one batch of the UNet."""

from typing import Final

from formats.generation.extra_networks import merge_loras
from formats.generation.request import GenerationRequest
from formats.generation.samplers import Sampler

_ALONE: Final = {Sampler.DPMPP_SDE}
"""Their noise is that of the whole batch, so a batch isn't its singles."""
_OF_ITS_OWN: Final = ("image", "pose", "stroke", "preprocessor", "resolution", "threshold_a",
                      "threshold_b", "resize_mode")  # fmt: skip
"""What makes a unit's map, which each picture has for itself."""


def batch_key(request: GenerationRequest) -> str | None:
    """Equal for requests that may be drawn together; None for one that is drawn alone.

    Prompts, seeds, pictures, masks and maps may differ; how many chunks the prompts have is found
    out later. Raises ValueError for a LoRA tag that can't be read.
    """
    samplers = {request.sampler, request.hires.sampler if request.hires else None}
    if request.exact or not request.mode.uses_checkpoint or samplers & _ALONE:
        return None
    _, loras = merge_loras(request.loras, request.prompt)
    from_picture = request.denoising_strength if request.mode.needs_image else None
    shared = (
        request.mode, request.checkpoint, request.vae, loras, request.sampler, request.schedule,
        request.steps, request.cfg_scale, request.width, request.height, from_picture,
        request.hires, [unit.model_copy(update=dict.fromkeys(_OF_ITS_OWN)) for unit in
                        request.controlnets],
    )  # fmt: skip
    return repr(shared)
