"""A float32 file is converted to the device's type once, and then replaced by that."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.disk_cache import DiskCache
from sagemaker_container.engine.files.weights_file import Sidecar, WeightsFile, open_file
from sagemaker_container.engine.models.conversion import WeightsConverter, dtype_name
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.errors import JobCancelled
from tests.sagemaker_container.conftest import CPU, Opener

SHA256 = "0" * 64


def never() -> None:
    """Nobody cancels."""


def cache_for(folder: Path, dtype: torch.dtype, limit: int | None = None) -> DiskCache:
    return DiskCache(folder, limit, dtype_name(dtype))


@pytest.fixture
def wide(tmp_path: Path, opened: Opener) -> WeightsFile:
    """A float32 checkpoint in the cache, with a mean of its weights and a marker."""
    tensors = {n: t.float() for n, t in load_file(opened("tiny-noise-v1").path).items()}
    tensors |= {"model_ema.decay": torch.ones(1), "v_pred": torch.zeros(())}
    path = tmp_path / f"{SHA256}.safetensors"
    save_file(tensors, path, {"modelspec.title": "Wide"})
    file = open_file(ModelKind.CHECKPOINT, "wide.safetensors", path, SHA256, "S3")
    return replace(file, sidecar=Sidecar(prediction_type="epsilon"))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_float32_file_is_converted_once(
    wide: WeightsFile, tmp_path: Path, dtype: torch.dtype
) -> None:
    before, cache = load_file(wide.path), cache_for(tmp_path, dtype)
    converted = WeightsConverter(cache, dtype).convert(wide, never)
    after = load_file(converted.path)
    assert set(before) - set(after) == {"model_ema.decay"}
    for name, tensor in after.items():
        in_vae = name.startswith("first_stage_model.")
        assert torch.equal(tensor, before[name] if in_vae else before[name].to(dtype)), name
    assert converted.header.metadata == {"modelspec.title": "Wide"}
    assert (converted.sha256, converted.sidecar) == (SHA256, wide.sidecar)
    assert cache.find(SHA256, wide.size) == converted.path
    assert not wide.path.exists()
    assert WeightsConverter(cache, dtype).convert(converted, never) is converted


def test_a_converted_file_loads_as_the_original(wide: WeightsFile, tmp_path: Path) -> None:
    half = replace(CPU, dtype=torch.bfloat16)
    original = NetworkLoader(half).load_checkpoint(wide).unet.state_dict()
    cache = cache_for(tmp_path, half.dtype)
    converted = NetworkLoader(half).load_checkpoint(
        WeightsConverter(cache, half.dtype).convert(wide, never)
    )
    assert all(torch.equal(original[n], t) for n, t in converted.unet.state_dict().items())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_other_files_are_not_converted(
    opened: Opener, wide: WeightsFile, tmp_path: Path, dtype: torch.dtype
) -> None:
    half = opened("tiny-noise-v1")
    converter = WeightsConverter(cache_for(tmp_path, dtype), dtype)
    assert converter.convert(half, never) is half
    if dtype is torch.float32:
        assert converter.convert(wide, never) is wide


def test_a_full_disk_leaves_the_original(wide: WeightsFile, tmp_path: Path) -> None:
    cache = cache_for(tmp_path, torch.float16, limit=wide.size + 1000)
    assert cache.find(SHA256, wide.size)  # in use, so it is no room to be made
    assert WeightsConverter(cache, torch.float16).convert(wide, never) is wide
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors", ".used"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_fails_during_conversion(
    wide: WeightsFile, tmp_path: Path, number: int
) -> None:
    """A full disk is not the job's fault; other errors are raised."""

    def fail() -> None:
        raise OSError(number, os.strerror(number))

    converter = WeightsConverter(cache_for(tmp_path, torch.float16), torch.float16)
    if number == errno.EIO:
        with pytest.raises(OSError, match="Input/output"):
            converter.convert(wide, fail)
    else:
        assert converter.convert(wide, fail) is wide
    assert list(tmp_path.iterdir()) == [wide.path]


def test_a_cancelled_job_leaves_no_partial_file(wide: WeightsFile, tmp_path: Path) -> None:
    def cancel() -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        WeightsConverter(cache_for(tmp_path, torch.float16), torch.float16).convert(wide, cancel)
    assert list(tmp_path.iterdir()) == [wide.path]
