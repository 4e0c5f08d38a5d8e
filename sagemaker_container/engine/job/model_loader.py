"""Loads a job's models, or takes them from a cache, and notes which tier each came from."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.request import GenerationRequest, LoraUse
from formats.generation.result import AppliedModel
from sagemaker_container.engine.cache.checkpoint_cache import CheckpointCache
from sagemaker_container.engine.cache.memory_cache import ModelCaches
from sagemaker_container.engine.cache.runnable import RunnableCheckpoint
from sagemaker_container.engine.control.units import LoadedUnit
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.job.files import JobFiles
from sagemaker_container.engine.lora.file import read_lora
from sagemaker_container.engine.lora.merge import LoraMerger, WeightedLora
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.embeddings import Embedding, read_embedding
from sagemaker_container.engine.sampling.preview import LatentPreview, PreviewFit
from sagemaker_container.engine.upscale.file import UpscalerNet, read_upscaler
from sagemaker_container.fast.accelerate import accelerate_controlnet, accelerate_vae
from sagemaker_container.texts import models as texts

Model = TypeVar("Model")


@dataclass(frozen=True)
class JobModels:
    """A job's loaded models, its LoRAs merged, and their entries in the result."""

    checkpoint: Checkpoint
    vae: Any
    latent_preview: LatentPreview
    units: Sequence[LoadedUnit]
    loras: Sequence[WeightedLora]
    embeddings: Sequence[Embedding]
    upscaler: UpscalerNet | None
    """Of the hires fix, if it is a network."""
    applied: Sequence[AppliedModel]
    notes: Sequence[str]
    """What was applied in part only."""


class JobModelLoader:
    """Loads models for one job at a time. It keeps what later jobs may use again."""

    def __init__(self, loader: NetworkLoader, caches: ModelCaches, device: Device) -> None:
        self._loader = loader
        self._caches = caches
        self._checkpoints = CheckpointCache(loader, device, caches)
        self._device = device
        self._previews: dict[str, PreviewFit] = {}
        """By the hash of the VAE's file."""

    def load(
        self, request: GenerationRequest, files: JobFiles, check: Callable[[], None]
    ) -> JobModels:
        """The models of a generation; `check` is called between two loads. Raises JobError."""
        session = self._begin_session(check)
        runnable = session.checkpoint(files.checkpoint)
        checkpoint = runnable.checkpoint
        vae = session.vae(files.vae, checkpoint) if files.vae else checkpoint.vae
        units = [
            session.unit(file, checkpoint, unit)
            for file, unit in zip(files.controlnets, request.controlnets, strict=True)
        ]
        loras = session.merge(files.loras, runnable.loras)
        embeddings = [session.embedding(file) for file in files.embeddings]
        vae_file = files.vae or files.checkpoint
        fit = self._previews.setdefault(vae_file.sha256, PreviewFit())
        return JobModels(
            checkpoint=checkpoint,
            vae=vae,
            latent_preview=LatentPreview(vae, fit),
            units=units,
            loras=loras,
            embeddings=embeddings,
            upscaler=session.upscaler(files.upscaler) if files.upscaler else None,
            applied=session.applied,
            notes=session.notes,
        )

    def load_upscaler(
        self, file: WeightsFile, check: Callable[[], None]
    ) -> tuple[UpscalerNet, Sequence[AppliedModel]]:
        """The only model of an upscale job. Raises JobError."""
        session = self._begin_session(check)
        return session.upscaler(file), session.applied

    def hashes_in_memory(self) -> tuple[str, ...]:
        """The sha256 of the files whose models are loaded, the most recently used first."""
        keys = (*self._caches.device.keys, *self._caches.host.keys)
        found = (re.search(r"[0-9a-f]{64}", key) for key in keys if not key.startswith("slot "))
        return tuple(dict.fromkeys(match[0] for match in found if match))

    def free_device_memory(self) -> None:
        """Free what the current job doesn't use on the device."""
        self._caches.free_device_memory()

    def _begin_session(self, check: Callable[[], None]) -> "_LoadSession":
        self._caches.begin_job()
        return _LoadSession(self._loader, self._caches, self._checkpoints, self._device, check)


