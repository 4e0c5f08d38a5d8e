"""Checkpoints of each family: architecture, VAE precision, and that they generate images."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from diffusers import (
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
)
from PIL import Image
from transformers import CLIPTokenizer

from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.samplers import Sampler, Schedule
from formats.models.kinds import ModelKind
from sagemaker_container.engine.control.units import LoadedUnit, control_tensor
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.encoder import (
    EncodedPrompts,
    PromptEmbeds,
    PromptEncoder,
    PromptSpec,
    ScheduledPrompt,
)
from sagemaker_container.engine.prompt.tokenizer import clip_tokenizer
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan
from tests.sagemaker_container.conftest import CPU, Opener
from tests.support import tiny_models

Generate = Callable[..., torch.Tensor]


@pytest.fixture(scope="module")
def xl(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-xl"))


@pytest.fixture
def sd2(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-sd2"))


def constant_prompt(checkpoint: Checkpoint, pooled: float | None = None) -> EncodedPrompts:
    """Prompt embeddings of one value each."""
    width = checkpoint.unet.config.cross_attention_dim
    wanted = torch.full((1, 77, width), 0.1)
    second = None if pooled is None else torch.full((1, tiny_models.OPEN_CLIP), pooled)
    scheduled = [
        ScheduledPrompt(((2, PromptEmbeds(states, second)),)) for states in (wanted, -wanted)
    ]
    return EncodedPrompts((scheduled[0],), scheduled[1], 3)


@pytest.fixture
def generate() -> Generate:
    """Two images of two steps, with constant prompt embeddings unless some are given."""

    def run(
        checkpoint: Checkpoint,
        pooled: float | None = None,
        encoded: EncodedPrompts | None = None,
        units: Sequence[LoadedUnit] = (),
        **fields: Any,
    ) -> torch.Tensor:
        plan = SamplerPlan(Sampler.EULER, Schedule.AUTOMATIC, 2, last_steps=2 if fields else None)
        denoiser = Denoiser(checkpoint, checkpoint.vae, plan, 7, width=64, height=64, units=units)
        maps = [control_tensor(Image.linear_gradient("L").resize((64, 64)))] * len(units)
        prompts = encoded or constant_prompt(checkpoint, pooled)
        items = [BatchItem(Seeds(seed), prompts, maps, **fields) for seed in (1, 2)]
        return denoiser.run(items, lambda *_: None)

    return run


def test_sdxl_uses_both_encodings_of_a_prompt(generate: Generate, xl: Checkpoint) -> None:
    start = latents.encode(xl.vae, Image.new("RGB", (64, 64), "red"))
    generated = generate(xl, 0.5)
    assert generated.shape == (2, 4, 8, 8)
    assert torch.isfinite(generated).all()
    assert torch.isfinite(generate(xl, 0.5, start=start)).all()
    assert not torch.equal(generated, generate(xl, -0.5))


def test_sd2_generates(generate: Generate, sd2: Checkpoint) -> None:
    assert torch.isfinite(generate(sd2)).all()


@pytest.mark.parametrize(
    ("name", "plain"),
    [("tiny-sd2", StableDiffusionPipeline), ("tiny-xl", StableDiffusionXLPipeline)],
)
def test_a_family_gives_plain_diffusers_latents(
    loader: NetworkLoader, opened: Opener, generate: Generate, name: str, plain: Any
) -> None:
    """From the text on: tokens, padding, layers, pooled prompt and sizes."""
    checkpoint = loader.load_checkpoint(opened(name))
    words, padded = clip_tokenizer(), clip_tokenizer()
    padded.pad_token = "!"
    tokenizers = {"tokenizer": words, "tokenizer_2": padded}
    if name == "tiny-sd2":
        tokenizers = {"tokenizer": padded, "safety_checker": None, "feature_extractor": None}
    encoders = zip(checkpoint.text_encoders, ("", "_2"), strict=False)
    pipeline = plain(
        vae=checkpoint.vae,
        unet=checkpoint.unet,
        scheduler=SamplerPlan(Sampler.EULER, Schedule.AUTOMATIC, 2).scheduler(0),
        **{f"text_encoder{ending}": encoder.model for encoder, ending in encoders},
        **tokenizers,
    )
    generated = pipeline(
        "a cute dog",
        negative_prompt="a cat",
        width=64,
        height=64,
        guidance_scale=7,
        num_inference_steps=2,
        generator=[torch.Generator().manual_seed(seed) for seed in (1, 2)],
        num_images_per_prompt=2,
        output_type="latent",
    ).images
    encoder = PromptEncoder(words, checkpoint.text_encoders)
    encoded = encoder.encode(PromptSpec("a cute dog", "a cat", 1, steps=2))
    assert torch.equal(generate(checkpoint, encoded=encoded), generated)


@pytest.mark.parametrize(
    ("names", "pooled"),
    [
        (("tiny-inpainting", "tiny-control-stripped"), None),
        (("tiny-xl-inpainting", "tiny-control-xl"), 0.5),
    ],
)
def test_an_inpainting_checkpoint_generates_whole_images(
    generate: Generate,
    loader: NetworkLoader,
    opened: Opener,
    names: tuple[str, str],
    pooled: float | None,
) -> None:
    checkpoint = loader.load_checkpoint(opened(names[0]))
    net = loader.load_controlnet(opened(names[1], ModelKind.CONTROLNET), checkpoint)
    asked = ControlNetUnit(model="net.safetensors", image="0" * 64)
    unit = LoadedUnit(net, asked)
    start = latents.encode(checkpoint.vae, Image.new("RGB", (64, 64), "red"))
    assert checkpoint.is_inpainting
    images = [
        generate(checkpoint, pooled),
        generate(checkpoint, pooled, start=start),
        generate(checkpoint, pooled, units=[unit]),
    ]
    assert all(torch.isfinite(image).all() for image in images)


def test_a_full_mask_is_the_inpainting_pipelines(
    loader: NetworkLoader, opened: Opener, tokenizer: CLIPTokenizer, generate: Generate
) -> None:
    checkpoint = loader.load_checkpoint(opened("tiny-inpainting"))
    wanted, grey = torch.full((1, 77, 64), 0.1), checkpoint.vae.encode(torch.zeros(1, 3, 64, 64))
    pipeline = StableDiffusionInpaintPipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=tokenizer,
        unet=checkpoint.unet,
        scheduler=SamplerPlan(Sampler.EULER, Schedule.AUTOMATIC, 2).scheduler(0),
        safety_checker=None,
        feature_extractor=None,
    )
    generated = pipeline(
        prompt_embeds=wanted,
        negative_prompt_embeds=-wanted,
        image=Image.new("RGB", (64, 64)),
        mask_image=Image.new("L", (64, 64), 255),
        masked_image_latents=grey.latent_dist.mode() * checkpoint.vae.config.scaling_factor,
        width=64,
        height=64,
        strength=1.0,
        guidance_scale=7,
        num_inference_steps=2,
        generator=torch.Generator().manual_seed(1),
        output_type="latent",
    ).images
    assert torch.allclose(
        generate(checkpoint)[0], generated[0], atol=4e-3 * generated.abs().max().item()
    )


def test_heads_are_as_wide_as_the_family_has_them(
    checkpoint: Checkpoint, sd2: Checkpoint, xl: Checkpoint
) -> None:
    heads = [
        c.unet.mid_block.attentions[0].transformer_blocks[0].attn1.heads
        for c in (checkpoint, sd2, xl)
    ]
    assert heads == [8, 1, 1]


def test_sdxls_vae_is_never_in_float16(opened: Opener) -> None:
    half = replace(CPU, dtype=torch.float16, vae_dtype=torch.float16)
    loader = NetworkLoader(half)
    assert loader.load_checkpoint(opened("tiny-xl")).vae.dtype is torch.float32
    assert loader.load_checkpoint(opened("tiny-sd2")).vae.dtype is torch.float16
