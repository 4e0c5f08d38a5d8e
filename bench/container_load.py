"""Measures the container under load on a GPU: whole jobs over HTTP, many at once, with S3.

    python3 -m bench.real_models FOLDER
    python3 -m bench.container_load FOLDER [--parts single burst control mix xl] [--bursts 3]

`single` is one job after the other, `burst` 64 jobs of one image at once, `control` with a
ControlNet, `mix` six users with other sizes, samplers, checkpoints and LoRAs. Medians of whole jobs
in seconds, images a second, how busy the GPU was, and what the stages took. `FOLDER` holds files of
the real sizes with random weights (`bench.real_models`).
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.container_speed import BenchContainer, container, pose_map
from formats.generation.result import GenerationResult
from formats.models.kinds import ModelKind

SD1: Final = {
    "checkpoint": "sd1.safetensors",
    "prompt": "a cute dog on a meadow, oil painting",
    "negative_prompt": "blurry, text",
    "sampler": "DPM++ 2M",
    "schedule": "Karras",
    "steps": 20,
    "width": 512,
    "height": 512,
    "cfg_scale": 7.0,
}
XL: Final = SD1 | {"checkpoint": "xl.safetensors", "steps": 30, "width": 1024, "height": 1024}
JOBS: Final = 64
USERS: Final = 6
SAMPLERS: Final = ("DPM++ 2M", "Euler a", "Euler", "DPM++ SDE", "UniPC")
SIDES: Final = ((512, 512), (512, 768), (640, 512))

Job = dict[str, Any]
Done = tuple[float, GenerationResult]


def show(**values: Any) -> None:
    """One row of JSON."""
    rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in values.items()}
    print(json.dumps(rounded), flush=True)


class GpuWatch:
    """Asks the driver ten times a second how busy the GPU was, and how much memory is in use."""

    def __init__(self) -> None:
        query = "--query-gpu=utilization.gpu,memory.used"
        command = ["nvidia-smi", query, "--format=csv,noheader,nounits", "-lms", "100"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.rows: list[tuple[float, float]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            used, memory = line.split(",")
            self.rows.append((float(used), float(memory)))

    @contextmanager
    def told(self) -> Iterator[dict[str, float]]:
        """What was seen in the block, once that has ended."""
        first, found = len(self.rows), dict[str, float]()
        yield found
        seen = self.rows[first:] or [(0.0, 0.0)]
        found |= {
            "gpu_busy": statistics.mean(used for used, _ in seen) / 100,
            "gpu_gb": max(memory for _, memory in seen) / 1024,
        }

    def stop(self) -> None:
        """Ask no more."""
        self._process.terminate()


def stages(done: list[Done]) -> dict[str, float]:
    """The median seconds of each stage."""
    names = dict.fromkeys(name for _, result in done for name in result.seconds)
    return {
        name: round(statistics.median(result.seconds.get(name, 0.0) for _, result in done), 3)
        for name in names
    }


def single(ours: BenchContainer, watch: GpuWatch, name: str, job: Job, times: int = 7) -> None:
    """One job after the other; the first two are not counted."""
    done = [ours.generate(**job, seed=seed) for seed in range(times + 2)]
    with watch.told() as gpu:
        done = [ours.generate(**job, seed=seed) for seed in range(times)]
    took = statistics.median(seconds for seconds, _ in done)
    show(part=name, seconds=took, stages=stages(done), **gpu)


def burst(ours: BenchContainer, watch: GpuWatch, name: str, job: Job, times: int) -> None:
    """64 jobs at once."""
    with ThreadPoolExecutor(JOBS) as callers:
        for number in range(times):
            start = time.perf_counter()
            with watch.told() as gpu:
                done = list(callers.map(lambda seed: ours.generate(**job, seed=seed), range(JOBS)))
            took = time.perf_counter() - start
            show(part=name, number=number, per_second=JOBS / took, stages=stages(done), **gpu)


def mixed(ours: BenchContainer, watch: GpuWatch, pose: str, seconds: float) -> None:
    """Six users, each of whom sends the next job when the last one has ended."""
    end, lock = time.monotonic() + seconds, threading.Lock()
    done: list[Done] = []

    def user(number: int) -> None:
        choice = random.Random(number)
        while time.monotonic() < end:
            found = ours.generate(**_any_job(choice, pose))
            with lock:
                done.append(found)

    with watch.told() as gpu, ThreadPoolExecutor(USERS) as users:
        list(users.map(user, range(USERS)))
    times = sorted(seconds for seconds, _ in done)
    images = sum(len(result.pictures) for _, result in done)
    middle, late = times[len(times) // 2], times[int(len(times) * 0.95)]
    rate = images / seconds
    show(part="mix", jobs=len(done), per_second=rate, p50=middle, p95_over_p50=late / middle, **gpu)


def _any_job(choice: random.Random, pose: str) -> Job:
    width, height = choice.choice(SIDES)
    job: Job = SD1 | {"width": width, "height": height, "sampler": choice.choice(SAMPLERS)}
    job |= {"seed": choice.randrange(2**32), "batch_size": choice.choice((1, 1, 2, 4))}
    job["schedule"] = "Automatic" if job["sampler"] == "Euler a" else "Karras"
    job["checkpoint"] = choice.choice(("sd1.safetensors", "sd1-other.safetensors"))
    if choice.random() < 0.3:
        job["loras"] = [{"name": "lora.safetensors", "weight": choice.choice((0.6, 0.8))}]
    if choice.random() < 0.3:
        job["controlnets"] = [{"model": "control.safetensors", "image": pose}]
    return job


def main() -> None:
    """Print a row for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parts = ("single", "burst", "control", "mix", "xl")
    parser.add_argument("--parts", nargs="+", choices=parts, default=parts)
    parser.add_argument("--bursts", type=int, default=3)
    parser.add_argument("--mix-seconds", type=float, default=60)
    options = parser.parse_args()
    os.environ["CONTRAPPOSTO_QUEUE_DEPTH"] = "200"
    watch = GpuWatch()
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        container(Path(sys.executable), Path(folder)) as ours,
    ):
        show(part="start", seconds=time.monotonic() - start)
        kinds = {"control": ModelKind.CONTROLNET, "lora": ModelKind.LORA}
        for path in sorted(options.folder.glob("*.safetensors")):
            if path.stem != "xl" or "xl" in options.parts:
                ours.put(kinds.get(path.stem, ModelKind.CHECKPOINT), path)
        pose = ours.put_image(pose_map(512))
        posed = SD1 | {"controlnets": [{"model": "control.safetensors", "image": pose}]}
        run: dict[str, Callable[[], None]] = {
            "single": lambda: single(ours, watch, "single", SD1),
            "burst": lambda: burst(ours, watch, "burst", SD1, options.bursts),
            "control": lambda: single(ours, watch, "control", posed),
            "mix": lambda: mixed(ours, watch, pose, options.mix_seconds),
            "xl": lambda: single(ours, watch, "xl", XL, 3),
        }
        for part in options.parts:
            run[part]()
    watch.stop()


if __name__ == "__main__":
    main()
