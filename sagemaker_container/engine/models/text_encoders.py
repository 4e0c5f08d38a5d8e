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
_TOKENS: Final = "token_embedding.weight"
"""Ends the name of the tensor that every text encoder has."""
_CLIP_EMBEDDINGS: Final = "embeddings."
"""Precedes it in CLIP's layout."""
_PROJECTIONS: Final = ("text_projection", "text_projection.weight")
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
class TextEncoderNames:
    """How a file names the tensors of one of its text encoders."""

    prefix: str
    is_open_clip: bool
    projection: str | None
    """The tensor that the pooled output is multiplied by."""

    @property
    def has_linear_projection(self) -> bool:
        """Whether the projection is a linear layer's; OpenCLIP's is transposed."""
        return self.projection is not None and self.projection.endswith(".weight")


@dataclass(frozen=True)
class TextEncoderLayout:
    """Where a family's files have a text encoder, and how the family uses it."""

    config_name: str
    roots: tuple[str, ...]
    """Beginnings of its tensors' names. Exporters put `model.`, `transformer.` or `text_model.`
    after them, or nothing."""
    options: Mapping[str, Any]
    """Arguments of `checkpoint.TextEncoder`."""
    drops_last_layer: bool = False
    """SD 2.x was trained on the last layer but one, so the last one is never computed."""
    has_projection: bool = False

    def names(self, header: Header) -> TextEncoderNames:
        """The file's names; OpenCLIP's layout is told from CLIP's by those. Raises KeyError."""
        below = [name for name in header.tensors if name.startswith(self.roots)]
        projection = next((n for n in below if n.endswith(_PROJECTIONS)), None)
        prefixes = [name.removesuffix(_TOKENS) for name in below if name.endswith(_TOKENS)]
        if not prefixes:
            raise KeyError(f"{self.roots[0]}{_TOKENS}")
        prefix = max(prefixes, key=len)  # some merged files have the tensors twice
        is_open_clip = not prefix.endswith(_CLIP_EMBEDDINGS)
        return TextEncoderNames(prefix.removesuffix(_CLIP_EMBEDDINGS), is_open_clip, projection)

    def config(self, header: Header) -> shapes.Config:
        """The sizes of the file's text encoder. Raises KeyError, ShapeError."""
        names = self.names(header)
        found = shapes.below(header, names.prefix)
        config = shapes.open_clip(found) if names.is_open_clip else shapes.text_encoder(found)
        # An even number of layers is the whole; if it is odd, the exporter left the last one out.
        if self.drops_last_layer and config["num_hidden_layers"] % 2 == 0:
            config["num_hidden_layers"] -= 1
        if self.has_projection and names.projection:
            axis = 0 if names.has_linear_projection else 1
            config["projection_dim"] = shapes.side(shapes.below(header, ""), names.projection, axis)
        return config


_SDXL_OPTIONS: Final = {"layer": 2, "final_norm": False, "uses_clip_skip": False}
_FIRST_ROOTS: Final = ("cond_stage_model.", "conditioner.embedders.0.")
"""Of a single text encoder: the second is SD Turbo's, an SD 2.x in SDXL's layout."""
TEXT_ENCODERS: Final = {
    Family.SD1: (TextEncoderLayout("text_encoder", _FIRST_ROOTS, {"pad_id": _END_TOKEN}),),
    Family.SD2: (
        TextEncoderLayout(
            "text_encoder",
            _FIRST_ROOTS,
            {"pad_id": 0, "uses_clip_skip": False},
            drops_last_layer=True,
        ),
    ),
    Family.SDXL: (
        TextEncoderLayout(
            "text_encoder",
            ("conditioner.embedders.0.",),
            {"pad_id": _END_TOKEN, **_SDXL_OPTIONS},
        ),
        TextEncoderLayout(
            "text_encoder_2",
            ("conditioner.embedders.1.",),
            {"pad_id": 0, **_SDXL_OPTIONS},
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
    config = CLIPTextConfig(**packaged_config(family, layout.config_name) | layout.config(header))
    with init_empty_weights():
        model = (CLIPTextModelWithProjection if layout.has_projection else CLIPTextModel)(config)
    state = _state(layout, layout.names(header), tensors)
    # Assigned, not copied: a tensor that has the right type stays mapped from the file.
    model.load_state_dict({name: state[name].to(dtype) for name in model.state_dict()}, assign=True)
    return model


def _state(layout: TextEncoderLayout, names: TextEncoderNames, tensors: Tensors) -> Tensors:
    """The file's tensors by their names in transformers."""
    own = {
        n.removeprefix(names.prefix): t for n, t in tensors.items() if n.startswith(names.prefix)
    }
    state = dict(_from_open_clip(own)) if names.is_open_clip else own
    if not layout.has_projection:
        return state
    state = {f"text_model.{name}": tensor for name, tensor in state.items()}
    if names.projection:
        projection = tensors[names.projection]
        is_linear = names.has_linear_projection
        state["text_projection.weight"] = projection if is_linear else projection.T.contiguous()
    return state


def _from_open_clip(tensors: Tensors) -> Iterator[tuple[str, torch.Tensor]]:
    """Rename to transformers' layout, and split the fused query, key and value matrices."""
    for name, tensor in tensors.items():
        fused = re.fullmatch(r"(.+)\.in_proj_(weight|bias)", name)
        if fused:
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                yield _rename(f"{fused[1]}.{part}_proj.{fused[2]}"), piece
        else:
            yield _rename(name), tensor


def _rename(name: str) -> str:
    for theirs, ours in _OPEN_CLIP_NAMES:
        name = name.replace(theirs, ours)
    return name
