"""The device that the worker runs networks on, and the number formats that suit it."""

import re
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import psutil
import torch

from sagemaker_container.messages import MemoryReport
from sagemaker_container.texts import server as texts


@dataclass(frozen=True)
class Device:
    """Where tensors are, and their type in the VAE and in all other networks."""

    name: str
    torch_device: torch.device
    dtype: torch.dtype
    vae_dtype: torch.dtype

    @property
    def is_gpu(self) -> bool:
        """Whether it has memory of its own."""
        return self.torch_device.type == "cuda"

    def free_host_bytes(self) -> int:
        """Free memory of the host."""
        return int(psutil.virtual_memory().available)

    def free_bytes(self) -> int:
        """Free memory of the GPU, or of the host if there is none."""
        if self.is_gpu:
            return int(torch.cuda.mem_get_info(self.torch_device)[0])
        return self.free_host_bytes()

    def synchronize(self) -> None:
        """Wait until the device has done all queued work."""
        if self.is_gpu:
            torch.cuda.synchronize(self.torch_device)

    def peak_bytes(self) -> int:
        """The most GPU memory in use since `reset_peak`; without a GPU, this process's most."""
        if self.is_gpu:
            return int(torch.cuda.max_memory_allocated(self.torch_device))
        return _peak_resident_bytes()

    def memory_report(self) -> MemoryReport:
        """What is in use now, and the peak since `reset_peak`."""
        worker = int(psutil.Process().memory_info().rss)
        if not self.is_gpu:
            return MemoryReport(worker)
        free, total = torch.cuda.mem_get_info(self.torch_device)
        return MemoryReport(worker, int(total - free), int(total), self.peak_bytes())

    def compiler_versions(self) -> dict[str, str]:
        """What kernels are compiled with, and for: torch, Triton, driver and GPU."""
        major, minor = torch.cuda.get_device_capability(self.torch_device)
        return {
            "torch": str(torch.__version__),
            "triton": metadata.version("triton"),
            "driver": driver_version(),
            "gpu": f"{self.name} sm_{major}{minor}",
        }

    def reset_peak(self) -> None:
        """Measure the peak from now on."""
        if self.is_gpu:
            torch.cuda.reset_peak_memory_stats(self.torch_device)
        else:
            _reset_peak_resident()


def driver_version(told: Path = Path("/proc/driver/nvidia/version")) -> str:
    """The NVIDIA driver's version as its kernel module tells it; empty where there is none."""
    with suppress(OSError):
        found = re.search(r"\b\d{3,}\.\d+(?:\.\d+)?\b", told.read_text())
        return found[0] if found else ""
    return ""


def choose_device(requested: Literal["auto", "cpu", "cuda"]) -> Device:
    """The device to use. Raises RuntimeError if CUDA is requested and there is none."""
    has_cuda = torch.cuda.is_available()
    if requested == "cuda" and not has_cuda:
        raise RuntimeError(texts.NO_CUDA)
    if has_cuda and requested != "cpu":
        cuda = torch.device("cuda", 0)
        return Device(torch.cuda.get_device_name(cuda), cuda, torch.float16, torch.float16)
    # The VAE stays in full precision: the 8 bits of bfloat16's mantissa show as banding.
    dtype = torch.bfloat16 if _has_native_bf16() else torch.float32
    return Device("CPU", torch.device("cpu"), dtype, torch.float32)


def _has_native_bf16() -> bool:
    """Emulated bfloat16 is slower than float32."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _reset_peak_resident() -> None:
    """On Linux the peak becomes what is in use now (proc_pid_clear_refs(5)); elsewhere no-op."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_resident_bytes() -> int:
    """The peak; where the system doesn't tell it, what is in use now."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)
