"""Detects a model file's kind and family from its safetensors header, never from its name.

Widths decide the family; where they leave it open, the names of the layers do, and then metadata.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from formats.frozen import Frozen
from formats.models.kinds import Family, ModelKind
from formats.models.lora_names import is_lora, split_name
from formats.models.prediction import Prediction, read_prediction
from formats.models.safetensors_header import Header, TensorInfo
from formats.models.unsupported import UNET, unsupported_form, unsupported_kind

_FAMILY_OF_WIDTH: Final = {768: Family.SD1, 1024: Family.SD2, 2048: Family.SDXL}
"""Family by the width of the text encoding, cross-attention's input."""
_FAMILY_OF_TEXT_WIDTH: Final = {1024: Family.SD2, 1280: Family.SDXL}
"""Family by a text encoder's width; SD 1 and SDXL have one of 768 alike."""

_TEXT_LAYOUTS: Final = {
    "conditioner.embedders.": Family.SDXL,
    "cond_stage_model.model.": Family.SD2,
    "cond_stage_model.transformer.": Family.SD1,
    "cond_stage_model.": Family.SD1,
}
_CONTROLNET: Final = ("input_hint_block.", "control_model.", "controlnet_cond_embedding.")
_CONTROL_LORA: Final = "lora_controlnet"
_CROSS_ATTENTION: Final = re.compile(r"(?>.*?attn2[._]).*to_[kv]")
_TEXT_INPUT: Final = re.compile(r"(?:lora_te|text_encoder|clip_).*(?:[qkv]_proj|fc1)")
_SDXL_LAYER: Final = re.compile(
    r"(?:lora_te2_|text_encoder_2\.|clip_g\.|text_encoders\.clip_g\.)|.*(?:label_emb|add_embedding)"
)
"""Layers that SDXL alone has: its second text encoder's, and its sizes' embedding."""
_SHARED_TEXT_WIDTH: Final = 768
_LORA_NAMES: Final = {"lora_te1_": Family.SDXL, "lora_te_": Family.SD1}
"""kohya's prefixes of a first text encoder of that width: with and without a second one."""
_INPUT_PARTS: Final = ("down", "hada_w1_b", "diff")
"""Parts of a LoRA whose second dimension is the layer's input."""
_KRONECKER_PARTS: Final = (("lokr_w1", "lokr_w1_b"), ("lokr_w2", "lokr_w2_b"))
"""Parts of LoKr whose second dimensions multiply to it; of each pair there is one."""
SDXL_EMBEDDINGS: Final = (("clip_l", "clip_g"), ("text_encoders_0", "text_encoders_1"))
"""A textual inversion's tensors for SDXL's two text encoders: kohya's names, and diffusers'."""
_EMBEDDINGS: Final = ({"emb_params"}, {"clip_g"}, {"clip_l"}, *map(set, SDXL_EMBEDDINGS))
_WIDTHS: Final = (768, 1024, 1280)
"""Of the text encoders' tokens; one that is named `<so>` may have any."""
_MAX_VECTORS: Final = 75
"""Tokens of one chunk of a prompt."""
VAE_PREFIXES: Final = ("first_stage_model.", "vae.", "")
"""What the names of a VAE's tensors begin with: as in a checkpoint, in a pipeline, or nothing."""
VAE_HALVES: Final = ("encoder", "decoder")
_UPSCALERS: Final = ("conv_first.weight", "model.0.weight", "body.0.weight")
_METADATA: Final = (
    ("xl", Family.SDXL),
    ("stable-diffusion-v2", Family.SD2),
    ("sd_v2", Family.SD2),
    ("stable-diffusion-v1", Family.SD1),
    ("sd_v1", Family.SD1),
)


class Classification(Frozen):
    """Kind and family of a file; `kind` is None where the header is of no known kind."""

    kind: ModelKind | None
    family: Family
    unsupported: str | None = None
    """Why no part of the container reads the file, if none does."""
    prediction: Prediction = Prediction()
    """What the file declares of its UNet."""


def classify(header: Header) -> Classification:
    """Kind and family of a file. A family that shapes and metadata leave open is UNKNOWN."""
    tensors = header.tensors
    kind = _kind(tensors)
    if kind is None:
        found = unsupported_kind(tensors)
        kind, reason = found or (None, None)
        return Classification(kind=kind, family=Family.UNKNOWN, unsupported=reason)
    family = _family(kind, header)
    reason = unsupported_form(kind, family, tensors)
    prediction = read_prediction(header, kind, family)
    return Classification(kind=kind, family=family, unsupported=reason, prediction=prediction)


def _kind(tensors: Mapping[str, TensorInfo]) -> ModelKind | None:
    checks: tuple[tuple[ModelKind, Callable[[], bool]], ...] = (
        (ModelKind.CONTROLNET, lambda: _CONTROL_LORA in tensors),
        (ModelKind.LORA, lambda: is_lora(tensors)),
        (ModelKind.CONTROLNET, lambda: _starts(tensors, _CONTROLNET)),
        (ModelKind.CHECKPOINT, lambda: _starts(tensors, (UNET,))),
        (ModelKind.EMBEDDING, lambda: set(tensors) in _EMBEDDINGS or _is_one_token(tensors)),
        (ModelKind.VAE, lambda: _is_vae(tensors)),
        (ModelKind.UPSCALER, lambda: any(name in tensors for name in _UPSCALERS)),
    )
    return next((kind for kind, is_found in checks if is_found()), None)


