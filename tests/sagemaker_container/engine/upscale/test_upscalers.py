"""Upscalers: key layouts, formulas, tiles, memory, and the hires fix."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from formats.generation.result import ErrorCode
from formats.generation.upscaling import PixelUpscaler
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import WeightsFile, open_file
from sagemaker_container.engine.upscale.file import UpscalerNet, read_upscaler
from sagemaker_container.engine.upscale.upscalers import (
    TILE,
    FilterUpscaler,
    NetworkUpscaler,
    tile_boxes,
)
from sagemaker_container.errors import JobError
from sagemaker_container.texts import models as texts
from tests.sagemaker_container.conftest import CPU, Opener
from tests.support import tiny_models

State = dict[str, torch.Tensor]
IMAGE = Image.radial_gradient("L").resize((50, 41)).convert("RGB")
X = torch.rand(1, 3, 10, 12, generator=torch.Generator().manual_seed(1))
OLD = {
    "conv_first": "model.0",
    "conv_body": "model.1.sub.1",
    "conv_up1": "model.3",
    "conv_hr": "model.5",
    "conv_last": "model.7",
}
LATER = {"conv_body": "trunk_conv", "conv_up1": "upconv1", "conv_hr": "HRconv"}


def old(name: str) -> str:
    """ESRGAN's first names."""
    layer, _, kind = name.rpartition(".")
    if layer.startswith("body."):
        _, block, dense, conv = layer.split(".")
        return f"model.1.sub.{block}.{dense.upper()}.{conv}.0.{kind}"
    return f"{OLD[layer]}.{kind}"


def later(name: str) -> str:
    """ESRGAN's second names; BSRGAN's too."""
    layer, _, kind = name.rpartition(".")
    return f"{LATER.get(layer, layer)}.{kind}".replace("body.0.rdb", "RRDB_trunk.0.RDB")


@pytest.fixture(scope="module")
def state(opened: Opener) -> State:
    return load_file(opened("tiny-upscaler", ModelKind.UPSCALER).path)


def opened_at(path: Path) -> WeightsFile:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return open_file(ModelKind.UPSCALER, path.name, path, sha256, "disk")


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Any], UpscalerNet]:
    """Writes a `.pth` as the fetcher keeps it, under another ending, and reads it."""

    def through_file(content: Any) -> UpscalerNet:
        path = tmp_path / "kept.safetensors"
        torch.save(content, path)
        file = open_file(ModelKind.UPSCALER, "net.pth", path, "0" * 64, "disk")
        return read_upscaler(file, CPU)

    return through_file


def test_every_layout_is_the_same_network(
    opened: Opener, state: State, read: Callable[[Any], UpscalerNet]
) -> None:
    wanted = read_upscaler(opened("tiny-upscaler", ModelKind.UPSCALER), CPU)
    assert (wanted.scale, wanted(X).shape) == (2, (1, 3, 20, 24))
    contents = [
        state,
        {"params_ema": state, "params": {}},
        {"params": state},
        {"state_dict": state},
        {f"module.{name}": t for name, t in state.items()},
        {old(name): t for name, t in state.items()},
        {later(name): t for name, t in state.items()},
        {name: t.half() for name, t in state.items()},
    ]
    for content in contents:
        assert torch.equal(read(content)(X), wanted(X))


def test_it_is_the_sum_of_its_blocks(opened: Opener, state: State) -> None:
    """The formula of the ESRGAN paper, written out."""
    f = torch.nn.functional
    plain = {name: tensor.float() for name, tensor in state.items()}

    def conv(x: torch.Tensor, name: str) -> torch.Tensor:
        return f.conv2d(x, plain[f"{name}.weight"], plain[f"{name}.bias"], padding=1)

    first = conv(X, "conv_first")
    block = first
    for part in (1, 2, 3):
        found = [block]
        for number in (1, 2, 3, 4):
            name = f"body.0.rdb{part}.conv{number}"
            found.append(f.leaky_relu(conv(torch.cat(found, 1), name), 0.2))
        block = conv(torch.cat(found, 1), f"body.0.rdb{part}.conv5") * 0.2 + block
    trunk = first + conv(block * 0.2 + first, "conv_body")
    up = f.leaky_relu(conv(f.interpolate(trunk, scale_factor=2), "conv_up1"), 0.2)
    wanted = conv(f.leaky_relu(conv(up, "conv_hr"), 0.2), "conv_last")
    net = read_upscaler(opened("tiny-upscaler", ModelKind.UPSCALER), CPU)
    assert torch.allclose(net(X), wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("shapes", "scale"),
    [
        (tiny_models.upscaler(ups=2), 4),
        (tiny_models.upscaler(ups=3), 8),
        (tiny_models.upscaler(ups=2, channels=12), 2),
        (tiny_models.upscaler(ups=2, channels=48), 1),
        (tiny_models.compact_upscaler(), 2),
    ],
)
def test_the_scale_is_read_from_the_shapes(
    tmp_path: Path, shapes: tiny_models.Shapes, scale: int
) -> None:
    path = tmp_path / "net.safetensors"
    tiny_models.save(path, tiny_models.weights(shapes, 1), {})
    net = read_upscaler(opened_at(path), CPU)
    assert net.scale == scale
    size = IMAGE.width * scale, IMAGE.height * scale  # odd sides, which 4 doesn't divide
    assert NetworkUpscaler(net).upscale(IMAGE, *size, lambda: None).size == size


