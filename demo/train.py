"""`python -m demo.train --out DIR`: trains all demo models, one process a stage, side by side.

Later stages draw, compile and wait while earlier ones train; files in DIR pass the work on. With
`--gpus` the base, which takes longest, trains on all of them, and then the others part them.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from demo.training import weights
from demo.training.settings import MEETING, PRESETS, Run
from demo.vocabulary import find_vocabulary

PARTS: Final = {
    "judge": ("judge",), "vae": ("vae",), "base": ("toon",), "ink": ("ink",),
    "control": ("control",), "adapters": ("lora", "embedding"),
}  # fmt: skip
"""Stage that trains -> the weights it writes."""
_ON_FIRST: Final = ("vae", "control")
"""Stages that have the first of several GPUs to themselves; the rest is on the last."""
_POLITE: Final = ("ink", "control")
"""Stages that compile while the base trains, and must not take the processor from it."""
DEFAULT_MINUTES: Final = 24.0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when every stage ended well."""
    options = _parse(arguments)
    if options.stage:
        return _run_stage(options.stage, options.out, options.resume)
    vocabulary = options.vocabulary or find_vocabulary()
    Run.begin(options.out, options.minutes * 60, vocabulary, options.preset)
    trained = options.only or list(PARTS)
    for part in PARTS:
        if part not in trained:
            _keep(options.resume, options.out, part)
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


def _keep(resume: Path | None, out: Path, part: str) -> None:
    for name in PARTS[part]:
        if resume is None or not weights.exists(resume, name):
            raise SystemExit(f"--only leaves {name} out, and --resume has no weights of it")
        for path in resume.glob(f"{name}-*.safetensors"):
            shutil.copy(path, out / path.name)
        (out / f"{name}.ready").touch()


def _run_all(stages: list[str], options: argparse.Namespace) -> int:
    (options.out / MEETING).unlink(missing_ok=True)
    resume = ["--resume", str(options.resume)] if options.resume else []
    base = [sys.executable, "-m", "demo.train", "--out", str(options.out), *resume]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    running = [
        subprocess.Popen([*base, "--stage", stage], env={**environment, **place})
        for stage in stages
        for place in _places(stage, options.gpus)
    ]
    return max(abs(process.wait()) for process in running)


def _places(stage: str, gpus: int) -> Iterator[dict[str, str]]:
    """The environment of each process of a stage."""
    if gpus == 1:
        yield {}
    elif stage == "base":
        for number in range(gpus):
            seen = {"CUDA_VISIBLE_DEVICES": str(number)}
            yield {"RANK": str(number), "WORLD_SIZE": str(gpus), **seen}
    else:
        number = 0 if stage in _ON_FIRST else gpus - 1
        yield {"CUDA_VISIBLE_DEVICES": str(number)}


def _run_stage(stage: str, out: Path, resume: Path | None) -> int:
    run = Run(out)
    if stage in _POLITE:
        os.nice(10)
    try:
        _STAGES[stage](run, resume)
    except BaseException:
        (out / "failed").touch()
        raise
    return 0


def _scenes(run: Run, _resume: Path | None) -> None:
    from demo.training.store import draw_all  # noqa: PLC0415 - torch loads in the stage's process

    draw_all(run)


def _latents(run: Run, _resume: Path | None) -> None:
    from demo.training.latents_stage import encode  # noqa: PLC0415

    encode(run)


def _vae(run: Run, resume: Path | None) -> None:
    from demo.training.vae_stage import train  # noqa: PLC0415

    train(run, resume)


def _base(run: Run, resume: Path | None) -> None:
    from demo.training.base_stage import train  # noqa: PLC0415

    train(run, resume)


def _ink(run: Run, resume: Path | None) -> None:
    from demo.training.base_stage import train_ink  # noqa: PLC0415

    train_ink(run, resume)


def _control(run: Run, resume: Path | None) -> None:
    from demo.training.control_stage import train  # noqa: PLC0415

    train(run, resume)


def _judge(run: Run, resume: Path | None) -> None:
    from demo.training.judge_stage import train  # noqa: PLC0415

    train(run, resume)


def _adapters(run: Run, resume: Path | None) -> None:
    from demo.training.adapter_stage import train  # noqa: PLC0415

    train(run, resume)


_STAGES: Final[dict[str, Callable[[Run, Path | None], None]]] = {
    "scenes": _scenes, "vae": _vae, "latents": _latents, "base": _base, "ink": _ink,
    "control": _control, "adapters": _adapters, "judge": _judge,
}  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
