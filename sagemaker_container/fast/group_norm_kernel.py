"""The Triton kernels of the group norm, which SiLU may follow; rows are pixels, of channels.

Pictures are in channels-last memory, so that a pixel's channels are neighbours. All arithmetic is
in float32; sums are made in a fixed order, so the same input gives the same bits. What need not be
a constant to the compiler is none: a container that starts compiles these before it can draw.
"""

from functools import cache
from typing import Final

import torch
import triton
import triton.language as tl

_FEW_BLOCKS: Final = 16
"""Blocks of partial sums that every program may add up by itself."""
_MANY_BLOCKS: Final = 128
_TOGETHER: Final = 16
"""Groups of a program, at most."""
_TILE: Final = 8192
"""Numbers that a program holds at a time where several programs share a group."""
_WHOLE: Final = 32768
"""Numbers up to which one program holds all of a group."""
_RUNTIME: Final = ["rows", "groups", "shift_stride", "has_shift", "silu"]


@triton.jit
def _loaded(x, shift, batch, row, rows, channels, channel, inside, has_shift):
    """A tile in float32, 0 outside, and where it lies."""
    mask = (row < rows)[:, None] & inside[None, :]
    offsets = (batch * rows + row).to(tl.int64)[:, None] * channels + channel[None, :]
    more = tl.load(shift + channel, inside & (has_shift != 0), 0).to(tl.float32)
    value = tl.load(x + offsets, mask, 0).to(tl.float32) + more[None, :]
    return tl.where(mask, value, 0), offsets, mask


@triton.jit
def _write(out, value, mean, square, eps, gamma, beta, channel, inside, silu, offsets, mask):
    """Write what the norm makes of a tile, from its groups' means and mean squares."""
    spread = tl.rsqrt(tl.maximum(square - mean * mean, 0) + eps)
    scale = spread * tl.load(gamma + channel, inside, 0).to(tl.float32)
    offset = tl.load(beta + channel, inside, 0).to(tl.float32) - mean * scale
    value = value * scale[None, :] + offset[None, :]
    value = tl.where(silu != 0, value * tl.sigmoid(value), value)
    tl.store(out + offsets, value.to(out.dtype.element_ty), mask)


@triton.jit(do_not_specialize=["rows", "shift_stride", "has_shift", "silu"])
def _whole(
    x,
    shift,
    gamma,
    beta,
    out,
    rows,
    channels,
    shift_stride,
    has_shift,
    silu,
    eps,
    WIDTH: tl.constexpr,
    BLOCK_R: tl.constexpr,
    BLOCK_C: tl.constexpr,
):
    """One group of one picture, WIDTH channels."""
    group, batch = tl.program_id(0), tl.program_id(1)
    lane, row = tl.arange(0, BLOCK_C), tl.arange(0, BLOCK_R)
    channel, inside = group * WIDTH + lane, lane < WIDTH
    value, offsets, mask = _loaded(
        x, shift + batch * shift_stride, batch, row, rows, channels, channel, inside, has_shift
    )
    count = rows * WIDTH * 1.0
    mean, square = tl.sum(tl.sum(value, 0)) / count, tl.sum(tl.sum(value * value, 0)) / count
    _write(out, value, mean, square, eps, gamma, beta, channel, inside, silu, offsets, mask)


@triton.jit(do_not_specialize=[*_RUNTIME, "steps"])
def _moments(
    x,
    shift,
    sums,
    squares,
    rows,
    channels,
    groups,
    shift_stride,
    has_shift,
    steps,
    WIDTH: tl.constexpr,
    TOGETHER: tl.constexpr,
    BLOCK_R: tl.constexpr,
    BLOCK_C: tl.constexpr,
):
    """Sums and sums of squares of some rows of TOGETHER groups, each of WIDTH channels."""
    block, part, batch = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    lane = tl.arange(0, BLOCK_C)
    channel = part * TOGETHER * WIDTH + lane
    inside = (lane < TOGETHER * WIDTH) & (channel < channels)
    total = tl.zeros((BLOCK_C,), tl.float32)
    square = tl.zeros((BLOCK_C,), tl.float32)
    for step in range(steps):
        row = (block * steps + step) * BLOCK_R + tl.arange(0, BLOCK_R)
        value, _, _ = _loaded(
            x, shift + batch * shift_stride, batch, row, rows, channels, channel, inside, has_shift
        )
        total += tl.sum(value, 0)
        square += tl.sum(value * value, 0)
    first = (batch * tl.num_programs(0) + block) * groups + part * TOGETHER
    for group in tl.static_range(TOGETHER):
        mine = lane // WIDTH == group
        known = part * TOGETHER + group < groups
        tl.store(sums + first + group, tl.sum(tl.where(mine, total, 0)), known)
        tl.store(squares + first + group, tl.sum(tl.where(mine, square, 0)), known)


@triton.jit(do_not_specialize=["blocks", "groups"])
def _gathered(
    sums, squares, out_sums, out_squares, blocks, groups, BLOCKS: tl.constexpr, GROUPS: tl.constexpr
):
    """Add up the partial sums of one picture."""
    batch = tl.program_id(0)
    block, group = tl.arange(0, BLOCKS)[:, None], tl.arange(0, GROUPS)[None, :]
    offsets = (batch * blocks + block) * groups + group
    known = (block < blocks) & (group < groups)
    lane = tl.arange(0, GROUPS)
    here = batch * groups + lane
    tl.store(out_sums + here, tl.sum(tl.load(sums + offsets, known, 0), 0), lane < groups)
    tl.store(out_squares + here, tl.sum(tl.load(squares + offsets, known, 0), 0), lane < groups)


