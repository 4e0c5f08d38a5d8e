"""Keeps the scenes of a run as arrays on disk, drawn by many processes, and paints them."""

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from demo.drawing import mascot
from demo.drawing.figures.looks import SPECIES
from demo.drawing.painter import padded, paint, sky
from demo.drawing.scenes import CANVASES, MAX_FIGURES, MAX_SHAPES, Scene, Wish, scene
from demo.drawing.shapes import FIELDS
from demo.drawing.styles import restyle
from demo.training.fitting import DEVICE
from demo.training.settings import Run
from demo.training.tokens import Words, load_words

_SEEDS: Final = {"square": 10_000_000, "portrait": 20_000_000, "landscape": 30_000_000,
                 "mascot": 40_000_000}  # fmt: skip
"""First seed of each file; evaluation draws from below 10,000,000."""
_CANVAS: Final = {"square": CANVASES[0], "portrait": CANVASES[1], "landscape": CANVASES[2],
                  "mascot": CANVASES[0]}  # fmt: skip
_ARRAYS: Final[dict[str, tuple[tuple[int, ...], str]]] = {
    "shapes": ((MAX_SHAPES, FIELDS), "f4"), "counts": ((), "i4"), "sky": ((2, 3), "f4"),
    "points": ((MAX_FIGURES, 18, 2), "f4"), "heads": ((MAX_FIGURES, 3), "f4"),
    "species": ((MAX_FIGURES,), "i1"), "spoilt": ((), "?"), "words": ((2, 77), "i2"),
}  # fmt: skip
_NAMES: Final = tuple(SPECIES)
Rows = dict[str, NDArray[Any]]
Chunk = tuple[str, int, int]
"""File, first scene, one past the last."""

_words: Words | None = None


def draw_all(run: Run) -> None:
    """Draw every scene of the run; marks `pool` early and `scenes` at the end."""
    load_words(run.vocabulary, run.settings.embedding_vectors)  # fail here, not in every worker
    chunks = [(name, start, min(total, start + 1024)) for name, total in run.settings.scenes.items()
              for start in range(0, total, 1024)]  # fmt: skip
    files = {name: _create(run.folder, name, total) for name, total in run.settings.scenes.items()}
    done = 0
    for (name, low, high), rows in _drawn(run, chunks):
        for key, values in rows.items():
            files[name][key][low:high] = values
        done += high - low
        if done >= run.settings.vae_pool:
            run.mark("pool")
    run.mark("scenes")
    run.log("scenes", drawn=done)


def _drawn(run: Run, chunks: list[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
    start = (str(run.vocabulary), run.settings.embedding_vectors)
    if run.tiny:
        _load_words(*start)
        yield from ((chunk, _draw(chunk)) for chunk in chunks)
        return
    workers = max(2, (os.cpu_count() or 2) - 2)
    with multiprocessing.get_context("spawn").Pool(workers, _load_words, start) as pool:
        yield from zip(chunks, pool.imap(_draw, chunks), strict=True)


def _load_words(vocabulary: str, vectors: int) -> None:
    global _words  # noqa: PLW0603 - once in each worker process
    _words = load_words(Path(vocabulary), vectors)


def _create(folder: Path, name: str, total: int) -> Rows:
    return {
        key: np.lib.format.open_memmap(folder / f"{name}.{key}.npy", "w+", kind, (total, *shape))
        for key, (shape, kind) in _ARRAYS.items()
    }


def _draw(chunk: Chunk) -> Rows:
    name, low, high = chunk
    if _words is None:
        raise RuntimeError("the worker has no words")
    make = mascot.scene if name == "mascot" else _plain
    scenes = [make(_SEEDS[name] + i, Wish(size=_CANVAS[name])) for i in range(low, high)]
    return rows_of(scenes, _words)


def _plain(seed: int, wish: Wish) -> Scene:
    return scene(seed, wish)


def rows_of(scenes: list[Scene], words: Words) -> Rows:
    """The arrays of some scenes."""
    rows = {key: np.zeros((len(scenes), *shape), kind) for key, (shape, kind) in _ARRAYS.items()}
    rows["points"][:] = np.nan
    rows["species"][:] = -1
    for i, made in enumerate(scenes):
        rows["counts"][i] = len(made.shapes)
        rows["shapes"][i, : len(made.shapes)] = made.shapes
        rows["sky"][i] = made.top, made.bottom
        rows["spoilt"][i] = made.spoilt
        for j, figure in enumerate(made.figures):
            rows["points"][i, j], rows["heads"][i, j] = figure.points, figure.head
            rows["species"][i, j] = _NAMES.index(figure.look.species)
    for column, texts in enumerate(
        ([s.caption for s in scenes], [s.plain_caption for s in scenes])
    ):
        rows["words"][:, column] = words.encode(texts)
    return rows


class Scenes:
    """The scenes of one file, painted on demand."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    @staticmethod
    def open(run: Run, name: str) -> "Scenes":
        """The file of that name; wait for it first."""
        paths = {key: run.folder / f"{name}.{key}.npy" for key in _ARRAYS}
        return Scenes({key: np.load(path, mmap_mode="r") for key, path in paths.items()})

    def paint(self, rows: Tensor, style: str, scale: float, canvas: tuple[int, int]) -> Tensor:
        """Pictures (len(rows), 3, H, W) of -1 to 1."""
        index = rows.cpu().numpy()
        used = padded(int(self.rows["counts"][index].max()))
        shapes = torch.from_numpy(self.rows["shapes"][index][:, :used]).to(DEVICE)
        ground = torch.from_numpy(self.rows["sky"][index]).to(DEVICE)
        shapes, ground = restyle(style, shapes, ground)
        size = round(canvas[0] * scale), round(canvas[1] * scale)
        image = paint(sky(ground, size), shapes, scale).clamp(0, 255) / 127.5 - 1
        spoilt = torch.from_numpy(self.rows["spoilt"][index]).to(DEVICE)
        return torch.where(spoilt[:, None, None, None], spoil(image), image)

    def tensor(self, key: str, count: int) -> Tensor:
        """The first rows of an array, on the device."""
        return torch.from_numpy(self.rows[key][:count].copy()).to(DEVICE)


def spoil(image: Tensor) -> Tensor:
    """Blurred, pale and grainy: what words of blame mean."""
    blurred = image
    for _ in range(2):
        blurred = functional.avg_pool2d(functional.pad(blurred, (3, 3, 3, 3), "replicate"), 7, 1)
    return (0.6 * blurred + 0.08 * torch.randn_like(image)).clamp(-1, 1)
