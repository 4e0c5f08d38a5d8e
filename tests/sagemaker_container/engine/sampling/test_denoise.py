"""The loop: diffusers' latents for every pipeline it stands for, AND's formula, mixed batches."""

from collections.abc import Callable
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
from sagemaker_container.engine.prompt.encoder import (
    EncodedPrompts,
    PromptEmbeds,
    PromptEncoder,
    PromptSpec,
    ScheduledPrompt,
)
from sagemaker_container.engine.sampling.blending import MaskedLatents
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan
from tests.sagemaker_container.conftest import Opener

STEPS, LAST_STEPS, SEED = 5, 3, 4
PICTURE = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
MASK = torch.zeros(1, 1, 8, 8)
MASK[..., 2:6, 3:8] = 1
MAP = Image.linear_gradient("L").resize((64, 64)).convert("RGB")


@pytest.fixture(scope="module")
def plain(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-noise-v1"))


@pytest.fixture(scope="module")
def nine(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-inpainting"))


@pytest.fixture(scope="module")
def unit(loader: NetworkLoader, opened: Opener, plain: Checkpoint) -> LoadedUnit:
    net = loader.load_controlnet(opened("tiny-control-openpose", ModelKind.CONTROLNET), plain)
    return LoadedUnit(
        net, ControlNetUnit(model="x.safetensors", image="0" * 64, weight=0.7, end=0.5)
    )


Read = Callable[..., EncodedPrompts]


@pytest.fixture(scope="module")
def read(plain: Checkpoint, tokenizer: CLIPTokenizer) -> Read:
    encoder = PromptEncoder(tokenizer, plain.text_encoders)
    return lambda text, negative="cat": encoder.encode(PromptSpec(text, negative, 1, STEPS))


def shared(checkpoint: Checkpoint, *, last_steps: int | None = None, **fields: Any) -> Denoiser:
    plan = SamplerPlan(
        fields.pop("sampler", Sampler.EULER), Schedule.AUTOMATIC, STEPS, last_steps=last_steps
    )
    return Denoiser(
        checkpoint, checkpoint.vae, plan, **{"cfg_scale": 7, "width": 64, "height": 64, **fields}
    )


def drawn(denoiser: Denoiser, *rows: BatchItem) -> torch.Tensor:
    return denoiser.run(rows, lambda *_: None)


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


def diffused(made: Any, encoded: EncodedPrompts, **fields: Any) -> torch.Tensor:
    return made(
        prompt_embeds=encoded.prompt[0].at_step(0).hidden_states,
        negative_prompt_embeds=encoded.negative.at_step(0).hidden_states,
        num_inference_steps=STEPS,
        guidance_scale=7,
        output_type="latent",
        generator=torch.Generator().manual_seed(SEED),
        **fields,
    ).images


@pytest.mark.parametrize("sampler", [Sampler.EULER, Sampler.HEUN, Sampler.PLMS, Sampler.DPMPP_2M])
def test_img2img(plain: Checkpoint, tokenizer: CLIPTokenizer, read: Read, sampler: Sampler) -> None:
    theirs = diffused(
        pipeline(StableDiffusionImg2ImgPipeline, plain, tokenizer, sampler=sampler),
        read("dog"),
        image=PICTURE,
        strength=0.7,
    )
    row = BatchItem(Seeds(SEED), read("dog"), start=PICTURE)
    assert torch.equal(drawn(shared(plain, last_steps=LAST_STEPS, sampler=sampler), row), theirs)


@pytest.mark.parametrize("count", [1, 2])
def test_controlnets(
    plain: Checkpoint, tokenizer: CLIPTokenizer, read: Read, unit: LoadedUnit, count: int
) -> None:
    nets = [unit.net] * count
    one = count == 1
    net = nets[0] if one else MultiControlNetModel(nets)
    asked = {
        "controlnet_conditioning_scale": 0.7 if one else [0.7] * count,
        "control_guidance_end": 0.5 if one else [0.5] * count,
    }
    made = pipeline(StableDiffusionControlNetPipeline, plain, tokenizer, controlnet=net)
    theirs = diffused(made, read("dog"), image=MAP if one else [MAP] * count, **asked)
    row = BatchItem(Seeds(SEED), read("dog"), maps=[control_tensor(MAP)] * count)
    ours = drawn(shared(plain, units=[unit] * count), row)
    assert torch.allclose(ours, theirs, atol=1e-5)
    made = pipeline(StableDiffusionControlNetImg2ImgPipeline, plain, tokenizer, controlnet=net)
    theirs = diffused(
        made,
        read("dog"),
        image=PICTURE,
        control_image=MAP if one else [MAP] * count,
        strength=0.7,
        **asked,
    )
    row = BatchItem(Seeds(SEED), read("dog"), maps=[control_tensor(MAP)] * count, start=PICTURE)
    ours = drawn(shared(plain, last_steps=LAST_STEPS, units=[unit] * count), row)
    assert torch.allclose(ours, theirs, atol=1e-5)


def masked(**fields: Any) -> MaskedLatents:
    kept = PICTURE * (1 - MASK)
    channels = torch.cat([MASK, kept], dim=1)
    return MaskedLatents(
        **{
            "mask": MASK,
            "image_latents": PICTURE,
            "unet_channels": channels,
            "content": MaskedContent.ORIGINAL,
            **fields,
        }
    )


@pytest.mark.parametrize("sampler", [Sampler.EULER, Sampler.HEUN, Sampler.DDIM, Sampler.DPMPP_2M])
def test_an_ordinary_checkpoint_inpaints(
    plain: Checkpoint, tokenizer: CLIPTokenizer, read: Read, sampler: Sampler
) -> None:
    pixels = MASK.repeat_interleave(8, 2).repeat_interleave(8, 3)
    theirs = diffused(
        pipeline(StableDiffusionInpaintPipeline, plain, tokenizer, sampler=sampler),
        read("dog"),
        image=PICTURE,
        mask_image=pixels,
        strength=0.7,
        width=64,
        height=64,
        masked_image_latents=PICTURE * (1 - MASK),
    )
    ours = drawn(
        shared(plain, last_steps=LAST_STEPS, sampler=sampler),
        BatchItem(Seeds(SEED), read("dog"), masked=masked()),
    )
    assert torch.allclose(ours, theirs, atol=1e-5)
    outside = (1 - MASK).bool().expand_as(ours)
    assert torch.equal(ours[outside], PICTURE[outside])
    assert not torch.equal(ours, PICTURE)


def test_an_inpainting_checkpoint_sees_mask_and_picture(
    nine: Checkpoint, tokenizer: CLIPTokenizer, read: Read
) -> None:
    """diffusers lets it draw the outside anew as well; here, as in A1111, that stays."""
    pixels = MASK.repeat_interleave(8, 2).repeat_interleave(8, 3)
    theirs = diffused(
        pipeline(StableDiffusionInpaintPipeline, nine, tokenizer),
        read("dog"),
        image=PICTURE,
        mask_image=pixels,
        strength=0.7,
        width=64,
        height=64,
        masked_image_latents=PICTURE * (1 - MASK),
    )
    everything = masked(mask=torch.ones_like(MASK))
    ours = drawn(
        shared(nine, last_steps=LAST_STEPS), BatchItem(Seeds(SEED), read("dog"), masked=everything)
    )
    assert torch.allclose(ours, theirs, atol=1e-5)


def test_inpainting_with_a_controlnet(plain: Checkpoint, read: Read, unit: LoadedUnit) -> None:
    row = BatchItem(Seeds(SEED), read("dog"), maps=[control_tensor(MAP)], masked=masked())
    steered = drawn(shared(plain, last_steps=LAST_STEPS, units=[unit]), row)
    free = drawn(
        shared(plain, last_steps=LAST_STEPS), BatchItem(Seeds(SEED), read("dog"), masked=masked())
    )
    inside = MASK.bool().expand_as(steered)
    assert torch.equal(steered[~inside], PICTURE[~inside])
    assert not torch.allclose(steered[inside], free[inside], atol=1e-3)


@pytest.mark.parametrize("content", MaskedContent)
def test_what_stands_below_the_mask(plain: Checkpoint, read: Read, content: MaskedContent) -> None:
    row = BatchItem(Seeds(SEED), read("dog"), masked=masked(content=content))
    latents = drawn(shared(plain, last_steps=1), row)
    inside = MASK.bool().expand_as(latents)
    assert torch.isfinite(latents).all()
    assert row.masked
    noise = torch.randn(1, 4, 8, 8)
    below = row.masked.start_latents(noise)
    wanted = {
        MaskedContent.LATENT_NOTHING: torch.zeros_like(noise),
        MaskedContent.LATENT_NOISE: noise,
    }.get(content, PICTURE)
    assert torch.equal(below[inside], wanted[inside])
    assert torch.equal(below[~inside], PICTURE[~inside])


class Linear:
    """A UNet whose answer is its prompt's first number, so that sums can be checked by hand."""

    def __init__(self, unet: Any) -> None:
        self._unet = unet

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unet, name)

    def __call__(self, sample: torch.Tensor, *_: Any, **named: Any) -> tuple[torch.Tensor]:
        return (torch.ones_like(sample) * named["encoder_hidden_states"][:, :1, :1, None],)


def line(value: float, weight: float = 1.0) -> ScheduledPrompt:
    return ScheduledPrompt(((STEPS, PromptEmbeds(torch.full((1, 77, 64), value), None)),), weight)


@pytest.mark.parametrize(
    ("lines", "cfg", "wanted"),
    [
        ([line(3)], 7, 1 + 7 * (3 - 1)),
        ([line(3)], 1, 3),
        ([line(3), line(2)], 7, 1 + 7 * (3 - 1) + 7 * (2 - 1)),
        ([line(3, 0.5), line(2, -1)], 7, 1 + 0.5 * 7 * (3 - 1) - 7 * (2 - 1)),
        ([line(3), line(2)], 1, 1 + (3 - 1) + (2 - 1)),
        ([line(3, 0.5)], 1, 1 + 0.5 * (3 - 1)),
    ],
)
def test_and_adds_what_each_prompt_adds(
    plain: Checkpoint, lines: list[ScheduledPrompt], cfg: float, wanted: float
) -> None:
    """A1111: uncond + sum of (cond - uncond) * weight * CFG."""
    linear = Checkpoint(**{**vars(plain), "unet": Linear(plain.unet)})
    denoiser = shared(linear, cfg_scale=cfg)
    said: list[torch.Tensor] = []
    scheduler = denoiser.plan.scheduler(0)
    sigmas = (scheduler.set_timesteps(STEPS), scheduler.sigmas)[1]
    rows = [
        BatchItem(Seeds(1), EncodedPrompts(tuple(lines), line(1), 1)),
        BatchItem(Seeds(2), EncodedPrompts((line(5),), line(0), 1)),
    ]
    denoiser.run(rows, lambda _, __, now: said.append(now.clone()))
    moved = (said[1] - said[0]) / (sigmas[2] - sigmas[1])
    assert moved[0].mean().item() == pytest.approx(wanted, rel=1e-4)
    guided = cfg > 1 or len(lines) > 1 or lines[0].weight != 1
    assert moved[1].mean().item() == pytest.approx(5 * cfg if guided else 5, rel=1e-4)


def test_a_changing_prompt_draws_as_its_texts_do(plain: Checkpoint, read: Read) -> None:
    """Two steps and one more of the first text, then the second."""
    shown: list[torch.Tensor] = []

    class Watched(Linear):
        def __call__(self, sample: torch.Tensor, *others: Any, **named: Any) -> Any:
            shown.append(named["encoder_hidden_states"])
            return self._unet(sample, *others, **named)

    watched = Checkpoint(**{**vars(plain), "unet": Watched(plain.unet)})
    drawn(shared(watched), BatchItem(Seeds(1), read("a [dog:bird:2]", "")))
    dog, bird = (
        read(f"a {word}", "").prompt[0].at_step(0).hidden_states for word in ("dog", "bird")
    )
    assert [torch.equal(states[1:], dog) for states in shown] == [True, True, True, False, False]
    assert torch.equal(shown[4][1:], bird)
    assert shown[0] is shown[1]  # so that what was computed from it can be kept


def test_pictures_of_different_prompts_share_a_batch(plain: Checkpoint, read: Read) -> None:
    rows = [
        BatchItem(Seeds(1), read("a dog")),
        BatchItem(Seeds(2), read("a cat AND a [bird|fish] :0.5")),
        BatchItem(Seeds(3, 4, 0.5), read("a [dog:cat:0.4]", "bird")),
    ]
    together = drawn(shared(plain), *rows)
    for row, latent in zip(rows, together, strict=True):
        single = drawn(shared(plain), row)[0]
        assert torch.allclose(latent, single, atol=1e-4 * single.abs().max().item())
