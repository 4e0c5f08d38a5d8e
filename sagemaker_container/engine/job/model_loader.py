"""Loads a job's models, or takes them from memory, and notes where each came from."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.request import GenerationRequest, LoraUse
from formats.generation.result import AppliedModel
from sagemaker_container.engine.cache.checkpoint_cache import CheckpointCache
from sagemaker_container.engine.cache.memory_cache import Caches
from sagemaker_container.engine.cache.runnable import RunnableCheckpoint
from sagemaker_container.engine.control.units import Unit
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.job.files import JobFiles
from sagemaker_container.engine.lora.file import read_lora
from sagemaker_container.engine.lora.merge import LoraMerger, WeightedLora
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.embeddings import Embedding, read_embedding
from sagemaker_container.engine.sampling.preview import LatentColours
from sagemaker_container.engine.upscale.file import UpscalerNet, read_upscaler
from sagemaker_container.fast.quick import quick_controlnet, quick_vae

Model = TypeVar("Model")


@dataclass(frozen=True)
class JobModels:
    """A job's models, loaded, with its LoRAs merged, and what a result says of them."""

    checkpoint: Checkpoint
    vae: Any
    colours: LatentColours
    units: Sequence[Unit]
    loras: Sequence[WeightedLora]
    embeddings: Sequence[Embedding]
    upscaler: UpscalerNet | None
    """Of the hires fix, where it is a network."""
    applied: Sequence[AppliedModel]


class Shelf:
    """All loaded models of the worker."""

    def __init__(self, loader: NetworkLoader, caches: Caches, device: Device) -> None:
        self.loader = loader
        self.caches = caches
        self.checkpoints = CheckpointCache(loader, device, caches.host, caches.device)
        self.device = device
        self._colours: dict[str, LatentColours] = {}

    def take(
        self, request: GenerationRequest, files: JobFiles, check: Callable[[], None]
    ) -> JobModels:
        """The models of a job; `check` is called between two loads. Raises JobError."""
        self.caches.begin_job()
        basket = _Basket(self, check)
        runnable = basket.checkpoint(files.checkpoint)
        checkpoint = runnable.checkpoint
        vae = basket.vae(files.vae, checkpoint) if files.vae else checkpoint.vae
        units = [
            basket.unit(file, checkpoint, unit)
            for file, unit in zip(files.controlnets, request.controlnets, strict=True)
        ]
        loras = basket.merge(files.loras, runnable.loras)
        embeddings = [basket.embedding(file) for file in files.embeddings]
        vae_file = files.vae or files.checkpoint
        colours = self._colours.setdefault(vae_file.sha256, LatentColours())
        return JobModels(
            checkpoint=checkpoint,
            vae=vae,
            colours=colours,
            units=units,
            loras=loras,
            embeddings=embeddings,
            upscaler=basket.upscaler(files.upscaler) if files.upscaler else None,
            applied=basket.applied,
        )

    def take_upscaler(
        self, file: WeightsFile, check: Callable[[], None]
    ) -> tuple[UpscalerNet, Sequence[AppliedModel]]:
        """The only model of an upscale job. Raises JobError."""
        self.caches.begin_job()
        basket = _Basket(self, check)
        return basket.upscaler(file), basket.applied


@dataclass
class _Basket:
    """What one job has taken so far."""

    shelf: Shelf
    check: Callable[[], None]
    applied: list[AppliedModel] = field(default_factory=list)

    def checkpoint(self, file: WeightsFile) -> RunnableCheckpoint:
        self.check()
        key = f"checkpoint {file.sha256} ({file.sidecar})"  # which may change without the file
        size = _bytes_in_memory(file, self.shelf.device)
        runnable, tier = self.shelf.checkpoints.take(key, file, size)
        self.applied.append(file.applied(tier=tier))
        return runnable

    def vae(self, file: WeightsFile, checkpoint: Checkpoint) -> Any:
        kind = f"vae for {checkpoint.architecture}"
        return self._take(
            kind, file, lambda: quick_vae(self.shelf.loader.load_vae(file, checkpoint))
        )

    def unit(self, file: WeightsFile, checkpoint: Checkpoint, asked: ControlNetUnit) -> Unit:
        kind = f"controlnet for {checkpoint.architecture}"
        net = self._take(
            kind,
            file,
            lambda: quick_controlnet(self.shelf.loader.load_controlnet(file, checkpoint)),
            asked.weight,
        )
        return Unit(net, asked)

    def merge(
        self, files: Sequence[tuple[WeightsFile, LoraUse]], merger: LoraMerger
    ) -> list[WeightedLora]:
        """Merge these LoRAs, and no others, into the checkpoint."""
        first = len(self.applied)
        parts = [self._lora(file, use) for file, use in files]
        for position, (matches, (_, use)) in enumerate(
            zip(merger.merge(parts), files, strict=True), first
        ):
            found = {
                "keys_matched": matches.matched,
                "keys_unmatched": matches.unmatched,
                "text_encoder_weight": use.text_encoder_weight,
            }
            self.applied[position] = self.applied[position].model_copy(update=found)
        return parts

    def embedding(self, file: WeightsFile) -> Embedding:
        return self._take("embedding", file, lambda: read_embedding(file))

    def upscaler(self, file: WeightsFile) -> UpscalerNet:
        return self._take("upscaler", file, lambda: read_upscaler(file, self.shelf.device))

    def _lora(self, file: WeightsFile, use: LoraUse) -> WeightedLora:
        device = self.shelf.device.torch_device
        lora = self._take("lora", file, lambda: read_lora(file).to(device), use.weight)
        te_weight = use.text_encoder_weight
        return WeightedLora(lora, use.weight, use.weight if te_weight is None else te_weight)

    def _take(
        self,
        kind: str,
        file: WeightsFile,
        load: Callable[[], Model],
        weight: float | None = None,
    ) -> Model:
        self.check()
        size = _bytes_in_memory(file, self.shelf.device)
        found = self.shelf.caches.device.get(f"{kind} {file.sha256}", size, load)
        here = "GPU" if self.shelf.device.is_gpu else "memory"
        self.applied.append(file.applied(tier=here if found.was_here else file.tier, weight=weight))
        return found.model


def _bytes_in_memory(file: WeightsFile, device: Device) -> int:
    if not file.header.tensors:
        return file.size  # a pickle, which says nothing before it is read
    numbers = sum(math.prod(tensor.shape) for tensor in file.header.tensors.values())
    return numbers * int(device.dtype.itemsize)
