"""Loads the shipped single files into diffusers pipelines and draws with them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DPMSolverMultistepScheduler,
    StableDiffusionControlNetPipeline,
    StableDiffusionPipeline,
)
from safetensors.torch import load_file
from torch import Tensor
from transformers import CLIPTokenizer

from demo.training import networks
from demo.training.lora import merged
from demo.training.settings import TrainingSettings

_SCHEDULER = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "use_karras_sigmas": True,
}


def write_configs(settings: TrainingSettings, folder: Path) -> Path:
    """The folder of configurations that `from_single_file` needs offline."""
    base = networks.unet(settings)
    base.save_config(folder / "unet")
    networks.vae(settings).save_config(folder / "vae")
    networks.controlnet(settings, base).save_config(folder / "controlnet")
    networks.text_config(settings).save_pretrained(folder / "text_encoder")
    StableDiffusionPipeline.config_name = "model_index.json"
    (folder / "model_index.json").write_text(
        '{"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"],'
        ' "vae": ["diffusers", "AutoencoderKL"], "scheduler": ["diffusers", "PNDMScheduler"],'
        ' "text_encoder": ["transformers", "CLIPTextModel"],'
        ' "tokenizer": ["transformers", "CLIPTokenizer"]}'
    )
    return folder


class PipelineRunner:
    """One checkpoint, and a ControlNet if asked, on a device."""

    def __init__(
        self, models: Path, configs: Path, tokenizer: CLIPTokenizer, device: torch.device
    ) -> None:
        self.models, self.configs, self.tokenizer, self.device = models, configs, tokenizer, device
        self.dtype = torch.float16 if device.type == "cuda" else torch.float32
        self.control: StableDiffusionControlNetPipeline | None = None
        self.pipe: Any = None

    def load_checkpoint(self, name: str) -> None:
        """Load the checkpoint of that file name."""
        scheduler = DPMSolverMultistepScheduler(**_SCHEDULER)
        self.pipe = StableDiffusionPipeline.from_single_file(
            str(self.models / name),
            config=str(self.configs),
            local_files_only=True,
            torch_dtype=self.dtype,
            tokenizer=self.tokenizer,
            scheduler=scheduler,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        ).to(self.device)
        self.pipe.set_progress_bar_config(disable=True)
        self.control = None

    def load_controlnet(self, name: str) -> None:
        """Load the ControlNet of that file name beside the checkpoint."""
        net = ControlNetModel.from_single_file(
            str(self.models / name),
            config=str(self.configs),
            subfolder="controlnet",
            local_files_only=True,
            torch_dtype=self.dtype,
        ).to(self.device)
        parts = {k: v for k, v in self.pipe.components.items() if k != "image_encoder"}
        self.control = StableDiffusionControlNetPipeline(
            **parts, controlnet=net, requires_safety_checker=False
        )
        self.control.set_progress_bar_config(disable=True)

    def load_vae(self, name: str) -> AutoencoderKL:
        """Load a VAE file."""
        return AutoencoderKL.from_single_file(
            str(self.models / name),
            config=str(self.configs),
            subfolder="vae",
            local_files_only=True,
            torch_dtype=self.dtype,
        ).to(self.device)

    @contextmanager
    def lora(self, name: str) -> Iterator[None]:
        """Draw with the LoRA of that file name, for a while."""
        tensors = {k: v.to(self.device) for k, v in load_file(self.models / name).items()}
        with merged(self.pipe.unet, self.pipe.text_encoder, tensors):
            yield

    @torch.inference_mode()
    def generate(
        self,
        prompts: Sequence[str],
        maps: Tensor | None = None,
        seed: int = 0,
        batch: int = 32,
        **options: Any,
    ) -> Tensor:
        """Images (len(prompts), 3, H, W) of -1 to 1; seeds count up from `seed`.

        `options` are the pipeline's: width, height, guidance_scale, negative_prompt...
        """
        settings = {
            "width": 256,
            "height": 256,
            "guidance_scale": 6.0,
            "num_inference_steps": 20,
            **options,
        }
        out = []
        for start in range(0, len(prompts), batch):
            part = list(prompts[start : start + batch])
            seeds = range(seed + start, seed + start + len(part))
            call_options = dict(settings)
            call_options["generator"] = [torch.Generator("cpu").manual_seed(s) for s in seeds]
            if negative := settings.get("negative_prompt"):
                call_options["negative_prompt"] = [negative] * len(part)
            pipe = self.pipe
            if maps is not None:
                pipe, call_options["image"] = (
                    self.control,
                    maps[start : start + batch].to(self.dtype),
                )
            out.append(pipe(part, output_type="pt", **call_options).images.float() * 2 - 1)
        return torch.cat(out)
