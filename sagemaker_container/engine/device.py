"""Chooses what the worker draws on: the device, and the number formats that suit it."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
import torch


@dataclass(frozen=True)
class Device:
    """Where tensors live, and their type in the networks and in the VAE."""

    name: str
    place: torch.device
    dtype: torch.dtype
    vae_dtype: torch.dtype

    @property
    def is_gpu(self) -> bool:
        """Whether it has memory of its own."""
        return self.place.type == "cuda"

    def free_host_bytes(self) -> int:
        """Memory that is free beside the processor."""
        return int(psutil.virtual_memory().available)

    def peak_bytes(self) -> int:
        """Most GPU memory used since `begin_job`; on the CPU, most that this process held."""
        if self.is_gpu:
            return int(torch.cuda.max_memory_allocated(self.place))
        return _peak_resident()

    def finish(self) -> None:
        """Wait until everything that was asked of the device is done."""
        if self.is_gpu:
            torch.cuda.synchronize(self.place)

    def begin_job(self) -> None:
        """Start measuring the peak anew."""
        if self.is_gpu:
            torch.cuda.reset_peak_memory_stats(self.place)
        else:
            _forget_peak()

    def free_bytes(self) -> int:
        """Memory that is free where the models are kept."""
        if self.is_gpu:
            return int(torch.cuda.mem_get_info(self.place)[0])
        return self.free_host_bytes()


def _forget_peak() -> None:
    """Linux begins anew at what is held now (proc_pid_clear_refs(5)); elsewhere nothing does."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_resident() -> int:
    """Bytes of memory at the peak; where the system tells no peak, those held now."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


def choose(wanted: Literal["auto", "cpu", "cuda"]) -> Device:
    """The device to draw on. Raises RuntimeError when CUDA is wanted and there is none."""
    has_cuda = torch.cuda.is_available()
    if wanted == "cuda" and not has_cuda:
        raise RuntimeError("CONTRAPPOSTO_DEVICE is cuda, and no CUDA device can be used.")
    if has_cuda and wanted != "cpu":
        cuda = torch.device("cuda", 0)
        return Device(torch.cuda.get_device_name(cuda), cuda, torch.float16, torch.float16)
    # The VAE stays in full precision: in bfloat16 its 8 bits of mantissa show as banding.
    dtype = torch.bfloat16 if _has_native_bf16() else torch.float32
    return Device("CPU", torch.device("cpu"), dtype, torch.float32)


def _has_native_bf16() -> bool:
    """Emulated bfloat16 is slower than float32."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
