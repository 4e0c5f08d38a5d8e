"""The Triton kernels of the group norm, which SiLU may follow; rows are pixels, of channels.

Pictures are in channels-last memory, so that a pixel's channels are neighbours. All arithmetic is
in float32; sums are made in a fixed order, so the same input gives the same bits.
"""

from typing import Any, Final

import torch
import triton
import triton.language as tl

_FEW_BLOCKS: Final = 16
"""Blocks of partial sums that every program may add up by itself."""
_MANY_BLOCKS: Final = 128
_TILE: Final = 8192
"""Numbers that a program of the norms holds at a time."""


@triton.jit
def _loaded(x, shift, offsets, mask, channel, inside, HAS_SHIFT: tl.constexpr):
    value = tl.load(x + offsets, mask, 0).to(tl.float32)
    if HAS_SHIFT:
        value += tl.load(shift + channel, inside, 0).to(tl.float32)[None, :]
    return value


@triton.jit(do_not_specialize=["rows", "groups", "shift_stride", "steps"])
def _moments(x, shift, sums, squares, rows, channels, groups, shift_stride, steps,
             WIDTH: tl.constexpr, TOGETHER: tl.constexpr, BLOCK_R: tl.constexpr,
             BLOCK_C: tl.constexpr, HAS_SHIFT: tl.constexpr):  # fmt: skip
    """Sums and sums of squares of some rows of TOGETHER groups, each of WIDTH channels."""
    block, part, batch = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    lane = tl.arange(0, BLOCK_C)
    channel = part * TOGETHER * WIDTH + lane
    inside = (lane < TOGETHER * WIDTH) & (channel < channels)
    total = tl.zeros((BLOCK_C,), tl.float32)
    square = tl.zeros((BLOCK_C,), tl.float32)
    for step in range(steps):
        row = (block * steps + step) * BLOCK_R + tl.arange(0, BLOCK_R)
        mask = (row < rows)[:, None] & inside[None, :]
        offsets = (batch * rows + row).to(tl.int64)[:, None] * channels + channel[None, :]
        value = _loaded(x, shift + batch * shift_stride, offsets, mask, channel, inside, HAS_SHIFT)
        value = tl.where(mask, value, 0)
        total += tl.sum(value, 0)
        square += tl.sum(value * value, 0)
    first = (batch * tl.num_programs(0) + block) * groups + part * TOGETHER
    for group in tl.static_range(TOGETHER):
        mine = lane // WIDTH == group
        known = part * TOGETHER + group < groups
        tl.store(sums + first + group, tl.sum(tl.where(mine, total, 0)), known)
        tl.store(squares + first + group, tl.sum(tl.where(mine, square, 0)), known)


@triton.jit(do_not_specialize=["blocks", "groups"])
def _gathered(sums, squares, out_sums, out_squares, blocks, groups, BLOCKS: tl.constexpr,
              GROUPS: tl.constexpr):  # fmt: skip
    """Add up the partial sums of one picture."""
    batch = tl.program_id(0)
    block, group = tl.arange(0, BLOCKS)[:, None], tl.arange(0, GROUPS)[None, :]
    offsets = (batch * blocks + block) * groups + group
    known = (block < blocks) & (group < groups)
    lane = tl.arange(0, GROUPS)
    here = batch * groups + lane
    tl.store(out_sums + here, tl.sum(tl.load(sums + offsets, known, 0), 0), lane < groups)
    tl.store(out_squares + here, tl.sum(tl.load(squares + offsets, known, 0), 0), lane < groups)


