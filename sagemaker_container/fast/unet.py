"""Runs diffusers' UNet on the fast path, called as the UNet itself is."""

from collections.abc import Iterator, Sequence
from typing import Any, TypedDict, Unpack

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput
from torch import Tensor

from sagemaker_container.fast import blocks, ops
from sagemaker_container.fast.encoder import Encoder, check_arguments
from sagemaker_container.fast.graphs import Graphs


class UNetArguments(TypedDict, total=False):
    """What the UNet's forward takes by name, as far as any pipeline of ours gives it."""

    down_block_additional_residuals: Sequence[Tensor] | None
    mid_block_additional_residual: Tensor | None
    added_cond_kwargs: dict[str, Tensor] | None
    return_dict: bool


class FastUNet:
    """Stands for a UNet in diffusers' pipelines; whatever else they ask is the UNet's to answer."""

    def __init__(self, unet: UNet2DConditionModel) -> None:
        self.network: Any = unet
        self._encoder = Encoder(unet)
        self._graphs = Graphs()
        self._order = self._context_order()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def forget(self) -> None:
        """Weights have changed, in place."""
        self._encoder.forget()

    def __call__(
        self,
        sample: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        **options: Unpack[UNetArguments],
    ) -> Any:
        """As the UNet's forward. Raises ValueError for what no pipeline of ours asks."""
        check_arguments(options, UNetArguments)
        contexts = self._encoder.read(encoder_hidden_states)
        residuals = [*(options.get("down_block_additional_residuals") or ())]
        middle = options.get("mid_block_additional_residual")
        if middle is not None:
            residuals.append(middle)
        added = self._encoder.added_conditions(options.get("added_cond_kwargs"))
        time = torch.as_tensor(timestep, device=sample.device).reshape(1)
        inputs = [sample.contiguous(memory_format=torch.channels_last), time, *added, *residuals]

        def work(given: Sequence[Tensor]) -> Sequence[Tensor]:
            sizes = 2 + len(added)
            return [self._forward(given[0], given[1], given[2:sizes], given[sizes:], contexts)]

        key = encoder_hidden_states.shape
        (predicted,) = self._graphs.run(work, inputs, key)
        if options.get("return_dict", True):
            return UNet2DConditionOutput(sample=predicted)
        return (predicted,)

    def _context_order(self) -> tuple[int, int, int]:
        """How many contexts the way down, the middle and the way up take.

        A UNet lists its way up before its middle, and the contexts come in its order.
        """
        count, unet = self._encoder.contexts_of, self.network
        return count(unet.down_blocks), count(unet.mid_block), count(unet.up_blocks)

    def _in_turn(self, contexts: Sequence[Tensor]) -> Iterator[Tensor]:
        down, _, up = self._order
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
        turn = self._in_turn(contexts)
        shifts = encoder.shifts(sample, time, added)
        x = blocks.conv(unet.conv_in, sample, bias=True)
        x, skips = encoder.down(x, shifts, turn)
        if unet.mid_block is not None:
            x = encoder.middle(x, shifts, turn)
        if residuals:
            skips = [skip + residual for skip, residual in zip(skips, residuals, strict=False)]
            x = x + residuals[-1]
        for block in unet.up_blocks:
            x = self._up(block, x, skips, shifts, turn)
        x = ops.group_norm(x, unet.conv_norm_out)
        return blocks.conv(unet.conv_out, x, bias=True)

    def _up(
        self,
        block: Any,
        x: Tensor,
        skips: list[Tensor],
        shifts: dict[Any, Tensor],
        turn: Iterator[Tensor],
    ) -> Tensor:
        """One block of the way up, which takes its skip connections off the list."""
        attentions = getattr(block, "attentions", None) or [None] * len(block.resnets)
        for layer, attention in zip(block.resnets, attentions, strict=True):
            x = blocks.resnet(layer, torch.cat([x, skips.pop()], dim=1), shifts[layer])
            if attention is not None:
                x = self._encoder.attend(attention, x, turn)
        for sampler in block.upsamplers or ():
            x = blocks.upsample(sampler, x, skips[-1].shape[-2:])
        return x
