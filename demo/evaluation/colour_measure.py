"""Measures the colour of a figure: the name that most of its pixels are nearest to."""

from typing import Final

import torch
from torch import Tensor

from demo.evaluation.pose_measure import foreground
from demo.painting.palette import COLOURS

NAMES: Final = tuple(COLOURS)
_BLACK: Final = NAMES.index("black")


def figure_colours(images: Tensor) -> list[str]:
    """The name for each image (B, 3, H, W) of -1 to 1 on a plain ground.

    Outlines are dark whatever the figure's colour, so black only wins when hardly anything else
    is there: its pixels count a third.
    """
    palette = torch.tensor(list(COLOURS.values()), device=images.device).float()
    pixels = ((images + 1) * 127.5).movedim(1, -1)
    distance = torch.stack([(pixels - colour).norm(dim=-1) for colour in palette])
    nearest = distance.argmin(0)
    mask = foreground(images)
    counts = torch.stack([((nearest == i) & mask).sum((1, 2)) for i in range(len(NAMES))], 1)
    weights = torch.ones(len(NAMES), device=images.device)
    weights[_BLACK] = 1 / 3
    return [NAMES[int(i)] for i in (counts * weights).argmax(1)]