@triton.jit(do_not_specialize=["rows", "groups", "shift_stride", "blocks"])
def _normalised(x, shift, sums, squares, gamma, beta, out, rows, channels, groups, shift_stride,
                blocks, eps, WIDTH: tl.constexpr, TOGETHER: tl.constexpr, BLOCKS: tl.constexpr,
                BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr, HAS_SHIFT: tl.constexpr,
                SILU: tl.constexpr):  # fmt: skip
    """One tile of the group norm, and what follows it."""
    tile, part, batch = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    lane = tl.arange(0, BLOCK_C)
    channel = part * TOGETHER * WIDTH + lane
    inside = (lane < TOGETHER * WIDTH) & (channel < channels)
    block = tl.arange(0, BLOCKS)[:, None]
    partial = (batch * blocks + block) * groups + (part * TOGETHER + lane // WIDTH)[None, :]
    known = (block < blocks) & inside[None, :]
    count = rows * WIDTH * 1.0  # not `.to`: a 1 is a constant to Triton
    mean = tl.sum(tl.load(sums + partial, known, 0), 0) / count
    square = tl.sum(tl.load(squares + partial, known, 0), 0) / count
    spread = tl.rsqrt(tl.maximum(square - mean * mean, 0) + eps)
    scale = spread * tl.load(gamma + channel, inside, 0).to(tl.float32)
    offset = tl.load(beta + channel, inside, 0).to(tl.float32) - mean * scale
    row = tile * BLOCK_R + tl.arange(0, BLOCK_R)
    mask = (row < rows)[:, None] & inside[None, :]
    offsets = (batch * rows + row).to(tl.int64)[:, None] * channels + channel[None, :]
    value = _loaded(x, shift + batch * shift_stride, offsets, mask, channel, inside, HAS_SHIFT)
    value = value * scale[None, :] + offset[None, :]
    if SILU:
        value = value * tl.sigmoid(value)
    tl.store(out + offsets, value.to(out.dtype.element_ty), mask)


def group_norm(
    x: torch.Tensor, norm: torch.nn.GroupNorm, shift: torch.Tensor | None, *, silu: bool
) -> torch.Tensor:
    """As `ops.group_norm`; `x` is channels-last."""
    batch, channels, height, width = x.shape
    rows, groups = height * width, norm.num_groups
    together, block_c = _span(channels // groups, groups)
    block_r = max(16, _TILE // block_c)
    parts = triton.cdiv(groups, together)
    blocks = _blocks(rows, block_r, parts * batch)
    sums = torch.empty(2, batch, blocks, groups, dtype=torch.float32, device=x.device)
    given = (x, x if shift is None else shift)
    stride = 0 if shift is None or shift.dim() == 1 else shift.stride(0)
    shape: dict[str, Any] = {
        "WIDTH": channels // groups, "TOGETHER": together, "BLOCK_R": block_r, "BLOCK_C": block_c,
        "HAS_SHIFT": shift is not None, "num_warps": 8,
    }  # fmt: skip
    steps = triton.cdiv(triton.cdiv(rows, block_r), blocks)
    _moments[(blocks, parts, batch)](
        *given, sums[0], sums[1], rows, channels, groups, stride, steps, **shape
    )
    if blocks > _FEW_BLOCKS:
        whole = torch.empty(2, batch, 1, groups, dtype=torch.float32, device=x.device)
        _gathered[(batch,)](sums[0], sums[1], whole[0], whole[1], blocks, groups,
                            BLOCKS=_MANY_BLOCKS, GROUPS=triton.next_power_of_2(groups))  # fmt: skip
        sums, blocks = whole, 1
    out = torch.empty_like(x)
    _normalised[(triton.cdiv(rows, block_r), parts, batch)](
        *given, sums[0], sums[1], norm.weight, norm.bias, out, rows, channels, groups, stride,
        blocks, norm.eps, BLOCKS=1 if blocks == 1 else _FEW_BLOCKS, SILU=silu, **shape,
    )  # fmt: skip
    return out


def _span(each: int, groups: int) -> tuple[int, int]:
    """How many groups one program takes, and its lanes: few lanes should idle, and many programs
    should run (lanes of 128 made an H100's UNet step of one picture 0.7 ms slower).
    """
    fits = []
    for lanes in (32, 64, 128, 256):
        together = min(lanes // each, groups)
        if 0 < together <= 16:
            fits.append((together * each / lanes, -lanes, together))
    _, lanes, together = max(fits)
    return together, -lanes


def _blocks(rows: int, block_r: int, programs: int) -> int:
    """Into how many parts the rows are divided, so that the GPU is busy."""
    tiles = int(triton.cdiv(rows, block_r))
    wanted = _FEW_BLOCKS if tiles * programs <= 2048 else _MANY_BLOCKS
    return min(tiles, wanted)