def test_tiles_leave_no_seams(opened: Opener) -> None:
    net = read_upscaler(opened("tiny-upscaler", ModelKind.UPSCALER), CPU)
    whole, tiled = (
        np.asarray(NetworkUpscaler(net, side).upscale(IMAGE, 100, 82, lambda: None), np.int16)
        for side in (64, 20)
    )
    assert np.abs(whole - tiled).max() <= 1
    assert len(list(tile_boxes(50, 41, 20))) == 9


class LimitedNetwork(torch.nn.Module):
    """Doubles an image, and has memory for tiles of so many pixels a side."""

    scale, unshuffle = 2, 1

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.weight = torch.nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if max(x.shape[2:]) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return torch.nn.functional.interpolate(x * self.weight, scale_factor=2)


@pytest.mark.parametrize(
    ("most", "tile"), [(300, 192), (192 + 15, 96), (96 + 32, 96), (64 + 32, 64), (64 + 31, None)]
)
def test_tiles_are_halved_where_memory_is_full(most: int, tile: int | None) -> None:
    image = Image.radial_gradient("L").resize((250, 230)).convert("RGB")
    notes: list[str] = []
    released: list[None] = []
    net: Any = LimitedNetwork(most)
    upscaler = NetworkUpscaler(net, add_note=notes.append, release=lambda: released.append(None))
    if tile is None:
        with pytest.raises(torch.OutOfMemoryError):
            upscaler.upscale(image, 500, 460, lambda: None)
        return
    found = upscaler.upscale(image, 500, 460, lambda: None)
    assert found.tobytes() == image.resize((500, 460), Image.Resampling.NEAREST).tobytes()
    assert upscaler.tile == tile
    assert set(notes) == ({texts.SMALLER_TILES} if tile < TILE else set())
    assert len(released) == len(notes)


def test_another_error_of_the_network_is_not_out_of_memory() -> None:
    net: Any = LimitedNetwork(300)
    net.forward = lambda _: torch.ones(2) @ torch.ones(3)
    with pytest.raises(RuntimeError, match="size"):
        NetworkUpscaler(net, add_note=pytest.fail).upscale(IMAGE, 100, 82, lambda: None)


def test_a_larger_scale_than_the_network_has(opened: Opener) -> None:
    """The network twice, and Lanczos for the rest."""
    net = read_upscaler(opened("tiny-upscaler", ModelKind.UPSCALER), CPU)
    calls: list[None] = []
    large = NetworkUpscaler(net).upscale(IMAGE, 151, 120, lambda: calls.append(None))
    assert (large.size, len(calls)) == ((151, 120), 2)


@pytest.mark.parametrize("upscaler", PixelUpscaler)
def test_filters(upscaler: PixelUpscaler) -> None:
    large = FilterUpscaler(upscaler).upscale(IMAGE, 100, 82, lambda: None)
    pixels = np.asarray(large)
    doubled = np.asarray(IMAGE).repeat(2, 0).repeat(2, 1)
    assert np.array_equal(pixels, doubled) is (upscaler is PixelUpscaler.NEAREST)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s: {n: t for n, t in s.items() if "conv_hr" not in n}, ErrorCode.UNSUPPORTED),
        (lambda s: s | {"conv1x1.weight": torch.ones(1)}, ErrorCode.UNSUPPORTED),
        (lambda s: s | {"conv_hr.weight": torch.ones(8, 8, 5, 5)}, ErrorCode.UNSUPPORTED),
        (lambda s: s | {"model.1.sub.128.RDB1.conv1.0.bias": torch.ones(1)}, ErrorCode.UNSUPPORTED),
        (
            lambda s: s | {f"model.{n}.bias": torch.ones(1) for n in range(90)},
            ErrorCode.UNSUPPORTED,
        ),
        (lambda s: s | {"conv_first.weight": torch.ones(10**6, 3, 1, 1)}, ErrorCode.UNSUPPORTED),
        (lambda _: {"body.0.weight": torch.ones(3 * 17**2, 3, 1, 1)}, ErrorCode.UNSUPPORTED),
        (lambda _: [1, 2], ErrorCode.UNSUPPORTED),
        (lambda _: {}, ErrorCode.UNSUPPORTED),
        (lambda _: {"layers.0.attn.qkv.weight": torch.ones(3, 3)}, ErrorCode.UNSUPPORTED),
        (lambda _: Opener, ErrorCode.MODEL_BROKEN),
    ],
)
def test_other_files_are_refused(
    state: State,
    read: Callable[[Any], UpscalerNet],
    change: Callable[[State], Any],
    code: ErrorCode,
) -> None:
    with pytest.raises(JobError, match=r"net\.pth") as refused:
        read(change(state))
    assert refused.value.code is code


def test_safetensors_and_pth_are_distinguished_by_name(tmp_path: Path, state: State) -> None:
    path = tmp_path / "plain.safetensors"
    save_file(state, path)
    assert read_upscaler(opened_at(path), CPU).scale == 2
    path.write_bytes(b"not a pickle at all")
    file = open_file(ModelKind.UPSCALER, "net.pth", path, "0" * 64, "disk")
    with pytest.raises(JobError) as refused:
        read_upscaler(file, CPU)
    assert refused.value.code is ErrorCode.MODEL_BROKEN
