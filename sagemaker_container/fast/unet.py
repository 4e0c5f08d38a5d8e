"""Runs diffusers' UNet on the fast path, with the UNet's own interface."""

from collections.abc import Iterator, Sequence
from typing import Any, TypedDict, Unpack

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput
from torch import Tensor

from sagemaker_container.fast import blocks, ops
from sagemaker_container.fast.graphs import GraphCache
from sagemaker_container.fast.unet_encoder import UNetEncoder, check_arguments


class UNetArguments(TypedDict, total=False):
    """The optional arguments of the UNet's forward that are supported."""

    down_block_additional_residuals: Sequence[Tensor] | None
    mid_block_additional_residual: Tensor | None
    added_cond_kwargs: dict[str, Tensor] | None
    return_dict: bool


class FastUNet:
    """Replaces a UNet; all other attributes are the UNet's own."""

    def __init__(self, unet: UNet2DConditionModel) -> None:
        self.network: Any = unet
        self._encoder = UNetEncoder(unet)
        self._graphs = GraphCache()
        self._context_counts = self._count_contexts()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def invalidate(self) -> None:
        """Drop what was computed from the weights, because they were changed in place."""
        self._encoder.invalidate()

    def __call__(
        self,
        sample: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        **options: Unpack[UNetArguments],
    ) -> Any:
        """The UNet's forward. Raises ValueError for an argument that is not supported."""
        check_arguments(options, UNetArguments)
        contexts = self._encoder.contexts(encoder_hidden_states)
        residuals = [*(options.get("down_block_additional_residuals") or ())]
        middle = options.get("mid_block_additional_residual")
        if middle is not None:
            residuals.append(middle)
        added = self._encoder.added_conditions(options.get("added_cond_kwargs"))
        time = self._encoder.time_input(timestep, sample.device)
        inputs = [sample.contiguous(memory_format=torch.channels_last), time, *added, *residuals]

        def forward(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
            first = 2 + len(added)
            added_inputs, residual_inputs = tensors[2:first], tensors[first:]
            return [self._forward(tensors[0], tensors[1], added_inputs, residual_inputs, contexts)]

        (predicted,) = self._graphs.run(forward, inputs, encoder_hidden_states.shape)
        if options.get("return_dict", True):
            return UNet2DConditionOutput(sample=predicted)
        return (predicted,)

    def _count_contexts(self) -> tuple[int, int, int]:
        """How many contexts the down blocks, the middle block and the up blocks take.

        Contexts are in the order of the UNet's modules: its up blocks come before the middle.
        """
        count, unet = self._encoder.count_contexts, self.network
        return count(unet.down_blocks), count(unet.mid_block), count(unet.up_blocks)

    def _in_running_order(self, contexts: Sequence[Tensor]) -> Iterator[Tensor]:
        down, _, up = self._context_counts
        yield from contexts[:down]
        yield from contexts[down + up :]
        yield from contexts[down : down + up]

    def _forward(
        self,
        sample: Tensor,
        time: Tensor,
        added: Sequence[Tensor],
        residuals: Sequence[Tensor],
        contexts: Sequence[Tensor],
    ) -> Tensor:
        unet, encoder = self.network, self._encoder
        next_contexts = self._in_running_order(contexts)
        shifts = encoder.shifts(sample, time, added)
        x = blocks.conv(unet.conv_in, sample, bias=True)
        x, skips = encoder.down(x, shifts, next_contexts)
        if unet.mid_block is not None:
            x = encoder.middle(x, shifts, next_contexts)
        if residuals:
            skips = [skip + residual for skip, residual in zip(skips, residuals, strict=False)]
            x = x + residuals[-1]
        for block in unet.up_blocks:
            x = self._up(block, x, skips, shifts, next_contexts)
        x = ops.group_norm(x, unet.conv_norm_out)
        return blocks.conv(unet.conv_out, x, bias=True)

    def _up(
        self,
        block: Any,
        x: Tensor,
        skips: list[Tensor],
        shifts: dict[Any, Tensor],
        next_contexts: Iterator[Tensor],
    ) -> Tensor:
        """One up block, which removes its skip connections from the end of the list."""
        attentions = getattr(block, "attentions", None) or [None] * len(block.resnets)
        for layer, attention in zip(block.resnets, attentions, strict=True):
            x = blocks.resnet(layer, torch.cat([x, skips.pop()], dim=1), shifts[layer])
            if attention is not None:
                x = self._encoder.attend(attention, x, next_contexts)
        for sampler in block.upsamplers or ():
            x = blocks.upsample(sampler, x, skips[-1].shape[-2:])
        return x
