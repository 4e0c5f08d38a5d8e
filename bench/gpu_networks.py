"""What bench/gpu_speed.py compares: networks of the real sizes in the engine and in diffusers."""

from typing import Any, Final

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DPMSolverMultistepScheduler,
    StableDiffusionControlNetPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
)

from formats.generation.samplers import Sampler, Schedule
from formats.models.kinds import Family
from formats.models.prediction import PredictionType
from sagemaker_container.engine.cache.gpu_slots import WeightSlot, modules_of
from sagemaker_container.engine.control.units import LoadedUnit
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.models import latents as pixels
from sagemaker_container.engine.models.checkpoint import Checkpoint, Prediction, TextEncoder
from sagemaker_container.engine.prompt.encoder import EncodedPrompts, PromptEmbeds, ScheduledPrompt
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser
from sagemaker_container.engine.sampling.noise import Seeds, start_noise
from sagemaker_container.engine.sampling.schedulers import SamplerPlan

STEPS: Final = 20
CFG: Final = 7.0
SIDE: Final = 512
XL_STEPS: Final = 30
XL_SIDE: Final = 1024
_VAE: Final = {
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
}
_XL_UNET: Final = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "layers_per_block": 2,
    "cross_attention_dim": 2048,
    "attention_head_dim": (5, 10, 20),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}


def text_encoder(width: int, layers: int, kind: Any) -> Any:
    """CLIP of that size on the CPU, float16."""
    config = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        projection_dim=width,
    )
    return kind(config).half().eval()


def networks(family: Family, seed: int) -> Checkpoint:
    """A checkpoint of the real sizes with random weights, on the CPU as the loader leaves it."""
    torch.manual_seed(seed)
    with torch.device("cuda"):
        if family is Family.SDXL:
            unet, vae = UNet2DConditionModel(**_XL_UNET).half(), AutoencoderKL(**_VAE).half()
            vae.register_to_config(force_upcast=True, scaling_factor=0.13025)
            encoders = [
                text_encoder(768, 12, CLIPTextModel),
                text_encoder(1280, 32, CLIPTextModelWithProjection),
            ]
        else:
            unet = UNet2DConditionModel(
                sample_size=64,
                block_out_channels=(320, 640, 1280, 1280),
                layers_per_block=2,
                cross_attention_dim=768,
                attention_head_dim=8,
            ).half()
            vae = AutoencoderKL(**_VAE).half()
            vae.register_to_config(force_upcast=False)
            encoders = [text_encoder(768, 12, CLIPTextModel)]
    for module in (unet, vae, *encoders):
        module.requires_grad_(False).eval().to("cpu", memory_format=torch.channels_last)
    readers = tuple(TextEncoder(encoder, 49407) for encoder in encoders)
    return Checkpoint(family, unet, vae, readers, Prediction(PredictionType.EPSILON, False))


def laid(x: torch.Tensor) -> torch.Tensor:
    """In float16 and channels-last memory."""
    return x.half().contiguous(memory_format=torch.channels_last)


class Ours:
    """The container's engine with one checkpoint on the device."""

    def __init__(self, model: Checkpoint, device: Device) -> None:
        self.slot = WeightSlot.empty(model, device)
        self.checkpoint = self.slot.load(model, "first").checkpoint
        self.device = device
        self.plan = SamplerPlan(Sampler.DPMPP_2M, Schedule.KARRAS, self.steps)

    @property
    def is_xl(self) -> bool:
        """Whether it is SDXL."""
        return self.checkpoint.family is Family.SDXL

    @property
    def steps(self) -> int:
        """Of one image."""
        return XL_STEPS if self.is_xl else STEPS

    @property
    def side(self) -> int:
        """Of one image, in pixels."""
        return XL_SIDE if self.is_xl else SIDE

    def latents(
        self, prompts: "Prompts", count: int = 1, units: tuple[LoadedUnit, ...] = (), maps: Any = ()
    ) -> torch.Tensor:
        """A batch of finished latents."""
        denoiser = Denoiser(
            self.checkpoint, self.checkpoint.vae, self.plan, CFG, self.side, self.side, units
        )
        rows = [BatchItem(Seeds(seed), prompts.encoded(), maps) for seed in range(count)]
        return denoiser.run(rows, lambda *_: None)

    def generate(self, *given: Any, **named: Any) -> list[Any]:
        """A batch of images."""
        generated = self.latents(*given, **named)
        return [pixels.decode(self.checkpoint.vae, latent) for latent in generated]


