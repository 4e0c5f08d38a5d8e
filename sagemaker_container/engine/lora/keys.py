"""The keys of a checkpoint's layers in LoRA files: kohya's, diffusers' and Stability's.

kohya's keys are a layer's path with underscores for dots. SDXL's files use either diffusers' or
Stability's paths (`input_blocks_4_1_...`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import torch
from torch import nn

_TEXT_ENCODER_KEYS: Final = (
    (("lora_te", "text_encoder"),),
    (("lora_te1", "text_encoder"), ("lora_te2", "text_encoder_2")),
)
"""kohya's and diffusers' prefix of a single text encoder, and of each of two."""
TEXT_ENCODER_PREFIXES: Final = ("lora_te", "text_encoder")
"""What all those prefixes begin with."""

_RESNET_LAYERS: Final = {
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_SINGLE_LAYERS: Final = {
    "conv_in": "input_blocks.0.0",
    "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}


def unet_keys(unet: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Every key of each layer of a `UNet2DConditionModel`, with the layer's weight."""
    for path, weight in _layers(unet):
        yield f"lora_unet_{_kohya(path)}", weight
        yield f"unet.{path}", weight
        stability = stability_path(path, unet)
        yield f"lora_unet_{_kohya(stability)}", weight
        yield f"diffusion_model.{stability}", weight


def text_encoder_keys(encoders: Sequence[nn.Module]) -> Iterator[tuple[str, torch.Tensor]]:
    """Every key of each layer of the text encoders, with the layer's weight.

    Since transformers 5.6 a layer's path lacks the `text_model` that the keys have.
    """
    for encoder, (short, long) in zip(encoders, _TEXT_ENCODER_KEYS[len(encoders) - 1], strict=True):
        for path, weight in _layers(encoder):
            yield f"{short}_text_model_{_kohya(path)}", weight
            yield f"{long}.text_model.{path}", weight


def stability_path(path: str, unet: nn.Module) -> str:
    """A layer's path in ldm and sgm, for its path in diffusers."""
    if path in _SINGLE_LAYERS:
        return _SINGLE_LAYERS[path]
    per_level = unet.config.layers_per_block + 1
    for pattern, to_stability in _BLOCKS:
        if found := re.fullmatch(pattern, path):
            numbers = [int(number) for number in found.groups()[:-1]]
            return to_stability(unet, per_level, numbers, found.groups()[-1])
    return path


def _resnet(rest: str) -> str:
    return _RESNET_LAYERS.get(rest, rest)


def _up_sampler(unet: nn.Module, per_level: int, numbers: Sequence[int], rest: str) -> str:
    level = numbers[0]
    has_attention = hasattr(unet.up_blocks[level], "attentions")
    return f"output_blocks.{(level + 1) * per_level - 1}.{1 + has_attention}.{rest}"


PathMapping = Callable[[nn.Module, int, Sequence[int], str], str]
_BLOCKS: Final[Sequence[tuple[str, PathMapping]]] = (
    (
        r"down_blocks\.(\d+)\.resnets\.(\d+)\.(.+)",
        lambda _unet, per, n, rest: f"input_blocks.{1 + n[0] * per + n[1]}.0.{_resnet(rest)}",
    ),
    (
        r"down_blocks\.(\d+)\.attentions\.(\d+)\.(.+)",
        lambda _unet, per, n, rest: f"input_blocks.{1 + n[0] * per + n[1]}.1.{rest}",
    ),
    (
        r"down_blocks\.(\d+)\.downsamplers\.0\.(conv)",
        lambda _unet, per, n, _rest: f"input_blocks.{(n[0] + 1) * per}.0.op",
    ),
    (
        r"mid_block\.resnets\.(\d+)\.(.+)",
        lambda _unet, _per, n, rest: f"middle_block.{n[0] * 2}.{_resnet(rest)}",
    ),
    (
        r"mid_block\.attentions\.(\d+)\.(.+)",
        lambda _unet, _per, n, rest: f"middle_block.{1 + n[0]}.{rest}",
    ),
    (
        r"up_blocks\.(\d+)\.resnets\.(\d+)\.(.+)",
        lambda _unet, per, n, rest: f"output_blocks.{n[0] * per + n[1]}.0.{_resnet(rest)}",
    ),
    (
        r"up_blocks\.(\d+)\.attentions\.(\d+)\.(.+)",
        lambda _unet, per, n, rest: f"output_blocks.{n[0] * per + n[1]}.1.{rest}",
    ),
    (r"up_blocks\.(\d+)\.upsamplers\.0\.(conv)", _up_sampler),
)


def _layers(model: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    for path, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            yield path, module.weight


def _kohya(path: str) -> str:
    return path.replace(".", "_")
