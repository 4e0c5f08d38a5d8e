"""`python -m demo.train --out DIR`: trains all demo models, one process a stage, in parallel.

Later stages compile and wait for the files of earlier ones in DIR. With `--gpus` the base stage,
which takes longest, trains on all of them; then the others share them.
"""

import argparse
import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from demo.training import weights
from demo.training.settings import PRESETS, RENDEZVOUS, TrainingRun
from demo.vocabulary import find_vocabulary

PARTS: Final = {
    "judge": ("judge",),
    "vae": ("vae",),
    "base": ("toon",),
    "ink": ("ink",),
    "control": ("control",),
    "adapters": ("lora", "embedding"),
}
"""Stage that trains -> the weights it writes."""
_FIRST_GPU_STAGES: Final = ("vae", "control")
"""Stages on the first of several GPUs; the others are on the last."""
_LOW_PRIORITY: Final = ("ink", "control")
"""Stages that compile while the base trains, and must not slow it down."""
DEFAULT_MINUTES: Final = 24.0
_STAGES: Final = {
    "scenes": "scene_arrays:compose_all",
    "vae": "vae_stage:train",
    "latents": "latents_stage:encode",
    "base": "base_stage:train",
    "ink": "base_stage:train_ink",
    "control": "control_stage:train",
    "adapters": "adapter_stage:train",
    "judge": "judge_stage:train",
}
"""Stage -> module of `demo.training` and function; imported in the stage's process, with torch."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when every stage ended well."""
    options = _parse(arguments)
    if options.stage:
        return _run_stage(options.stage, options.out, options.resume)
    vocabulary = options.vocabulary or find_vocabulary()
    TrainingRun.begin(options.out, options.minutes * 60, vocabulary, options.preset)
    trained = options.only or list(PARTS)
    for part in PARTS:
        if part not in trained:
            _copy_weights(options.resume, options.out, part)
    return _run_all(["scenes", "latents", *trained], options)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.train", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--resume", type=Path, help="start from the weights of an earlier run")
    parser.add_argument("--minutes", type=float, default=DEFAULT_MINUTES, help="of the whole run")
    parser.add_argument("--preset", choices=PRESETS, default="full", help="tiny runs on a CPU")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="keep the others from --resume")
    parser.add_argument("--gpus", type=int, default=1, help="how many share the work")
    parser.add_argument("--vocabulary", type=Path, help="CLIP's merges, gzipped")
    parser.add_argument("--stage", choices=tuple(_STAGES), help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _copy_weights(resume: Path | None, out: Path, part: str) -> None:
    for name in PARTS[part]:
        if resume is None or not weights.exists(resume, name):
            raise SystemExit(f"--only leaves {name} out, and --resume has no weights of it")
        for path in resume.glob(f"{name}-*.safetensors"):
            shutil.copy(path, out / path.name)
        (out / f"{name}.ready").touch()


def _run_all(stages: list[str], options: argparse.Namespace) -> int:
    (options.out / RENDEZVOUS).unlink(missing_ok=True)
    resume = ["--resume", str(options.resume)] if options.resume else []
    base = [sys.executable, "-m", "demo.train", "--out", str(options.out), *resume]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    running = [
        subprocess.Popen([*base, "--stage", stage], env={**environment, **devices})
        for stage in stages
        for devices in _environments(stage, options.gpus)
    ]
    return max(abs(process.wait()) for process in running)


def _environments(stage: str, gpus: int) -> Iterator[dict[str, str]]:
    """The environment of each process of a stage."""
    if gpus == 1:
        yield {}
    elif stage == "base":
        for number in range(gpus):
            visible = {"CUDA_VISIBLE_DEVICES": str(number)}
            yield {"RANK": str(number), "WORLD_SIZE": str(gpus), **visible}
    else:
        number = 0 if stage in _FIRST_GPU_STAGES else gpus - 1
        yield {"CUDA_VISIBLE_DEVICES": str(number)}


def _run_stage(stage: str, out: Path, resume: Path | None) -> int:
    run = TrainingRun(out)
    if stage in _LOW_PRIORITY:
        os.nice(10)
    try:
        pkgutil.resolve_name(f"demo.training.{_STAGES[stage]}")(run, resume)
    except BaseException:
        (out / "failed").touch()
        raise
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
