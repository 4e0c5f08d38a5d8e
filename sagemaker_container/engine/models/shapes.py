"""Reads a network's sizes from the shapes in its file's header, so that any width is supported.

Activations, the scaling factor and SD 1.x's head count are not in the shapes; they are the
family's conventions, in `configs/`. Source of the key layouts: CompVis' ldm, Stability's sgm and
OpenCLIP, as diffusers' loaders/single_file_utils.py maps them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from formats.models.safetensors_header import Header
from sagemaker_container.texts import models as texts

UNET_PREFIX: Final = "model.diffusion_model."
VAE_PREFIX: Final = "first_stage_model."
CONTROLNET_PREFIX: Final = "control_model."
"""Of ControlNets as they were trained; sd-webui-controlnet's extract_controlnet.py removes it."""

Config = dict[str, Any]
Shapes = Mapping[str, tuple[int, ...]]

HEAD_WIDTH: Final = 64
"""Width of a head in every text encoder, and in the UNets of SD 2.x and SDXL."""
_MOST_PARTS: Final = 128
"""Of one kind in a row: Real-ESRGAN has 67, a text encoder of SDXL 32, its transformers 10."""
_RESNET_TENSORS: Final = 8
"""Weights and biases of two norms and two convolutions, which every ResNet block has."""
_TRANSFORMER_TENSORS: Final = 20
"""Of three norms, two attentions and a feed-forward, which every transformer block has."""
_SIZE_EMBEDDING_WIDTH: Final = 256
"""Of each of SDXL's six sizes and offsets (sgm, ConcatTimestepEmbedderND)."""


def below(header: Header, prefix: str) -> Shapes:
    """The shapes of the tensors whose names have a prefix, which is removed."""
    return {
        name.removeprefix(prefix): tensor.shape
        for name, tensor in header.tensors.items()
        if name.startswith(prefix)
    }


class ShapeError(ValueError):
    """A tensor has a shape or a number that no network has; the message names it."""


def side(shapes: Shapes, name: str, axis: int) -> int:
    """How long one side of a tensor is. Raises KeyError for a missing tensor, ShapeError."""
    shape = shapes[name]
    if not -len(shape) <= axis < len(shape) or shape[axis] < 1:
        raise ShapeError(texts.odd_shape(name, shape))
    return shape[axis]


def unet(shapes: Shapes) -> Config:
    """Configuration of a `UNet2DConditionModel`. Raises KeyError, ShapeError."""
    downs = sorted(_numbers(shapes, r"input_blocks\.(\d+)\.0\.op\.weight"))
    blocks = count(shapes, r"input_blocks\.(\d+)\.")
    per_level = downs[0] if downs else blocks
    firsts = [1 + level * per_level for level in range(len(downs) + 1)]
    depths = [_depth(shapes, f"input_blocks.{first}.1") for first in firsts]
    _check_enough(shapes, per_level - 1, depths)
    to_k = "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
    return {
        "in_channels": side(shapes, "input_blocks.0.0.weight", 1),
        "out_channels": side(shapes, "out.2.weight", 0),
        "block_out_channels": [
            side(shapes, f"input_blocks.{first}.0.out_layers.3.weight", 0) for first in firsts
        ],
        "layers_per_block": per_level - 1,
        "cross_attention_dim": side(shapes, to_k, 1),
        "use_linear_projection": len(shapes["middle_block.1.proj_in.weight"]) == 2,
        "transformer_layers_per_block": [max(1, depth) for depth in depths],
        "down_block_types": ["CrossAttnDownBlock2D" if d else "DownBlock2D" for d in depths],
        "up_block_types": ["CrossAttnUpBlock2D" if d else "UpBlock2D" for d in reversed(depths)],
        **_added_conditions(shapes),
    }


