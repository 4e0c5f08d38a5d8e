"""Measures generation on a GPU: plain diffusers, compiled diffusers and the container's engine.

    python -m bench.gpu_speed [--parts kernels one control throughput switch lora xl] [--compiled]

First the fused kernels are compared with plain PyTorch. All run the same networks of the real
sizes in one process, with random weights: from encoded prompts to pixels, 20 steps of DPM++ 2M
Karras at 512 x 512 (SDXL: 30 at 1024 x 1024), CFG 7. Medians; `off` is the distance of the latents
from plain diffusers', relative to their length.
"""

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from diffusers import (
    ControlNetModel,
)
from torch.nn import functional

from bench.gpu_networks import CFG, SIDE, Ours, Plain, Prompts, laid, networks
from formats.generation.controlnet_unit import ControlNetUnit
from formats.models.kinds import Family
from sagemaker_container.engine.cache.gpu_slots import load_pinned
from sagemaker_container.engine.control.units import LoadedUnit
from sagemaker_container.engine.device import choose_device
from sagemaker_container.engine.lora.algorithms import LoraLayer
from sagemaker_container.engine.lora.file import LoraFile
from sagemaker_container.engine.lora.merge import WeightedLora
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.fast import ops
from sagemaker_container.fast.accelerate import accelerate_controlnet
from sagemaker_container.fast.graphs import release_graphs
from sagemaker_container.fast.warm_up import compile_kernels

LORA_KEYS = ("lora_unet_", "lora_te1_text_model_encoder_", "lora_te2_text_model_encoder_")
"""One of the keys of each linear layer that a LoRA of kohya's trainer changes."""


def show(**values: Any) -> None:
    """One row of JSON."""
    print(
        json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in values.items()}),
        flush=True,
    )


