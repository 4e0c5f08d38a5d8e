"""Every sampler and schedule that is offered runs, also for one step and from a picture."""

from collections.abc import Callable, Sequence

import pytest
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from transformers import CLIPTokenizer

from formats.samplers import Sampler, Schedule, supports
from sagemaker_container.engine import latents
from sagemaker_container.engine.checkpoint import Checkpoint
from sagemaker_container.engine.loading import Loader
from sagemaker_container.engine.noise import Seeds
from sagemaker_container.engine.prompt_encoder import Asked, PromptEncoder
from sagemaker_container.engine.samplers import SamplerPlan
from sagemaker_container.engine.sampling import OnStep, Pass, Row
from tests.engine.conftest import Opener

Draw = Callable[..., torch.Tensor]
PAIRS = [
    (sampler, schedule)
    for sampler in Sampler
    for schedule in Schedule
    if supports(sampler, schedule)
]


@pytest.fixture(scope="module")
def checkpoint(loader: Loader, opened: Opener) -> Checkpoint:
    return loader.checkpoint(opened("tiny-noise-v1"))


@pytest.fixture(scope="module")
def draw(checkpoint: Checkpoint, tokenizer: CLIPTokenizer) -> Draw:
    encoder = PromptEncoder(tokenizer, checkpoint.text_encoders)
    encoded = encoder.encode(Asked("a dog", "", 1, steps=3))
    start = latents.encode(checkpoint.vae, Image.new("RGB", (64, 64), "red"))

    def drawn(
        sampler: Sampler,
        schedule: Schedule = Schedule.AUTOMATIC,
        *,
        steps: int = 3,
        seeds: Sequence[int] = (1,),
        made: int | None = None,
        on_step: OnStep = lambda *_: None,
    ) -> torch.Tensor:
        plan = SamplerPlan(sampler, schedule, steps, made=made)
        shared = Pass(checkpoint, checkpoint.vae, plan, cfg_scale=7, width=64, height=64)
        picture = None if made is None else start
        rows = [Row(Seeds(seed), encoded, start=picture) for seed in seeds]
        return shared.latents(rows, on_step)

    return drawn


@pytest.mark.parametrize(("sampler", "schedule"), PAIRS)
def test_a_pair_runs(draw: Draw, sampler: Sampler, schedule: Schedule) -> None:
    assert torch.isfinite(draw(sampler, schedule)).all()


@pytest.mark.parametrize("sampler", Sampler)
def test_one_step_and_a_little_of_a_picture(draw: Draw, sampler: Sampler) -> None:
    assert torch.isfinite(draw(sampler, steps=1)).all()
    assert torch.isfinite(draw(sampler, steps=10, made=3)).all()
    assert torch.isfinite(draw(sampler, steps=3, made=1)).all()


@pytest.mark.parametrize("sampler", Sampler)
def test_the_same_seeds_give_the_same_bits(draw: Draw, sampler: Sampler) -> None:
    """DPM++ SDE only with `noise_sampler_seed`."""
    first = draw(sampler)
    assert torch.equal(first, draw(sampler))
    assert not torch.equal(first, draw(sampler, seeds=[2]))


@pytest.mark.parametrize("sampler", [s for s in Sampler if s is not Sampler.DPMPP_SDE])
def test_a_batch_is_its_singles(draw: Draw, sampler: Sampler) -> None:
    batch = draw(sampler, seeds=[1, 2])
    single = draw(sampler, seeds=[2])
    assert torch.allclose(batch[1], single[0], atol=4e-3 * single.abs().max().item())


def test_lcm_makes_more_steps_than_it_was_trained_for(draw: Draw) -> None:
    assert torch.isfinite(draw(Sampler.LCM, steps=60)).all()


def test_it_is_what_plain_diffusers_draws(
    draw: Draw, checkpoint: Checkpoint, tokenizer: CLIPTokenizer
) -> None:
    plain = StableDiffusionPipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=tokenizer,
        unet=checkpoint.unet,
        scheduler=SamplerPlan(Sampler.DPMPP_2M, Schedule.KARRAS, 3).scheduler(0),
        safety_checker=None,
        feature_extractor=None,
    )
    drawn = plain(
        "a dog",
        num_inference_steps=3,
        guidance_scale=7,
        width=64,
        height=64,
        generator=torch.Generator().manual_seed(1),
        output_type="latent",
    ).images
    assert torch.equal(draw(Sampler.DPMPP_2M), drawn)


def test_a_pipeline_stays_usable_when_a_step_raises(draw: Draw) -> None:
    def stop(*_: object) -> None:
        raise InterruptedError

    before = draw(Sampler.EULER)
    with pytest.raises(InterruptedError):
        draw(Sampler.EULER, on_step=stop)
    assert torch.equal(draw(Sampler.EULER), before)
