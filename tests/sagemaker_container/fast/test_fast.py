"""The fast path computes what diffusers' modules compute."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from torch.nn import functional

from sagemaker_container.fast.accelerate import (
    PassthroughNetwork,
    accelerate_controlnet,
    accelerate_unet,
    accelerate_vae,
)
from sagemaker_container.fast.controlnet import FastControlNet
from sagemaker_container.fast.unet import FastUNet
from sagemaker_container.fast.warm_up import compile_kernels, compile_or_disable, load_libraries

TOLERANCE = 3e-5
"""Processors round float32 differently: differences of 1.2e-5 were seen."""
SD1 = {
    "block_out_channels": (32, 64, 64, 64),
    "layers_per_block": 2,
    "cross_attention_dim": 48,
    "attention_head_dim": 4,
}
XL = {
    "block_out_channels": (32, 64, 128),
    "layers_per_block": 1,
    "cross_attention_dim": 64,
    "attention_head_dim": (2, 4, 8),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 3),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 40 + 48,
}
CASES = [(SD1, (16, 16)), (SD1, (17, 22)), (XL, (16, 24))]
Shape = tuple[int, int]


def frozen(network: Any) -> Any:
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


class Networks:
    """A UNet and a ControlNet of one architecture, and the same inputs for networks paths."""

    def __init__(self, config: dict[str, Any], size: Shape) -> None:
        torch.manual_seed(0)
        self.unet = frozen(UNet2DConditionModel(**config))
        net = ControlNetModel.from_unet(self.unet, conditioning_embedding_out_channels=(16, 32))
        for weight in net.parameters():
            weight.data += 0.02 * torch.randn_like(weight)
        self.net = frozen(net)
        self.prompt = torch.randn(2, 154, config["cross_attention_dim"])
        self.sample = torch.randn(2, 4, *size)
        self.map = torch.rand(2, 3, 2 * size[0], 2 * size[1])
        self.added = None
        if "addition_embed_type" in config:
            ids = 100 * torch.randn(2, 6)
            self.added = {"text_embeds": torch.randn(2, 40), "time_ids": ids}

    def predict(self, unet: Any, net: Any = None, time: int = 500) -> torch.Tensor:
        step = torch.tensor(time)
        given: dict[str, Any] = {"added_cond_kwargs": self.added, "return_dict": False}
        residuals: dict[str, Any] = {}
        with torch.no_grad():
            if net is not None:
                down, middle = net(self.sample, step, self.prompt, self.map, 0.7, **given)
                residuals["down_block_additional_residuals"] = down
                residuals["mid_block_additional_residual"] = middle
            predicted: torch.Tensor = unet(self.sample, step, self.prompt, **residuals, **given)[0]
        return predicted


@pytest.mark.parametrize(("config", "size"), CASES)
def test_unet_and_controlnet_are_diffusers(config: dict[str, Any], size: Shape) -> None:
    networks = Networks(config, size)
    plain, controlled = (
        networks.predict(networks.unet),
        networks.predict(networks.unet, networks.net),
    )
    unet, net = accelerate_unet(networks.unet), accelerate_controlnet(networks.net)
    assert (type(unet), type(net)) == (FastUNet, FastControlNet)
    torch.testing.assert_close(networks.predict(unet), plain, atol=TOLERANCE, rtol=TOLERANCE)
    torch.testing.assert_close(
        networks.predict(unet, net), controlled, atol=TOLERANCE, rtol=TOLERANCE
    )
    assert unet.config.in_channels == 4
    later = networks.predict(
        unet, net, 20
    )  # what is cached of prompt and map is valid at every step
    torch.testing.assert_close(
        later, networks.predict(networks.unet, networks.net, 20), atol=TOLERANCE, rtol=TOLERANCE
    )


def test_weights_change_in_place() -> None:
    """Cached contexts are dropped; the fused tensors are the modules' own weights."""
    networks = Networks(SD1, (8, 8))
    unet, net = accelerate_unet(networks.unet), accelerate_controlnet(networks.net)
    before = networks.predict(unet, net)
    for network in (networks.unet, networks.net):
        for weight in network.parameters():
            weight.mul_(1.05)
    unet.invalidate()
    net.invalidate()
    after = networks.predict(unet, net)
    assert not torch.allclose(before, after, atol=1e-3)
    torch.testing.assert_close(
        after, networks.predict(networks.unet, networks.net), atol=TOLERANCE, rtol=TOLERANCE
    )


