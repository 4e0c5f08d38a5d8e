"""The names of a LoRA file's tensors: the layer that each changes, and its part in the change.

They are kohya's, LyCORIS', peft's, ComfyUI's and all of diffusers'. Sources: comfy/lora.py and
comfy/weight_adapter of ComfyUI; utils/state_dict_utils.py of diffusers; networks/ of
kohya-ss/sd-scripts; KohakuBlueleaf/LyCORIS lycoris/modules; peft tuners.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

BIAS: Final = ".bias"
"""Ends the name of a layer where its bias is changed instead of its weight."""

_ADAPTER: Final = r"(?:\.(?!(?:weight|bias)$)[^.]+)?"
"""peft's name of an adapter, as a rule `default`."""
_FACTORS: Final = (
    *(f"hada_{part}" for part in ("w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")),
    *(f"lokr_{part}" for part in ("w1", "w2", "w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")),
)
_PARTS: Final = (
    (r"[._]lora[._]down\.weight", "down"),
    (r"\.lora_linear_layer\.down\.weight", "down"),
    (rf"\.lora_A{_ADAPTER}(?:\.weight)?", "down"),
    (r"[._]lora[._]up\.weight", "up"),
    (r"\.lora_linear_layer\.up\.weight", "up"),
    (rf"\.lora_B{_ADAPTER}(?:\.weight)?", "up"),
    (rf"\.lora_B{_ADAPTER}\.bias", "up_bias"),
    (r"\.lora_mid\.weight", "mid"),
    (r"(?:[._]lora|\.lora_linear_layer)?\.alpha", "alpha"),
    (r"\.dora_scale", "dora_scale"),
    (rf"\.lora_magnitude_vector{_ADAPTER}(?:\.weight)?", "magnitude"),
    (r"\.(?:diff|w_norm)", "diff"),
    (r"\.(?:diff_b|b_norm)", "diff_b"),
    *((rf"\.{factor}{_ADAPTER}", factor) for factor in _FACTORS),
)
"""How tensors' names end, and the part that each is in its layer's change."""
_BIAS_PARTS: Final = {"diff_b": "diff", "up_bias": "up_bias"}
"""The parts that change a bias, by what they are in that change."""
_OTHER_ALGORITHMS: Final = (
    (r"\.oft_(?:blocks|diag|[rRs])(?:\..+)?", "OFT"),
    (r"\.boft_[^.]+(?:\..+)?", "BOFT"),
    (r"\.[ab][12]\.weight", "GLoRA"),
    (r"\.(?:on_input|ia3_[^.]+)(?:\..+)?", "IA3"),
    (r"\.vera_[^.]+(?:\..+)?", "VeRA"),
    (rf"\.lora_E{_ADAPTER}(?:\.weight)?", "AdaLoRA"),
    (r"\.lora_embedding_[AB](?:\..+)?", "peft's LoRA of an embedding layer"),
    (r"\.hra_[^.]+(?:\..+)?", "HRA"),
    (r"\.fourierft_[^.]+(?:\..+)?", "FourierFT"),
    (r"\.vblora_[^.]+(?:\..+)?", "VB-LoRA"),
    (r"\.randlora_[^.]+(?:\..+)?", "RandLoRA"),
    (r"\.bone_[^.]+(?:\..+)?", "Bone"),
    (r"\.miss_[^.]+(?:\..+)?", "MiSS"),
    (r"\.shira_[^.]+(?:\..+)?", "SHiRA"),
    (r"\.c3a_[^.]+(?:\..+)?", "C3A"),
    (r"\.(?:[pq]|lambda)_layer(?:\..+)?", "T-LoRA"),
    (r"\.set_weight", "ComfyUI's set_weight"),
    (r"\.reshape_weight", "ComfyUI's reshape_weight"),
    (r"_custom_diffusion(?:\..+)?", "Custom Diffusion"),
)
"""The same for algorithms that no part of the container has, with their names."""


