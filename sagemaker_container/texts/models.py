"""Texts of models: why one can't be loaded, isn't supported, or doesn't fit the checkpoint.

A reason follows the file's name and a colon, as `files.about` puts them together.
"""

from collections.abc import Sequence
from typing import Final

from formats.texts import shown

# ---- any file
UNREADABLE: Final = "it can't be read; get the file again."
TENSORS_MISSING: Final = "some of its tensors are missing; get the file again."


def unloadable(error: object) -> str:
    """The library's words."""
    return f"it can't be loaded: {error}"


def lacks_tensor(name: str) -> str:
    """A tensor that the network needs is not in the file."""
    return f"it lacks {name}; get the file again."


def odd_shape(name: str, shape: Sequence[int]) -> str:
    """A tensor of the network has too few sides, or an empty one."""
    return f"its {name} has the shape {list(shape)}, which no such network has; get the file again."


def odd_number(name: str) -> str:
    """A tensor of the network is numbered far beyond any network's parts."""
    return f"its {shown(name)} has a number that no such network has; get the file again."


def too_few_tensors(found: int, wanted: int) -> str:
    """Fewer tensors than the blocks have that the numbers in their names speak of."""
    return f"it has {found} tensors for blocks of at least {wanted}; get the file again."


def lacks_tensors(network: str, found: int, wanted: int) -> str:
    """How many tensors a checkpoint's UNet or VAE has, and should have."""
    return f"its {network} has {found} of {wanted} tensors; get the file again."


def unknown_architecture(error: object) -> str:
    """The header implies a configuration that diffusers refuses, in diffusers' words."""
    return f"its architecture is unknown: {error}"


# ---- a checkpoint
NO_VAE: Final = "it has no VAE in it; choose a checkpoint with one."


def unet_tensors(found: int, wanted: int) -> str:
    """The file's UNet has other tensors than diffusers' UNet of that width."""
    return (
        f"its UNet has {found} tensors, and one of its widths has "
        f"{wanted}: it is damaged, or of an unknown architecture."
    )


def text_encoder_layers(layers: int) -> str:
    """A clip skip beyond the text encoder's first layer; a sentence without the file's name."""
    return f"This checkpoint's text encoder has {layers} layers."


# ---- a VAE
OTHER_LATENTS: Final = "its latents have another shape than the checkpoint's."
NO_VALUES: Final = "The picture came out without values; choose another VAE or checkpoint."
TILED_VAE: Final = "For want of memory the VAE worked in tiles."

# ---- a ControlNet
OTHER_BASE: Final = "it is made for another base model than the checkpoint."
NO_CONTROLNET: Final = "it has tensors that no ControlNet has; get the file again."
NO_BODY_NETWORK: Final = "it is not OpenPose's body network; get the file again, or remove it."

# ---- a LoRA
_NAMED_LAYERS: Final = 10
"""Of those that a checkpoint doesn't have."""


def no_layer_matches(layer: str) -> str:
    """One of the layers that the checkpoint doesn't have."""
    return f"none of its layers exist in the checkpoint, {layer} for one."


def layer_size(layer: str) -> str:
    """A layer that doesn't fit the checkpoint's layer of that name."""
    return f"its layer {layer} has another size than the checkpoint's."


def unmatched_layers(file: str, layers: Sequence[str], tensors: int) -> str:
    """What was left out of a LoRA of which another part was applied."""
    named, more = ", ".join(layers[:_NAMED_LAYERS]), len(layers) - _NAMED_LAYERS
    rest = f" and {more} more" if more > 0 else ""
    return (
        f"{file} was applied in part: {tensors} of its tensors belong to no layer of this "
        f"checkpoint: {named}{rest}."
    )


# ---- a textual inversion
NO_EMBEDDING: Final = "it is no textual inversion; get the file again."


def vector_count(limit: int) -> str:
    """No vectors, too many, or not as many for each text encoder."""
    return f"it must have 1 to {limit} vectors, as many for each text encoder."


def one_text_encoder(found: int, wanted: Sequence[int]) -> str:
    """The width of a file's vectors, and those of the checkpoint's text encoders."""
    widths = " and ".join(map(str, wanted))
    return (
        f"it has vectors for one text encoder, {found} wide, and the checkpoint reads {widths}; "
        "it is made for SD 1.x or 2.x, or is half of an SDXL one."
    )


def vector_widths(found: Sequence[int], wanted: Sequence[int]) -> str:
    """The vectors' widths, and those of the checkpoint's text encoders."""
    return (
        f"its vectors are {' and '.join(map(str, found))} wide, and the checkpoint reads "
        f"{' and '.join(map(str, wanted))}; it is made for another family of checkpoints."
    )


# ---- an upscaler
NO_UPSCALER: Final = (
    "it is no upscaler of the ESRGAN family (ESRGAN, Real-ESRGAN, BSRGAN); choose another."
)
SMALLER_TILES: Final = "For want of memory the upscaler worked in smaller tiles."
