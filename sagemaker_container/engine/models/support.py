"""Checks, from the headers, that other files fit a checkpoint."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import WeightsFile, check_family
from sagemaker_container.engine.models import shapes
from sagemaker_container.engine.models.model_config import controlnet_shapes
from sagemaker_container.texts import models as texts

_MUST_AGREE: Final = ("block_out_channels", "layers_per_block", "cross_attention_dim")


@contextmanager
def refuse_wrong_shapes(file: WeightsFile) -> Iterator[None]:
    """Around the reading of a file's shapes: JobError(MODEL_BROKEN) for a tensor that is missing,
    or of a shape that no network has.
    """
    try:
        yield
    except KeyError as error:
        raise file.broken_error(texts.lacks_tensor(error.args[0])) from error
    except shapes.ShapeError as error:
        raise file.broken_error(str(error)) from error
    except ValueError as error:  # of a tensor's number
        raise file.broken_error(texts.unknown_architecture(error)) from error


def check_latents(file: WeightsFile, found: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Raises JobError(MODEL_MISMATCH) unless two VAEs' configurations have latents of one shape."""
    if _latent_shape(found) != _latent_shape(own):
        raise file.mismatch_error(texts.OTHER_LATENTS)


def _latent_shape(config: Mapping[str, Any]) -> tuple[int, int]:
    return config["latent_channels"], len(config["block_out_channels"])


def check_fits(file: WeightsFile, checkpoint: WeightsFile) -> None:
    """Check that a file was made for the checkpoint's family, and a ControlNet for its sizes.

    Raises JobError(MODEL_MISMATCH, MODEL_BROKEN) naming the file.
    """
    check_family(file, checkpoint)
    if file.kind is ModelKind.CONTROLNET:
        _check_controlnet(file, checkpoint)


def _check_controlnet(file: WeightsFile, checkpoint: WeightsFile) -> None:
    with refuse_wrong_shapes(file):
        found = shapes.controlnet(controlnet_shapes(file))
    try:
        wanted = shapes.unet(shapes.below(checkpoint.header, shapes.UNET_PREFIX))
    except (KeyError, ValueError):
        return  # the checkpoint is damaged, which loading will report
    for name in _MUST_AGREE:
        if name in found and found[name] != wanted[name]:
            raise file.mismatch_error(texts.OTHER_BASE)
