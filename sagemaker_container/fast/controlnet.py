"""Runs diffusers' ControlNet on the fast path, with the ControlNet's own interface."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import torch
from diffusers import ControlNetModel
from torch import Tensor

from formats.limits import MAX_CONTROLNET_UNITS
from sagemaker_container.fast import blocks
from sagemaker_container.fast.graphs import GraphCache
from sagemaker_container.fast.unet_encoder import UNetEncoder, check_arguments


class ControlNetArguments(TypedDict, total=False):
    """The optional arguments of the ControlNet's forward that are supported."""

    added_cond_kwargs: dict[str, Tensor] | None
    return_dict: bool


class FastControlNet:
    """Replaces a ControlNet. A control map is embedded once, not at every step."""

    def __init__(self, net: ControlNetModel) -> None:
        self.network: Any = net
        self._encoder = UNetEncoder(net)
        self._graphs = GraphCache()
        self._embedded_maps: list[tuple[Tensor, Tensor]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def invalidate(self) -> None:
        """Drop what was computed from the weights, because they were changed in place."""
        self._encoder.invalidate()
        self._embedded_maps.clear()

    def __call__(
        self,
        sample: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        controlnet_cond: Tensor,
        conditioning_scale: float = 1.0,
        **options: Unpack[ControlNetArguments],
    ) -> tuple[list[Tensor], Tensor]:
        """The ControlNet's forward: residuals of the down blocks, and of the middle block.

        Raises ValueError for an argument that is not supported.
        """
        check_arguments(options, ControlNetArguments)
        if options.get("return_dict"):
            raise ValueError("The fast ControlNet returns a tuple; give return_dict=False.")
        contexts = self._encoder.contexts(encoder_hidden_states)
        added = self._encoder.added_conditions(options.get("added_cond_kwargs"))
        device = sample.device
        time = self._encoder.time_input(timestep, device)
        scale = torch.tensor(conditioning_scale, dtype=sample.dtype)
        inputs = [
            sample.contiguous(memory_format=torch.channels_last),
            time,
            self._embed_map(controlnet_cond),
            scale.to(device, non_blocking=True),
            *added,
        ]

        def forward(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
            return self._forward(tensors, contexts)

        residuals = self._graphs.run(forward, inputs, encoder_hidden_states.shape)
        # Copied, because the next run writes over them, and two units may have the same net.
        *down, middle = [residual.clone() for residual in residuals]
        return down, middle

    def _embed_map(self, control_map: Tensor) -> Tensor:
        for known, embedded in self._embedded_maps:
            if known is control_map:
                return embedded
        layer = self.network.controlnet_cond_embedding
        with torch.no_grad():
            channels_last = control_map.contiguous(memory_format=torch.channels_last)
            embedded = layer(channels_last).contiguous(memory_format=torch.channels_last)
        kept = self._embedded_maps[1 - MAX_CONTROLNET_UNITS :]
        self._embedded_maps = [*kept, (control_map, embedded)]
        return embedded

    def _forward(self, tensors: Sequence[Tensor], contexts: Sequence[Tensor]) -> list[Tensor]:
        sample, time, embedded_map, scale, *added = tensors
        net, encoder, next_contexts = self.network, self._encoder, iter(contexts)
        shifts = encoder.shifts(sample, time, added)
        x = blocks.conv(net.conv_in, sample, bias=True) + embedded_map
        x, skips = encoder.down(x, shifts, next_contexts)
        x = encoder.middle(x, shifts, next_contexts)
        outputs = zip(net.controlnet_down_blocks, skips, strict=True)
        pairs = [*outputs, (net.controlnet_mid_block, x)]
        return [blocks.pointwise(layer.weight, x, layer.bias) * scale for layer, x in pairs]
