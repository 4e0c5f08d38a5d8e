"""Loads a checkpoint's text encoders: CLIP in transformers' key layout, or OpenCLIP in its own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from accelerate import init_empty_weights
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from formats.generation.result import ErrorCode
from formats.models.kinds import Family
from formats.models.safetensors_header import Header
from sagemaker_container.engine.models import shapes
from sagemaker_container.engine.models.model_config import packaged_config
from sagemaker_container.errors import JobError
from sagemaker_container.texts import models as texts

Tensors = Mapping[str, torch.Tensor]

_END_TOKEN: Final = 49407
"""CLIP's end token; its own padding too."""
_OPEN_CLIP_NAMES: Final = (
    ("transformer.resblocks.", "encoder.layers."),
    ("token_embedding.", "embeddings.token_embedding."),
    ("positional_embedding", "embeddings.position_embedding.weight"),
    ("ln_final.", "final_layer_norm."),
    (".attn.", ".self_attn."),
    (".ln_1.", ".layer_norm1."),
    (".ln_2.", ".layer_norm2."),
    (".mlp.c_fc.", ".mlp.fc1."),
    (".mlp.c_proj.", ".mlp.fc2."),
)


def check_clip_skip(clip_skip: int, layers: int) -> None:
    """Raises JobError(BAD_REQUEST) if a text encoder has fewer layers than that."""
    if clip_skip > layers:
        message = texts.text_encoder_layers(layers)
        raise JobError(ErrorCode.BAD_REQUEST, message, "clip_skip")


@dataclass(frozen=True)
class TextEncoderLayout:
    """Where a family's files have a text encoder, and how the family uses it."""

    config_name: str
    prefixes: tuple[str, ...]
    """Prefixes of its tensors; a file has one of them."""
    options: Mapping[str, Any]
    """Arguments of `checkpoint.TextEncoder`."""
    is_open_clip: bool = False
    drops_last_layer: bool = False
    """SD 2.x was trained on the last layer but one, so the last one is never computed."""
    has_projection: bool = False

    def prefix(self, header: Header) -> str:
        """The prefix that the file has; the first one if it has none."""
        found = (p for p in self.prefixes if any(n.startswith(p) for n in header.tensors))
        return next(found, self.prefixes[0])


_SDXL_OPTIONS: Final = {"layer": 2, "final_norm": False, "uses_clip_skip": False}
TEXT_ENCODERS: Final = {
    Family.SD1: (
        TextEncoderLayout(
            "text_encoder",
            # The second is that of merged checkpoints saved with an old transformers.
            ("cond_stage_model.transformer.text_model.", "cond_stage_model.transformer."),
            {"pad_id": _END_TOKEN},
        ),
    ),
    Family.SD2: (
        TextEncoderLayout(
            "text_encoder",
            # The second is SD Turbo's, an SD 2.x in SDXL's layout.
            ("cond_stage_model.model.", "conditioner.embedders.0.model."),
            {"pad_id": 0, "uses_clip_skip": False},
            is_open_clip=True,
            drops_last_layer=True,
        ),
    ),
    Family.SDXL: (
        TextEncoderLayout(
            "text_encoder",
            ("conditioner.embedders.0.transformer.text_model.",),
            {"pad_id": _END_TOKEN, **_SDXL_OPTIONS},
        ),
        TextEncoderLayout(
            "text_encoder_2",
            ("conditioner.embedders.1.model.",),
            {"pad_id": 0, **_SDXL_OPTIONS},
            is_open_clip=True,
            has_projection=True,
        ),
    ),
}


def load_text_encoder(
    layout: TextEncoderLayout, family: Family, header: Header, tensors: Tensors, dtype: torch.dtype
) -> CLIPTextModel | CLIPTextModelWithProjection:
    """A text encoder with the file's weights, all of one type.

    Raises KeyError naming a missing tensor, RuntimeError for one of another size.
    """
    prefix = layout.prefix(header)
    config = CLIPTextConfig(
        **packaged_config(family, layout.config_name) | _config(layout, header, prefix)
    )
    with init_empty_weights():
        model = (CLIPTextModelWithProjection if layout.has_projection else CLIPTextModel)(config)
    own = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
    state = dict(_from_open_clip(own) if layout.is_open_clip else own.items())
    if layout.has_projection:
        state = {_below_text_model(name): tensor for name, tensor in state.items()}
    # Assigned, not copied: a tensor that has the right type stays mapped from the file.
    model.load_state_dict({name: state[name].to(dtype) for name in model.state_dict()}, assign=True)
    return model


def _config(layout: TextEncoderLayout, header: Header, prefix: str) -> shapes.Config:
    found = shapes.below(header, prefix)
    config = shapes.open_clip(found) if layout.is_open_clip else shapes.text_encoder(found)
    # Encoders have an even number of layers; if it is odd, the exporter left the last one out.
    if layout.drops_last_layer and config["num_hidden_layers"] % 2 == 0:
        config["num_hidden_layers"] -= 1
    return config


def _from_open_clip(tensors: Tensors) -> Iterator[tuple[str, torch.Tensor]]:
    """Rename to transformers' layout, and split the fused query, key and value matrices."""
    for name, tensor in tensors.items():
        fused = re.fullmatch(r"(.+)\.in_proj_(weight|bias)", name)
        if fused:
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                yield _rename(f"{fused[1]}.{part}_proj.{fused[2]}"), piece
        elif name == "text_projection":  # transposed in transformers
            yield "text_projection.weight", tensor.T.contiguous()
        else:
            yield _rename(name), tensor


def _rename(name: str) -> str:
    for theirs, ours in _OPEN_CLIP_NAMES:
        name = name.replace(theirs, ours)
    return name


def _below_text_model(name: str) -> str:
    return name if name.startswith("text_projection") else f"text_model.{name}"
