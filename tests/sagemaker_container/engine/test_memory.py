"""Too little memory: smaller batches, tiles, and at last a refusal; never another picture."""

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
    in_halves,
    is_out_of_memory,
    refusing,
    retried,
)
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.prompt.encoder import Asked, PromptEncoder
from sagemaker_container.engine.sampling.denoise import Pass, Row
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan
from sagemaker_container.engine.worker import InferenceThread
from sagemaker_container.errors import JobError

GPU_FULL = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
CPU_FULL = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
NO_CODE = RuntimeError("could not create a primitive")


class Small:
    """A UNet with memory for so many rows."""

    def __init__(self, unet: Any, rows: int) -> None:
        self._unet, self._rows = unet, rows
        self.sizes: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unet, name)

    def __call__(self, sample: torch.Tensor, *others: Any, **named: Any) -> Any:
        if len(sample) > self._rows:
            raise GPU_FULL
        self.sizes.append(len(sample))
        return self._unet(sample, *others, **named)


def test_a_batch_is_drawn_in_halves_with_the_same_pictures(
    checkpoint: Checkpoint, tokenizer: CLIPTokenizer
) -> None:
    encoder = PromptEncoder(tokenizer, checkpoint.text_encoders)
    prompts = encoder.encode(Asked("a dog", "", 1, steps=2))
    rows = [Row(Seeds(seed), prompts) for seed in range(5)]
    small = Small(checkpoint.unet, rows=4)  # two pictures with their negative prompts
    freed: list[None] = []

    def draw(unet: Any, some: Sequence[Row]) -> torch.Tensor:
        plan = SamplerPlan(Sampler.EULER_A, Schedule.AUTOMATIC, 2)
        with_unet = replace(checkpoint, unet=unet)
        return Pass(with_unet, checkpoint.vae, plan, 7, 64, 64).latents(some, lambda *_: None)

    drawn = in_halves(lambda some: draw(small, some), rows, lambda: freed.append(None))
    wanted = draw(checkpoint.unet, rows)
    assert small.sizes == [4, 4, 2, 2, 4, 4]  # 5 pictures as 2, 1 and 2
    assert len(freed) == 2
    for found, latent in zip(drawn, wanted, strict=True):
        assert torch.allclose(found, latent, atol=4e-3 * latent.abs().max().item())


def test_a_single_picture_that_does_not_fit_is_refused() -> None:
    def draw(_: Sequence[int]) -> list[int]:
        raise GPU_FULL

    with pytest.raises(JobError) as refused, refusing():
        in_halves(draw, [1, 2, 3], lambda: None)
    assert refused.value.code is ErrorCode.OUT_OF_MEMORY


def test_a_look_at_an_error_changes_nothing() -> None:
    assert is_out_of_memory(NO_CODE)
    assert not has_failed_codegen()


@pytest.mark.parametrize("error", [GPU_FULL, CPU_FULL, MemoryError()])
def test_every_way_of_saying_it(error: Exception) -> None:
    tries: list[None] = []

    def work() -> str:
        tries.append(None)
        if len(tries) == 1:
            raise error
        return "done"

    assert retried(work, lambda: None) == "done"


def test_another_error_is_not_taken_for_it() -> None:
    def work(_: object = None) -> list[int]:
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes"), refusing():
        retried(work, lambda: None)
    with pytest.raises(RuntimeError, match="shapes"):
        in_halves(work, [1, 2], lambda: None)


@pytest.mark.parametrize("side", [64, 1024])
def test_the_vae_works_in_tiles_where_it_must(checkpoint: Checkpoint, side: int) -> None:
    vae, notes = checkpoint.vae, list[str]()
    picture = Image.linear_gradient("L").resize((side, side)).convert("RGB")
    whole = latents.encode(vae, picture)

    def small(module: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        if not vae.use_tiling:
            raise CPU_FULL

    with vae.encoder.register_forward_pre_hook(small):
        tiled = latents.encode(vae, picture, notes.append)
    with vae.decoder.register_forward_pre_hook(small):
        image = latents.decode(vae, whole[0], notes.append)
    assert notes == [latents.IN_TILES] * 2
    assert not vae.use_tiling
    assert (tiled.shape, image.size) == (whole.shape, (side, side))
    if side == 64:  # one tile
        assert torch.equal(tiled, whole)


@pytest.mark.parametrize(
    ("error", "is_kept"),
    [(CPU_FULL, True), (GPU_FULL, True), (NO_CODE, False)],
)
def test_a_thread_in_which_onednn_can_make_no_more_code_draws_no_more(
    error: Exception, is_kept: bool
) -> None:
    thread = InferenceThread(has_failed_codegen)
    seen: list[threading.Thread] = []

    def work() -> None:
        seen.append(threading.current_thread())
        with suppress(JobError), refusing():
            raise error

    for _ in range(2):
        thread.run(work)
    thread.run(lambda: seen.append(threading.current_thread()))
    assert (len(set(seen)) == 1) is is_kept
