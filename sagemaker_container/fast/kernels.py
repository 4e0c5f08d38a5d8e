"""Triton kernels for the other operations between the matrix products.

Rows are pixels or tokens. Activations are in channels-last memory; all arithmetic is in float32.
"""

import torch
import triton
import triton.language as tl


@triton.jit(do_not_specialize=["rows", "has_y", "has_first", "has_second"])
def _add_kernel(
    x,
    y,
    first,
    second,
    out,
    rows,
    channels,
    has_y,
    has_first,
    has_second,
    BLOCK_R: tl.constexpr,
    BLOCK_C: tl.constexpr,
):
    row = tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R)
    channel = tl.program_id(1) * BLOCK_C + tl.arange(0, BLOCK_C)
    inside = channel < channels
    mask = (row < rows)[:, None] & inside[None, :]
    at = row.to(tl.int64)[:, None] * channels + channel[None, :]
    bias = tl.load(first + channel, inside & (has_first != 0), 0).to(tl.float32)
    bias += tl.load(second + channel, inside & (has_second != 0), 0).to(tl.float32)
    value = tl.load(x + at, mask, 0).to(tl.float32) + bias[None, :]
    value += tl.load(y + at, mask & (has_y != 0), 0).to(tl.float32)
    tl.store(out + at, value.to(out.dtype.element_ty), mask)


def _launch_add(
    x: torch.Tensor,
    y: torch.Tensor | None,
    first: torch.Tensor | None,
    second: torch.Tensor | None,
    out: torch.Tensor,
) -> torch.Tensor:
    channels = x.shape[1]
    rows, block_r, block_c = x.numel() // channels, 32, 64
    terms = [(one, one is not None) for one in (y, first, second)]
    _add_kernel[(triton.cdiv(rows, block_r), triton.cdiv(channels, block_c))](
        x,
        *(x if one is None else one for one, _ in terms),
        out,
        rows,
        channels,
        *(int(is_given) for _, is_given in terms),
        BLOCK_R=block_r,
        BLOCK_C=block_c,
    )
    return out


def add(
    x: torch.Tensor, y: torch.Tensor, first: torch.Tensor | None, second: torch.Tensor | None
) -> torch.Tensor:
    """`ops.add`; both are channels-last."""
    return _launch_add(x, y, first, second, torch.empty_like(x))


def add_bias(x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """`ops.add_bias`; `x` is channels-last."""
    return _launch_add(x, None, bias, None, x)


@triton.jit(do_not_specialize=["height", "width", "out_height", "out_width"])
def _upsample_kernel(
    x,
    out,
    height,
    width,
    out_height,
    out_width,
    channels,
    BLOCK_R: tl.constexpr,
    BLOCK_C: tl.constexpr,
):
    batch = tl.program_id(2)
    row = tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R)
    channel = tl.program_id(1) * BLOCK_C + tl.arange(0, BLOCK_C)
    mask = (row < out_height * out_width)[:, None] & (channel < channels)[None, :]
    down, right = row // out_width, row % out_width
    source = (down * height // out_height) * width + right * width // out_width
    read = (batch * height * width + source).to(tl.int64)[:, None] * channels + channel[None, :]
    write = (batch * out_height * out_width + row).to(tl.int64)[:, None] * channels
    tl.store(out + write + channel[None, :], tl.load(x + read, mask, 0), mask)


def upsample(x: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """`ops.upsample`; `x` is channels-last."""
    batch, channels, height, width = x.shape
    out = torch.empty(
        (batch, channels, *size), dtype=x.dtype, device=x.device, memory_format=torch.channels_last
    )
    block_r, block_c = 32, 64
    grid = (triton.cdiv(size[0] * size[1], block_r), triton.cdiv(channels, block_c), batch)
    _upsample_kernel[grid](x, out, height, width, *size, channels, BLOCK_R=block_r, BLOCK_C=block_c)
    return out


@triton.jit(do_not_specialize=["has_y"])
def _add_norm_kernel(x, y, gamma, beta, total, out, channels, has_y, eps, BLOCK: tl.constexpr):
    start = tl.program_id(0).to(tl.int64) * channels
    lane = tl.arange(0, BLOCK)
    inside = lane < channels
    value = tl.load(x + start + lane, inside, 0).to(tl.float32)
    value += tl.load(y + start + lane, inside & (has_y != 0), 0).to(tl.float32)
    rounded = value.to(total.dtype.element_ty)
    tl.store(total + start + lane, rounded, inside & (has_y != 0))
    value = rounded.to(tl.float32)
    mean = tl.sum(value, 0) / channels
    centred = tl.where(inside, value - mean, 0)
    spread = tl.rsqrt(tl.sum(centred * centred, 0) / channels + eps)
    scale = tl.load(gamma + lane, inside, 0).to(tl.float32)
    offset = tl.load(beta + lane, inside, 0).to(tl.float32)
    result = centred * spread * scale + offset
    tl.store(out + start + lane, result.to(out.dtype.element_ty), inside)


def add_norm(
    x: torch.Tensor, y: torch.Tensor | None, norm: torch.nn.LayerNorm
) -> tuple[torch.Tensor, torch.Tensor]:
    """`ops.add_norm`; both are contiguous."""
    channels = x.shape[-1]
    total = x if y is None else torch.empty_like(x)
    out = torch.empty_like(x)
    block = triton.next_power_of_2(channels)
    _add_norm_kernel[(x.numel() // channels,)](
        x,
        x if y is None else y,
        norm.weight,
        norm.bias,
        total,
        out,
        channels,
        int(y is not None),
        norm.eps,
        BLOCK=block,
        num_warps=max(1, min(8, block // 256)),
    )
    return total, out


@triton.jit(do_not_specialize=["rows"])
def _geglu_kernel(x, out, rows, channels, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr):
    row = tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R)
    lane = tl.program_id(1) * BLOCK_C + tl.arange(0, BLOCK_C)
    mask = (row < rows)[:, None] & (lane < channels)[None, :]
    start = row.to(tl.int64)[:, None] * channels
    value = tl.load(x + 2 * start + lane[None, :], mask, 0).to(tl.float32)
    gate = tl.load(x + 2 * start + channels + lane[None, :], mask, 0).to(tl.float32)
    result = value * gate * 0.5 * (1 + tl.erf(gate * 0.7071067811865476))
    tl.store(out + start + lane[None, :], result.to(out.dtype.element_ty), mask)


def geglu(x: torch.Tensor) -> torch.Tensor:
    """`ops.geglu`; `x` is contiguous."""
    channels = x.shape[-1] // 2
    out = torch.empty(*x.shape[:-1], channels, dtype=x.dtype, device=x.device)
    rows, block_r, block_c = out.numel() // channels, 4, 256
    grid = (triton.cdiv(rows, block_r), triton.cdiv(channels, block_c))
    _geglu_kernel[grid](x, out, rows, channels, BLOCK_R=block_r, BLOCK_C=block_c)
    return out
