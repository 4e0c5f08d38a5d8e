"""Owns the low-rank adapter: which layers it changes, and its names in kohya's files."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch import Tensor, nn

_UNET: Final = re.compile(
    r"attentions.*(to_q|to_k|to_v|to_out\.0|proj_in|proj_out|ff\.net\.0\.proj|ff\.net\.2)$"
)
_TEXT: Final = re.compile(r"(q_proj|k_proj|v_proj|out_proj|fc1|fc2)$")
"""The layers that kohya's `networks.lora` changes by default."""


class LoraAdapter(nn.Module):
    """One layer's change: up(down(x)), times alpha / rank, added by a hook."""

    def __init__(self, layer: nn.Module, rank: int) -> None:
        super().__init__()
        wide, out = _sizes(layer)
        if isinstance(layer, nn.Conv2d):
            self.down: nn.Module = nn.Conv2d(wide, rank, 1, bias=False)
            self.up: nn.Module = nn.Conv2d(rank, out, 1, bias=False)
        else:
            self.down, self.up = nn.Linear(wide, rank, bias=False), nn.Linear(rank, out, bias=False)
        for name, param in self.named_parameters():
            nn.init.normal_(param, std=wide**-0.5) if name[:2] == "do" else nn.init.zeros_(param)
        layer.register_forward_hook(self._add)

    def _add(self, _layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        change: Tensor = self.up(self.down(inputs[0]))
        return output + change


def _sizes(layer: nn.Module) -> tuple[int, int]:
    if isinstance(layer, nn.Conv2d):
        return layer.in_channels, layer.out_channels
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    raise TypeError(f"no adapter for {type(layer).__name__}")


def attach(unet: nn.Module, text: nn.Module, rank: int) -> dict[str, LoraAdapter]:
    """Adapters on both networks, by kohya's name."""
    return {name: LoraAdapter(layer, rank) for name, layer in _target_layers(unet, text)}


def _target_layers(unet: nn.Module, text: nn.Module) -> Iterator[tuple[str, Any]]:
    """The layers that are changed, by kohya's names."""
    for prefix, net, pattern in (("lora_unet_", unet, _UNET), ("lora_te_text_model_", text, _TEXT)):
        for name, layer in net.named_modules():
            if pattern.search(name):
                yield prefix + name.removeprefix("text_model.").replace(".", "_"), layer


def tensors(adapters: dict[str, LoraAdapter]) -> dict[str, Tensor]:
    """The file's tensors; alpha equals the rank, so the scale is one."""
    out: dict[str, Tensor] = {}
    for name, adapter in adapters.items():
        down, up = adapter.down.weight, adapter.up.weight
        if not (isinstance(down, Tensor) and isinstance(up, Tensor)):
            raise TypeError(name)
        out[f"{name}.lora_down.weight"], out[f"{name}.lora_up.weight"] = down, up
        out[f"{name}.alpha"] = torch.tensor(float(down.shape[0]))
    return out


@contextmanager
def merged(unet: nn.Module, text: nn.Module, file: Mapping[str, Tensor]) -> Iterator[None]:
    """Both networks with a file's changes in their weights; afterwards as they were.

    Raises KeyError where the networks lack a layer that the file changes.
    """
    layers = dict(_target_layers(unet, text))
    changed = [name.removesuffix(".lora_up.weight") for name in file if name.endswith("_up.weight")]
    originals = {name: layers[name].weight.detach().clone() for name in changed}
    try:
        with torch.no_grad():
            for name in changed:
                up, down = file[f"{name}.lora_up.weight"], file[f"{name}.lora_down.weight"]
                weight = layers[name].weight
                weight += (up.flatten(1) @ down.flatten(1)).view_as(weight).to(weight)
        yield
    finally:
        with torch.no_grad():
            for name, weight in originals.items():
                layers[name].weight.copy_(weight)
