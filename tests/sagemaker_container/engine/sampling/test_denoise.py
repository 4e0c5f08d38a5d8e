"""The denoising loop gives diffusers' latents, for each of its pipelines."""

from typing import Any

import pytest
import torch
from diffusers import (
    MultiControlNetModel,
    StableDiffusionControlNetImg2ImgPipeline,
    StableDiffusionControlNetPipeline,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
)
from PIL import Image
from transformers import CLIPTokenizer

from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.inpaint import MaskedContent
from formats.generation.samplers import Sampler, Schedule
from formats.models.kinds import ModelKind
from sagemaker_container.engine.control.units import LoadedUnit, control_tensor
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.encoder import EncodedPrompts
from sagemaker_container.engine.sampling.blending import MaskedLatents
from sagemaker_container.engine.sampling.denoise import BatchItem
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan
from tests.sagemaker_container.conftest import Opener
from tests.sagemaker_container.engine.sampling.conftest import STEPS, Encode, denoise, denoiser_for

LAST_STEPS, SEED = 3, 4
IMAGE_LATENTS = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
MASK = torch.zeros(1, 1, 8, 8)
MASK[..., 2:6, 3:8] = 1
MAP = Image.linear_gradient("L").resize((64, 64)).convert("RGB")


@pytest.fixture(scope="module")
def inpainting(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-inpainting"))


@pytest.fixture(scope="module")
def unit(loader: NetworkLoader, opened: Opener, plain: Checkpoint) -> LoadedUnit:
    net = loader.load_controlnet(opened("tiny-control-openpose", ModelKind.CONTROLNET), plain)
    return LoadedUnit(
        net, ControlNetUnit(model="x.safetensors", image="0" * 64, weight=0.7, end=0.5)
    )


def pipeline(kind: Any, checkpoint: Checkpoint, tokenizer: CLIPTokenizer, **parts: Any) -> Any:
    plan = SamplerPlan(parts.pop("sampler", Sampler.EULER), Schedule.AUTOMATIC, STEPS)
    return kind(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=tokenizer,
        unet=checkpoint.unet,
        scheduler=plan.scheduler(0),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        **parts,
    )


def run_pipeline(pipe: Any, encoded: EncodedPrompts, **fields: Any) -> torch.Tensor:
    return pipe(
        prompt_embeds=encoded.prompt[0].at_step(0).hidden_states,
        negative_prompt_embeds=encoded.negative.at_step(0).hidden_states,
        num_inference_steps=STEPS,
        guidance_scale=7,
        output_type="latent",
        generator=torch.Generator().manual_seed(SEED),
        **fields,
    ).images


@pytest.mark.parametrize("sampler", [Sampler.EULER, Sampler.HEUN, Sampler.PLMS, Sampler.DPMPP_2M])
def test_img2img(
    plain: Checkpoint, tokenizer: CLIPTokenizer, encode: Encode, sampler: Sampler
) -> None:
    expected = run_pipeline(
        pipeline(StableDiffusionImg2ImgPipeline, plain, tokenizer, sampler=sampler),
        encode("dog"),
        image=IMAGE_LATENTS,
        strength=0.7,
    )
    item = BatchItem(Seeds(SEED), encode("dog"), start=IMAGE_LATENTS)
    assert torch.equal(
        denoise(denoiser_for(plain, last_steps=LAST_STEPS, sampler=sampler), item), expected
    )


@pytest.mark.parametrize("count", [1, 2])
def test_controlnets(
    plain: Checkpoint, tokenizer: CLIPTokenizer, encode: Encode, unit: LoadedUnit, count: int
) -> None:
    nets = [unit.net] * count
    one = count == 1
    net = nets[0] if one else MultiControlNetModel(nets)
    asked = {
        "controlnet_conditioning_scale": 0.7 if one else [0.7] * count,
        "control_guidance_end": 0.5 if one else [0.5] * count,
    }
    pipe = pipeline(StableDiffusionControlNetPipeline, plain, tokenizer, controlnet=net)
    expected = run_pipeline(pipe, encode("dog"), image=MAP if one else [MAP] * count, **asked)
    item = BatchItem(Seeds(SEED), encode("dog"), maps=[control_tensor(MAP)] * count)
    latents = denoise(denoiser_for(plain, units=[unit] * count), item)
    assert torch.allclose(latents, expected, atol=1e-5)
    pipe = pipeline(StableDiffusionControlNetImg2ImgPipeline, plain, tokenizer, controlnet=net)
    expected = run_pipeline(
        pipe,
        encode("dog"),
        image=IMAGE_LATENTS,
        control_image=MAP if one else [MAP] * count,
        strength=0.7,
        **asked,
    )
    item = BatchItem(
        Seeds(SEED), encode("dog"), maps=[control_tensor(MAP)] * count, start=IMAGE_LATENTS
    )
    latents = denoise(denoiser_for(plain, last_steps=LAST_STEPS, units=[unit] * count), item)
    assert torch.allclose(latents, expected, atol=1e-5)


def masked(**fields: Any) -> MaskedLatents:
    kept = IMAGE_LATENTS * (1 - MASK)
    channels = torch.cat([MASK, kept], dim=1)
    return MaskedLatents(
        **{
            "mask": MASK,
            "image_latents": IMAGE_LATENTS,
            "unet_channels": channels,
            "content": MaskedContent.ORIGINAL,
            **fields,
        }
    )


@pytest.mark.parametrize("sampler", [Sampler.EULER, Sampler.HEUN, Sampler.DDIM, Sampler.DPMPP_2M])
def test_an_ordinary_checkpoint_inpaints(
    plain: Checkpoint, tokenizer: CLIPTokenizer, encode: Encode, sampler: Sampler
) -> None:
    pixels = MASK.repeat_interleave(8, 2).repeat_interleave(8, 3)
    expected = run_pipeline(
        pipeline(StableDiffusionInpaintPipeline, plain, tokenizer, sampler=sampler),
        encode("dog"),
        image=IMAGE_LATENTS,
        mask_image=pixels,
        strength=0.7,
        width=64,
        height=64,
        masked_image_latents=IMAGE_LATENTS * (1 - MASK),
    )
    latents = denoise(
        denoiser_for(plain, last_steps=LAST_STEPS, sampler=sampler),
        BatchItem(Seeds(SEED), encode("dog"), masked=masked()),
    )
    assert torch.allclose(latents, expected, atol=1e-5)
    outside = (1 - MASK).bool().expand_as(latents)
    assert torch.equal(latents[outside], IMAGE_LATENTS[outside])
    assert not torch.equal(latents, IMAGE_LATENTS)


def test_an_inpainting_checkpoint_reads_mask_and_image(
    inpainting: Checkpoint, tokenizer: CLIPTokenizer, encode: Encode
) -> None:
    """In diffusers it changes the outside of the mask too; here, as in A1111, it doesn't."""
    pixels = MASK.repeat_interleave(8, 2).repeat_interleave(8, 3)
    expected = run_pipeline(
        pipeline(StableDiffusionInpaintPipeline, inpainting, tokenizer),
        encode("dog"),
        image=IMAGE_LATENTS,
        mask_image=pixels,
        strength=0.7,
        width=64,
        height=64,
        masked_image_latents=IMAGE_LATENTS * (1 - MASK),
    )
    everything = masked(mask=torch.ones_like(MASK))
    latents = denoise(
        denoiser_for(inpainting, last_steps=LAST_STEPS),
        BatchItem(Seeds(SEED), encode("dog"), masked=everything),
    )
    assert torch.allclose(latents, expected, atol=1e-5)


def test_inpainting_with_a_controlnet(plain: Checkpoint, encode: Encode, unit: LoadedUnit) -> None:
    item = BatchItem(Seeds(SEED), encode("dog"), maps=[control_tensor(MAP)], masked=masked())
    controlled = denoise(denoiser_for(plain, last_steps=LAST_STEPS, units=[unit]), item)
    uncontrolled = denoise(
        denoiser_for(plain, last_steps=LAST_STEPS),
        BatchItem(Seeds(SEED), encode("dog"), masked=masked()),
    )
    inside = MASK.bool().expand_as(controlled)
    assert torch.equal(controlled[~inside], IMAGE_LATENTS[~inside])
    assert not torch.allclose(controlled[inside], uncontrolled[inside], atol=1e-3)


@pytest.mark.parametrize("content", MaskedContent)
def test_what_the_masked_area_starts_from(
    plain: Checkpoint, encode: Encode, content: MaskedContent
) -> None:
    item = BatchItem(Seeds(SEED), encode("dog"), masked=masked(content=content))
    latents = denoise(denoiser_for(plain, last_steps=1), item)
    inside = MASK.bool().expand_as(latents)
    assert torch.isfinite(latents).all()
    assert item.masked
    noise = torch.randn(1, 4, 8, 8)
    start = item.masked.start_latents(noise)
    wanted = {
        MaskedContent.LATENT_NOTHING: torch.zeros_like(noise),
        MaskedContent.LATENT_NOISE: noise,
    }.get(content, IMAGE_LATENTS)
    assert torch.equal(start[inside], wanted[inside])
    assert torch.equal(start[~inside], IMAGE_LATENTS[~inside])
