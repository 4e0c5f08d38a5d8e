"""Saves images side by side."""

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor


def save_grid(images: Tensor, path: Path, columns: int = 8, side: int = 160) -> None:
    """Images (N, 3, H, W) of -1 to 1 in rows, each `side` pixels wide, as WebP."""
    missing = -len(images) % columns
    filler = images.new_full((missing, *images.shape[1:]), -1.0)
    cells = torch.cat((images, filler)).clamp(-1, 1)
    rows = [torch.cat(list(cells[i : i + columns]), -1) for i in range(0, len(cells), columns)]
    whole = ((torch.cat(rows, -2) + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    image = Image.fromarray(whole)
    factor = side / images.shape[-1]
    size = round(image.width * factor), round(image.height * factor)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.resize(size, Image.Resampling.LANCZOS).save(path, quality=85)
