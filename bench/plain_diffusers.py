"""What a user would run instead: diffusers' own pipeline, warm, with its defaults.

    .venv-container/bin/python -m bench.plain_diffusers CHECKPOINT [--side 256] [--compile]

Prints "ready" when it has generated a first image. Then each line that it reads is a seed, and it
prints the seconds that the image took. bench/container_speed.py talks to it.
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

import psutil
import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline

from formats.models.kinds import ModelKind
from sagemaker_container.engine.device import choose_device
from sagemaker_container.engine.files.weights_file import open_file
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.tokenizer import clip_tokenizer


def pipeline(path: Path, *, compiled: bool) -> StableDiffusionPipeline:
    """The file's networks in diffusers' pipeline, as its guide shows for DPM++ 2M Karras."""
    device = choose_device("auto")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    model = NetworkLoader(device).load_checkpoint(
        open_file(ModelKind.CHECKPOINT, path.name, path, sha256, "disk")
    )
    made = StableDiffusionPipeline(
        unet=model.unet,
        vae=model.vae,
        text_encoder=model.text_encoders[0].transformer,
        tokenizer=clip_tokenizer(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        scheduler=DPMSolverMultistepScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            use_karras_sigmas=True,
            steps_offset=1,
        ),
    )
    dtype = torch.float16 if device.is_gpu else torch.float32  # as diffusers' guide says
    made.to(device.torch_device, dtype, memory_format=torch.contiguous_format)
    if compiled:
        made.unet = torch.compile(made.unet, mode="reduce-overhead")
    made.set_progress_bar_config(disable=True)
    return made


def main() -> None:
    """Generate one image for each line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    pipe = pipeline(options.checkpoint, compiled=options.compile)

    def generate(seed: int) -> float:
        start = time.perf_counter()
        pipe(
            "a cute dog",
            width=options.side,
            height=options.side,
            guidance_scale=6.0,
            num_inference_steps=options.steps,
            generator=torch.Generator("cpu").manual_seed(seed),
        )
        return time.perf_counter() - start

    print("ready", round(generate(0), 2), flush=True)
    for line in sys.stdin:
        peak = psutil.Process().memory_info().rss
        print(json.dumps({"seconds": generate(int(line)), "bytes": peak}), flush=True)


if __name__ == "__main__":
    main()