class Prompts:
    """Random encodings of a prompt and its negative."""

    def __init__(self, width: int, pooled: int | None = None) -> None:
        torch.manual_seed(9)
        self.states = torch.randn(2, 77, width, device="cuda", dtype=torch.float16)
        self.pooled = None
        if pooled:
            self.pooled = torch.randn(2, pooled, device="cuda", dtype=torch.float16)

    def encoded(self) -> EncodedPrompts:
        """As the engine takes them."""
        embeds = [
            PromptEmbeds(
                self.states[i : i + 1], None if self.pooled is None else self.pooled[i : i + 1]
            )
            for i in range(2)
        ]
        return EncodedPrompts(
            (ScheduledPrompt(((99, embeds[0]),)),), ScheduledPrompt(((99, embeds[1]),)), 75
        )

    def for_diffusers(self, count: int) -> dict[str, torch.Tensor]:
        """As the pipelines take them."""
        given = {
            "prompt_embeds": self.states[:1].expand(count, -1, -1),
            "negative_prompt_embeds": self.states[1:].expand(count, -1, -1),
        }
        if self.pooled is not None:
            given["pooled_prompt_embeds"] = self.pooled[:1].expand(count, -1)
            given["negative_pooled_prompt_embeds"] = self.pooled[1:].expand(count, -1)
        return given


class Plain:
    """diffusers' own pipeline on the same weights, in its own memory format."""

    def __init__(self, model: Checkpoint, control: ControlNetModel | None = None) -> None:
        self.model = model
        parts: dict[str, Any] = {
            "unet": model.unet,
            "vae": model.vae,
            "tokenizer": None,
            "text_encoder": model.text_encoders[0].model,
        }
        self.is_xl = model.family is Family.SDXL
        kind: Any = StableDiffusionPipeline
        if self.is_xl:
            kind = StableDiffusionXLPipeline
            parts |= {"text_encoder_2": model.text_encoders[1].model, "tokenizer_2": None}
        else:
            parts |= {
                "safety_checker": None,
                "feature_extractor": None,
                "requires_safety_checker": False,
            }
        if control is not None:
            kind = StableDiffusionControlNetPipeline
            parts["controlnet"] = control
        scheduler = DPMSolverMultistepScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            steps_offset=1,
            use_karras_sigmas=True,
            timestep_spacing="linspace",
        )
        self.pipe = kind(**parts, scheduler=scheduler)
        for module in modules_of(model):
            module.to("cuda", memory_format=torch.contiguous_format)
        self.pipe.set_progress_bar_config(disable=True)

    def generate(self, prompts: Prompts, count: int = 1, **more: Any) -> Any:
        """A batch of images, or of latents."""
        generators = [Seeds(seed).generator() for seed in range(count)]
        size = (XL_SIDE if self.is_xl else SIDE) // 8
        noise = start_noise([Seeds(seed) for seed in range(count)], generators, (4, size, size))
        given = {"output_type": "pil", "latents": noise.to("cuda").half(), **more}
        side, steps = (XL_SIDE, XL_STEPS) if self.is_xl else (SIDE, STEPS)
        if "image" not in given:
            given |= {"width": side, "height": side}
        with torch.no_grad():
            return self.pipe(
                **prompts.for_diffusers(count),
                num_inference_steps=steps,
                guidance_scale=CFG,
                **given,
            ).images

    def away(self) -> None:
        """Off the GPU."""
        for module in modules_of(self.model):
            module.to("cpu", memory_format=torch.channels_last)
        torch.cuda.empty_cache()
