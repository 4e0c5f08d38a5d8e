"""What UNet and ControlNet have in common: time and prompt, the down blocks, the middle block."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from sagemaker_container.fast import blocks
from sagemaker_container.fast.fused_weights import fuse, fuse_attention, join

_SUPPORTED_BLOCKS: Final = {
    "DownBlock2D",
    "CrossAttnDownBlock2D",
    "UpBlock2D",
    "CrossAttnUpBlock2D",
    "UNetMidBlock2DCrossAttn",
}
_SUPPORTED_CONFIG: Final = {
    "class_embed_type": None,
    "center_input_sample": False,
    "encoder_hid_dim_type": None,
    "resnet_time_scale_shift": "default",
    "time_embedding_type": "positional",
    "dual_cross_attention": False,
    "attention_type": "default",
    "time_embedding_act_fn": None,
    "upcast_attention": False,
    "act_fn": "silu",
    "downsample_padding": 1,
    "cross_attention_norm": None,
}


def is_supported(net: Any) -> bool:
    """Whether the fast path supports a network; it supports all of SD 1, 2 and XL."""
    config = net.config
    options = all(config.get(name, value) == value for name, value in _SUPPORTED_CONFIG.items())
    kinds = (*config.down_block_types, *config.get("up_block_types", ()))
    embedding = config.get("addition_embed_type") in (None, "text_time")
    only_cross = config.get("only_cross_attention", False)
    has_only_cross = any(only_cross) if isinstance(only_cross, list | tuple) else only_cross
    return options and embedding and not has_only_cross and _SUPPORTED_BLOCKS.issuperset(kinds)


def check_arguments(options: Mapping[str, Any], supported: type) -> None:
    """Raises ValueError if an argument is set that a TypedDict doesn't have."""
    given = {name for name, value in options.items() if value is not None and value is not False}
    if unknown := given - set(supported.__annotations__):
        raise ValueError(f"The fast path doesn't support {', '.join(sorted(unknown))}.")


class UNetEncoder:
    """The first half of a network. What depends on the prompt alone is computed once a prompt."""

    def __init__(self, net: Any) -> None:
        self.net = net
        self.fused = fuse_attention(net)
        self._resnets = [m for m in net.modules() if getattr(m, "time_emb_proj", None) is not None]
        self._time_weights = fuse([block.time_emb_proj for block in self._resnets])
        self._biases = join([block.conv1.bias for block in self._resnets])
        self._layers = [
            layer for layer in self.fused if layer.is_cross_attention
        ]  # in the order of `net.modules()`
        self._prompt: Tensor | None = None
        self._contexts: dict[tuple[int, ...], list[Tensor]] = {}

    def invalidate(self) -> None:
        """Compute the contexts again, because weights were changed."""
        self._prompt = None

    def contexts(self, prompt: Tensor) -> list[Tensor]:
        """Keys and values of every cross-attention, in tensors that stay at their addresses."""
        kept = self._contexts.get(tuple(prompt.shape))
        if kept is not None and prompt is self._prompt:
            return kept
        with torch.no_grad():
            contexts = [blocks.context(layer, prompt, self.fused) for layer in self._layers]
        self._prompt = prompt
        if kept is None or not prompt.is_cuda:
            self._contexts[tuple(prompt.shape)] = contexts
            return contexts
        torch._foreach_copy_(kept, contexts)
        return kept

    @staticmethod
    def time_input(timestep: Any, device: torch.device) -> Tensor:
        """The timestep as the network's input, 1 number: samplers have it in three types, and the
        embedding computes in float32, so that one type has the same result and one graph."""
        return torch.as_tensor(timestep, device=device).reshape(1).to(torch.float32)

    def added_conditions(self, added_cond: Mapping[str, Tensor] | None) -> list[Tensor]:
        """SDXL's pooled prompt and its sizes; empty for other networks."""
        if added_cond and self.net.config.addition_embed_type == "text_time":
            return [added_cond["text_embeds"], added_cond["time_ids"]]
        return []

    def shifts(
        self, sample: Tensor, timestep: Tensor, added: Sequence[Tensor]
    ) -> dict[Any, Tensor]:
        """Each resnet's share of the time embedding plus its first bias, B x its channels.

        `added` is what `added_conditions` returned.
        """
        net = self.net
        embedding = net.time_embedding(
            net.time_proj(timestep.expand(len(sample))).to(sample.dtype), None
        )
        if added:
            pooled, sizes = added
            ids = net.add_time_proj(sizes.flatten()).reshape(len(sample), -1)
            both = torch.cat([pooled, ids], dim=-1).to(embedding.dtype)
            embedding = embedding + net.add_embedding(both)
        weight, bias = self._time_weights
        shifts = functional.linear(functional.silu(embedding), weight, bias) + self._biases
        channels = [block.time_emb_proj.out_features for block in self._resnets]
        return dict(zip(self._resnets, shifts.split(channels, dim=1), strict=True))

    def down(
        self, x: Tensor, shifts: dict[Any, Tensor], next_contexts: Iterator[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """The down blocks: from after the first convolution; returns the skip connections too."""
        skips = [x]
        for block in self.net.down_blocks:
            for layer, attention in _layer_pairs(block):
                x = blocks.resnet(layer, x, shifts[layer])
                if attention is not None:
                    x = self.attend(attention, x, next_contexts)
                skips.append(x)
            for sampler in block.downsamplers or ():
                x = blocks.conv(sampler.conv, x, bias=True)
                skips.append(x)
        return x, skips

    def middle(
        self, x: Tensor, shifts: dict[Any, Tensor], next_contexts: Iterator[Tensor]
    ) -> Tensor:
        """The middle block."""
        block = self.net.mid_block
        x = blocks.resnet(block.resnets[0], x, shifts[block.resnets[0]])
        for attention, layer in zip(block.attentions, block.resnets[1:], strict=True):
            x = self.attend(attention, x, next_contexts)
            x = blocks.resnet(layer, x, shifts[layer])
        return x

    def attend(self, attention: Any, x: Tensor, next_contexts: Iterator[Tensor]) -> Tensor:
        """A transformer, which takes the next contexts."""
        contexts = [next(next_contexts) for _ in attention.transformer_blocks]
        return blocks.transformer(attention, x, contexts, self.fused)

    def count_contexts(self, block: Any) -> int:
        """How many cross-attention layers a block has."""
        return sum(module in self.fused and module.is_cross_attention for module in block.modules())


def _layer_pairs(block: Any) -> Iterator[tuple[Any, Any]]:
    """The resnets of a block, each with its transformer or None."""
    attentions = getattr(block, "attentions", None) or [None] * len(block.resnets)
    return zip(block.resnets, attentions, strict=True)
