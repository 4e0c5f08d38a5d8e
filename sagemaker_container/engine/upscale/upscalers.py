"""Makes pictures larger: with a filter, or with a network that runs over them tile by tile."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import torch
from PIL import Image

from formats.generation.upscaling import PixelUpscaler
from sagemaker_container.engine.memory import retry_out_of_memory
from sagemaker_container.engine.models.latents import AddNote, no_note
from sagemaker_container.engine.upscale.file import UpscalerNet

TILE: Final = 192
"""Side of a tile in pixels of the smaller picture (A1111's default)."""
LEAST_TILE: Final = 64
"""Smaller ones would be margin for the most part."""
SMALLER_TILES: Final = "For want of memory the upscaler worked in smaller tiles."
MARGIN: Final = 16
"""Pixels that are shown of the surroundings and cut off again, so that no seams are seen."""

_MOST_TIMES: Final = 3
"""How often a network is applied to reach a size (A1111 modules/upscaler.py)."""

Box = tuple[int, int, int, int]


class Enlarger(Protocol):
    """Makes a picture larger."""

    def enlarged(
        self, picture: Image.Image, width: int, height: int, check: Callable[[], None]
    ) -> Image.Image:
        """The picture at width x height pixels; `check` is called now and then."""


@dataclass(frozen=True)
class FilterEnlarger:
    """Pillow's filters."""

    upscaler: PixelUpscaler

    def enlarged(
        self, picture: Image.Image, width: int, height: int, check: Callable[[], None]
    ) -> Image.Image:
        """As `Enlarger`'s."""
        check()
        is_nearest = self.upscaler is PixelUpscaler.NEAREST
        chosen = Image.Resampling.NEAREST if is_nearest else Image.Resampling.LANCZOS
        return picture.resize((width, height), chosen)


@dataclass
class NetEnlarger:
    """A network of the ESRGAN family, with Lanczos for what its factor leaves."""

    net: UpscalerNet
    tile: int = TILE
    """Halved where memory is full, down to `LEAST_TILE`."""
    note: AddNote = no_note
    release: Callable[[], None] = lambda: None

    def enlarged(
        self, picture: Image.Image, width: int, height: int, check: Callable[[], None]
    ) -> Image.Image:
        """As `Enlarger`'s."""
        for _ in range(_MOST_TIMES):
            if picture.width >= width and picture.height >= height:
                break
            picture = self._applied(picture, check)
        return picture.resize((width, height), Image.Resampling.LANCZOS)

    def _applied(self, picture: Image.Image, check: Callable[[], None]) -> Image.Image:
        halvings = max(0, math.ceil(math.log2(self.tile / LEAST_TILE)))
        return retry_out_of_memory(lambda: self._in_tiles(picture, check), self._shrink, halvings)

    def _shrink(self) -> None:
        self.tile = max(self.tile // 2, LEAST_TILE)
        self.note(SMALLER_TILES)
        self.release()

    def _in_tiles(self, picture: Image.Image, check: Callable[[], None]) -> Image.Image:
        scale = self.net.scale
        larger = Image.new("RGB", (picture.width * scale, picture.height * scale))
        for box in tiles(picture.width, picture.height, self.tile):
            check()
            around = _within(_grown(box, MARGIN), picture)
            drawn = self._run(picture.crop(around))
            left, top = (box[0] - around[0]) * scale, (box[1] - around[1]) * scale
            right, bottom = left + (box[2] - box[0]) * scale, top + (box[3] - box[1]) * scale
            place = box[0] * scale, box[1] * scale
            larger.paste(drawn.crop((left, top, right, bottom)), place)
        return larger

    def _run(self, picture: Image.Image) -> Image.Image:
        like = next(self.net.parameters())
        pixels = torch.from_numpy(np.array(picture, dtype=np.float32) / 255)
        x = pixels.permute(2, 0, 1)[None].to(like.device, like.dtype)
        with torch.no_grad():
            answer = self.net(self._padded(x))[0]
        size = picture.height * self.net.scale, picture.width * self.net.scale
        cut = answer[:, : size[0], : size[1]].float().cpu()
        levels = (cut * 255).round().clamp(0, 255).to(torch.uint8)
        return Image.fromarray(levels.permute(1, 2, 0).numpy(), "RGB")

    def _padded(self, x: torch.Tensor) -> torch.Tensor:
        """To sides that the network can divide."""
        height, width = (-side % self.net.squeeze for side in x.shape[2:])
        return torch.nn.functional.pad(x, (0, width, 0, height), mode="replicate")


def tiles(width: int, height: int, side: int) -> Iterator[Box]:
    """Boxes that cover a picture once, each at most `side` pixels wide and high."""
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield left, top, min(left + side, width), min(top + side, height)


def _grown(box: Box, by: int) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _within(box: Box, picture: Image.Image) -> Box:
    return max(0, box[0]), max(0, box[1]), min(picture.width, box[2]), min(picture.height, box[3])
