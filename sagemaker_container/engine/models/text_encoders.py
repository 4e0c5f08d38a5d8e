"""Loads a checkpoint's text encoders: CLIP in transformers' names, or OpenCLIP in its own."""

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
from sagemaker_container.engine.models.model_config import packaged
from sagemaker_container.errors import JobError

Tensors = Mapping[str, torch.Tensor]

_END: Final = 49407
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
    """Raises JobError(BAD_REQUEST) for more than a text encoder has."""
    if clip_skip > layers:
        message = f"This checkpoint's text encoder has {layers} layers."
        raise JobError(ErrorCode.BAD_REQUEST, message, "clip_skip")


@dataclass(frozen=True)
class Source:
    """Where a family's file keeps a text encoder, and how its family reads it."""

    part: str
    prefixes: tuple[str, ...]
    """The first one that the file has counts."""
    reading: Mapping[str, Any]
    """Arguments of `checkpoint.TextEncoder`."""
    is_open_clip: bool = False
    drops_last_layer: bool = False
    """SD 2.x was trained on the last layer but one, so the last one is never computed."""
    projects: bool = False

    def prefix(self, header: Header) -> str:
        """Which prefix the file has; the first where it has none."""
        found = (p for p in self.prefixes if any(n.startswith(p) for n in header.tensors))
        return next(found, self.prefixes[0])


_RAW: Final = {"layer": 2, "final_norm": False, "takes_clip_skip": False}
SOURCES: Final = {
    Family.SD1: (
        Source(
            "text_encoder",
            # The second is that of merges which an old transformers wrote.
            ("cond_stage_model.transformer.text_model.", "cond_stage_model.transformer."),
            {"pad_id": _END},
        ),
    ),
    Family.SD2: (
        Source(
            "text_encoder",
            # The second is SD Turbo's, which is an SD 2.x in the layout of SDXL.
            ("cond_stage_model.model.", "conditioner.embedders.0.model."),
            {"pad_id": 0, "takes_clip_skip": False},
            is_open_clip=True,
            drops_last_layer=True,
        ),
    ),
    Family.SDXL: (
        Source(
            "text_encoder",
            ("conditioner.embedders.0.transformer.text_model.",),
            {"pad_id": _END, **_RAW},
        ),
        Source(
            "text_encoder_2",
            ("conditioner.embedders.1.model.",),
            {"pad_id": 0, **_RAW},
            is_open_clip=True,
            projects=True,
        ),
    ),
}


def load_text_encoder(
    source: Source, family: Family, header: Header, tensors: Tensors, dtype: torch.dtype
) -> CLIPTextModel | CLIPTextModelWithProjection:
    """One text encoder with the file's weights, all of one type.

    Raises KeyError naming a missing tensor, RuntimeError for one of another size.
    """
    prefix = source.prefix(header)
    config = CLIPTextConfig(**packaged(family, source.part) | _config(source, header, prefix))
    with init_empty_weights():
        model = (CLIPTextModelWithProjection if source.projects else CLIPTextModel)(config)
    mine = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
    state = dict(_from_open_clip(mine) if source.is_open_clip else mine.items())
    if source.projects:
        state = {_below_text_model(name): tensor for name, tensor in state.items()}
    # Assigned, not copied: a tensor of the right type stays where it is mapped from the file.
    model.load_state_dict({name: state[name].to(dtype) for name in model.state_dict()}, assign=True)
    return model


def _config(source: Source, header: Header, prefix: str) -> shapes.Config:
    found = shapes.below(header, prefix)
    config = shapes.open_clip(found) if source.is_open_clip else shapes.text_encoder(found)
    # Encoders have an even number of layers; where it is odd, an exporter left the last one out.
    if source.drops_last_layer and config["num_hidden_layers"] % 2 == 0:
        config["num_hidden_layers"] -= 1
    return config


def _from_open_clip(tensors: Tensors) -> Iterator[tuple[str, torch.Tensor]]:
    """The same in transformers' names; one matrix for queries, keys and values becomes three."""
    for name, tensor in tensors.items():
        fused = re.fullmatch(r"(.+)\.in_proj_(weight|bias)", name)
        if fused:
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                yield _renamed(f"{fused[1]}.{part}_proj.{fused[2]}"), piece
        elif name == "text_projection":  # multiplied from the other side
            yield "text_projection.weight", tensor.T.contiguous()
        else:
            yield _renamed(name), tensor


def _renamed(name: str) -> str:
    for theirs, ours in _OPEN_CLIP_NAMES:
        name = name.replace(theirs, ours)
    return name


def _below_text_model(name: str) -> str:
    return name if name.startswith("text_projection") else f"text_model.{name}"
