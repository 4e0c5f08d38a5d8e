from pathlib import Path

import pytest
import torch
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

from demo import export
from demo.training import (
    adapter_stage,
    base_stage,
    control_stage,
    judge_stage,
    latents_stage,
    scene_arrays,
    vae_stage,
)
from demo.training.settings import TrainingRun
from demo.vocabulary import find_vocabulary

diffusers_logging.set_verbosity_error()
transformers_logging.set_verbosity_error()
torch.set_num_threads(2)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    """Every stage at toy size, one after another in this process."""
    run = TrainingRun.begin(tmp_path_factory.mktemp("run"), 30, find_vocabulary(), "tiny")
    scene_arrays.compose_all(run)
    judge_stage.train(run, None)
    vae_stage.train(run, None)
    latents_stage.encode(run)
    base_stage.train(run, None)
    base_stage.train_ink(run, None)
    control_stage.train(run, None)
    adapter_stage.train(run, None)
    return run


@pytest.fixture(scope="session")
def exported(trained: TrainingRun) -> Path:
    """The files of that run."""
    folder = trained.folder / "models"
    export.Exporter(trained, folder).write_all()
    return folder
