"""The names of a VAE's tensors: ldm's or diffusers', with one name for each attention layer.

Attention has had other names in both layouts, and weights of a convolution or of a linear layer.
Sources: CompVis' ldm modules/diffusionmodules/model.py; diffusers models/attention_processor.py
(AttnBlock until 0.17) and loaders/single_file_utils.py; ComfyUI comfy/diffusers_convert.py.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeVar

import torch

from formats.models.detection import VAE_HALVES, VAE_PREFIXES
from formats.models.safetensors_header import Header
from sagemaker_container.engine.models.shapes import Shapes

_PARTS: Final = ("encoder.", "decoder.", "quant_conv.", "post_quant_conv.")
"""Begin the names of the network's tensors; a trainer's loss and running means are left out."""
_ATTENTION: Final = re.compile(r"((?:en|de)coder\.)(mid\.attn_1|mid_block\.attentions\.0)\.(.+)\.")
_LAYERS: Final = {
    "mid.attn_1": ("norm", "q", "k", "v", "proj_out"),
    "mid_block.attentions.0": ("group_norm", "to_q", "to_k", "to_v", "to_out.0"),
}
"""The attention's layers in ldm and in today's diffusers, in one order."""
_OTHER_NAMES: Final = {"query": 1, "key": 2, "value": 3, "proj_attn": 4, "to_out": 4}
_NUMBERS: Final = _OTHER_NAMES | {
    name: number for names in _LAYERS.values() for number, name in enumerate(names)
}
"""A layer's place in that order, by each of its names."""

Item = TypeVar("Item")


def vae_prefix(header: Header) -> str:
    """The prefix of a VAE's tensors: the one of a checkpoint, of a pipeline, or none."""
    first = f"{VAE_HALVES[0]}.conv_in.weight"
    return next((p for p in VAE_PREFIXES if p + first in header.tensors), VAE_PREFIXES[0])


def vae_shapes(header: Header, prefix: str) -> Shapes:
    """The shapes of a VAE's tensors, by their names without the prefix."""
    return _below({name: tensor.shape for name, tensor in header.tensors.items()}, prefix)


def vae_tensors(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """A VAE's tensors by the same names, the attention's weights as those of linear layers."""
    found = _below(tensors, prefix)
    for name, tensor in found.items():
        if _ATTENTION.match(name) and tensor.dim() > 2:
            found[name] = tensor.flatten(1)
    return found


def _below(items: Mapping[str, Item], prefix: str) -> dict[str, Item]:
    plain = {n.removeprefix(prefix): item for n, item in items.items() if n.startswith(prefix)}
    return {_rename(n): item for n, item in plain.items() if n.startswith(_PARTS)}


def _rename(name: str) -> str:
    found = _ATTENTION.match(name)
    if found is None or found[3] not in _NUMBERS:
        return name
    half, block, layer = found.groups()
    return f"{half}{block}.{_LAYERS[block][_NUMBERS[layer]]}.{name[found.end() :]}"