@triton.jit(do_not_specialize=[*_RUNTIME, "blocks"])
def _normalised(
    x,
    shift,
    sums,
    squares,
    gamma,
    beta,
    out,
    rows,
    channels,
    groups,
    shift_stride,
    has_shift,
    silu,
    blocks,
    eps,
    WIDTH: tl.constexpr,
    TOGETHER: tl.constexpr,
    BLOCKS: tl.constexpr,
    BLOCK_R: tl.constexpr,
    BLOCK_C: tl.constexpr,
):
    """One tile of the group norm, and what follows it."""
    tile, part, batch = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    lane = tl.arange(0, BLOCK_C)
    channel = part * TOGETHER * WIDTH + lane
    inside = (lane < TOGETHER * WIDTH) & (channel < channels)
    row = tile * BLOCK_R + tl.arange(0, BLOCK_R)
    value, offsets, mask = _loaded(
        x, shift + batch * shift_stride, batch, row, rows, channels, channel, inside, has_shift
    )
    block = tl.arange(0, BLOCKS)[:, None]
    partial = (batch * blocks + block) * groups + (part * TOGETHER + lane // WIDTH)[None, :]
    known = (block < blocks) & inside[None, :]
    count = rows * WIDTH * 1.0
    mean = tl.sum(tl.load(sums + partial, known, 0), 0) / count
    square = tl.sum(tl.load(squares + partial, known, 0), 0) / count
    _write(out, value, mean, square, eps, gamma, beta, channel, inside, silu, offsets, mask)


def group_norm(
    x: torch.Tensor, norm: torch.nn.GroupNorm, shift: torch.Tensor | None, *, silu: bool
) -> torch.Tensor:
    """As `ops.group_norm`; `x` is channels-last."""
    batch, channels, height, width = x.shape
    rows, groups = height * width, norm.num_groups
    each = channels // groups
    picture = (x, x if shift is None else shift)
    stride = 0 if shift is None or shift.dim() == 1 else shift.stride(0)
    shifted = (stride, int(shift is not None))
    sizes = (rows, channels, groups, *shifted)
    affine = (norm.weight, norm.bias)
    out = torch.empty_like(x)
    lanes, block_r = int(triton.next_power_of_2(each)), int(triton.next_power_of_2(rows))
    if lanes * block_r <= _WHOLE and lanes >= 32:
        block_r = max(64, block_r)
        _whole[(groups, batch)](
            *picture,
            *affine,
            out,
            rows,
            channels,
            *shifted,
            int(silu),
            norm.eps,
            WIDTH=each,
            BLOCK_R=block_r,
            BLOCK_C=lanes,
            num_warps=max(4, lanes * block_r // 2048),
        )
        return out
    together, lanes = span(each, groups)
    shape = {
        "WIDTH": each,
        "TOGETHER": together,
        "BLOCK_R": max(16, _TILE // lanes),
        "BLOCK_C": lanes,
        "num_warps": 8,
    }
    parts = int(triton.cdiv(groups, together))
    sums, blocks = _summed(picture, sizes, parts, shape)
    _normalised[(triton.cdiv(rows, shape["BLOCK_R"]), parts, batch)](
        *picture,
        sums[0],
        sums[1],
        *affine,
        out,
        *sizes,
        int(silu),
        blocks,
        norm.eps,
        BLOCKS=_FEW_BLOCKS,
        **shape,
    )
    return out


def _summed(
    picture: tuple[torch.Tensor, torch.Tensor],
    sizes: tuple[int, ...],
    parts: int,
    shape: dict[str, int],
) -> tuple[torch.Tensor, int]:
    """Partial sums, 2 x batch x blocks x groups, and how many blocks there are."""
    rows, groups, batch, device = sizes[0], sizes[2], len(picture[0]), picture[0].device
    tiles = int(triton.cdiv(rows, shape["BLOCK_R"]))
    # So many that the GPU is busy.
    blocks = min(tiles, _FEW_BLOCKS if tiles * parts * batch <= 2048 else _MANY_BLOCKS)
    sums = torch.empty(2, batch, blocks, groups, dtype=torch.float32, device=device)
    _moments[(blocks, parts, batch)](
        *picture, sums[0], sums[1], *sizes, triton.cdiv(tiles, blocks), **shape
    )
    if blocks <= _FEW_BLOCKS:
        return sums, blocks
    whole = torch.empty(2, batch, 1, groups, dtype=torch.float32, device=device)
    _gathered[(batch,)](
        sums[0],
        sums[1],
        whole[0],
        whole[1],
        blocks,
        groups,
        BLOCKS=_MANY_BLOCKS,
        GROUPS=triton.next_power_of_2(groups),
    )
    return whole, 1


@cache
def span(each: int, groups: int) -> tuple[int, int]:
    """How many groups one program takes, and its lanes: few lanes should idle, and many programs
    should run (on an H100 lanes of 128 made a UNet step of one picture 0.7 ms slower).
    """
    fits = []
    for lanes in {32, 64, 128, max(32, int(triton.next_power_of_2(each)))}:
        together = min(lanes // each, groups, _TOGETHER)
        if together:
            fits.append((lanes <= 64, together * each / lanes, -lanes, together))
    _, _, lanes, together = max(fits)
    return together, -lanes
