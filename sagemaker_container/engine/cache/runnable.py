"""A checkpoint that can run: its networks on the fast path, and the LoRAs merged into them."""

from dataclasses import dataclass, replace

from sagemaker_container.engine.lora.merge import LoraMerger
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.fast.quick import quick_unet, quick_vae


@dataclass(frozen=True)
class RunnableCheckpoint:
    """The networks, and what merges LoRAs into their weights."""

    checkpoint: Checkpoint
    loras: LoraMerger

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "RunnableCheckpoint":
        """Put a checkpoint as it was loaded on the fast path; no LoRA is merged yet."""
        unet = quick_unet(checkpoint.unet)
        fast = replace(checkpoint, unet=unet, vae=quick_vae(checkpoint.vae))
        return cls(fast, LoraMerger(checkpoint, on_change=unet.forget))
