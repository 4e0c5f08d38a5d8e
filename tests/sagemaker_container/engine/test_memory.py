"""Too little memory: smaller batches, then tiles, then an error; never another image."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import torch
from PIL import Image
from transformers import CLIPTokenizer

from formats.generation.result import ErrorCode
from formats.generation.samplers import Sampler, Schedule
from sagemaker_container.engine.memory import (
    has_failed_codegen,
    is_out_of_memory,
    retry_out_of_memory,
    run_in_halves,
    translate_out_of_memory,
)
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.prompt.encoder import PromptEncoder, PromptSpec
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan
from sagemaker_container.engine.worker import InferenceThread
from sagemaker_container.errors import JobError
from sagemaker_container.texts import models as texts

CUDA_OOM = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
CPU_OOM = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
NO_PRIMITIVE = RuntimeError("could not create a primitive")


class LimitedUNet:
    """A UNet with memory for so many batch items."""

    def __init__(self, unet: Any, items: int) -> None:
        self._unet, self._items = unet, items
        self.sizes: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unet, name)

    def __call__(self, sample: torch.Tensor, *others: Any, **named: Any) -> Any:
        if len(sample) > self._items:
            raise CUDA_OOM
        self.sizes.append(len(sample))
        return self._unet(sample, *others, **named)


def test_a_batch_in_halves_gives_the_same_images(
    checkpoint: Checkpoint, tokenizer: CLIPTokenizer
) -> None:
    encoder = PromptEncoder(tokenizer, checkpoint.text_encoders)
    prompts = encoder.encode(PromptSpec("a dog", "", 1, steps=2))
    items = [BatchItem(Seeds(seed), prompts) for seed in range(5)]
    limited = LimitedUNet(checkpoint.unet, items=4)  # two images with their negative prompts
    freed: list[None] = []

    def generate(unet: Any, some: Sequence[BatchItem]) -> torch.Tensor:
        plan = SamplerPlan(Sampler.EULER_A, Schedule.AUTOMATIC, 2)
        with_unet = replace(checkpoint, unet=unet)
        return Denoiser(with_unet, checkpoint.vae, plan, 7, 64, 64).run(some, lambda *_: None)

    generated = run_in_halves(
        lambda some: generate(limited, some), items, lambda: freed.append(None)
    )
    wanted = generate(checkpoint.unet, items)
    assert limited.sizes == [4, 4, 2, 2, 4, 4]  # 5 images as 2, 1 and 2
    assert len(freed) == 2
    for found, latent in zip(generated, wanted, strict=True):
        assert torch.allclose(found, latent, atol=4e-3 * latent.abs().max().item())


def test_a_single_image_that_does_not_fit_is_an_error() -> None:
    def generate(_: Sequence[int]) -> list[int]:
        raise CUDA_OOM

    with pytest.raises(JobError) as refused, translate_out_of_memory():
        run_in_halves(generate, [1, 2, 3], lambda: None)
    assert refused.value.code is ErrorCode.OUT_OF_MEMORY


def test_checking_an_error_changes_no_state() -> None:
    assert is_out_of_memory(NO_PRIMITIVE)
    assert not has_failed_codegen()


@pytest.mark.parametrize("error", [CUDA_OOM, CPU_OOM, MemoryError()])
def test_every_message_is_recognised(error: Exception) -> None:
    tries: list[None] = []

    def work() -> str:
        tries.append(None)
        if len(tries) == 1:
            raise error
        return "done"

    assert retry_out_of_memory(work, lambda: None) == "done"


def test_another_error_is_not_out_of_memory() -> None:
    def work(_: object = None) -> list[int]:
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes"), translate_out_of_memory():
        retry_out_of_memory(work, lambda: None)
    with pytest.raises(RuntimeError, match="shapes"):
        run_in_halves(work, [1, 2], lambda: None)


@pytest.mark.parametrize("side", [64, 1024])
def test_the_vae_falls_back_to_tiles(checkpoint: Checkpoint, side: int) -> None:
    vae, notes = checkpoint.vae, list[str]()
    image = Image.linear_gradient("L").resize((side, side)).convert("RGB")
    whole = latents.encode(vae, image)

    def fail(module: torch.nn.Module, args: tuple[torch.Tensor, ...]) -> None:
        if not vae.use_tiling:
            raise CPU_OOM

    with vae.encoder.register_forward_pre_hook(fail):
        tiled = latents.encode(vae, image, notes.append)
    with vae.decoder.register_forward_pre_hook(fail):
        image = latents.decode(vae, whole[0], notes.append)
    assert notes == [texts.TILED_VAE] * 2
    assert not vae.use_tiling
    assert (tiled.shape, image.size) == (whole.shape, (side, side))
    if side == 64:  # one tile
        assert torch.equal(tiled, whole)


@pytest.mark.parametrize(
    ("error", "is_kept"),
    [(CPU_OOM, True), (CUDA_OOM, True), (NO_PRIMITIVE, False)],
)
def test_a_thread_whose_code_generator_failed_is_replaced(error: Exception, is_kept: bool) -> None:
    thread = InferenceThread(has_failed_codegen)
    seen: list[threading.Thread] = []

    def work() -> None:
        seen.append(threading.current_thread())
        with suppress(JobError), translate_out_of_memory():
            raise error

    told: list[bool] = []
    for _ in range(2):
        thread.submit(work, lambda: told.append(True)).result()
    thread.submit(lambda: seen.append(threading.current_thread()), told.clear).result()
    assert (len(set(seen)) == 1) is is_kept
    assert told == []