def test_another_prompt_or_map_is_not_cached() -> None:
    networks = Networks(SD1, (8, 8))
    unet, net = accelerate_unet(networks.unet), accelerate_controlnet(networks.net)
    networks.predict(unet, net)
    networks.prompt, networks.map = torch.randn_like(networks.prompt), torch.rand_like(networks.map)
    expected = networks.predict(networks.unet, networks.net)
    torch.testing.assert_close(
        networks.predict(unet, net), expected, atol=TOLERANCE, rtol=TOLERANCE
    )


def test_one_net_may_serve_several_units() -> None:
    networks = Networks(SD1, (8, 8))
    net, maps = (
        accelerate_controlnet(networks.net),
        [torch.rand_like(networks.map) for _ in range(6)],
    )
    for control_map in (*maps, *maps[:2], *maps):
        given = (networks.sample, torch.tensor(500), networks.prompt, control_map)
        with torch.no_grad():
            down, middle = net(*given, return_dict=False)
            wanted_down, wanted = networks.net(*given, return_dict=False)
        torch.testing.assert_close(middle, wanted, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(down[0], wanted_down[0], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("tile", [False, True])
def test_the_vae_decodes_as_diffusers_does(tile: bool) -> None:
    torch.manual_seed(0)
    vae = frozen(
        AutoencoderKL(
            block_out_channels=(32, 64),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            layers_per_block=2,
            norm_num_groups=8,
        )
    )
    latents, fast = torch.randn(2, 4, 9, 12), accelerate_vae(vae)
    if tile:
        vae.enable_tiling()
    expected = vae.decode(latents).sample
    torch.testing.assert_close(
        fast.decode(latents).sample, expected, atol=TOLERANCE, rtol=TOLERANCE
    )
    assert fast.config.latent_channels == 4


def changed(name: str, value: object) -> Callable[[], Any]:
    return lambda: UNet2DConditionModel(**{**SD1, name: value})


@pytest.mark.parametrize(
    "make",
    [
        changed("resnet_time_scale_shift", "scale_shift"),
        changed("class_embed_type", "timestep"),
        changed("time_embedding_type", "fourier"),
        changed("only_cross_attention", (True, True, True, True)),
        changed("down_block_types", ("DownBlock2D", "AttnDownBlock2D") * 2),
    ],
)
def test_unsupported_networks_are_left_to_diffusers(make: Callable[[], Any]) -> None:
    unet = frozen(make())
    fast = accelerate_unet(unet)
    assert isinstance(fast, PassthroughNetwork)
    assert fast.config is unet.config
    fast.invalidate()


def test_kernels_that_do_not_compile_are_disabled(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_device: torch.device, _dtype: torch.dtype) -> None:
        raise FileNotFoundError("gcc")

    compile_or_disable(torch.device("cpu"), torch.float32, fails)
    assert "kernels_failed" in caplog.text
    networks = Networks(SD1, (16, 16))
    torch.testing.assert_close(
        networks.predict(accelerate_unet(networks.unet)),
        networks.predict(networks.unet),
        atol=1e-4,
        rtol=1e-4,
    )


def test_every_kernel_is_compiled_before_it_is_needed() -> None:
    """On the CPU plain PyTorch runs: each operation takes the warm-up's arguments."""
    run = compile_kernels(torch.device("cpu"), torch.float32)
    assert run == {"add", "add_norm", "upsample", "geglu", "group_norm"}


def test_the_libraries_are_asked_for_what_a_unet_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: list[tuple[int, ...]] = []
    attention = functional.scaled_dot_product_attention

    def seen(*tensors: torch.Tensor) -> torch.Tensor:
        shapes.extend(tuple(tensor.shape) for tensor in tensors)
        return attention(*tensors)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", seen)
    load_libraries(torch.device("cpu"), torch.float32)
    assert shapes == [(1, 8, 64 * 64, 40)] * 3


def test_unsupported_arguments_are_refused() -> None:
    networks = Networks(SD1, (8, 8))
    with pytest.raises(ValueError, match="encoder_attention_mask"):
        accelerate_unet(networks.unet)(
            networks.sample,
            torch.tensor(1),
            networks.prompt,
            encoder_attention_mask=networks.prompt,
        )
    with pytest.raises(ValueError, match="guess_mode"):
        accelerate_controlnet(networks.net)(
            networks.sample, torch.tensor(1), networks.prompt, networks.map, guess_mode=True
        )
