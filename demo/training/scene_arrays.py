"""Owns the scenes of a run: arrays on disk, composed by many processes, painted on demand."""

import multiprocessing
import os
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from demo.painting import mascot
from demo.painting.figures.looks import SPECIES
from demo.painting.rasterizer import padded_count, paint, sky
from demo.painting.scenes import CANVASES, MAX_FIGURES, MAX_SHAPES, Scene, SceneSpec, compose_scene
from demo.painting.shapes import FIELDS
from demo.painting.styles import restyle
from demo.training.settings import TrainingRun
from demo.training.tokens import CompactVocabulary, load_words
from demo.training.training_loop import DEVICE

_SEEDS: Final = {
    "square": 10_000_000,
    "portrait": 20_000_000,
    "landscape": 30_000_000,
    "mascot": 40_000_000,
}
"""First seed of each file; the evaluation's are below 10,000,000."""
_CANVAS: Final = {
    "square": CANVASES[0],
    "portrait": CANVASES[1],
    "landscape": CANVASES[2],
    "mascot": CANVASES[0],
}
_ARRAYS: Final[dict[str, tuple[tuple[int, ...], str]]] = {
    "shapes": ((MAX_SHAPES, FIELDS), "f4"),
    "counts": ((), "i4"),
    "sky": ((2, 3), "f4"),
    "points": ((MAX_FIGURES, 18, 2), "f4"),
    "heads": ((MAX_FIGURES, 3), "f4"),
    "species": ((MAX_FIGURES,), "i1"),
    "degraded": ((), "?"),
    "words": ((2, 77), "i2"),
}
_NAMES: Final = tuple(SPECIES)
Rows = dict[str, NDArray[Any]]
Chunk = tuple[str, int, int]
"""File, first scene, one past the last."""


def compose_all(run: TrainingRun, _resume: Path | None = None) -> None:
    """Compose every scene of the run; marks `pool` early and `scenes` at the end."""
    load_words(run.vocabulary, run.settings.embedding_vectors)  # fail here, not in every worker
    chunks = [
        (name, start, min(total, start + 1024))
        for name, total in run.settings.scenes.items()
        for start in range(0, total, 1024)
    ]
    files = {name: _create(run.folder, name, total) for name, total in run.settings.scenes.items()}
    done = 0
    for (name, low, high), rows in _compose_chunks(run, chunks):
        for key, values in rows.items():
            files[name][key][low:high] = values
        done += high - low
        if done >= run.settings.vae_pool:
            run.mark("pool")
    run.mark("scenes")
    run.log("scenes", composed=done)


def _compose_chunks(run: TrainingRun, chunks: list[Chunk]) -> Iterator[tuple[Chunk, Rows]]:
    compose = partial(_compose, run.vocabulary, run.settings.embedding_vectors)
    if run.tiny:
        yield from ((chunk, compose(chunk)) for chunk in chunks)
        return
    workers = max(2, (os.cpu_count() or 2) - 2)
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from zip(chunks, pool.imap(compose, chunks), strict=True)


@cache
def _load_words_once(vocabulary: Path, vectors: int) -> CompactVocabulary:
    return load_words(vocabulary, vectors)


def _create(folder: Path, name: str, total: int) -> Rows:
    return {
        key: np.lib.format.open_memmap(folder / f"{name}.{key}.npy", "w+", kind, (total, *shape))
        for key, (shape, kind) in _ARRAYS.items()
    }


def _compose(vocabulary: Path, vectors: int, chunk: Chunk) -> Rows:
    name, low, high = chunk
    compose = mascot.compose_mascot if name == "mascot" else compose_scene
    scenes = [compose(_SEEDS[name] + i, SceneSpec(size=_CANVAS[name])) for i in range(low, high)]
    return to_arrays(scenes, _load_words_once(vocabulary, vectors))


def to_arrays(scenes: list[Scene], words: CompactVocabulary) -> Rows:
    """The arrays of some scenes."""
    rows = {key: np.zeros((len(scenes), *shape), kind) for key, (shape, kind) in _ARRAYS.items()}
    rows["points"][:] = np.nan
    rows["species"][:] = -1
    for i, scene in enumerate(scenes):
        rows["counts"][i] = len(scene.shapes)
        rows["shapes"][i, : len(scene.shapes)] = scene.shapes
        rows["sky"][i] = scene.top, scene.bottom
        rows["degraded"][i] = scene.degraded
        for j, figure in enumerate(scene.figures):
            rows["points"][i, j], rows["heads"][i, j] = figure.points, figure.head
            rows["species"][i, j] = _NAMES.index(figure.look.species)
    for column, texts in enumerate(
        ([s.caption for s in scenes], [s.plain_caption for s in scenes])
    ):
        rows["words"][:, column] = words.encode(texts)
    return rows


class SceneArrays:
    """The scenes of one file, painted on demand."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    @staticmethod
    def open(run: TrainingRun, name: str) -> "SceneArrays":
        """The file of that name; wait for it first."""
        paths = {key: run.folder / f"{name}.{key}.npy" for key in _ARRAYS}
        return SceneArrays({key: np.load(path, mmap_mode="r") for key, path in paths.items()})

    def paint(self, rows: Tensor, style: str, scale: float, canvas: tuple[int, int]) -> Tensor:
        """Images (len(rows), 3, H, W) of -1 to 1."""
        index = rows.cpu().numpy()
        used = padded_count(int(self.rows["counts"][index].max()))
        shapes = torch.from_numpy(self.rows["shapes"][index][:, :used]).to(DEVICE)
        ground = torch.from_numpy(self.rows["sky"][index]).to(DEVICE)
        shapes, ground = restyle(style, shapes, ground)
        size = round(canvas[0] * scale), round(canvas[1] * scale)
        image = paint(sky(ground, size), shapes, scale).clamp(0, 255) / 127.5 - 1
        degraded = torch.from_numpy(self.rows["degraded"][index]).to(DEVICE)
        return torch.where(degraded[:, None, None, None], degrade(image), image)

    def tensor(self, key: str, count: int) -> Tensor:
        """The first rows of an array, on the device."""
        return torch.from_numpy(self.rows[key][:count].copy()).to(DEVICE)


def degrade(image: Tensor) -> Tensor:
    """Blurred, pale and grainy images, for negative prompts."""
    blurred = image
    for _ in range(2):
        blurred = functional.avg_pool2d(functional.pad(blurred, (3, 3, 3, 3), "replicate"), 7, 1)
    return (0.6 * blurred + 0.08 * torch.randn_like(image)).clamp(-1, 1)
