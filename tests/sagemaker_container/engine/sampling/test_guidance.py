"""Guidance by several prompts (AND), by prompts that change, and in mixed batches."""

from typing import Any

import pytest
import torch

from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.prompt.encoder import (
    EncodedPrompts,
    PromptEmbeds,
    ScheduledPrompt,
)
from sagemaker_container.engine.sampling.denoise import BatchItem
from sagemaker_container.engine.sampling.noise import Seeds
from tests.sagemaker_container.engine.sampling.conftest import STEPS, Encode, denoise, denoiser_for


class LinearUNet:
    """A UNet whose output is its prompt's first number, so that sums can be checked by hand."""

    def __init__(self, unet: Any) -> None:
        self._unet = unet

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unet, name)

    def __call__(self, sample: torch.Tensor, *_: Any, **named: Any) -> tuple[torch.Tensor]:
        return (torch.ones_like(sample) * named["encoder_hidden_states"][:, :1, :1, None],)


def scheduled(value: float, weight: float = 1.0) -> ScheduledPrompt:
    return ScheduledPrompt(((STEPS, PromptEmbeds(torch.full((1, 77, 64), value), None)),), weight)


@pytest.mark.parametrize(
    ("prompts", "cfg", "wanted"),
    [
        ([scheduled(3)], 7, 1 + 7 * (3 - 1)),
        ([scheduled(3)], 1, 3),
        ([scheduled(3), scheduled(2)], 7, 1 + 7 * (3 - 1) + 7 * (2 - 1)),
        ([scheduled(3, 0.5), scheduled(2, -1)], 7, 1 + 0.5 * 7 * (3 - 1) - 7 * (2 - 1)),
        ([scheduled(3), scheduled(2)], 1, 1 + (3 - 1) + (2 - 1)),
        ([scheduled(3, 0.5)], 1, 1 + 0.5 * (3 - 1)),
    ],
)
def test_and_adds_the_prompts_guidance(
    plain: Checkpoint, prompts: list[ScheduledPrompt], cfg: float, wanted: float
) -> None:
    """A1111: uncond + sum of (cond - uncond) * weight * CFG."""
    linear = Checkpoint(**{**vars(plain), "unet": LinearUNet(plain.unet)})
    denoiser = denoiser_for(linear, cfg_scale=cfg)
    steps: list[torch.Tensor] = []
    scheduler = denoiser.plan.scheduler(0)
    sigmas = (scheduler.set_timesteps(STEPS), scheduler.sigmas)[1]
    items = [
        BatchItem(Seeds(1), EncodedPrompts(tuple(prompts), scheduled(1), 1)),
        BatchItem(Seeds(2), EncodedPrompts((scheduled(5),), scheduled(0), 1)),
    ]
    denoiser.run(items, lambda _, __, now: steps.append(now.clone()))
    moved = (steps[1] - steps[0]) / (sigmas[2] - sigmas[1])
    assert moved[0].mean().item() == pytest.approx(wanted, rel=1e-4)
    guided = cfg > 1 or len(prompts) > 1 or prompts[0].weight != 1
    assert moved[1].mean().item() == pytest.approx(5 * cfg if guided else 5, rel=1e-4)


def test_a_changing_prompt_uses_its_texts_in_turn(plain: Checkpoint, encode: Encode) -> None:
    """Three steps with the first text, then the second one."""
    seen: list[torch.Tensor] = []

    class RecordingUNet(LinearUNet):
        def __call__(self, sample: torch.Tensor, *others: Any, **named: Any) -> Any:
            seen.append(named["encoder_hidden_states"])
            return self._unet(sample, *others, **named)

    recording = Checkpoint(**{**vars(plain), "unet": RecordingUNet(plain.unet)})
    denoise(denoiser_for(recording), BatchItem(Seeds(1), encode("a [dog:bird:2]", "")))
    dog, bird = (
        encode(f"a {word}", "").prompt[0].at_step(0).hidden_states for word in ("dog", "bird")
    )
    assert [torch.equal(states[1:], dog) for states in seen] == [True, True, True, False, False]
    assert torch.equal(seen[4][1:], bird)
    assert seen[0] is seen[1]  # what was computed from it stays valid


def test_images_of_different_prompts_share_a_batch(plain: Checkpoint, encode: Encode) -> None:
    items = [
        BatchItem(Seeds(1), encode("a dog")),
        BatchItem(Seeds(2), encode("a cat AND a [bird|fish] :0.5")),
        BatchItem(Seeds(3, 4, 0.5), encode("a [dog:cat:0.4]", "bird")),
    ]
    together = denoise(denoiser_for(plain), *items)
    for item, latent in zip(items, together, strict=True):
        single = denoise(denoiser_for(plain), item)[0]
        assert torch.allclose(latent, single, atol=1e-4 * single.abs().max().item())
