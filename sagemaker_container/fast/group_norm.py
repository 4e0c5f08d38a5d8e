"""Launches the Triton kernels of the group norm, in sizes that suit the input."""

from functools import cache
from typing import Final

import torch
import triton

from sagemaker_container.fast.group_norm_kernels import (
    gather_kernel,
    group_kernel,
    moments_kernel,
    normalize_kernel,
)

_FEW_BLOCKS: Final = 16
"""Of partial sums, which every program adds up by itself."""
_MANY_BLOCKS: Final = 128
_MAX_GROUPS: Final = 16
"""Of one program."""
_TILE_VALUES: Final = 8192
"""Values that a program holds at a time if several programs share a group."""
_MAX_WHOLE_GROUP: Final = 32768
"""Values up to which one program computes a whole group."""


def group_norm(
    x: torch.Tensor, norm: torch.nn.GroupNorm, shift: torch.Tensor | None, *, silu: bool
) -> torch.Tensor:
    """`ops.group_norm`; `x` is channels-last."""
    batch, channels, height, width = x.shape
    rows, groups = height * width, norm.num_groups
    each = channels // groups
    source = (x, x if shift is None else shift)
    stride = 0 if shift is None or shift.dim() == 1 else shift.stride(0)
    shifted = (stride, int(shift is not None))
    sizes = (rows, channels, groups, *shifted)
    affine = (norm.weight, norm.bias)
    out = torch.empty_like(x)
    lanes, block_r = int(triton.next_power_of_2(each)), int(triton.next_power_of_2(rows))
    if lanes * block_r <= _MAX_WHOLE_GROUP and lanes >= 32:
        block_r = max(64, block_r)
        group_kernel[(groups, batch)](
            *source,
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
    per_program, lanes = program_shape(each, groups)
    shape = {
        "WIDTH": each,
        "GROUPS_PER_PROGRAM": per_program,
        "BLOCK_R": max(16, _TILE_VALUES // lanes),
        "BLOCK_C": lanes,
        "num_warps": 8,
    }
    parts = int(triton.cdiv(groups, per_program))
    sums, blocks = _sums(source, sizes, parts, shape)
    normalize_kernel[(triton.cdiv(rows, shape["BLOCK_R"]), parts, batch)](
        *source,
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


def _sums(
    source: tuple[torch.Tensor, torch.Tensor],
    sizes: tuple[int, ...],
    parts: int,
    shape: dict[str, int],
) -> tuple[torch.Tensor, int]:
    """Partial sums and sums of squares, 2 x batch x blocks x groups; and the number of blocks."""
    rows, groups, batch, device = sizes[0], sizes[2], len(source[0]), source[0].device
    tiles = int(triton.cdiv(rows, shape["BLOCK_R"]))
    # Enough to keep the GPU busy.
    blocks = min(tiles, _FEW_BLOCKS if tiles * parts * batch <= 2048 else _MANY_BLOCKS)
    sums = torch.empty(2, batch, blocks, groups, dtype=torch.float32, device=device)
    moments_kernel[(blocks, parts, batch)](
        *source, sums[0], sums[1], *sizes, triton.cdiv(tiles, blocks), **shape
    )
    if blocks <= _FEW_BLOCKS:
        return sums, blocks
    whole = torch.empty(2, batch, 1, groups, dtype=torch.float32, device=device)
    gather_kernel[(batch,)](
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
def program_shape(each: int, groups: int) -> tuple[int, int]:
    """How many groups one program computes, and with how many lanes.

    Few lanes should be idle, and many programs should run: on an H100, 128 lanes made a UNet step
    of one image 0.7 ms slower.
    """
    candidates = []
    for lanes in {32, 64, 128, max(32, int(triton.next_power_of_2(each)))}:
        count = min(lanes // each, groups, _MAX_GROUPS)
        if count:
            candidates.append((lanes <= 64, count * each / lanes, -lanes, count))
    _, _, negative_lanes, count = max(candidates)
    return count, -negative_lanes
