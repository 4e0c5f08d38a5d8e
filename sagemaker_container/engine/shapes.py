"""Reads a model's configuration from the shapes in its header: any widths, no side-car file.

Only head counts, activations and the scaling factor are not in the shapes; those are the family's
conventions and come from `configs/`. Source of the key layout: CompVis' ldm and Stability's sgm,
as diffusers' loaders/single_file_utils.py maps it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from formats.safetensors_header import Header

UNET: Final = "model.diffusion_model."
VAE: Final = "first_stage_model."
TEXT: Final = "cond_stage_model.transformer.text_model."

Config = dict[str, Any]
Shapes = Mapping[str, tuple[int, ...]]

_CLIP_HEAD: Final = 64
"""Width of a head in every CLIP text encoder that SD uses."""


def below(header: Header, prefix: str) -> Shapes:
    """The shapes of the tensors below a prefix, which is taken off their names."""
    return {
        name.removeprefix(prefix): tensor.shape
        for name, tensor in header.tensors.items()
        if name.startswith(prefix)
    }


def unet(shapes: Shapes) -> Config:
    """Configuration of a `UNet2DConditionModel`. Raises KeyError naming a missing tensor."""
    downs = sorted(_numbers(shapes, r"input_blocks\.(\d+)\.0\.op\.weight"))
    blocks = 1 + max(_numbers(shapes, r"input_blocks\.(\d+)\."), default=0)
    per_level = downs[0] if downs else blocks
    firsts = [1 + level * per_level for level in range(len(downs) + 1)]
    widths = [shapes[f"input_blocks.{first}.0.out_layers.3.weight"][0] for first in firsts]
    reads = [f"input_blocks.{first}.1.proj_in.weight" in shapes for first in firsts]
    to_k = "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
    return {
        "in_channels": shapes["input_blocks.0.0.weight"][1],
        "out_channels": shapes["out.2.weight"][0],
        "block_out_channels": widths,
        "layers_per_block": per_level - 1,
        "cross_attention_dim": shapes[to_k][1],
        "use_linear_projection": len(shapes["middle_block.1.proj_in.weight"]) == 2,
        "down_block_types": ["CrossAttnDownBlock2D" if r else "DownBlock2D" for r in reads],
        "up_block_types": ["CrossAttnUpBlock2D" if r else "UpBlock2D" for r in reversed(reads)],
    }


def vae(shapes: Shapes) -> Config:
    """Configuration of an `AutoencoderKL`. Raises KeyError naming a tensor that is missing."""
    levels = 1 + max(_numbers(shapes, r"encoder\.down\.(\d+)\."), default=0)
    layers = 1 + max(_numbers(shapes, r"encoder\.down\.0\.block\.(\d+)\."), default=0)
    first_conv = "encoder.down.{}.block.0.conv1.weight"
    return {
        "latent_channels": shapes["post_quant_conv.weight"][0],
        "block_out_channels": [shapes[first_conv.format(level)][0] for level in range(levels)],
        "layers_per_block": layers,
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
    }


def text_encoder(shapes: Shapes) -> Config:
    """Configuration of a `CLIPTextModel`. Raises KeyError naming a tensor that is missing."""
    vocabulary, width = shapes["embeddings.token_embedding.weight"]
    layers = 1 + max(_numbers(shapes, r"encoder\.layers\.(\d+)\."), default=0)
    return {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "projection_dim": width,
        "intermediate_size": shapes["encoder.layers.0.mlp.fc1.weight"][0],
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, width // _CLIP_HEAD),
        "max_position_embeddings": shapes["embeddings.position_embedding.weight"][0],
    }


def hint_widths(shapes: Shapes) -> list[int]:
    """Widths of the four stages of a ControlNet's hint encoder, in either key layout."""
    if "controlnet_cond_embedding.conv_in.weight" in shapes:
        later = [f"controlnet_cond_embedding.blocks.{i}.weight" for i in (1, 3, 5)]
        names = ["controlnet_cond_embedding.conv_in.weight", *later]
    else:
        names = [f"input_hint_block.{i}.weight" for i in (0, 4, 8, 12)]
    return [shapes[name][0] for name in names]


def _numbers(names: Iterable[str], pattern: str) -> set[int]:
    return {int(found[1]) for name in names if (found := re.match(pattern, name))}