def seconds(work: Callable[[], Any], times: int) -> float:
    """The median of some runs, the GPU's end awaited."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        torch.cuda.synchronize()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def gigabytes() -> float:
    """Most GPU memory in use since the last call."""
    peak = int(torch.cuda.max_memory_allocated()) / 2**30
    torch.cuda.reset_peak_memory_stats()
    return peak


def tidy() -> None:
    """Give back what nothing holds any more."""
    gc.collect()
    torch.cuda.empty_cache()


def off(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """Relative distance."""
    distance: torch.Tensor = (ours.float() - theirs.float()).norm() / theirs.float().norm()
    return float(distance)


class Bench:
    """The rows of the table."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.device = choose_device("cuda")
        self.rounds = options.rounds
        self.prompts = Prompts(768)
        self._ours: Ours | None = None
        self.model = networks(Family.SD1, 1)

    @property
    def ours(self) -> Ours:
        """Made when first needed, so that the first image's warm-up can be measured."""
        if self._ours is None:
            self._ours = Ours(self.model, self.device)
        return self._ours

    def kernels(self) -> None:
        """Each fused kernel against the same arithmetic of PyTorch in float32."""
        torch.manual_seed(4)
        for shape in ((2, 320, 64, 64), (2, 1280, 8, 8), (2, 2560, 16, 16), (1, 128, 512, 512)):
            x = laid(torch.randn(shape, device="cuda") + 0.5)
            norm = torch.nn.GroupNorm(32, shape[1]).half().cuda()
            torch.nn.init.normal_(norm.weight)
            shift = torch.randn(shape[:2], device="cuda").half()
            raised = x.float() + shift.float()[:, :, None, None]
            wanted = functional.group_norm(
                raised, 32, norm.weight.float(), norm.bias.float(), norm.eps
            )
            show(
                kernel="group norm",
                shape=shape,
                off=off(ops.group_norm(x, norm, shift), functional.silu(wanted)),
            )
        y, bias = laid(torch.randn(2, 320, 64, 64, device="cuda")), torch.randn(320).half().cuda()
        tokens = torch.randn(2, 4096, 320, device="cuda").half()
        layer = torch.nn.LayerNorm(320).half().cuda()
        value, gate = tokens.float().chunk(2, -1)
        whole = 2 * y.float() + bias.float()[:, None, None]
        show(kernel="sum", off=off(ops.add(y, y, bias), whole))
        doubled = functional.layer_norm(2 * tokens.float(), (320,))
        show(kernel="layer norm", off=off(ops.add_norm(tokens, tokens, layer)[1], doubled))
        show(kernel="GEGLU", off=off(ops.geglu(tokens), value * functional.gelu(gate)))
        show(
            kernel="upsample",
            off=off(ops.upsample(y, (128, 128)), functional.interpolate(y, scale_factor=2)),
        )

    def one(self) -> None:
        """One image, warm."""
        compiling = partial(compile_kernels, self.device.torch_device, self.device.dtype)
        show(row="kernels compiled, as the container does first", s=seconds(compiling, 1))
        plain = Plain(self.model)
        wanted = plain.generate(self.prompts, output_type="latent")
        gigabytes()
        theirs = seconds(lambda: plain.generate(self.prompts), self.rounds)
        show(row="one image, plain diffusers", s=theirs, gb=gigabytes())
        if self.options.compiled:
            self._compiled(plain)
        plain.away()
        start = time.perf_counter()
        show(
            row="networks put on the device",
            family=self.ours.checkpoint.family,
            s=time.perf_counter() - start,
        )
        warm = seconds(lambda: self.ours.generate(self.prompts), 1)
        again = seconds(lambda: self.ours.generate(self.prompts), self.rounds)
        got = self.ours.latents(self.prompts)
        same = torch.equal(got, self.ours.latents(self.prompts))
        show(
            row="one image, ours",
            s=again,
            of_plain=again / theirs,
            warm_up=warm,
            gb=gigabytes(),
            off=off(got, wanted),
            same_bits=same,
        )

    def _compiled(self, plain: Plain) -> None:
        unet = plain.pipe.unet.to(memory_format=torch.channels_last)
        plain.pipe.unet = torch.compile(unet, mode="reduce-overhead")
        warm = seconds(lambda: plain.generate(self.prompts), 1)
        plain.generate(self.prompts)
        took = seconds(lambda: plain.generate(self.prompts), self.rounds)
        show(row="one image, compiled diffusers", s=took, warm_up=warm, gb=gigabytes())
        plain.pipe.unet = unet

    def throughput(self) -> None:
        """Images a second at several batch sizes."""
        plain = Plain(self.model)
        for count in (4, 8):
            plain.generate(self.prompts, count)
            took = seconds(partial(plain.generate, self.prompts, count), 3)
            show(row="throughput, plain diffusers", batch=count, per_s=count / took, gb=gigabytes())
        plain.away()
        for count in (4, 8, 16):
            self.ours.generate(self.prompts, count)
            took = seconds(partial(self.ours.generate, self.prompts, count), 3)
            show(row="throughput, ours", batch=count, per_s=count / took, gb=gigabytes())

    def control(self) -> None:
        """One image with one ControlNet."""
        torch.manual_seed(3)
        net = ControlNetModel.from_unet(self.model.unet).half().eval().requires_grad_(False)
        for way in (*net.controlnet_down_blocks, net.controlnet_mid_block):
            torch.nn.init.normal_(way.weight, std=0.01)
        control_map = torch.rand(1, 3, SIDE, SIDE)
        plain = Plain(self.model, net.to("cuda"))
        wanted = plain.generate(self.prompts, image=control_map, output_type="latent")
        theirs = seconds(lambda: plain.generate(self.prompts, image=control_map), self.rounds)
        plain.away()
        asked = ControlNetUnit(model="control.safetensors", image="0" * 64)
        unit = LoadedUnit(accelerate_controlnet(net.to(memory_format=torch.channels_last)), asked)
        given: dict[str, Any] = {"units": (unit,), "maps": (control_map,)}
        warm = seconds(lambda: self.ours.generate(self.prompts, **given), 1)
        took = seconds(lambda: self.ours.generate(self.prompts, **given), self.rounds)
        got = self.ours.latents(self.prompts, **given)
        show(row="with a ControlNet, plain diffusers", s=theirs)
        show(
            row="with a ControlNet, ours",
            s=took,
            of_plain=took / theirs,
            warm_up=warm,
            gb=gigabytes(),
            off=off(got, wanted),
        )

    def xl(self) -> None:
        """One SDXL image, with nothing of SD 1 in memory."""
        self._ours = None
        release_graphs()
        tidy()
        model, prompts = networks(Family.SDXL, 2), Prompts(2048, 1280)
        plain = Plain(model)
        wanted = plain.generate(prompts, output_type="latent")
        theirs = seconds(lambda: plain.generate(prompts), 3)
        show(row="SDXL, plain diffusers", s=theirs, gb=gigabytes())
        plain.away()
        model.vae.float()  # as the loader reads SDXL's, which overflows in half precision
        ours = Ours(model, self.device)
        warm = seconds(lambda: ours.generate(prompts), 1)
        took = seconds(lambda: ours.generate(prompts), 3)
        show(
            row="SDXL, ours",
            s=took,
            of_plain=took / theirs,
            warm_up=warm,
            gb=gigabytes(),
            off=off(ours.latents(prompts), wanted),
        )

    def switch(self) -> None:
        """To another checkpoint in pinned memory, until its first step is done."""
        start = time.perf_counter()
        other = load_pinned(lambda: networks(Family.SD1, 5))
        show(row="a checkpoint to pinned memory (with making it)", s=time.perf_counter() - start)
        first = load_pinned(lambda: self.model)
        self.ours.generate(self.prompts)
        took = []
        for number in range(6):
            model = (other, first)[number % 2]
            start = time.perf_counter()
            self.ours.slot.load(model, str(number))
            copied = time.perf_counter() - start
            self._first_step()
            took.append((time.perf_counter() - start, copied))
        show(
            row="switch to a checkpoint in pinned memory, to its first step",
            s=statistics.median(whole for whole, _ in took),
            copied=statistics.median(copied for _, copied in took),
        )

    def _first_step(self) -> None:
        ours, done = self.ours, []

        def on_step(*_: Any) -> None:
            torch.cuda.synchronize()
            done.append(True)
            raise InterruptedError

        denoiser = Denoiser(ours.checkpoint, ours.checkpoint.vae, ours.plan, CFG, SIDE, SIDE)
        with suppress(InterruptedError):
            denoiser.run([BatchItem(Seeds(0), self.prompts.encoded())], on_step)
        assert done

    def lora(self) -> None:
        """Add, change and remove a LoRA of rank 16 on all attention and feed-forward layers."""
        merger = self.ours.slot.runnable.loras
        layers = {}
        for name, target in merger.targets.items():
            if name.startswith(LORA_KEYS) and target.weight.dim() == 2:
                rows, columns = target.weight.shape
                down, up = torch.randn(16, columns).half(), 0.01 * torch.randn(rows, 16).half()
                layers[name] = LoraLayer({"down": down, "up": up, "alpha": torch.tensor(16.0)})
        lora: Any = argparse.Namespace(sha256="x", mismatch=None)
        start = time.perf_counter()
        file = LoraFile(lora, layers, {}, "").to(self.device.torch_device)
        show(row="LoRA to the device", layers=len(layers), s=time.perf_counter() - start)
        before = self.ours.latents(self.prompts)
        for weight in (1.0, 0.5, 0.7, 0.2):
            part = WeightedLora(file, weight, weight)
            took = seconds(partial(merger.merge, [part]), 1)
            show(row="LoRA added or changed", weight=weight, s=took)
        changed = self.ours.latents(self.prompts)
        show(
            row="LoRA removed",
            s=seconds(lambda: merger.merge([]), 1),
            changes=off(changed, before),
            restored=torch.equal(self.ours.latents(self.prompts), before),
        )
        again = [WeightedLora(file, 1.0, 1.0)]
        show(row="LoRA added again", s=seconds(partial(merger.merge, again), 1))


def main() -> None:
    """Run the parts."""
    names = ("kernels", "one", "control", "throughput", "switch", "lora", "xl")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--compiled", action="store_true", help="torch.compile too: 100 s more")
    bench = Bench(parser.parse_args())
    show(card=torch.cuda.get_device_name(), torch=torch.__version__)
    for part in bench.options.parts:
        getattr(bench, part)()
        tidy()


if __name__ == "__main__":
    main()
