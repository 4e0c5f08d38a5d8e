"""Runs diffusers' ControlNet on the fast path, called as the ControlNet itself is."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import torch
from diffusers import ControlNetModel
from torch import Tensor

from formats.limits import MAX_CONTROLNET_UNITS
from sagemaker_container.fast import blocks
from sagemaker_container.fast.encoder import Encoder, check_arguments
from sagemaker_container.fast.graphs import Graphs


class ControlNetArguments(TypedDict, total=False):
    """What the ControlNet's forward takes by name, as far as the engine gives it."""

    added_cond_kwargs: dict[str, Tensor] | None
    return_dict: bool


class FastControlNet:
    """Stands for a ControlNet. The map is read once, not at every step."""

    def __init__(self, net: ControlNetModel) -> None:
        self.network: Any = net
        self._encoder = Encoder(net)
        self._graphs = Graphs()
        self._hints: list[tuple[Tensor, Tensor]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def forget(self) -> None:
        """Weights have changed, in place."""
        self._encoder.forget()
        self._hints.clear()

    def __call__(
        self,
        sample: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        controlnet_cond: Tensor,
        conditioning_scale: float = 1.0,
        **options: Unpack[ControlNetArguments],
    ) -> tuple[list[Tensor], Tensor]:
        """As the ControlNet's forward, without `return_dict`: residuals for the way down, the
        middle's last.

        Raises ValueError for what no pipeline of ours asks.
        """
        check_arguments(options, ControlNetArguments)
        if options.get("return_dict"):
            raise ValueError("The fast ControlNet answers with a tuple; give return_dict=False.")
        contexts = self._encoder.read(encoder_hidden_states)
        added = self._encoder.added_conditions(options.get("added_cond_kwargs"))
        place = sample.device
        time = torch.as_tensor(timestep, device=place).reshape(1)
        scale = torch.tensor(conditioning_scale, dtype=sample.dtype).to(place, non_blocking=True)
        inputs = [
            sample.contiguous(memory_format=torch.channels_last),
            time,
            self._hinted(controlnet_cond),
            scale,
            *added,
        ]

        def work(given: Sequence[Tensor]) -> Sequence[Tensor]:
            return self._forward(given, contexts)

        # Copied, since two units may have the same net, and its outputs lie where they lay.
        drawn = self._graphs.run(work, inputs, encoder_hidden_states.shape)
        *down, middle = [residual.clone() for residual in drawn]
        return down, middle

    def _hinted(self, picture: Tensor) -> Tensor:
        for seen, hint in self._hints:
            if seen is picture:
                return hint
        layer = self.network.controlnet_cond_embedding
        with torch.no_grad():
            laid = picture.contiguous(memory_format=torch.channels_last)
            hint = layer(laid).contiguous(memory_format=torch.channels_last)
        self._hints = [*self._hints[1 - MAX_CONTROLNET_UNITS :], (picture, hint)]
        return hint

    def _forward(self, given: Sequence[Tensor], contexts: Sequence[Tensor]) -> list[Tensor]:
        sample, time, hint, scale, *added = given
        net, encoder, turn = self.network, self._encoder, iter(contexts)
        shifts = encoder.shifts(sample, time, added)
        x = blocks.conv(net.conv_in, sample, bias=True) + hint
        x, skips = encoder.down(x, shifts, turn)
        x = encoder.middle(x, shifts, turn)
        ways = [*zip(net.controlnet_down_blocks, skips, strict=True), (net.controlnet_mid_block, x)]
        return [blocks.pointwise(way.weight, x, way.bias) * scale for way, x in ways]
