"""The blocks that UNet, ControlNet and VAE are built from; they run diffusers' own modules.

Activations are B x C x H x W in channels-last memory. A convolution's bias is added by the norm or
the sum after it; 1 x 1 convolutions and linear layers are matrix products on the pixels.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from sagemaker_container.fast import ops


def conv(layer: nn.Conv2d, x: Tensor, *, bias: bool = False) -> Tensor:
    """A convolution, by default without its bias."""
    out = functional.conv2d(x, layer.weight, None, layer.stride, layer.padding)
    return ops.add_bias(out, layer.bias) if bias else out


def pointwise(weight: Tensor, x: Tensor, bias: Tensor | None = None) -> Tensor:
    """A 1 x 1 convolution or linear layer on every pixel of `x`."""
    pixels = functional.linear(x.permute(0, 2, 3, 1), weight.flatten(1), bias)
    return pixels.permute(0, 3, 1, 2)


def resnet(block: Any, x: Tensor, shift: Tensor | None = None) -> Tensor:
    """diffusers' ResnetBlock2D.

    `shift` is its share of the time embedding plus the first convolution's bias, B x C.
    """
    hidden = ops.group_norm(x, block.norm1)
    hidden = conv(block.conv1, hidden)
    hidden = ops.group_norm(hidden, block.norm2, block.conv1.bias if shift is None else shift)
    hidden = conv(block.conv2, hidden)
    if block.conv_shortcut is None:
        return ops.add(x, hidden, block.conv2.bias)
    shortcut = pointwise(block.conv_shortcut.weight, x)
    return ops.add(shortcut, hidden, block.conv2.bias, block.conv_shortcut.bias)


def transformer(block: Any, x: Tensor, contexts: Sequence[Tensor], fused: Any) -> Tensor:
    """diffusers' Transformer2DModel; `contexts` are the prompt's keys and values (`context`)."""
    batch, channels, height, width = x.shape
    normed = ops.group_norm(x, block.norm, silu=False)
    tokens = normed.permute(0, 2, 3, 1).reshape(batch, height * width, channels)
    tokens = functional.linear(tokens, block.proj_in.weight.flatten(1), block.proj_in.bias)
    residual: Tensor | None = None
    for layer, context in zip(block.transformer_blocks, contexts, strict=True):
        tokens, normed = ops.add_norm(tokens, residual, layer.norm1)
        tokens, normed = ops.add_norm(tokens, attention(layer.attn1, normed, fused), layer.norm2)
        attended = cross_attention(layer.attn2, normed, context)
        tokens, normed = ops.add_norm(tokens, attended, layer.norm3)
        residual = feed_forward(layer.ff, normed)
    if residual is not None:
        tokens = tokens + residual
    output = functional.linear(tokens, block.proj_out.weight.flatten(1))
    output = output.view(batch, height, width, channels).permute(0, 3, 1, 2)
    return ops.add(x, output, block.proj_out.bias)


def attention(layer: Any, tokens: Tensor, fused: Any) -> Tensor:
    """Self-attention on B x N x C; one product (`fused[layer]`) computes q, k and v."""
    batch, count, _ = tokens.shape
    weight, bias = fused[layer]
    parts = functional.linear(tokens, weight, bias).view(batch, count, 3, layer.heads, -1)
    query, key, value = parts.permute(2, 0, 3, 1, 4)
    return _attend(layer, query, key, value)


def context(layer: Any, prompt: Tensor, fused: Any) -> Tensor:
    """Keys and values of a prompt, B x L x 2 x heads x size; they are the same at every step."""
    batch, length, _ = prompt.shape
    weight, _ = fused[layer]
    return functional.linear(prompt, weight).view(batch, length, 2, layer.heads, -1)


def cross_attention(layer: Any, tokens: Tensor, prompt_context: Tensor) -> Tensor:
    """Attention of tokens B x N x C to a `context`."""
    batch, count, _ = tokens.shape
    query = layer.to_q(tokens).view(batch, count, layer.heads, -1).transpose(1, 2)
    key, value = prompt_context.permute(2, 0, 3, 1, 4)
    return _attend(layer, query, key, value)


def _attend(layer: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """All are B x heads x N x size."""
    attended = functional.scaled_dot_product_attention(query, key, value)
    tokens = attended.transpose(1, 2).reshape(len(query), query.shape[2], -1)
    out = layer.to_out[0]
    return functional.linear(tokens, out.weight, out.bias)


def feed_forward(layer: Any, tokens: Tensor) -> Tensor:
    """diffusers' FeedForward with GEGLU."""
    projection = layer.net[0].proj
    hidden = ops.geglu(functional.linear(tokens, projection.weight, projection.bias))
    return functional.linear(hidden, layer.net[2].weight, layer.net[2].bias)


def image_attention(layer: Any, x: Tensor, fused: Any) -> Tensor:
    """The VAE's attention between all pixels, with its norm and its residual."""
    batch, channels, height, width = x.shape
    normed = ops.group_norm(x, layer.group_norm, silu=False)
    tokens = normed.permute(0, 2, 3, 1).reshape(batch, height * width, channels)
    attended = attention(layer, tokens, fused)
    return ops.add(x, attended.view(batch, height, width, channels).permute(0, 3, 1, 2))


def upsample(block: Any, x: Tensor, size: torch.Size | None = None) -> Tensor:
    """Upsample by 2, or to the size of the next skip connection, and apply a convolution."""
    height, width = size or (2 * x.shape[-2], 2 * x.shape[-1])
    return conv(block.conv, ops.upsample(x, (height, width)), bias=True)
