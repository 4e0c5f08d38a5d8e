"""Finds out what a checkpoint's UNet predicts: noise (epsilon) or velocity (v)."""

from typing import Final

import torch
from diffusers import UNet2DConditionModel

from formats.models.kinds import Family
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.models.checkpoint import Prediction

_LATENT_CHANNELS: Final = 4
_PROBE_LIMIT: Final = -1.0


def detect_prediction(file: WeightsFile, unet: UNet2DConditionModel) -> Prediction:
    """Taken from the first that says it: sidecar, marker tensors, modelspec, the UNet's output.

    The markers `v_pred` and `ztsnr` are those of ComfyUI's supported_models.py, the key
    `modelspec.prediction_type` is Stability's. SD 2.x has files of both kinds without any marker,
    so there the UNet is probed; all other families predict noise.
    """
    zero_snr = file.sidecar.rescale_betas_zero_snr
    if zero_snr is None:
        zero_snr = "ztsnr" in file.header.tensors
    is_v = _declared_v_prediction(file)
    if is_v is None:
        is_v = file.family is Family.SD2 and probe_v_prediction(unet)
    return Prediction("v_prediction" if is_v else "epsilon", zero_snr)


def _declared_v_prediction(file: WeightsFile) -> bool | None:
    if file.sidecar.prediction_type:
        return file.sidecar.prediction_type == "v_prediction"
    if "v_pred" in file.header.tensors:
        return True
    modelspec = file.header.metadata.get("modelspec.prediction_type")
    return modelspec.startswith("v") if modelspec else None


def probe_v_prediction(unet: UNet2DConditionModel) -> bool:
    """Whether a UNet predicts velocity for a flat image at the noisiest step.

    At that step all is noise: for latents of 0.5, predicted noise is about 0.5, and velocity is
    far below. Inpainting UNets of SD 2.x predict noise. Source: AUTOMATIC1111/
    stable-diffusion-webui modules/sd_models_config.py, is_using_v_parameterization_for_sd2.
    """
    if unet.config.in_channels != _LATENT_CHANNELS:
        return False
    like = {"device": unet.device, "dtype": unet.dtype}
    sample = torch.full((1, _LATENT_CHANNELS, 8, 8), 0.5, **like)
    text = torch.full((1, 2, unet.config.cross_attention_dim), 0.5, **like)
    with torch.no_grad():
        output = unet(sample, 999, encoder_hidden_states=text).sample
    return bool((output.float() - 0.5).mean() < _PROBE_LIMIT)
