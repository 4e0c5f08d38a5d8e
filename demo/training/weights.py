"""Stores trained weights as small fp16 shards, and loads them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

SHARD: Final = 15_000_000
"""Largest bytes of tensors in one file."""


def save(folder: Path, name: str, tensors: Mapping[str, Tensor]) -> None:
    """Write `name-0.safetensors`, `name-1...` in fp16; earlier ones of that name are replaced."""
    for number, part in enumerate(_parts(tensors)):
        path = folder / f"{name}-{number}.safetensors"
        save_file(part, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)


def _parts(tensors: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
    parts: list[dict[str, Tensor]] = [{}]
    size = 0
    for key, value in tensors.items():
        half = value.detach().cpu().contiguous().half()
        if size and size + half.nbytes > SHARD:
            parts.append({})
            size = 0
        parts[-1][key] = half
        size += half.nbytes
    return parts


def exists(folder: Path | None, name: str) -> bool:
    """Whether the folder has weights of that name."""
    return folder is not None and (folder / f"{name}-0.safetensors").exists()


def load(folder: Path, name: str) -> dict[str, Tensor]:
    """All shards of that name as fp32. Raises FileNotFoundError when there is none."""
    paths = sorted(folder.glob(f"{name}-*.safetensors"))
    if not paths:
        raise FileNotFoundError(f"no weights named {name} in {folder}")
    tensors: dict[str, Tensor] = {}
    for path in paths:
        tensors |= load_file(path)
    return {key: value.to(torch.float32) for key, value in tensors.items()}


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors under a prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def prefixed(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors with a prefix before each name."""
    return {prefix + k: v for k, v in tensors.items()}
