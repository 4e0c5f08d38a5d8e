"""Names tensors as A1111's single files do: from diffusers' keys to the latent-diffusion layout.

The reverse of diffusers' `single_file_utils.py`, for any number of levels and blocks.
"""

import re
from collections.abc import Mapping
from typing import Final

from torch import Tensor

Tensors = Mapping[str, Tensor]

_TOP: Final = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_RESNET: Final = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_VAE_ATTENTION: Final = {
    "group_norm": "norm",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
}


def unet(tensors: Tensors, blocks: int) -> dict[str, Tensor]:
    """A UNet's tensors; `blocks` is its layers_per_block."""
    attentive = {m[1] for m in (re.match(r"up_blocks\.(\d+)\.attentions", k) for k in tensors) if m}
    return {_unet_key(key, blocks, attentive): value for key, value in tensors.items()}


def _unet_key(key: str, blocks: int, attentive: set[str]) -> str:
    for ours, theirs in _TOP.items():
        if key.startswith(ours + "."):
            return theirs + key.removeprefix(ours)
    side, *rest = key.split(".", 1)
    if side == "mid_block":
        return _middle_key(rest[0])
    level, kind, index, tail = rest[0].split(".", 3)
    name = _resnet(tail) if kind == "resnets" else tail
    place = 0 if kind == "resnets" else 1
    if side == "down_blocks":
        if kind == "downsamplers":
            return (
                f"input_blocks.{(int(level) + 1) * (blocks + 1)}.0.op.{tail.removeprefix('conv.')}"
            )
        return f"input_blocks.{int(level) * (blocks + 1) + int(index) + 1}.{place}.{name}"
    if kind == "upsamplers":
        place = 2 if level in attentive else 1
        return f"output_blocks.{int(level) * (blocks + 1) + blocks}.{place}.{tail}"
    return f"output_blocks.{int(level) * (blocks + 1) + int(index)}.{place}.{name}"


def _middle_key(rest: str) -> str:
    kind, index, tail = rest.split(".", 2)
    if kind == "attentions":
        return f"middle_block.1.{tail}"
    return f"middle_block.{2 * int(index)}.{_resnet(tail)}"


def _resnet(tail: str) -> str:
    head, rest = tail.split(".", 1)
    return f"{_RESNET[head]}.{rest}"


def controlnet(tensors: Tensors, blocks: int) -> dict[str, Tensor]:
    """A ControlNet's tensors, under `control_model.`."""
    extra = {k: v for k, v in tensors.items() if k.startswith("controlnet_")}
    named = unet({k: v for k, v in tensors.items() if k not in extra}, blocks)
    hints = [
        int(m[1])
        for m in (re.match(r"controlnet_cond_embedding\.blocks\.(\d+)", k) for k in extra)
        if m
    ]
    named |= {_control_key(key, 2 * (max(hints) + 2)): value for key, value in extra.items()}
    return {f"control_model.{key}": value for key, value in named.items()}


def _control_key(key: str, last_hint: int) -> str:
    name, tail = key.rsplit(".", 1)
    if match := re.match(r"controlnet_down_blocks\.(\d+)$", name):
        return f"zero_convs.{match[1]}.0.{tail}"
    if name == "controlnet_mid_block":
        return f"middle_block_out.0.{tail}"
    part = name.removeprefix("controlnet_cond_embedding.")
    if part == "conv_in":
        return f"input_hint_block.0.{tail}"
    if part == "conv_out":
        return f"input_hint_block.{last_hint}.{tail}"
    return f"input_hint_block.{2 * (int(part.rsplit('.', 1)[1]) + 1)}.{tail}"


def vae(tensors: Tensors, levels: int) -> dict[str, Tensor]:
    """An autoencoder's tensors, without prefix."""
    return dict(_vae_item(key, value, levels) for key, value in tensors.items())


def _vae_item(key: str, value: Tensor, levels: int) -> tuple[str, Tensor]:
    def up(match: re.Match[str]) -> str:
        return f"decoder.up.{levels - 1 - int(match[1])}"

    name = re.sub(r"encoder\.down_blocks\.(\d+)", r"encoder.down.\1", key)
    name = re.sub(r"decoder\.up_blocks\.(\d+)", up, name)
    name = re.sub(r"((?:down|up)\.\d+)\.resnets", r"\1.block", name)
    name = re.sub(r"(down|up)samplers\.0", r"\1sample", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    if "mid_block.attentions.0" in name:
        side, _, tail = name.partition(".mid_block.attentions.0.")
        layer, kind = tail.rsplit(".", 1)
        name = f"{side}.mid.attn_1.{_VAE_ATTENTION[layer]}.{kind}"
        value = value[:, :, None, None] if value.ndim == 2 else value
    return name, value


def checkpoint(parts: Mapping[str, Tensors], blocks: int, levels: int) -> dict[str, Tensor]:
    """One file of `unet`, `vae` and `text`, as SD1's are."""
    out = {f"model.diffusion_model.{k}": v for k, v in unet(parts["unet"], blocks).items()}
    out |= {f"first_stage_model.{k}": v for k, v in vae(parts["vae"], levels).items()}
    for key, value in parts["text"].items():
        name = key.removeprefix("text_model.")
        out[f"cond_stage_model.transformer.text_model.{name}"] = value
    return out
