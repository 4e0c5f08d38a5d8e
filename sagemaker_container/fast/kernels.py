"""Triton kernels for what else lies between the matrix products; rows are pixels or tokens.

Pictures are in channels-last memory; all arithmetic is in float32.
"""

import torch
import triton
import triton.language as tl


@triton.jit(do_not_specialize=["rows"])
def _added(x, y, first, second, out, rows, channels, BLOCK_R: tl.constexpr,
           BLOCK_C: tl.constexpr, HAS_FIRST: tl.constexpr, HAS_SECOND: tl.constexpr):  # fmt: skip
    row = tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R)
    channel = tl.program_id(1) * BLOCK_C + tl.arange(0, BLOCK_C)
    inside = channel < channels
    mask = (row < rows)[:, None] & inside[None, :]
    at = row.to(tl.int64)[:, None] * channels + channel[None, :]
    value = tl.load(x + at, mask, 0).to(tl.float32) + tl.load(y + at, mask, 0).to(tl.float32)
    if HAS_FIRST:
        value += tl.load(first + channel, inside, 0).to(tl.float32)[None, :]
    if HAS_SECOND:
        value += tl.load(second + channel, inside, 0).to(tl.float32)[None, :]
    tl.store(out + at, value.to(out.dtype.element_ty), mask)


def add(
    x: torch.Tensor, y: torch.Tensor, first: torch.Tensor | None, second: torch.Tensor | None
) -> torch.Tensor:
    """As `ops.add`; both are channels-last."""
    out = torch.empty_like(x)
    channels = x.shape[1]
    rows, block_r, block_c = x.numel() // channels, 32, 64
    _added[(triton.cdiv(rows, block_r), triton.cdiv(channels, block_c))](
        x, y, x if first is None else first, x if second is None else second, out, rows, channels,
        BLOCK_R=block_r, BLOCK_C=block_c, HAS_FIRST=first is not None,
        HAS_SECOND=second is not None, num_warps=4,
    )  # fmt: skip
    return out


@triton.jit(do_not_specialize=["rows"])
def _biased(x, bias, out, rows, channels, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr):
    row = tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R)
    channel = tl.program_id(1) * BLOCK_C + tl.arange(0, BLOCK_C)
    inside = channel < channels
    mask = (row < rows)[:, None] & inside[None, :]
    at = row.to(tl.int64)[:, None] * channels + channel[None, :]
    value = tl.load(x + at, mask, 0).to(tl.float32)
    value += tl.load(bias + channel, inside, 0).to(tl.float32)[None, :]
    tl.store(out + at, value.to(out.dtype.element_ty), mask)


def add_bias(x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """As `ops.add_bias`, written over `x`, which is channels-last."""
    channels = x.shape[1]
    rows, block_r, block_c = x.numel() // channels, 32, 64
    grid = (triton.cdiv(rows, block_r), triton.cdiv(channels, block_c))
    _biased[grid](x, bias, x, rows, channels, BLOCK_R=block_r, BLOCK_C=block_c, num_warps=4)
    return x


@triton.jit(do_not_specialize=["height", "width", "out_height", "out_width"])
def _enlarged(x, out, height, width, out_height, out_width, channels, BLOCK_R: tl.constexpr,
              BLOCK_C: tl.constexpr):  # fmt: skip
    batch = tl.program_id(2)
    row = tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R)
    channel = tl.program_id(1) * BLOCK_C + tl.arange(0, BLOCK_C)
    mask = (row < out_height * out_width)[:, None] & (channel < channels)[None, :]
    down, right = row // out_width, row % out_width
    source = (down * height // out_height) * width + right * width // out_width
    read = (batch * height * width + source).to(tl.int64)[:, None] * channels + channel[None, :]
    write = (batch * out_height * out_width + row).to(tl.int64)[:, None] * channels
    tl.store(out + write + channel[None, :], tl.load(x + read, mask, 0), mask)


def enlarge(x: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """As `ops.enlarge`; `x` is channels-last."""
    batch, channels, height, width = x.shape
    out = torch.empty(
        (batch, channels, *size), dtype=x.dtype, device=x.device, memory_format=torch.channels_last
    )
    block_r, block_c = 32, 64
    grid = (triton.cdiv(size[0] * size[1], block_r), triton.cdiv(channels, block_c), batch)
    _enlarged[grid](
        x, out, height, width, *size, channels, BLOCK_R=block_r, BLOCK_C=block_c, num_warps=4
    )
    return out


@triton.jit
def _added_normalised(x, y, gamma, beta, total, out, channels, eps, BLOCK: tl.constexpr,
                      HAS_Y: tl.constexpr):  # fmt: skip
    start = tl.program_id(0).to(tl.int64) * channels
    lane = tl.arange(0, BLOCK)
    inside = lane < channels
    value = tl.load(x + start + lane, inside, 0).to(tl.float32)
    if HAS_Y:
        value += tl.load(y + start + lane, inside, 0).to(tl.float32)
        rounded = value.to(total.dtype.element_ty)
        tl.store(total + start + lane, rounded, inside)
        value = rounded.to(tl.float32)
    mean = tl.sum(value, 0) / channels
    apart = tl.where(inside, value - mean, 0)
    spread = tl.rsqrt(tl.sum(apart * apart, 0) / channels + eps)
    scale = tl.load(gamma + lane, inside, 0).to(tl.float32)
    offset = tl.load(beta + lane, inside, 0).to(tl.float32)
    result = apart * spread * scale + offset
    tl.store(out + start + lane, result.to(out.dtype.element_ty), inside)


def add_norm(
    x: torch.Tensor, y: torch.Tensor | None, norm: torch.nn.LayerNorm
) -> tuple[torch.Tensor, torch.Tensor]:
    """As `ops.add_norm`; both are contiguous."""
    channels = x.shape[-1]
    total = x if y is None else torch.empty_like(x)
    out = torch.empty_like(x)
    block = triton.next_power_of_2(channels)
    _added_normalised[(x.numel() // channels,)](
        x, x if y is None else y, norm.weight, norm.bias, total, out, channels, norm.eps,
        BLOCK=block, HAS_Y=y is not None, num_warps=max(1, min(8, block // 256)),
    )  # fmt: skip
    return total, out


@triton.jit
def _gated(x, out, channels, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    lane = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = lane < channels
    value = tl.load(x + row * 2 * channels + lane, inside, 0).to(tl.float32)
    gate = tl.load(x + row * 2 * channels + channels + lane, inside, 0).to(tl.float32)
    result = value * gate * 0.5 * (1 + tl.erf(gate * 0.7071067811865476))
    tl.store(out + row * channels + lane, result.to(out.dtype.element_ty), inside)


def geglu(x: torch.Tensor) -> torch.Tensor:
    """As `ops.geglu`; `x` is contiguous."""
    channels = x.shape[-1] // 2
    out = torch.empty(*x.shape[:-1], channels, dtype=x.dtype, device=x.device)
    block = 256
    _gated[(x.numel() // (2 * channels), triton.cdiv(channels, block))](
        x, out, channels, BLOCK=block, num_warps=2
    )
    return out
