"""A checkpoint that can run: its networks on the fast path, and what merges LoRAs into them."""

from dataclasses import dataclass, replace

from sagemaker_container.engine.lora.merge import LoraMerger
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.fast.accelerate import accelerate_unet, accelerate_vae


@dataclass(frozen=True)
class RunnableCheckpoint:
    """A checkpoint on the fast path, and the merger of its weights."""

    checkpoint: Checkpoint
    loras: LoraMerger

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "RunnableCheckpoint":
        """Accelerate a checkpoint as the loader returned it; no LoRA is merged yet."""
        unet, vae = accelerate_unet(checkpoint.unet), accelerate_vae(checkpoint.vae)
        loras = LoraMerger(checkpoint, on_change=unet.invalidate)
        return cls(replace(checkpoint, unet=unet, vae=vae), loras)
