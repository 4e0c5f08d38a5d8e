"""Loaded tiny models, on the CPU, for the engine's own tests."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

# Before torch is there: threads that spin while they wait make a busy machine 3-5 x slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
from transformers import CLIPTokenizer

from formats.models.kinds import ModelKind
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile, open_file
from sagemaker_container.engine.lora.merge import LoraMerger
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.tokenizer import clip_tokenizer

CPU = Device("CPU", torch.device("cpu"), torch.float32, torch.float32)
Opener = Callable[..., WeightsFile]

HERE = Path(__file__).parent
OTHERS_WARNING = "ignore:__array_:DeprecationWarning"
"""diffusers' ways with numpy 2."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Warnings are errors, but for one that a library raises about itself."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(OTHERS_WARNING))


@pytest.fixture(scope="session")
def opened(models: Path) -> Opener:
    """Opens a file by name, as the fetcher would hand it out."""

    def open_by_name(name: str, kind: ModelKind = ModelKind.CHECKPOINT) -> WeightsFile:
        path = models / f"{name}.safetensors"
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return open_file(kind, path.name, path, sha256, "disk")

    return open_by_name


@pytest.fixture(scope="session")
def tokenizer() -> CLIPTokenizer:
    return clip_tokenizer()


@pytest.fixture(scope="session")
def loader() -> NetworkLoader:
    return NetworkLoader(CPU)


@pytest.fixture
def merger(checkpoint: Checkpoint) -> LoraMerger:
    """Merges LoRAs into `checkpoint`."""
    return LoraMerger(checkpoint)


@pytest.fixture
def checkpoint(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-noise-v1"))
