"""Encodes the images of every bucket once; the diffusion stages train on the latents."""

import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from demo.training import networks, weights
from demo.training.scene_arrays import SceneArrays
from demo.training.settings import LATENT, ResolutionBucket, TrainingRun
from demo.training.training_loop import (
    DEVICE,
    compile_on_gpu,
    mixed_precision,
    set_up_device,
    synchronize,
)

Encode = Callable[[Tensor], Tensor]


@torch.no_grad()
def encode(run: TrainingRun, _resume: Path | None = None) -> None:
    """The stage: writes `latents-<bucket>.pt` in fp16, scaled as the UNet reads them."""
    set_up_device(4)
    net = networks.vae(run.settings).to(DEVICE, memory_format=torch.channels_last)
    run.wait("scenes")
    if not (run.folder / "vae.ready").exists():
        run.wait("vae-started")  # until then the processor compiles for that stage

    def plain(x: Tensor) -> Tensor:
        mean: Tensor = net.quant_conv(net.encoder(x)).chunk(2, 1)[0]
        return mean

    compiled = compile_on_gpu(plain)
    main = run.settings.bucket("main")
    _encode_rows(run, main, compiled, min(_batch(run, main), main.rows))
    synchronize()
    run.log("latents", compiled=True)
    run.wait("vae")
    net.load_state_dict(weights.load(run.folder, "vae"))
    for bucket in run.settings.buckets:
        start = time.time()
        mean = compiled if bucket.size == main.size and bucket.rows >= _batch(run, main) else plain
        latents = _encode_rows(run, bucket, mean, bucket.rows)
        torch.save(latents, run.folder / f"latents-{bucket.name}.pt")
        run.mark(f"latents-{bucket.name}")
        run.log(
            "latents",
            bucket=bucket.name,
            rows=len(latents),
            seconds=time.time() - start,
            deviation=float(latents[:512].float().std()),
        )


def _batch(run: TrainingRun, bucket: ResolutionBucket) -> int:
    return bucket.batch(run.settings.encode_batch)


def _encode_rows(run: TrainingRun, bucket: ResolutionBucket, mean: Encode, count: int) -> Tensor:
    """Latents of the first `count` scenes; the last batch reaches back to keep its shape."""
    scenes, size = SceneArrays.open(run, bucket.scenes), min(_batch(run, bucket), count)
    width, height = bucket.size
    out = torch.empty(
        count, 4, height // LATENT, width // LATENT, dtype=torch.float16, device=DEVICE
    )
    for start in range(0, count, size):
        rows = torch.arange(min(start, max(0, count - size)), min(start + size, count))
        image = scenes.paint(rows, bucket.style, bucket.scale, bucket.canvas)
        with mixed_precision():
            latents = mean(image.contiguous(memory_format=torch.channels_last))
        out[rows] = (latents * networks.SCALING).half()
    return out
