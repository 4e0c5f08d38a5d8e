"""The fast path computes what diffusers' modules compute."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel

from sagemaker_container.fast.accelerate import (
    PassthroughNetwork,
    accelerate_controlnet,
    accelerate_unet,
    accelerate_vae,
)
from sagemaker_container.fast.controlnet import FastControlNet
from sagemaker_container.fast.unet import FastUNet
from sagemaker_container.fast.warm_up import compile_kernels, compile_or_disable

CLOSE = 3e-5
"""float32 is rounded otherwise by other processors: 1.2e-5 was seen."""
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


def settled(network: Any) -> Any:
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


class Both:
    """A UNet and a ControlNet of one architecture, and the same inputs for both paths."""

    def __init__(self, config: dict[str, Any], size: Shape) -> None:
        torch.manual_seed(0)
        self.unet = settled(UNet2DConditionModel(**config))
        net = ControlNetModel.from_unet(self.unet, conditioning_embedding_out_channels=(16, 32))
        for weight in net.parameters():
            weight.data += 0.02 * torch.randn_like(weight)
        self.net = settled(net)
        self.prompt = torch.randn(2, 154, config["cross_attention_dim"])
        self.sample = torch.randn(2, 4, *size)
        self.map = torch.rand(2, 3, 2 * size[0], 2 * size[1])
        self.added = None
        if "addition_embed_type" in config:
            ids = 100 * torch.randn(2, 6)
            self.added = {"text_embeds": torch.randn(2, 40), "time_ids": ids}

    def draw(self, unet: Any, net: Any = None, time: int = 500) -> torch.Tensor:
        step = torch.tensor(time)
        given: dict[str, Any] = {"added_cond_kwargs": self.added, "return_dict": False}
        residuals: dict[str, Any] = {}
        with torch.no_grad():
            if net is not None:
                down, middle = net(self.sample, step, self.prompt, self.map, 0.7, **given)
                residuals["down_block_additional_residuals"] = down
                residuals["mid_block_additional_residual"] = middle
            drawn: torch.Tensor = unet(self.sample, step, self.prompt, **residuals, **given)[0]
        return drawn


@pytest.mark.parametrize(("config", "size"), CASES)
def test_unet_and_controlnet_are_diffusers(config: dict[str, Any], size: Shape) -> None:
    both = Both(config, size)
    plain, steered = both.draw(both.unet), both.draw(both.unet, both.net)
    unet, net = accelerate_unet(both.unet), accelerate_controlnet(both.net)
    assert (type(unet), type(net)) == (FastUNet, FastControlNet)
    torch.testing.assert_close(both.draw(unet), plain, atol=CLOSE, rtol=CLOSE)
    torch.testing.assert_close(both.draw(unet, net), steered, atol=CLOSE, rtol=CLOSE)
    assert unet.config.in_channels == 4
    later = both.draw(unet, net, 20)  # what is kept of prompt and map holds at every step
    torch.testing.assert_close(later, both.draw(both.unet, both.net, 20), atol=CLOSE, rtol=CLOSE)


def test_weights_change_in_place() -> None:
    """What is kept of the prompt goes; the fused tensors are the modules' own weights."""
    both = Both(SD1, (8, 8))
    unet, net = accelerate_unet(both.unet), accelerate_controlnet(both.net)
    before = both.draw(unet, net)
    for network in (both.unet, both.net):
        for weight in network.parameters():
            weight.mul_(1.05)
    unet.invalidate()
    net.invalidate()
    after = both.draw(unet, net)
    assert not torch.allclose(before, after, atol=1e-3)
    torch.testing.assert_close(after, both.draw(both.unet, both.net), atol=CLOSE, rtol=CLOSE)


def test_another_prompt_or_map_is_read_anew() -> None:
    both = Both(SD1, (8, 8))
    unet, net = accelerate_unet(both.unet), accelerate_controlnet(both.net)
    both.draw(unet, net)
    both.prompt, both.map = torch.randn_like(both.prompt), torch.rand_like(both.map)
    expected = both.draw(both.unet, both.net)
    torch.testing.assert_close(both.draw(unet, net), expected, atol=CLOSE, rtol=CLOSE)


def test_one_net_may_serve_several_units() -> None:
    both = Both(SD1, (8, 8))
    net, maps = accelerate_controlnet(both.net), [torch.rand_like(both.map) for _ in range(6)]
    for picture in (*maps, *maps[:2], *maps):
        given = (both.sample, torch.tensor(500), both.prompt, picture)
        with torch.no_grad():
            down, middle = net(*given, return_dict=False)
            wanted_down, wanted = both.net(*given, return_dict=False)
        torch.testing.assert_close(middle, wanted, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(down[0], wanted_down[0], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("tile", [False, True])
def test_the_vae_decodes_as_diffusers_does(tile: bool) -> None:
    torch.manual_seed(0)
    vae = settled(
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
    torch.testing.assert_close(fast.decode(latents).sample, expected, atol=CLOSE, rtol=CLOSE)
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
def test_what_the_fast_path_does_not_know_is_left_to_diffusers(make: Callable[[], Any]) -> None:
    unet = settled(make())
    fast = accelerate_unet(unet)
    assert isinstance(fast, PassthroughNetwork)
    assert fast.config is unet.config
    fast.invalidate()


def test_kernels_that_do_not_compile_are_done_without(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_device: torch.device, _dtype: torch.dtype) -> None:
        raise FileNotFoundError("gcc")

    compile_or_disable(torch.device("cpu"), torch.float32, fails)
    assert "kernels_failed" in caplog.text
    both = Both(SD1, (16, 16))
    torch.testing.assert_close(
        both.draw(accelerate_unet(both.unet)), both.draw(both.unet), atol=1e-4, rtol=1e-4
    )


def test_every_kernel_is_compiled_before_it_is_needed() -> None:
    """On the CPU its stand-ins run: every operation takes what the warm-up gives it."""
    run = compile_kernels(torch.device("cpu"), torch.float32)
    assert run == {"add", "add_norm", "upsample", "geglu", "group_norm"}


def test_what_no_pipeline_of_ours_asks_is_refused() -> None:
    both = Both(SD1, (8, 8))
    with pytest.raises(ValueError, match="encoder_attention_mask"):
        accelerate_unet(both.unet)(
            both.sample, torch.tensor(1), both.prompt, encoder_attention_mask=both.prompt
        )
    with pytest.raises(ValueError, match="guess_mode"):
        accelerate_controlnet(both.net)(
            both.sample, torch.tensor(1), both.prompt, both.map, guess_mode=True
        )