def _any_of(endings: Sequence[tuple[str, str]]) -> re.Pattern[str]:
    """One group for each ending; none has a group of its own.

    Each begins at a point or a line, so that most places of a name are passed by at once.
    """
    return re.compile(f"(?=[._])(?:{'|'.join(f'({ending})$' for ending, _ in endings)})")


_LONGEST_ENDING: Final = 100
"""Characters of a name in which an ending is looked for, an adapter's name included."""
_PART: Final = _any_of(_PARTS)
_PART_WORDS: Final = re.compile(r"lora|hada_|lokr_|alpha|\.diff(?:$|_b)|_norm|dora_")
"""Each ending has one of them. Most names of a large header have none, and need no second look."""
_OTHER_PART: Final = _any_of(_OTHER_ALGORITHMS)
_OTHER_WORDS: Final = re.compile(
    r"oft_|\.[ab][12]\.|\.on_input|ia3_|vera_|lora_|hra_|fourierft_|bone_|miss_|shira_|c3a_|_layer"
    "|set_weight|reshape_weight|custom_diffusion"
)

_UNET_ROOTS: Final = (
    "down_blocks.",
    "mid_block.",
    "up_blocks.",
    "conv_",
    "time_embedding.",
    "add_embedding.",
)
_STABILITY_ROOTS: Final = (
    "input_blocks.",
    "middle_block.",
    "output_blocks.",
    "time_embed.",
    "label_emb.",
    "out.",
)
_TEXT_ROOTS: Final = ("text_model.", "encoder.layers.", "embeddings.", "final_layer_norm")
_TEXT_ATTENTION: Final = re.compile(r"\.self_attn\.to_(q|k|v|out)(?:\.0)?$")
"""The text encoder's attention layers by diffusers' first names for them."""


def split_name(name: str) -> tuple[str, str]:
    """The layer that a tensor belongs to, and its part in the layer's change.

    The part is empty for a tensor that is none. A change of a layer's bias belongs to the layer's
    name with `BIAS`.
    """
    found = _ending(_PART, name) if _PART_WORDS.search(name) else None
    if found is None or found.lastindex is None:
        return name, ""
    part, layer = _PARTS[found.lastindex - 1][1], _layer_name(name[: found.start()])
    if part in _BIAS_PARTS:
        return layer + BIAS, _BIAS_PARTS[part]
    return layer, part


def _ending(endings: re.Pattern[str], name: str) -> re.Match[str] | None:
    return endings.search(name, max(0, len(name) - _LONGEST_ENDING))


def is_lora(names: Iterable[str]) -> bool:
    """Whether one of the names is a part of a change that is supported."""
    return any(split_name(name)[1] not in ("", "alpha") for name in names)


def other_algorithm(name: str) -> str | None:
    """What the algorithm of a tensor is called, if it is none of the supported ones."""
    if not _OTHER_WORDS.search(name) or split_name(name)[1]:
        return None
    found = _ending(_OTHER_PART, name)
    return _OTHER_ALGORITHMS[(found.lastindex or 1) - 1][1] if found else None


def _layer_name(name: str) -> str:
    """A layer's name below the prefix of its network, whatever the trainer wrote instead."""
    name = name.replace("base_model.model.", "", 1).removeprefix("model.diffusion_model.")
    if name.startswith("lycoris_"):  # SimpleTuner's
        return name.replace("lycoris_", "lora_unet_", 1)
    if ".processor." in name:  # diffusers named the attention's processor before the layers
        name = name.replace(".processor.", ".")
    if name.endswith(".to_out"):
        name = f"{name}.0"
    name = _TEXT_ATTENTION.sub(lambda m: f".self_attn.{m[1]}_proj", name)
    return _network(name) + name


def _network(name: str) -> str:
    """The prefix that a name lacks; diffusers' and peft's files of one network have none."""
    if name.startswith(_UNET_ROOTS):
        return "unet."
    if name.startswith(_STABILITY_ROOTS):
        return "diffusion_model."
    return "text_encoder." if name.startswith(_TEXT_ROOTS) else ""
