"""Reads textual inversion embeddings in each of the formats that trainers write."""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from formats.models.detection import SDXL_EMBEDDINGS
from sagemaker_container.engine.files.weights_file import WeightsFile, is_safetensors
from sagemaker_container.engine.prompt.tokenizer import CHUNK_TOKENS
from sagemaker_container.texts import models as texts

Tensor = TypeVar("Tensor")


@dataclass(frozen=True)
class Embedding:
    """A file's vectors, which a prompt gets by the file's name."""

    file: WeightsFile
    matrices: tuple[torch.Tensor, ...]
    """One for each text encoder, vectors x width, each with the same number of vectors."""

    @property
    def name(self) -> str:
        """What a prompt writes for it, in any case: the file's name without its extension."""
        return self.file.stem

    @property
    def short_hash(self) -> str:
        """A1111's `TI hashes`: the start of the file's sha256 (modules/textual_inversion)."""
        return self.file.sha256[:12]

    @property
    def positions(self) -> list[tuple[torch.Tensor, ...]]:
        """For each position that it takes in a prompt, the vector for each text encoder."""
        return list(zip(*self.matrices, strict=True))

    def check_fits(self, widths: Sequence[int]) -> None:
        """Raises JobError(MODEL_MISMATCH) unless its vectors have the text encoders' widths."""
        check_widths(self.file, [matrix.shape[1] for matrix in self.matrices], widths)


def check_widths(file: WeightsFile, found: Sequence[int], wanted: Sequence[int]) -> None:
    """Raises JobError(MODEL_MISMATCH) unless vectors have the text encoders' widths."""
    if len(found) < len(wanted):
        raise file.mismatch_error(texts.one_text_encoder(found[0], wanted))
    if list(found) != list(wanted):
        raise file.mismatch_error(texts.vector_widths(found, wanted))


def for_each_encoder(tensors: Mapping[str, Tensor]) -> list[Tensor]:
    """A file's tensors in the order of the text encoders; the first one if there is only one."""
    for names in SDXL_EMBEDDINGS:
        if all(name in tensors for name in names):
            return [tensors[name] for name in names]
    return list(tensors.values())[:1]


def read_embedding(file: WeightsFile) -> Embedding:
    """Read A1111's `.pt` and `emb_params`, diffusers' `<token>`, or SDXL's two tensors.

    A `.pt` is read as tensors only: code in it is not run. Raises JobError(MODEL_BROKEN).
    """
    try:
        data = load_file(file.path) if is_safetensors(file.name) else _load_pickle(file)
        matrices = [_matrix(tensor) for tensor in _tensors(data)]
    except (SafetensorError, pickle.UnpicklingError, EOFError, RuntimeError, ValueError) as error:
        raise file.broken_error(texts.NO_EMBEDDING) from error
    counts = {len(matrix) for matrix in matrices}
    if len(counts) != 1 or not 1 <= counts.copy().pop() <= CHUNK_TOKENS:
        raise file.broken_error(texts.vector_count(CHUNK_TOKENS))
    return Embedding(file, tuple(matrices))


def _load_pickle(file: WeightsFile) -> Any:
    # The first trainer saved its vectors as parameters. The file is opened here, because torch
    # goes by a path's extension, which is the same for all files of the cache.
    with (
        file.path.open("rb") as data,
        torch.serialization.safe_globals([torch.nn.ParameterDict]),
    ):
        return torch.load(data, map_location="cpu", weights_only=True)


def _tensors(data: Any) -> list[Any]:
    """The matrices in a file's contents, one for each text encoder that it was made for."""
    if isinstance(data, Mapping) and "string_to_param" in data:
        data = dict(data["string_to_param"].items())
    if not isinstance(data, Mapping):
        raise ValueError("not a table of tensors")
    found = for_each_encoder(data)
    if len(data) != len(found):
        raise ValueError("several tensors, of unknown meaning")
    return found


def _matrix(tensor: Any) -> torch.Tensor:
    if not isinstance(tensor, torch.Tensor) or tensor.dim() not in (1, 2):
        raise ValueError("not a row of vectors")
    return torch.atleast_2d(tensor.detach().float())
