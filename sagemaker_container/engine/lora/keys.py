"""The keys of a checkpoint's weights and biases in LoRA files: kohya's, diffusers', Stability's.

kohya's keys are a layer's path with underscores for dots. SDXL's files use either diffusers' or
Stability's paths (`input_blocks_4_1_...`). Source: ComfyUI comfy/lora.py, model_lora_keys_clip and
model_lora_keys_unet.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import torch
from torch import nn

from formats.models.lora_names import BIAS

_FIRST_ENCODER: Final = ("text_encoder.", "lora_te_", "lora_te1_", "clip_l.")
_SECOND_ENCODER: Final = ("text_encoder_2.", "lora_te2_", "clip_g.")
_COMFYUI_ENCODERS: Final = (("clip_l", "clip_h"), ("clip_g",))
"""ComfyUI's names of the first text encoder, which is CLIP's or SD 2's, and of SDXL's second."""
TEXT_ENCODER_PREFIXES: Final = ("lora_te", "text_encoder", "clip_")
"""What all keys of text encoders begin with."""

_RESNET_LAYERS: Final = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_SINGLE_LAYERS: Final = {
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}


def unet_keys(unet: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Every key of each weight and bias of a `UNet2DConditionModel`."""
    for path, module in _layers(unet):
        for known in dict.fromkeys((path, stability_path(path, unet))):
            yield from _tensors(f"lora_unet_{_kohya(known)}", module)
            yield from _tensors(f"unet.{known}", module)
            yield from _tensors(f"diffusion_model.{known}", module)


def text_encoder_keys(encoders: Sequence[nn.Module]) -> Iterator[tuple[str, torch.Tensor]]:
    """Every key of each weight and bias of the text encoders, projections included.

    Since transformers 5.6 a layer's path lacks the `text_model` that most keys have.
    """
    prefixes = zip(encoders, (_FIRST_ENCODER, _SECOND_ENCODER), _COMFYUI_ENCODERS, strict=False)
    for encoder, own, theirs in prefixes:
        comfy = [f"text_encoders.{name}.{way}" for name in theirs for way in ("transformer.", "")]
        for path, module in _layers(encoder):
            plain = path.removeprefix("text_model.")
            for known in (plain, f"text_model.{plain}"):
                for prefix in (*own, *comfy):
                    is_kohya = prefix.endswith("_")
                    yield from _tensors(prefix + (_kohya(known) if is_kohya else known), module)


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


def _layers(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The modules that have a weight of their own, norms and embeddings included."""
    for path, module in model.named_modules():
        if isinstance(getattr(module, "weight", None), torch.Tensor):
            yield path, module


def _tensors(key: str, module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield key, module.weight
    if isinstance(getattr(module, "bias", None), torch.Tensor):
        yield key + BIAS, module.bias


def _kohya(path: str) -> str:
    return path.replace(".", "_")
