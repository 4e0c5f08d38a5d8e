"""Trains the autoencoder on crops, half of them around heads, and folds SD1's scaling into it."""

import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from demo.painting.styles import STYLES
from demo.training import networks, weights
from demo.training.scene_arrays import SceneArrays
from demo.training.settings import SQUARE, TrainingRun
from demo.training.training_loop import (
    DEVICE,
    StagePlan,
    compile_on_gpu,
    fit,
    mixed_precision,
    set_up_device,
    synchronize,
)

_STYLE_SHARES = {"toon": 0.64, "ink": 0.2, "neon": 0.16}
_HELD_OUT = 64


class CropDataset:
    """Painted images as bytes on the device, and crops of them."""

    def __init__(self, run: TrainingRun, scenes: SceneArrays) -> None:
        self.crop = run.settings.vae_crop
        self.side = round(SQUARE[0] * run.settings.bucket("main").scale)
        self.scale = self.side / SQUARE[0]
        count = run.settings.vae_pool
        self.images = torch.empty(count, 3, self.side, self.side, dtype=torch.uint8, device=DEVICE)
        self.heads = scenes.tensor("heads", count)[:, 0, :2] * self.scale
        self._paint(scenes, count)

    def _paint(self, scenes: SceneArrays, count: int) -> None:
        starts = list(range(0, count, 256))
        bounds = [sum(list(_STYLE_SHARES.values())[: i + 1]) for i in range(len(STYLES))]
        for start in starts:
            style = next(s for s, b in zip(STYLES, bounds, strict=True) if start / count < b + 1e-6)
            rows = torch.arange(start, min(count, start + 256))
            image = scenes.paint(rows, style, self.scale, SQUARE)
            self.images[rows] = ((image + 1) * 127.5).round().byte()

    def sample(self, count: int) -> Tensor:
        """Random crops (count, 3, crop, crop) of -1 to 1, never of held-out images."""
        held_out_count = min(_HELD_OUT, len(self.images) // 4)
        rows = torch.randint(held_out_count, len(self.images), (count,), device=DEVICE)
        room = self.side - self.crop
        anywhere = torch.rand(count, 2, device=DEVICE) * room
        near = (
            self.heads[rows]
            - self.crop / 2
            + 60 * self.scale * torch.randn(count, 2, device=DEVICE)
        )
        at_head = torch.rand(count, 1, device=DEVICE) < 0.5
        corner = torch.where(at_head, near, anywhere).clamp(0, room).long()
        return self._cut(rows, corner).float() / 127.5 - 1

    def _cut(self, rows: Tensor, corner: Tensor) -> Tensor:
        span = torch.arange(self.crop, device=DEVICE)
        x, y = corner[:, 0, None] + span, corner[:, 1, None] + span
        channel = torch.arange(3, device=DEVICE).view(1, 3, 1, 1)
        return self.images[rows.view(-1, 1, 1, 1), channel, y[:, None, :, None], x[:, None, None]]


def train(run: TrainingRun, resume: Path | None) -> None:
    """The stage: writes `vae` weights and marks them."""
    set_up_device(1)
    net = networks.vae(run.settings).to(DEVICE, memory_format=torch.channels_last)
    if weights.exists(resume, "vae") and resume:
        net.load_state_dict(weights.load(resume, "vae"))
        unfold(net)
    run.log("vae", millions=networks.millions(net))
    run.wait("pool")
    pool = CropDataset(run, SceneArrays.open(run, "square"))
    forward = compile_on_gpu(lambda x: _forward(net, x))

    def loss(_step: int, _progress: float) -> Tensor:
        x = pool.sample(run.settings.vae_batch).contiguous(memory_format=torch.channels_last)
        with mixed_precision():
            y, mean, spread = forward(x)
        return reconstruction_loss(x, y.float(), mean.float(), spread.float())

    start = time.time()
    loss(0, 0.0).backward()
    synchronize()
    run.log("vae", compiled=time.time() - start)
    run.mark("vae-started")
    fit(run, StagePlan("vae", 1e-3, run.settings.vae_batch, 0.9995), net.parameters(), loss)
    fold(net, _sample(net, pool))
    weights.save(run.folder, "vae", networks.state(net))
    run.mark("vae")


def _forward(net: AutoencoderKL, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    mean, spread = net.quant_conv(net.encoder(x)).chunk(2, 1)
    spread = spread.clamp(-30, 20)
    sample = mean + torch.randn_like(mean) * (0.5 * spread).exp()
    return net.decoder(net.post_quant_conv(sample)), mean, spread


def reconstruction_loss(x: Tensor, y: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
    """L1 of images and of their edges, a square error for what is far off, a little KL."""
    off = y - x
    across, down = off[..., 1:] - off[..., :-1], off[..., 1:, :] - off[..., :-1, :]
    edges = across.abs().mean() + down.abs().mean()
    divergence = 0.5 * (mean.square() + spread.exp() - 1 - spread).mean()
    return off.abs().mean() + 0.6 * edges + 2.0 * off.square().mean() + 3e-4 * divergence


@torch.no_grad()
def _sample(net: AutoencoderKL, pool: CropDataset) -> Tensor:
    """Latent means (N, 4, h, w) of some images."""
    parts = []
    for start in range(0, min(2048, len(pool.images)), 32):
        x = pool.images[start : start + 32].float() / 127.5 - 1
        with mixed_precision():
            parts.append(net.quant_conv(net.encoder(x)).chunk(2, 1)[0].float())
    return torch.cat(parts)


@torch.no_grad()
def fold(net: AutoencoderKL, latents: Tensor) -> None:
    """Give each latent channel mean 0 and deviation 1 / 0.18215, as SD1's scaling expects.

    Both 1 x 1 convolutions around the latents take the change, so images stay the same.
    """
    mean = latents.mean((0, 2, 3))
    factor = 1 / (networks.SCALING * latents.std((0, 2, 3)))
    quant, post = net.quant_conv, net.post_quant_conv
    post.bias.add_((post.weight[:, :, 0, 0] * mean).sum(1))
    post.weight.div_(factor.view(1, -1, 1, 1))
    quant.bias[:4].sub_(mean).mul_(factor)
    quant.weight[:4].mul_(factor.view(-1, 1, 1, 1))
    quant.bias[4:].add_(2 * factor.log())


@torch.no_grad()
def unfold(net: AutoencoderKL) -> None:
    """Back to deviation 1, in which the KL term and the learning rate were chosen."""
    quant, post = net.quant_conv, net.post_quant_conv
    factor = networks.SCALING
    post.weight.div_(factor)
    quant.bias[:4].mul_(factor)
    quant.weight[:4].mul_(factor)
    quant.bias[4:].add_(2 * torch.tensor(factor).log().to(DEVICE))
