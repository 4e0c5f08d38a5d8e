"""Upscales images: with a filter, or with a network that runs tile by tile."""

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
from sagemaker_container.texts import models as texts

TILE: Final = 192
"""Side of a tile, in pixels of the smaller image (A1111's default)."""
MIN_TILE: Final = 64
"""Smaller tiles would be mostly margin."""
MARGIN: Final = 16
"""Pixels around a tile that the network sees too, and that are cut off again to avoid seams."""

_MAX_PASSES: Final = 3
"""How often a network is applied to reach a size (A1111 modules/upscaler.py)."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


class ImageUpscaler(Protocol):
    """Makes an image larger."""

    def upscale(
        self, image: Image.Image, width: int, height: int, check: Callable[[], None]
    ) -> Image.Image:
        """The image at width x height pixels; `check` is called now and then."""


@dataclass(frozen=True)
class FilterUpscaler:
    """One of Pillow's resampling filters."""

    upscaler: PixelUpscaler

    def upscale(
        self, image: Image.Image, width: int, height: int, check: Callable[[], None]
    ) -> Image.Image:
        """See `ImageUpscaler`."""
        check()
        is_nearest = self.upscaler is PixelUpscaler.NEAREST
        resampling = Image.Resampling.NEAREST if is_nearest else Image.Resampling.LANCZOS
        return image.resize((width, height), resampling)


@dataclass
class NetworkUpscaler:
    """A network of the ESRGAN family, and Lanczos for what its scale doesn't reach."""

    net: UpscalerNet
    tile: int = TILE
    """Halved when memory is used up, down to `MIN_TILE`."""
    add_note: AddNote = no_note
    release: Callable[[], None] = lambda: None
    """Called when memory is used up, to free some."""

    def upscale(
        self, image: Image.Image, width: int, height: int, check: Callable[[], None]
    ) -> Image.Image:
        """See `ImageUpscaler`."""
        for _ in range(_MAX_PASSES):
            if image.width >= width and image.height >= height:
                break
            image = self._apply(image, check)
        return image.resize((width, height), Image.Resampling.LANCZOS)

    def _apply(self, image: Image.Image, check: Callable[[], None]) -> Image.Image:
        halvings = max(0, math.ceil(math.log2(self.tile / MIN_TILE)))
        return retry_out_of_memory(
            lambda: self._apply_in_tiles(image, check), self._halve_tile, halvings
        )

    def _halve_tile(self) -> None:
        self.tile = max(self.tile // 2, MIN_TILE)
        self.add_note(texts.SMALLER_TILES)
        self.release()

    def _apply_in_tiles(self, image: Image.Image, check: Callable[[], None]) -> Image.Image:
        scale = self.net.scale
        larger = Image.new("RGB", (image.width * scale, image.height * scale))
        for box in tile_boxes(image.width, image.height, self.tile):
            check()
            padded = _clip_box(_grow_box(box, MARGIN), image)
            tile = self._run(image.crop(padded))
            left, top = (box[0] - padded[0]) * scale, (box[1] - padded[1]) * scale
            right, bottom = left + (box[2] - box[0]) * scale, top + (box[3] - box[1]) * scale
            larger.paste(tile.crop((left, top, right, bottom)), (box[0] * scale, box[1] * scale))
        return larger

    def _run(self, image: Image.Image) -> Image.Image:
        like = next(self.net.parameters())
        pixels = torch.from_numpy(np.array(image, dtype=np.float32) / 255)
        x = pixels.permute(2, 0, 1)[None].to(like.device, like.dtype)
        with torch.no_grad():
            output = self.net(self._pad(x))[0]
        height, width = image.height * self.net.scale, image.width * self.net.scale
        unpadded = output[:, :height, :width].float().cpu()
        levels = (unpadded * 255).round().clamp(0, 255).to(torch.uint8)
        return Image.fromarray(levels.permute(1, 2, 0).numpy(), "RGB")

    def _pad(self, x: torch.Tensor) -> torch.Tensor:
        """To sides that the network's pixel unshuffle can divide."""
        height, width = (-side % self.net.unshuffle for side in x.shape[2:])
        return torch.nn.functional.pad(x, (0, width, 0, height), mode="replicate")


def tile_boxes(width: int, height: int, side: int) -> Iterator[Box]:
    """Boxes that cover an image once, each at most `side` pixels wide and high."""
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield left, top, min(left + side, width), min(top + side, height)


def _grow_box(box: Box, by: int) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _clip_box(box: Box, image: Image.Image) -> Box:
    return max(0, box[0]), max(0, box[1]), min(image.width, box[2]), min(image.height, box[3])
