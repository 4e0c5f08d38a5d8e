"""Detects a model file's kind and family from its safetensors header, never from its name."""

import math
from collections.abc import Iterable, Mapping
from typing import Final

from formats.frozen import Frozen
from formats.models.kinds import Family, ModelKind
from formats.models.safetensors_header import Header, TensorInfo

_FAMILY_OF_WIDTH: Final = {768: Family.SD1, 1024: Family.SD2, 2048: Family.SDXL}
"""Family by the width of the text encoding, cross-attention's input."""

_UNET: Final = "model.diffusion_model."
_TEXT_LAYOUTS: Final = {
    "conditioner.embedders.": Family.SDXL,
    "cond_stage_model.model.": Family.SD2,
    "cond_stage_model.transformer.": Family.SD1,
}
_CONTROLNET: Final = ("input_hint_block.", "control_model.", "controlnet_cond_embedding.")
_LORA_SUFFIXES: Final = (
    ".lora_down.weight",
    ".lora_A.weight",
    ".lora_A.default.weight",
    "lora.down.weight",
    ".lora_linear_layer.down.weight",
    ".hada_w1_a",
    ".lokr_w1",
    ".lokr_w1_a",
    ".lokr_w2",
)
_EMBEDDINGS: Final = ({"emb_params"}, {"clip_l", "clip_g"}, {"clip_g"}, {"clip_l"})
_WIDTHS: Final = (768, 1024, 1280)
"""Of the text encoders' tokens; one that is named `<so>` may have any."""
_MAX_VECTORS: Final = 75
"""Tokens of one chunk of a prompt."""
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


def classify(header: Header) -> Classification:
    """Kind and family of a file. A family that shapes and metadata leave open is UNKNOWN."""
    tensors = header.tensors
    kind = _kind(tensors)
    if kind in (None, ModelKind.VAE, ModelKind.UPSCALER):
        return Classification(kind=kind, family=_family_of_metadata(header.metadata))
    family = _family(kind, tensors)
    if family is Family.UNKNOWN:
        family = _family_of_metadata(header.metadata)
    return Classification(kind=kind, family=family)


def _kind(tensors: Mapping[str, TensorInfo]) -> ModelKind | None:
    checks = (
        (ModelKind.CHECKPOINT, _starts(tensors, (_UNET,))),
        (ModelKind.CONTROLNET, _starts(tensors, _CONTROLNET)),
        (ModelKind.LORA, any(name.endswith(_LORA_SUFFIXES) for name in tensors)),
        (ModelKind.EMBEDDING, set(tensors) in _EMBEDDINGS or _is_one_token(tensors)),
        (ModelKind.VAE, _is_vae(tensors)),
        (ModelKind.UPSCALER, any(name in tensors for name in _UPSCALERS)),
    )
    return next((kind for kind, found in checks if found), None)


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
    plain = {name.removeprefix("first_stage_model.") for name in tensors}
    return "decoder.conv_in.weight" in plain and "encoder.conv_in.weight" in plain


def _family(kind: ModelKind | None, tensors: Mapping[str, TensorInfo]) -> Family:
    if kind is ModelKind.CHECKPOINT:
        return _checkpoint_family(tensors)
    if kind is ModelKind.EMBEDDING:
        return _embedding_family(tensors)
    if kind is ModelKind.LORA and _starts(tensors, ("lora_te1_", "lora_te2_", "text_encoder_2.")):
        return Family.SDXL
    by_attention = _attention_family(tensors)
    return _text_lora_family(tensors) if by_attention is Family.UNKNOWN else by_attention


def _checkpoint_family(tensors: Mapping[str, TensorInfo]) -> Family:
    """By the layout of the text encoders; SD Turbo is an SD 2 in the layout of SDXL."""
    families = (f for prefix, f in _TEXT_LAYOUTS.items() if _starts(tensors, (prefix,)))
    family = next(families, Family.UNKNOWN)
    is_turbo = family is Family.SDXL and _attention_family(tensors) is Family.SD2
    return Family.SD2 if is_turbo else family


def _embedding_family(tensors: Mapping[str, TensorInfo]) -> Family:
    if "clip_g" in tensors:
        return Family.SDXL
    widths = map(width_of, tensors.values())
    return next((_FAMILY_OF_WIDTH[w] for w in widths if w in _FAMILY_OF_WIDTH), Family.UNKNOWN)


def _attention_family(tensors: Mapping[str, TensorInfo]) -> Family:
    """By the input width of cross-attention: its keys' projection, or the LoRA's down part."""
    for name, tensor in tensors.items():
        reads_text = "attn2" in name and "to_k" in name and not _writes(name)
        if reads_text and len(tensor.shape) >= 2 and tensor.shape[1] in _FAMILY_OF_WIDTH:
            return _FAMILY_OF_WIDTH[tensor.shape[1]]
    return Family.UNKNOWN


def width_of(tensor: TensorInfo) -> int:
    """The last side of a tensor; 0 where it has none."""
    return tensor.shape[-1] if tensor.shape else 0


def _writes(name: str) -> bool:
    return any(way in name for way in ("lora_up", "lora_B", "lora.up"))


def _text_lora_family(tensors: Mapping[str, TensorInfo]) -> Family:
    """By the width of the only text encoder, which is cross-attention's input."""
    for name, tensor in tensors.items():
        if name.startswith("lora_te_") and name.endswith("q_proj.lora_down.weight"):
            return _FAMILY_OF_WIDTH.get(width_of(tensor), Family.UNKNOWN)
    return Family.UNKNOWN


def _family_of_metadata(metadata: Mapping[str, str]) -> Family:
    """modelspec's architecture, or kohya's ss_base_model_version, where a writer left one."""
    name = metadata.get("modelspec.architecture") or metadata.get("ss_base_model_version") or ""
    return next((family for mark, family in _METADATA if mark in name.lower()), Family.UNKNOWN)
