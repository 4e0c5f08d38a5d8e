"""Every sampler and schedule that is offered runs, also for one step and from an image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    StableDiffusionPipeline,
    TCDScheduler,
)
from diffusers.schedulers import AysSchedules
from PIL import Image
from transformers import CLIPTokenizer

from formats.generation.samplers import Sampler, Schedule, supports
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.encoder import PromptEncoder, PromptSpec
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser, OnStep
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan, align_your_steps
from tests.sagemaker_container.conftest import Opener

Generate = Callable[..., torch.Tensor]
ALIGNED = Schedule.ALIGN_YOUR_STEPS
EULER = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
PAIRS = [
    (sampler, schedule)
    for sampler in Sampler
    for schedule in Schedule
    if supports(sampler, schedule)
]


@pytest.fixture(scope="module")
def checkpoint(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-noise-v1"))


@pytest.fixture(scope="module")
def generate(checkpoint: Checkpoint, tokenizer: CLIPTokenizer) -> Generate:
    encoder = PromptEncoder(tokenizer, checkpoint.text_encoders)
    encoded = encoder.encode(PromptSpec("a dog", "", 1, steps=3))
    start = latents.encode(checkpoint.vae, Image.new("RGB", (64, 64), "red"))

    def run(
        sampler: Sampler,
        schedule: Schedule = Schedule.AUTOMATIC,
        *,
        steps: int = 3,
        seeds: Sequence[int] = (1,),
        last_steps: int | None = None,
        on_step: OnStep = lambda *_: None,
        plans: type[SamplerPlan] = SamplerPlan,
        cfg_scale: float = 7,
        **more: Any,
    ) -> torch.Tensor:
        plan = plans(sampler, schedule, steps, last_steps=last_steps, **more)
        denoiser = Denoiser(checkpoint, checkpoint.vae, plan, cfg_scale, width=64, height=64)
        image = None if last_steps is None else start
        items = [BatchItem(Seeds(seed), encoded, start=image) for seed in seeds]
        return denoiser.run(items, on_step)

    return run


@pytest.mark.parametrize(("sampler", "schedule"), PAIRS)
def test_a_pair_runs(generate: Generate, sampler: Sampler, schedule: Schedule) -> None:
    assert torch.isfinite(generate(sampler, schedule)).all()


TO_PURE_NOISE: dict[str, Any] = {"prediction_type": "v_prediction", "zero_terminal_snr": True}


@pytest.mark.parametrize("sampler", Sampler)
def test_every_sampler_starts_from_pure_noise_where_the_checkpoint_learned_to(
    generate: Generate, sampler: Sampler
) -> None:
    scheduler = SamplerPlan(sampler, Schedule.AUTOMATIC, 4, **TO_PURE_NOISE).scheduler(1)
    known = EulerDiscreteScheduler(**EULER, rescale_betas_zero_snr=True).alphas_cumprod
    assert scheduler.alphas_cumprod[-1] < 1e-7
    assert torch.allclose(scheduler.alphas_cumprod, known, atol=1e-5)
    assert torch.isfinite(generate(sampler, steps=10, **TO_PURE_NOISE)).all()


@dataclass(frozen=True)
class Nudged(SamplerPlan):
    """Its sigmas are rounded as another processor may round them."""

    towards: float = 0

    def timesteps(self, scheduler: Any, device: torch.device) -> torch.Tensor:
        found = super().timesteps(scheduler, device)
        if hasattr(scheduler, "sigmas"):
            sigmas = scheduler.sigmas
            nudged = torch.nextafter(sigmas, torch.tensor(self.towards, dtype=sigmas.dtype))
            scheduler.sigmas = torch.where(sigmas > 0, nudged, sigmas)
        return found


@pytest.mark.parametrize("towards", [0, torch.inf])
@pytest.mark.parametrize("sampler", Sampler)
def test_no_sampler_leans_on_the_last_bit_of_a_sigma(
    generate: Generate, sampler: Sampler, towards: float
) -> None:
    """9e-4 of the largest latent were seen; a warning, as of noise beyond its ends, is an error."""
    for more in ({}, TO_PURE_NOISE):
        usual = generate(sampler, steps=5, **more)
        nudged = generate(sampler, steps=5, plans=Nudged, towards=towards, **more)
        assert torch.allclose(nudged, usual, atol=4e-3 * usual.abs().max().item())


@pytest.mark.parametrize("sampler", Sampler)
def test_one_step_and_the_end_of_a_schedule(generate: Generate, sampler: Sampler) -> None:
    assert torch.isfinite(generate(sampler, steps=1)).all()
    assert torch.isfinite(generate(sampler, steps=10, last_steps=3)).all()
    assert torch.isfinite(generate(sampler, steps=3, last_steps=1)).all()


@pytest.mark.parametrize("sampler", Sampler)
def test_the_same_seeds_give_the_same_bits(generate: Generate, sampler: Sampler) -> None:
    """DPM++ SDE only with `noise_sampler_seed`."""
    first = generate(sampler)
    assert torch.equal(first, generate(sampler))
    assert not torch.equal(first, generate(sampler, seeds=[2]))


@pytest.mark.parametrize("sampler", [s for s in Sampler if s is not Sampler.DPMPP_SDE])
def test_a_batch_equals_its_single_images(generate: Generate, sampler: Sampler) -> None:
    batch = generate(sampler, seeds=[1, 2])
    single = generate(sampler, seeds=[2])
    assert torch.allclose(batch[1], single[0], atol=4e-3 * single.abs().max().item())


@pytest.mark.parametrize("sampler", [Sampler.LCM, Sampler.TCD])
def test_more_steps_than_a_distilled_schedule_has(generate: Generate, sampler: Sampler) -> None:
    assert torch.isfinite(generate(sampler, steps=60)).all()


@pytest.mark.parametrize("family", ["StableDiffusion", "StableDiffusionXL"])
def test_align_your_steps_has_its_own_timesteps(family: str) -> None:
    """diffusers ships those of ten steps, whose last level A1111 follows with one more."""
    alphas = EulerDiscreteScheduler.from_config(EULER).alphas_cumprod
    found = align_your_steps(11, alphas, is_xl=family.endswith("XL"))
    wanted = AysSchedules[f"{family}Timesteps"]
    assert max(abs(a - b) for a, b in zip(found, wanted, strict=False)) <= 3
    assert found[-1] == 0


@pytest.mark.parametrize("steps", [1, 2, 20, 150, 1000])
def test_aligned_timesteps_never_repeat(steps: int) -> None:
    alphas = EulerDiscreteScheduler.from_config(EULER).alphas_cumprod
    for is_xl in (False, True):
        found = align_your_steps(steps, alphas, is_xl=is_xl)
        assert len(found) == steps
        assert found[0] == 999
        assert all(a > b for a, b in pairwise([*found, -1]))


@pytest.mark.parametrize("sampler", [s for s in Sampler if supports(s, ALIGNED)])
def test_aligned_steps_of_any_number(generate: Generate, sampler: Sampler) -> None:
    for steps in (1, 20, 60):
        assert torch.isfinite(generate(sampler, ALIGNED, steps=steps)).all()
    assert not torch.equal(generate(sampler, ALIGNED), generate(sampler, Schedule.UNIFORM))


@pytest.mark.parametrize(
    ("schedule", "same"),
    [(Schedule.NORMAL, Schedule.UNIFORM), (Schedule.POLYEXPONENTIAL, Schedule.EXPONENTIAL)],
)
def test_two_names_of_one_schedule(generate: Generate, schedule: Schedule, same: Schedule) -> None:
    assert torch.equal(generate(Sampler.EULER, schedule), generate(Sampler.EULER, same))


def test_ddims_spacing_for_another_sampler(generate: Generate) -> None:
    plan = SamplerPlan(Sampler.EULER, Schedule.DDIM, 20)
    timesteps = plan.timesteps(plan.scheduler(0), torch.device("cpu"))
    assert timesteps.tolist() == list(range(951, 0, -50))


CARD = {
    **EULER,
    "num_train_timesteps": 1000,
    "clip_sample": False,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "prediction_type": "epsilon",
}
"""The scheduler of SD 1.5 and SDXL on the hub, of which model cards make theirs."""
TRAILING = {"timestep_spacing": "trailing"}


@pytest.mark.parametrize(
    "case",
    [
        (
            Sampler.DPMPP_2M,
            Schedule.KARRAS,
            DPMSolverMultistepScheduler,
            {"timestep_spacing": "linspace", "use_karras_sigmas": True},
            3,
            7,
        ),
        # As the cards of few-step files make theirs.
        (Sampler.LCM, Schedule.AUTOMATIC, LCMScheduler, {}, 4, 1),
        (Sampler.LCM, Schedule.AUTOMATIC, LCMScheduler, {}, 8, 1.5),
        (Sampler.EULER, Schedule.SGM_UNIFORM, EulerDiscreteScheduler, TRAILING, 2, 1),
        (Sampler.EULER, Schedule.SGM_UNIFORM, EulerDiscreteScheduler, TRAILING, 4, 1),
        (Sampler.EULER_A, Schedule.SGM_UNIFORM, EulerAncestralDiscreteScheduler, TRAILING, 1, 1),
        (Sampler.EULER_A, Schedule.SGM_UNIFORM, EulerAncestralDiscreteScheduler, TRAILING, 4, 1),
        (Sampler.DDIM, Schedule.SGM_UNIFORM, DDIMScheduler, TRAILING, 8, 1),
        (Sampler.DDIM, Schedule.SGM_UNIFORM, DDIMScheduler, TRAILING, 8, 5),
        (Sampler.TCD, Schedule.AUTOMATIC, TCDScheduler, {}, 1, 1),
        (Sampler.TCD, Schedule.AUTOMATIC, TCDScheduler, {}, 4, 1),
    ],
)
def test_the_latents_are_plain_diffusers(
    generate: Generate,
    checkpoint: Checkpoint,
    tokenizer: CLIPTokenizer,
    case: tuple[Sampler, Schedule, Any, dict[str, Any], int, float],
) -> None:
    sampler, schedule, scheduler, arguments, steps, cfg_scale = case
    plain = StableDiffusionPipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=tokenizer,
        unet=checkpoint.unet,
        scheduler=scheduler.from_config({**CARD, **arguments}),
        safety_checker=None,
        feature_extractor=None,
    )
    latents_of_diffusers = plain(
        "a dog",
        num_inference_steps=steps,
        guidance_scale=cfg_scale,
        eta=0.3 if scheduler is TCDScheduler else 0.0,  # the step's own default, and TCD's card
        width=64,
        height=64,
        generator=torch.Generator().manual_seed(1),
        output_type="latent",
    ).images
    ours = generate(sampler, schedule, steps=steps, cfg_scale=cfg_scale)
    assert torch.equal(ours, latents_of_diffusers)


@pytest.mark.parametrize(("cfg_scale", "rows"), [(1, 1), (1.5, 2), (7, 2)])
def test_a_cfg_scale_of_1_draws_no_negative_prompt(
    generate: Generate, checkpoint: Checkpoint, cfg_scale: float, rows: int
) -> None:
    seen = []
    hook = checkpoint.unet.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    generate(Sampler.EULER, Schedule.SGM_UNIFORM, cfg_scale=cfg_scale)
    hook.remove()
    assert seen == [rows] * 3


def test_an_exception_in_a_step_leaves_no_state(generate: Generate) -> None:
    def stop(*_: object) -> None:
        raise InterruptedError

    before = generate(Sampler.EULER)
    with pytest.raises(InterruptedError):
        generate(Sampler.EULER, on_step=stop)
    assert torch.equal(generate(Sampler.EULER), before)
