"""Reads from a file's header what its UNet predicts: noise (epsilon) or velocity (v).

The markers `v_pred` and `ztsnr` are those of ComfyUI's supported_models.py (A1111
modules/sd_models.py reads them too), `modelspec.prediction_type` is Stability's, `ss_` keys are
those of kohya-ss/sd-scripts.
"""

from enum import StrEnum
from typing import Final

from formats.frozen import Frozen
from formats.models.kinds import Family, ModelKind
from formats.models.safetensors_header import Header
from formats.models.unsupported import INPAINTING_CHANNELS, UNET

V_MARKER: Final = "v_pred"
ZERO_SNR_MARKER: Final = "ztsnr"
_FIRST_LAYER: Final = f"{UNET}input_blocks.0.0.weight"


class PredictionType(StrEnum):
    """What a UNet predicts, as diffusers' schedulers name it."""

    EPSILON = "epsilon"
    V_PREDICTION = "v_prediction"


class Prediction(Frozen):
    """What a header says; for a LoRA, what it was trained with, which its checkpoint should be."""

    type: PredictionType | None = None
    """None where the header leaves it open, as most SD 2 checkpoints' do."""
    zero_terminal_snr: bool = False
    """Whether the last timestep was trained without any signal in it (Lin et al., 2023)."""


def read_prediction(header: Header, kind: ModelKind | None, family: Family) -> Prediction:
    """What a file of that kind and family declares; a kind without a UNet declares nothing."""
    if kind is ModelKind.LORA:
        return Prediction(
            type=_of_lora(header), zero_terminal_snr=_is_true(header, "ss_zero_terminal_snr")
        )
    if kind is not ModelKind.CHECKPOINT:
        return Prediction()
    return Prediction(
        type=_of_checkpoint(header, family), zero_terminal_snr=ZERO_SNR_MARKER in header.tensors
    )


def _of_checkpoint(header: Header, family: Family) -> PredictionType | None:
    if V_MARKER in header.tensors:
        return PredictionType.V_PREDICTION
    declared = _modelspec(header)
    if declared or family in (Family.SD1, Family.SDXL):
        return declared or PredictionType.EPSILON
    return PredictionType.EPSILON if _is_inpainting(header) else None


def _of_lora(header: Header) -> PredictionType | None:
    if _is_true(header, "ss_v_parameterization"):
        return PredictionType.V_PREDICTION
    return _modelspec(header)


def _modelspec(header: Header) -> PredictionType | None:
    said = header.metadata.get("modelspec.prediction_type")
    if not said:
        return None
    return PredictionType.V_PREDICTION if said.startswith("v") else PredictionType.EPSILON


def _is_true(header: Header, key: str) -> bool:
    return header.metadata.get(key, "").lower() == "true"


def _is_inpainting(header: Header) -> bool:
    """Inpainting UNets of SD 2 predict noise (A1111 modules/sd_models_config.py)."""
    layer = header.tensors.get(_FIRST_LAYER)
    return layer is not None and layer.shape[1:2] == (INPAINTING_CHANNELS,)