@dataclass
class _LoadSession:
    """Loads the models of one job, and lists them."""

    loader: NetworkLoader
    caches: ModelCaches
    checkpoints: CheckpointCache
    device: Device
    check: Callable[[], None]
    applied: list[AppliedModel] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def checkpoint(self, file: WeightsFile) -> RunnableCheckpoint:
        self.check()
        # The sidecar may change without the file.
        key = f"checkpoint {file.sha256} ({file.sidecar})"
        runnable, tier = self.checkpoints.get(key, file, _memory_size(file, self.device))
        self.applied.append(file.result_entry(tier=tier))
        return runnable

    def vae(self, file: WeightsFile, checkpoint: Checkpoint) -> Any:
        def load() -> Any:
            return accelerate_vae(self.loader.load_vae(file, checkpoint))

        return self._get_or_load(f"vae for {checkpoint.architecture}", file, load)

    def unit(self, file: WeightsFile, checkpoint: Checkpoint, unit: ControlNetUnit) -> LoadedUnit:
        def load() -> Any:
            return accelerate_controlnet(self.loader.load_controlnet(file, checkpoint))

        kind = f"controlnet for {checkpoint.architecture}"
        return LoadedUnit(self._get_or_load(kind, file, load, unit.weight), unit)

    def merge(
        self, files: Sequence[tuple[WeightsFile, LoraUse]], merger: LoraMerger
    ) -> list[WeightedLora]:
        """Merge these LoRAs, and no others, into the checkpoint."""
        first = len(self.applied)
        loras = [self._lora(file, use) for file, use in files]
        for index, (matches, (file, use)) in enumerate(
            zip(merger.merge(loras), files, strict=True), first
        ):
            update = {
                "keys_matched": matches.matched,
                "keys_unmatched": matches.unmatched,
                "text_encoder_weight": use.text_encoder_weight,
            }
            self.applied[index] = self.applied[index].model_copy(update=update)
            if matches.unmatched:
                layers, count = matches.unmatched_layers, matches.unmatched
                self.notes.append(texts.unmatched_layers(file.name, layers, count))
        return loras

    def embedding(self, file: WeightsFile) -> Embedding:
        found = self._get_or_load("embedding", file, lambda: read_embedding(file))
        return replace(found, file=file)  # it may have been read under another name

    def upscaler(self, file: WeightsFile) -> UpscalerNet:
        return self._get_or_load("upscaler", file, lambda: read_upscaler(file, self.device))

    def _lora(self, file: WeightsFile, use: LoraUse) -> WeightedLora:
        device = self.device.torch_device
        lora = self._get_or_load("lora", file, lambda: read_lora(file).to(device), use.weight)
        text_weight = use.text_encoder_weight
        lora = replace(lora, file=file)  # it may have been read under another name
        return WeightedLora(lora, use.weight, use.weight if text_weight is None else text_weight)

    def _get_or_load(
        self,
        kind: str,
        file: WeightsFile,
        load: Callable[[], Model],
        weight: float | None = None,
    ) -> Model:
        self.check()
        size = _memory_size(file, self.device)
        found = self.caches.device.get(f"{kind} {file.sha256}", size, load)
        cached_tier = "GPU" if self.device.is_gpu else "memory"
        tier = cached_tier if found.was_cached else file.tier
        self.applied.append(file.result_entry(tier=tier, weight=weight))
        return found.model


def _memory_size(file: WeightsFile, device: Device) -> int:
    """Bytes of a file's tensors in memory."""
    if not file.header.tensors:
        return file.size  # a pickle has no header that says more
    numbers = sum(math.prod(tensor.shape) for tensor in file.header.tensors.values())
    return numbers * int(device.dtype.itemsize)