def _starts(names: Iterable[str], prefixes: tuple[str, ...]) -> bool:
    return any(name.startswith(prefixes) for name in names)


def _is_one_token(tensors: Mapping[str, TensorInfo]) -> bool:
    """diffusers' embedding file: nothing but the vectors of one token, under any name for it."""
    if len(tensors) != 1:
        return False
    ((name, tensor),) = tensors.items()
    vectors = math.prod(tensor.shape[:-1])
    is_row = len(tensor.shape) in (1, 2) and 1 <= vectors <= _MAX_VECTORS
    is_layer = name.rpartition(".")[2] in ("weight", "bias")
    return is_row and (name.startswith("<") or (tensor.shape[-1] in _WIDTHS and not is_layer))


def _is_vae(tensors: Mapping[str, TensorInfo]) -> bool:
    return any(
        f"{prefix}decoder.conv_in.weight" in tensors
        and f"{prefix}encoder.conv_in.weight" in tensors
        for prefix in VAE_PREFIXES
    )


def _family(kind: ModelKind, header: Header) -> Family:
    """A family that shapes, names and metadata leave open is UNKNOWN."""
    find = _FAMILIES.get(kind)
    found = find(header.tensors) if find else Family.UNKNOWN
    if found is not Family.UNKNOWN:
        return found
    found = _family_of_metadata(header.metadata)
    is_open = found is Family.UNKNOWN and kind is ModelKind.LORA
    return _family_of_lora_names(header.tensors) if is_open else found


def _checkpoint_family(tensors: Mapping[str, TensorInfo]) -> Family:
    """By the width of the text encoding, or the layout of the text encoders.

    SD Turbo is an SD 2 in the layout of SDXL.
    """
    layouts = (f for prefix, f in _TEXT_LAYOUTS.items() if _starts(tensors, (prefix,)))
    by_layout = next(layouts, Family.UNKNOWN)
    by_width = _attention_family(tensors)
    return by_layout if Family.UNKNOWN in (by_layout, by_width) else by_width


def _embedding_family(tensors: Mapping[str, TensorInfo]) -> Family:
    if any(second in tensors for _, second in SDXL_EMBEDDINGS):
        return Family.SDXL
    widths = map(width_of, tensors.values())
    return next((_FAMILY_OF_WIDTH[w] for w in widths if w in _FAMILY_OF_WIDTH), Family.UNKNOWN)


def _attention_family(tensors: Mapping[str, TensorInfo]) -> Family:
    """By the input width of cross-attention: that of its keys' and values' projections."""
    widths = (
        tensor.shape[1]
        for name, tensor in tensors.items()
        if len(tensor.shape) > 1 and name.endswith(("attn2.to_k.weight", "attn2.to_v.weight"))
    )
    return next((_FAMILY_OF_WIDTH[w] for w in widths if w in _FAMILY_OF_WIDTH), Family.UNKNOWN)


def _lora_family(tensors: Mapping[str, TensorInfo]) -> Family:
    """By what cross-attention reads, then by the text encoders and by layers of SDXL alone."""
    widths = dict(_input_widths(tensors))
    for pattern, families in (
        (_CROSS_ATTENTION, _FAMILY_OF_WIDTH),
        (_TEXT_INPUT, _FAMILY_OF_TEXT_WIDTH),
    ):
        for layer, width in widths.items():
            if width in families and pattern.match(layer):
                return families[width]
    return Family.SDXL if any(map(_SDXL_LAYER.match, tensors)) else Family.UNKNOWN


def _family_of_lora_names(tensors: Mapping[str, TensorInfo]) -> Family:
    """By kohya's name of a text encoder whose width SD 1 and SDXL share."""
    for layer, width in _input_widths(tensors):
        for prefix, family in _LORA_NAMES.items():
            if width == _SHARED_TEXT_WIDTH and layer.startswith(prefix):
                return family
    return Family.UNKNOWN


def width_of(tensor: TensorInfo) -> int:
    """The last side of a tensor; 0 where it has none."""
    return tensor.shape[-1] if tensor.shape else 0


def _input_widths(tensors: Mapping[str, TensorInfo]) -> Iterator[tuple[str, int]]:
    """How many numbers each layer of a LoRA reads."""
    layers: dict[str, dict[str, int]] = {}
    for name, tensor in tensors.items():
        layer, part = split_name(name)
        if len(tensor.shape) > 1:
            layers.setdefault(layer, {})[part] = tensor.shape[1]
    for layer, widths in layers.items():
        yield from ((layer, widths[part]) for part in _INPUT_PARTS if part in widths)
        factors = [next((widths[n] for n in pair if n in widths), 0) for pair in _KRONECKER_PARTS]
        if all(factors):
            yield layer, math.prod(factors)


def _family_of_metadata(metadata: Mapping[str, str]) -> Family:
    """modelspec's architecture, or kohya's ss_base_model_version, where a writer left one."""
    name = metadata.get("modelspec.architecture") or metadata.get("ss_base_model_version") or ""
    return next((family for mark, family in _METADATA if mark in name.lower()), Family.UNKNOWN)


_FAMILIES: Final[Mapping[ModelKind, Callable[[Mapping[str, TensorInfo]], Family]]] = {
    ModelKind.CHECKPOINT: _checkpoint_family,
    ModelKind.CONTROLNET: _attention_family,
    ModelKind.LORA: _lora_family,
    ModelKind.EMBEDDING: _embedding_family,
}