def heads(widths: Iterable[int]) -> list[int]:
    """Attention heads of each level if all heads have one width: SD 2.x and SDXL."""
    return [max(1, width // HEAD_WIDTH) for width in widths]


def _depth(shapes: Shapes, name: str) -> int:
    """Transformer blocks of one attention layer; 0 if it doesn't exist."""
    return count(shapes, re.escape(name) + r"\.transformer_blocks\.(\d+)\.")


def _added_conditions(shapes: Shapes, entry: str = "label_emb.0.0.weight") -> Config:
    """The embedding of SDXL's pooled prompt and sizes."""
    if entry not in shapes:
        return {}
    return {
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": _SIZE_EMBEDDING_WIDTH,
        "projection_class_embeddings_input_dim": side(shapes, entry, 1),
    }


def vae(shapes: Shapes) -> Config:
    """Configuration of an `AutoencoderKL`, in ldm's layout or diffusers'.

    Raises KeyError naming a missing tensor, ShapeError.
    """
    is_diffusers = any(name.startswith("encoder.down_blocks.") for name in shapes)
    levels, layers = ("down_blocks", "resnets") if is_diffusers else ("down", "block")
    level_count = count(shapes, rf"encoder\.{levels}\.(\d+)\.")
    per_level = count(shapes, rf"encoder\.{levels}\.0\.{layers}\.(\d+)\.")
    _check_enough(shapes, per_level, [0] * level_count)
    first_conv = f"encoder.{levels}.{{}}.{layers}.0.conv1.weight"
    return {
        "latent_channels": side(shapes, "decoder.conv_in.weight", 1),
        "use_quant_conv": "quant_conv.weight" in shapes,
        "use_post_quant_conv": "post_quant_conv.weight" in shapes,
        "block_out_channels": [
            side(shapes, first_conv.format(level), 0) for level in range(level_count)
        ],
        "layers_per_block": per_level,
        "down_block_types": ["DownEncoderBlock2D"] * level_count,
        "up_block_types": ["UpDecoderBlock2D"] * level_count,
    }


def text_encoder(shapes: Shapes) -> Config:
    """Configuration of CLIP in transformers' layout. Raises KeyError, ShapeError."""
    vocabulary, width = (side(shapes, "embeddings.token_embedding.weight", i) for i in (0, 1))
    return {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "projection_dim": width,
        "intermediate_size": side(shapes, "encoder.layers.0.mlp.fc1.weight", 0),
        "num_hidden_layers": count(shapes, r"encoder\.layers\.(\d+)\."),
        "num_attention_heads": max(1, width // HEAD_WIDTH),
        "max_position_embeddings": side(shapes, "embeddings.position_embedding.weight", 0),
    }


def open_clip(shapes: Shapes) -> Config:
    """Configuration of OpenCLIP's text encoder. Raises KeyError, ShapeError."""
    vocabulary, width = (side(shapes, "token_embedding.weight", i) for i in (0, 1))
    return {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "projection_dim": width,
        "intermediate_size": side(shapes, "transformer.resblocks.0.mlp.c_fc.weight", 0),
        "num_hidden_layers": count(shapes, r"transformer\.resblocks\.(\d+)\."),
        "num_attention_heads": max(1, width // HEAD_WIDTH),
        "max_position_embeddings": side(shapes, "positional_embedding", 0),
    }


def controlnet(shapes: Shapes) -> Config:
    """Configuration of a `ControlNetModel` in the layout of ldm or diffusers, without a prefix.

    Raises KeyError naming a missing tensor, ShapeError.
    """
    if "controlnet_cond_embedding.conv_in.weight" in shapes:
        return _diffusers_controlnet(shapes)
    hints = [f"input_hint_block.{i}.weight" for i in (0, 4, 8, 12)]
    out = {"out.2.weight": (1,)}  # of the decoder, which a ControlNet doesn't have
    found = unet({**shapes, **out})
    del found["out_channels"], found["up_block_types"]
    return found | {
        "conditioning_embedding_out_channels": [side(shapes, name, 0) for name in hints]
    }


def _diffusers_controlnet(shapes: Shapes) -> Config:
    levels = range(count(shapes, r"down_blocks\.(\d+)\."))
    depths = [_depth(shapes, f"down_blocks.{level}.attentions.0") for level in levels]
    per_level = count(shapes, r"down_blocks\.0\.resnets\.(\d+)\.")
    _check_enough(shapes, per_level, depths)
    middle = "mid_block.attentions.0"
    keys = [name for name in shapes if name.endswith("attn2.to_k.weight")]
    projections = [name for name in shapes if name.endswith(".proj_in.weight")]
    hint = "controlnet_cond_embedding"
    hints = [f"{hint}.conv_in.weight", *(f"{hint}.blocks.{i}.weight" for i in (1, 3, 5))]
    return {
        "in_channels": side(shapes, "conv_in.weight", 1),
        "block_out_channels": [
            side(shapes, f"down_blocks.{level}.resnets.0.conv2.weight", 0) for level in levels
        ],
        "layers_per_block": per_level,
        # Small ones for SDXL have no cross-attention.
        **({"cross_attention_dim": side(shapes, keys[0], 1)} if keys else {}),
        "use_linear_projection": bool(projections) and len(shapes[projections[0]]) == 2,
        "transformer_layers_per_block": [max(1, depth) for depth in depths],
        "down_block_types": ["CrossAttnDownBlock2D" if d else "DownBlock2D" for d in depths],
        "mid_block_type": "UNetMidBlock2DCrossAttn" if _depth(shapes, middle) else "UNetMidBlock2D",
        **_added_conditions(shapes, "add_embedding.linear_1.weight"),
        "conditioning_embedding_out_channels": [side(shapes, name, 0) for name in hints],
    }


def _check_enough(shapes: Shapes, per_level: int, depths: Sequence[int]) -> None:
    """Raises ShapeError for fewer tensors than the blocks have that the numbers in names speak of.

    `depths` are the transformer blocks of each level's attention. A network is made from its
    numbers before its tensors are looked up, in a time and memory that these bound.
    """
    wanted = per_level * sum(_RESNET_TENSORS + _TRANSFORMER_TENSORS * depth for depth in depths)
    if wanted > len(shapes):
        raise ShapeError(texts.too_few_tensors(len(shapes), wanted))


def _numbers(names: Iterable[str], pattern: str) -> set[int]:
    """The numbers in the names that match. Raises ShapeError for one that no network has."""
    numbers = set()
    for name in names:
        if found := re.match(pattern, name):
            if len(found[1]) > len(str(_MOST_PARTS)) or int(found[1]) >= _MOST_PARTS:
                raise ShapeError(texts.odd_number(name))
            numbers.add(int(found[1]))
    return numbers


def count(names: Iterable[str], pattern: str) -> int:
    """How many parts there are that are numbered from 0, by the number in the names that match.

    Raises ShapeError for a number that no network has.
    """
    return 1 + max(_numbers(names, pattern), default=-1)
