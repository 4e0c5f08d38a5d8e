"""The Triton kernels of the group norm and a SiLU after it; rows are pixels.

Activations are in channels-last memory, so that a pixel's channels are neighbours. All arithmetic
is in float32, and sums have a fixed order, so that equal inputs give equal bits. Whatever need not
be a constant to the compiler is none: a container compiles these when it starts.
"""

from typing import Final

import triton
import triton.language as tl

RUNTIME_ARGUMENTS: Final = ["rows", "groups", "shift_stride", "has_shift", "silu"]
"""Not constants to the compiler, so that fewer variants are compiled."""


@triton.jit
def _load(x, shift, batch, row, rows, channels, channel, inside, has_shift):
    """A tile in float32, 0 outside of the tensor; its offsets and its mask."""
    mask = (row < rows)[:, None] & inside[None, :]
    offsets = (batch * rows + row).to(tl.int64)[:, None] * channels + channel[None, :]
    more = tl.load(shift + channel, inside & (has_shift != 0), 0).to(tl.float32)
    value = tl.load(x + offsets, mask, 0).to(tl.float32) + more[None, :]
    return tl.where(mask, value, 0), offsets, mask


@triton.jit
def _store(out, value, mean, square, eps, gamma, beta, channel, inside, silu, offsets, mask):
    """Normalize a tile with its groups' means and mean squares, and store it."""
    inverse_std = tl.rsqrt(tl.maximum(square - mean * mean, 0) + eps)
    scale = inverse_std * tl.load(gamma + channel, inside, 0).to(tl.float32)
    offset = tl.load(beta + channel, inside, 0).to(tl.float32) - mean * scale
    value = value * scale[None, :] + offset[None, :]
    value = tl.where(silu != 0, value * tl.sigmoid(value), value)
    tl.store(out + offsets, value.to(out.dtype.element_ty), mask)


@triton.jit(do_not_specialize=["rows", "shift_stride", "has_shift", "silu"])
def group_kernel(
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
    """Normalize one whole group of one image, WIDTH channels."""
    group, batch = tl.program_id(0), tl.program_id(1)
    lane, row = tl.arange(0, BLOCK_C), tl.arange(0, BLOCK_R)
    channel, inside = group * WIDTH + lane, lane < WIDTH
    value, offsets, mask = _load(
        x, shift + batch * shift_stride, batch, row, rows, channels, channel, inside, has_shift
    )
    count = rows * WIDTH * 1.0
    mean, square = tl.sum(tl.sum(value, 0)) / count, tl.sum(tl.sum(value * value, 0)) / count
    _store(out, value, mean, square, eps, gamma, beta, channel, inside, silu, offsets, mask)


@triton.jit(do_not_specialize=[*RUNTIME_ARGUMENTS, "steps"])
def moments_kernel(
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
    GROUPS_PER_PROGRAM: tl.constexpr,
    BLOCK_R: tl.constexpr,
    BLOCK_C: tl.constexpr,
):
    """Sums and sums of squares of some rows of several groups, each of WIDTH channels."""
    block, part, batch = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    lane = tl.arange(0, BLOCK_C)
    channel = part * GROUPS_PER_PROGRAM * WIDTH + lane
    inside = (lane < GROUPS_PER_PROGRAM * WIDTH) & (channel < channels)
    total = tl.zeros((BLOCK_C,), tl.float32)
    square = tl.zeros((BLOCK_C,), tl.float32)
    for step in range(steps):
        row = (block * steps + step) * BLOCK_R + tl.arange(0, BLOCK_R)
        value, _, _ = _load(
            x, shift + batch * shift_stride, batch, row, rows, channels, channel, inside, has_shift
        )
        total += tl.sum(value, 0)
        square += tl.sum(value * value, 0)
    first = (batch * tl.num_programs(0) + block) * groups + part * GROUPS_PER_PROGRAM
    for group in tl.static_range(GROUPS_PER_PROGRAM):
        in_group = lane // WIDTH == group
        exists = part * GROUPS_PER_PROGRAM + group < groups
        tl.store(sums + first + group, tl.sum(tl.where(in_group, total, 0)), exists)
        tl.store(squares + first + group, tl.sum(tl.where(in_group, square, 0)), exists)


@triton.jit(do_not_specialize=["blocks", "groups"])
def gather_kernel(
    sums, squares, out_sums, out_squares, blocks, groups, BLOCKS: tl.constexpr, GROUPS: tl.constexpr
):
    """Add up the partial sums of one image."""
    batch = tl.program_id(0)
    block, group = tl.arange(0, BLOCKS)[:, None], tl.arange(0, GROUPS)[None, :]
    offsets = (batch * blocks + block) * groups + group
    exists = (block < blocks) & (group < groups)
    lane = tl.arange(0, GROUPS)
    target = batch * groups + lane
    tl.store(out_sums + target, tl.sum(tl.load(sums + offsets, exists, 0), 0), lane < groups)
    tl.store(out_squares + target, tl.sum(tl.load(squares + offsets, exists, 0), 0), lane < groups)


@triton.jit(do_not_specialize=[*RUNTIME_ARGUMENTS, "blocks"])
def normalize_kernel(
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
    GROUPS_PER_PROGRAM: tl.constexpr,
    BLOCKS: tl.constexpr,
    BLOCK_R: tl.constexpr,
    BLOCK_C: tl.constexpr,
):
    """Normalize one tile, with the partial sums of its groups."""
    tile, part, batch = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    lane = tl.arange(0, BLOCK_C)
    channel = part * GROUPS_PER_PROGRAM * WIDTH + lane
    inside = (lane < GROUPS_PER_PROGRAM * WIDTH) & (channel < channels)
    row = tile * BLOCK_R + tl.arange(0, BLOCK_R)
    value, offsets, mask = _load(
        x, shift + batch * shift_stride, batch, row, rows, channels, channel, inside, has_shift
    )
    block = tl.arange(0, BLOCKS)[:, None]
    partial = (batch * blocks + block) * groups + (part * GROUPS_PER_PROGRAM + lane // WIDTH)[
        None, :
    ]
    exists = (block < blocks) & inside[None, :]
    count = rows * WIDTH * 1.0
    mean = tl.sum(tl.load(sums + partial, exists, 0), 0) / count
    square = tl.sum(tl.load(squares + partial, exists, 0), 0) / count
    _store(out, value, mean, square, eps, gamma, beta, channel, inside, silu, offsets, mask)
