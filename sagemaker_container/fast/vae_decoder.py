"""Runs diffusers' VAE decoder on the fast path; everything else is the VAE's own."""

from collections.abc import Sequence
from typing import Any, Final

import torch
from diffusers import AutoencoderKL
from diffusers.models.autoencoders.vae import DecoderOutput
from torch import Tensor

from sagemaker_container.fast import blocks, ops
from sagemaker_container.fast.fused_weights import fuse_attention
from sagemaker_container.fast.graphs import GraphCache

_MAX_CAPTURED: Final = 160 * 160
"""Latents of an image up to which a decode is captured. For a larger image a graph would save
little time and hold gigabytes."""


class FastVae:
    """Replaces a VAE."""

    def __init__(self, vae: AutoencoderKL) -> None:
        self.network: Any = vae
        self._fused = fuse_attention(vae.decoder)
        self._graphs = GraphCache()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def decode(self, z: Tensor, return_dict: bool = True) -> Any:
        """The VAE's decode: latents B x 4 x h x w to images B x 3 x 8h x 8w of -1 to 1."""
        if self.network.use_tiling or self.network.use_slicing:
            return self.network.decode(z, return_dict=return_dict)
        z = z.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            if z.shape[-1] * z.shape[-2] > _MAX_CAPTURED:
                decoded = self._forward([z])[0]
            else:
                decoded = self._graphs.run(self._forward, [z])[0].clone()
        return DecoderOutput(sample=decoded) if return_dict else (decoded,)

    def _forward(self, tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        vae, decoder = self.network, self.network.decoder
        x = tensors[0]
        if vae.post_quant_conv is not None:
            x = blocks.conv(vae.post_quant_conv, x, bias=True)
        x = blocks.conv(decoder.conv_in, x, bias=True)
        x = self._middle(decoder.mid_block, x)
        for block in decoder.up_blocks:
            for layer in block.resnets:
                x = blocks.resnet(layer, x)
            for sampler in block.upsamplers or ():
                x = blocks.upsample(sampler, x)
        x = ops.group_norm(x, decoder.conv_norm_out)
        return [blocks.conv(decoder.conv_out, x, bias=True)]

    def _middle(self, block: Any, x: Tensor) -> Tensor:
        x = blocks.resnet(block.resnets[0], x)
        for attention, layer in zip(block.attentions, block.resnets[1:], strict=True):
            x = blocks.image_attention(attention, x, self._fused)
            x = blocks.resnet(layer, x)
        return x
