"""The worker compiles its kernels before it says that it is ready, so the first job need not."""

from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from sagemaker_container.engine import engine, worker
from sagemaker_container.engine.device import Device, driver_version
from sagemaker_container.messages import MemoryReport, StopWorker, WorkerReady
from sagemaker_container.settings import ContainerSettings

TOLD = """NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Tue Sep 23 10:11:16 UTC 2025
GCC version:  gcc version 11.5.0 20240719 (Red Hat 11.5.0-5) (GCC)
"""


@pytest.mark.parametrize(("text", "version"), [(TOLD, "580.95.05"), ("none", "")])
def test_the_driver_tells_its_version(tmp_path: Path, text: str, version: str) -> None:
    told = tmp_path / "version"
    told.write_text(text)
    assert driver_version(told) == version
    assert driver_version(tmp_path / "missing") == ""


@pytest.mark.parametrize("cached", [True, False])
def test_kernels_are_compiled_before_the_worker_is_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cached: bool
) -> None:
    """On the CPU nothing is compiled, so the device claims here to be a GPU."""
    done: list[str] = []

    def run_cached(compile_kernels: Callable[[], None]) -> None:
        done.append("cache")
        compile_kernels()

    gpu = Device("GPU", torch.device("cpu"), torch.float32, torch.float32)
    report = MemoryReport(1)
    monkeypatch.setattr(Device, "is_gpu", property(lambda _: True))
    monkeypatch.setattr(Device, "free_bytes", lambda _: 2**30)
    monkeypatch.setattr(Device, "memory_report", lambda _: report)
    monkeypatch.setattr(Device, "compiler_versions", lambda _: {"torch": "1"})
    monkeypatch.setattr(engine, "choose_device", lambda _: gpu)
    monkeypatch.setattr(engine, "compile_kernels", lambda *_: done.append("compiled"))
    monkeypatch.setattr(engine, "load_libraries", lambda *_: done.append("loaded"))
    monkeypatch.setattr(engine, "KernelCache", lambda *_: SimpleNamespace(run=run_cached))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("gc.freeze", lambda: done.append("opened"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    ours, theirs = Pipe()
    ours.send(StopWorker())
    settings = ContainerSettings(bucket="things", base_dir=tmp_path, kernel_cache=cached)
    connection: Any = theirs
    worker.main(connection, settings)
    assert done == [*(["cache"] if cached else []), "compiled", "loaded", "opened"]
    assert (ours.recv(), ours.recv()) == (WorkerReady("GPU"), report)
