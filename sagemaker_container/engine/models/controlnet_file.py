"""Reads a ControlNet's header: its configuration, and whether it fits a checkpoint."""

from typing import Final

from formats.generation.result import ErrorCode
from formats.models.kinds import Family, ModelKind
from sagemaker_container.engine.files import shapes
from sagemaker_container.engine.files.model_file import ModelFile, check_family, refuse
from sagemaker_container.engine.models.config_dir import packaged

PREFIX: Final = "control_model."
"""Of ControlNets as they were trained; sd-webui-controlnet's extract_controlnet.py takes it off."""

_RELATIVES: Final = {
    "lora_controlnet": "a Control-LoRA",
    "difference": "a difference to a base model",
    "task_embedding": "a ControlNet union",
}
"""By a tensor that only they have; refused by name."""
_OF_THE_UNET: Final = (
    "act_fn",
    "attention_head_dim",
    "downsample_padding",
    "flip_sin_to_cos",
    "freq_shift",
    "mid_block_scale_factor",
    "norm_eps",
    "norm_num_groups",
)
"""A family's conventions; the rest of a UNet's configuration a ControlNet doesn't know."""
_MUST_AGREE: Final = ("block_out_channels", "layers_per_block", "cross_attention_dim")


def own_shapes(file: ModelFile) -> shapes.Shapes:
    """The shapes of a ControlNet's tensors by their names without a prefix."""
    has_prefix = any(name.startswith(PREFIX) for name in file.header.tensors)
    return shapes.below(file.header, PREFIX if has_prefix else "")


def controlnet_config(file: ModelFile, family: Family) -> shapes.Config:
    """Its whole configuration. Raises KeyError naming a missing tensor."""
    conventions = packaged(family, "unet")
    found = shapes.controlnet(own_shapes(file))
    if family is not Family.SD1:
        conventions["attention_head_dim"] = shapes.heads(found["block_out_channels"])
    kept = {name: conventions[name] for name in _OF_THE_UNET}
    return {"_class_name": "ControlNetModel", **kept, **found}


def check_fits(file: ModelFile, checkpoint: ModelFile) -> None:
    """From the two headers, whether a file was made for what the checkpoint is.

    Raises JobError(MODEL_MISMATCH, MODEL_BROKEN, UNSUPPORTED) naming the file.
    """
    check_family(file, checkpoint)
    if file.kind is ModelKind.CONTROLNET:
        _check_controlnet(file, checkpoint)


def _check_controlnet(file: ModelFile, checkpoint: ModelFile) -> None:
    for mark, what in _RELATIVES.items():
        if mark in file.header.tensors:
            reason = f"it is {what}; this container runs plain ControlNets."
            raise refuse(ErrorCode.UNSUPPORTED, file.kind, file.name, reason)
    try:
        found = shapes.controlnet(own_shapes(file))
    except KeyError as error:
        raise file.broken(f"it lacks {error.args[0]}; get the file again.") from error
    try:
        wanted = shapes.unet(shapes.below(checkpoint.header, shapes.UNET))
    except KeyError:
        return  # the checkpoint is what is broken, as its loader will say
    for name in _MUST_AGREE:
        if name in found and found[name] != wanted[name]:
            raise file.mismatch("it is made for another base model than the checkpoint.")
