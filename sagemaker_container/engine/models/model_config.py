"""A network's whole configuration: sizes from its file's shapes, the rest from its family."""

import json
from pathlib import Path
from typing import Final

from formats.models.kinds import Family
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.models import shapes
from sagemaker_container.engine.models.shapes import Config, Shapes
from sagemaker_container.engine.models.vae_layout import vae_shapes

CONFIGS: Final = Path(__file__).parents[2] / "configs"
_FOLDERS: Final = {Family.SD1: "sd1", Family.SD2: "sd2", Family.SDXL: "sdxl"}
_CONTROLNET_FIELDS: Final = (
    "act_fn",
    "attention_head_dim",
    "downsample_padding",
    "flip_sin_to_cos",
    "freq_shift",
    "mid_block_scale_factor",
    "norm_eps",
    "norm_num_groups",
)
"""What a ControlNet takes from its family's UNet; it has no other fields of it."""


def packaged_config(family: Family, part: str) -> Config:
    """A family's configuration of one part: `unet`, `vae`, `text_encoder`, `text_encoder_2`."""
    path = CONFIGS / _FOLDERS[family] / part / "config.json"
    return dict(json.loads(path.read_text()))


def unet_config(file: WeightsFile) -> Config:
    """The configuration of a checkpoint's UNet. Raises KeyError, ShapeError."""
    found = shapes.unet(shapes.below(file.header, shapes.UNET_PREFIX))
    config = packaged_config(file.family, "unet") | found
    if file.family is not Family.SD1:
        config["attention_head_dim"] = shapes.heads(config["block_out_channels"])
    return config


def vae_config(file: WeightsFile, prefix: str, family: Family) -> Config:
    """The configuration of a file's VAE. Raises KeyError, ShapeError."""
    return packaged_config(family, "vae") | shapes.vae(vae_shapes(file.header, prefix))


def controlnet_shapes(file: WeightsFile) -> Shapes:
    """The shapes of a ControlNet's tensors, by their names without a prefix."""
    has_prefix = any(name.startswith(shapes.CONTROLNET_PREFIX) for name in file.header.tensors)
    return shapes.below(file.header, shapes.CONTROLNET_PREFIX if has_prefix else "")


def controlnet_config(file: WeightsFile, family: Family) -> Config:
    """The configuration of a ControlNet. Raises KeyError, ShapeError."""
    conventions = packaged_config(family, "unet")
    found = shapes.controlnet(controlnet_shapes(file))
    if family is not Family.SD1:
        conventions["attention_head_dim"] = shapes.heads(found["block_out_channels"])
    kept = {name: conventions[name] for name in _CONTROLNET_FIELDS}
    return {"_class_name": "ControlNetModel", **kept, **found}
