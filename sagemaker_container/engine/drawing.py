"""Draws one batch: builds the pipeline that a job needs from loaded modules, and runs it.

Pipelines are made anew for each job with `Cls(**components)`: diffusers' `from_pipe()` casts shared
modules to float32, and a module that is set later doesn't reach sibling pipelines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers import (
    AutoencoderKL,
    StableDiffusionControlNetImg2ImgPipeline,
    StableDiffusionControlNetPipeline,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLControlNetImg2ImgPipeline,
    StableDiffusionXLControlNetPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
)
from transformers import CLIPTokenizer

from formats.kinds import Family
from sagemaker_container.engine.checkpoint import Checkpoint
from sagemaker_container.engine.control_units import ControlUnits, Unit
from sagemaker_container.engine.full_mask import FullyMasked
from sagemaker_container.engine.preview import LatentColours
from sagemaker_container.engine.prompt_encoder import Encoded
from sagemaker_container.engine.samplers import SamplerPlan

OnStep = Callable[[int, int, torch.Tensor], None]
"""Called after each step with its number from 1, the number of steps, and the latents."""

_PIPELINES: Final = {
    (False, False): StableDiffusionPipeline,
    (True, False): StableDiffusionImg2ImgPipeline,
    (False, True): StableDiffusionControlNetPipeline,
    (True, True): StableDiffusionControlNetImg2ImgPipeline,
}
_XL_PIPELINES: Final = {
    (False, False): StableDiffusionXLPipeline,
    (True, False): StableDiffusionXLImg2ImgPipeline,
    (False, True): StableDiffusionXLControlNetPipeline,
    (True, True): StableDiffusionXLControlNetImg2ImgPipeline,
}
"""By whether there is a picture to start from, and whether there are ControlNets."""


@dataclass(frozen=True)
class Drawing:
    """Everything that the pictures of one job share."""

    checkpoint: Checkpoint
    vae: AutoencoderKL
    tokenizer: CLIPTokenizer
    encoded: Encoded
    plan: SamplerPlan
    cfg_scale: float
    width: int
    height: int
    start: torch.Tensor | None
    """Latents of the picture to start from, 1 x 4 x h x w."""
    denoising_strength: float
    units: Sequence[Unit]
    colours: LatentColours

    @property
    def is_xl(self) -> bool:
        """Whether SDXL's pipelines draw."""
        return self.checkpoint.family is Family.SDXL

    @property
    def steps(self) -> int:
        """Steps that are really made: img2img skips the first ones."""
        if self.start is None:
            return self.plan.steps
        return max(1, min(int(self.plan.steps * self.denoising_strength), self.plan.steps))

    def latents(self, seeds: Sequence[int], on_step: OnStep) -> torch.Tensor:
        """One batch of finished latents, picture i from `seeds[i]`; noise is drawn on the CPU."""
        pipeline = self._pipeline(seeds[0])
        with torch.no_grad():
            answer = pipeline(
                prompt_embeds=self.encoded.prompt.expand(len(seeds), -1, -1),
                negative_prompt_embeds=self.encoded.negative.expand(len(seeds), -1, -1),
                **self._pooled(len(seeds)),
                generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
                num_inference_steps=self.plan.steps,
                guidance_scale=self.cfg_scale,
                output_type="latent",
                callback_on_step_end=_told(on_step),
                **self._pictures(len(seeds)),
            )
        latents: torch.Tensor = answer.images
        return latents

    def _pipeline(self, seed: int) -> Any:
        components: dict[str, Any] = {
            "unet": self._unet(),
            "vae": self.vae,
            "scheduler": self.plan.scheduler(seed),
            **self._text_parts(),
        }
        if self.is_xl:
            pipelines = _XL_PIPELINES
            components |= {"add_watermarker": False}
        else:
            pipelines = _PIPELINES
            components |= {"safety_checker": None, "feature_extractor": None}
            components |= {"requires_safety_checker": False}
        if self.units:
            components["controlnet"] = ControlUnits(self.units, guided=self.cfg_scale > 1)
        pipeline = pipelines[self.start is not None, bool(self.units)](**components)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def _unet(self) -> Any:
        checkpoint = self.checkpoint
        return FullyMasked(checkpoint.unet, self.vae) if checkpoint.inpaints else checkpoint.unet

    def _text_parts(self) -> dict[str, Any]:
        """Pipelines want them although they get prompts encoded, and the tokenizer goes unused."""
        parts: dict[str, Any] = {}
        for encoder, ending in zip(self.checkpoint.text_encoders, ("", "_2"), strict=False):
            parts |= {f"text_encoder{ending}": encoder.model, f"tokenizer{ending}": self.tokenizer}
        return parts

    def _pooled(self, batch: int) -> dict[str, torch.Tensor]:
        """SDXL's second reading of the prompts; its pipelines add the time ids themselves."""
        pooled, negative = self.encoded.pooled, self.encoded.negative_pooled
        if pooled is None or negative is None:
            return {}
        return {
            "pooled_prompt_embeds": pooled.expand(batch, -1),
            "negative_pooled_prompt_embeds": negative.expand(batch, -1),
        }

    def _pictures(self, batch: int) -> dict[str, Any]:
        """What the four pipelines call the picture to start from and the maps."""
        arguments: dict[str, Any] = {}
        maps = [unit.map for unit in self.units]
        if self.start is None:
            arguments |= {"width": self.width, "height": self.height}
        else:
            start = self.start.expand(batch, -1, -1, -1)
            arguments |= {"image": start, "strength": self._strength()}
        if self.units:
            arguments["image" if self.start is None else "control_image"] = maps
            arguments["controlnet_conditioning_scale"] = [u.asked.weight for u in self.units]
            arguments["control_guidance_start"] = [u.asked.start for u in self.units]
            arguments["control_guidance_end"] = [u.asked.end for u in self.units]
        return arguments

    def _strength(self) -> float:
        """The strength that makes `steps` steps; diffusers fails when it makes none."""
        return min(1.0, (self.steps + 0.5) / self.plan.steps)


def _told(on_step: OnStep) -> Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]:
    def told(pipeline: Any, index: int, _: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        on_step(index + 1, pipeline.num_timesteps, tensors["latents"])
        return {}

    return told
