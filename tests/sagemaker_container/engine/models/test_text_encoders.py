"""Text encoders: OpenCLIP's conversion, each family's use of them, and their dtypes."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_open_clip_checkpoint
from safetensors.torch import load_file

from formats.models.safetensors_header import Header
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from tests.sagemaker_container.conftest import CPU, Opener
from tests.support import tiny_models

SDXL_SECOND = "conditioner.embedders.1.model."


@pytest.fixture(scope="module")
def xl(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-xl"))


@pytest.fixture
def sd2(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-sd2"))


def test_open_clip_is_converted_as_diffusers_does(xl: Checkpoint, opened: Opener) -> None:
    tensors = load_file(opened("tiny-xl").path)
    second = xl.text_encoders[1].model
    wanted = convert_open_clip_checkpoint(second, tensors, prefix=SDXL_SECOND)
    state = second.state_dict()
    assert {name for name in wanted if "logit" not in name} == set(state)
    assert all(torch.equal(state[name], wanted[name].float()) for name in state)


def test_how_each_family_uses_its_text_encoders(
    checkpoint: Checkpoint, sd2: Checkpoint, xl: Checkpoint
) -> None:
    def read(of: Checkpoint) -> list[tuple[int, int, bool, bool, bool]]:
        return [
            (e.pad_id, e.layer, e.final_norm, e.uses_clip_skip, e.has_pooled_output)
            for e in of.text_encoders
        ]

    assert read(checkpoint) == [(49407, 1, True, True, False)]
    assert read(sd2) == [(0, 1, True, False, False)]
    assert read(xl) == [(49407, 2, False, False, False), (0, 2, False, False, True)]


def test_an_encoder_exported_without_its_last_layer(
    tmp_path: Any, loader: NetworkLoader, opened: Opener, sd2: Checkpoint
) -> None:
    """diffusers exports SD 2.x without the last layer, which is never used."""
    tensors = tiny_models.weights(tiny_models.sd2_checkpoint(tiny_models.TINY_SD2), 9)
    path = tmp_path / "exported.safetensors"
    kept = {name: t for name, t in tensors.items() if "resblocks.1." not in name}
    tiny_models.save(path, kept, {})
    file = opened("tiny-sd2")
    header = Header(
        tensors={n: t for n, t in file.header.tensors.items() if n in kept},
        metadata={},
        data_start=0,
    )
    loaded = loader.load_checkpoint(replace(file, path=path, header=header))
    ours, theirs = (c.text_encoder.state_dict() for c in (loaded, sd2))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize("name", ["tiny-noise-v1", "tiny-sd2", "tiny-xl"])
def test_every_part_has_one_dtype(opened: Opener, name: str) -> None:
    """If a configuration names a dtype and the call doesn't, a text encoder has two of them."""
    half = replace(CPU, dtype=torch.bfloat16)
    checkpoint = NetworkLoader(half).load_checkpoint(opened(name))
    for part in (checkpoint.unet, *(e.model for e in checkpoint.text_encoders)):
        assert {p.dtype for p in part.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in checkpoint.vae.parameters()} == {torch.float32}
