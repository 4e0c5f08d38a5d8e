"""Texts about model files, whole sentences: why nothing reads one, how a few-step one is used."""

from typing import Final

# ---- what to do instead
_OTHER_CHECKPOINT: Final = "choose an SD 1.x, SD 2.x or SDXL checkpoint."
_OTHER_CONTROLNET: Final = "choose a plain ControlNet."
_OTHER_VAE: Final = "choose a VAE of SD 1.x, SD 2.x or SDXL."
_OTHER_LORA: Final = "choose a LoRA, LoCon, LoHa, LoKr or DoRA."

# ---- a checkpoint
IS_DEPTH: Final = f"It reads a depth map besides (SD 2 depth); {_OTHER_CHECKPOINT}"
IS_UPSCALER: Final = f"It is an upscaler that reads a small picture (SD x4); {_OTHER_CHECKPOINT}"
IS_INSTRUCT: Final = f"It edits pictures by instruction (InstructPix2Pix); {_OTHER_CHECKPOINT}"
IS_EDM: Final = f"It draws with EDM noise (Playground 2.5, CosXL); {_OTHER_CHECKPOINT}"
READS_GUIDANCE: Final = (
    "Its UNet reads the CFG scale as an input (an LCM distilled whole); choose a plain checkpoint "
    "and its LCM LoRA, or a checkpoint into which that LoRA was merged."
)
IS_REFINER: Final = f"It is an SDXL refiner; {_OTHER_CHECKPOINT}"
NO_TEXT_ENCODER: Final = f"It has no text encoder of SD 1.x, 2.x or SDXL in it; {_OTHER_CHECKPOINT}"
LACKS_TEXT_ENCODER: Final = f"It lacks one of SDXL's two text encoders; {_OTHER_CHECKPOINT}"


def unknown_channels(channels: int) -> str:
    """A UNet with as many input channels as no supported one has."""
    return f"Its UNet reads {channels} channels; {_OTHER_CHECKPOINT}"


def checkpoint_unsupported(name: str) -> str:
    """A diffusion model of another architecture or layout."""
    return f"{name} is not supported; {_OTHER_CHECKPOINT}"


# ---- a ControlNet, a VAE, a LoRA
def controlnet_unsupported(name: str) -> str:
    """A relative of the ControlNet."""
    return f"{name} is not supported; {_OTHER_CONTROLNET}"


def vae_unsupported(name: str) -> str:
    """A VAE of another architecture."""
    return f"{name} is not supported; {_OTHER_VAE}"


def lora_unsupported(name: str) -> str:
    """Another algorithm, or a LoRA for another architecture."""
    return f"{name} is not supported; {_OTHER_LORA}"


def file_unsupported(name: str) -> str:
    """A file that is no kind of model which has a folder here."""
    return f"{name} is not supported."


# ---- a few-step file
def from_to(low: str, high: str) -> str:
    """A range of numbers."""
    return f"{low} to {high}"


def few_step_misfit(kind: str, steps: str, cfg_scale: str) -> str:
    """Steps or CFG scale that a few-step file was not made for."""
    return (
        f"{kind} files are made for {steps} steps at a CFG scale of {cfg_scale}; with other "
        "settings pictures come out unfinished or burnt."
    )
