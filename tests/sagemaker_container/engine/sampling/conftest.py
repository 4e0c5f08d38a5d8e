"""A loaded checkpoint, and the denoising loop around it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from transformers import CLIPTokenizer

from formats.generation.samplers import Sampler, Schedule
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.encoder import EncodedPrompts, PromptEncoder, PromptSpec
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser
from sagemaker_container.engine.sampling.schedulers import SamplerPlan
from tests.sagemaker_container.conftest import Opener

STEPS = 5


@pytest.fixture(scope="module")
def plain(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-noise-v1"))


Encode = Callable[..., EncodedPrompts]


@pytest.fixture(scope="module")
def encode(plain: Checkpoint, tokenizer: CLIPTokenizer) -> Encode:
    encoder = PromptEncoder(tokenizer, plain.text_encoders)
    return lambda text, negative="cat": encoder.encode(PromptSpec(text, negative, 1, STEPS))


def denoiser_for(
    checkpoint: Checkpoint, *, last_steps: int | None = None, **fields: Any
) -> Denoiser:
    plan = SamplerPlan(
        fields.pop("sampler", Sampler.EULER), Schedule.AUTOMATIC, STEPS, last_steps=last_steps
    )
    return Denoiser(
        checkpoint, checkpoint.vae, plan, **{"cfg_scale": 7, "width": 64, "height": 64, **fields}
    )


def denoise(denoiser: Denoiser, *items: BatchItem) -> torch.Tensor:
    return denoiser.run(items, lambda *_: None)
