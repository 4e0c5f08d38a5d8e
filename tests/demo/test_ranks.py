import multiprocessing
import os
from pathlib import Path

import pytest
import torch

from demo import train
from demo.training.ranks import Ranks
from demo.training.settings import TrainingRun
from demo.training.training_loop import StagePlan, fit
from demo.vocabulary import find_vocabulary


def work(folder: Path, number: int) -> None:
    """One of two processes: it starts elsewhere and has other images than the other one."""
    os.environ |= {"RANK": str(number), "WORLD_SIZE": "2"}
    run, ranks = TrainingRun(folder), Ranks.join(folder)
    param = torch.nn.Parameter(torch.full((2, 3), float(number)))
    fit(run, StagePlan("base", 0.1, 1), [param], lambda _, __: (param * (number + 1)).sum(), ranks)
    ranks.leave()
    torch.save((param.detach(), ranks.is_first), folder / f"{number}.pt")


def test_two_processes_train_one_model(tmp_path: Path) -> None:
    run = TrainingRun.begin(tmp_path, 60, find_vocabulary(), "tiny")
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=work, args=(tmp_path, number)) for number in (0, 1)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    (first, is_first), (second, _) = (torch.load(tmp_path / f"{i}.pt") for i in (0, 1))
    assert is_first
    assert torch.equal(first, second)
    assert first.max() < 0  # downhill from the first one's start
    assert (run.folder / "log.jsonl").read_text().count("steps") == 1  # the first alone logs


@pytest.mark.parametrize(
    ("stage", "gpus", "devices"),
    [("base", 1, [None]), ("base", 2, ["0", "1"]), ("control", 2, ["0"]), ("ink", 2, ["1"])],
)
def test_stages_have_their_gpus(stage: str, gpus: int, devices: list[str | None]) -> None:
    environments = list(train._environments(stage, gpus))
    assert [each.get("CUDA_VISIBLE_DEVICES") for each in environments] == devices
