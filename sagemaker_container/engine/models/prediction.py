"""Finds out what a checkpoint's UNet predicts: noise (epsilon) or velocity (v)."""

from typing import Final

import torch
from diffusers import UNet2DConditionModel

from formats.models.kinds import Family
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.models.checkpoint import Prediction

_LATENT_CHANNELS: Final = 4
_PROBE_LIMIT: Final = -1.0


def prediction(file: WeightsFile, unet: UNet2DConditionModel) -> Prediction:
    """From the first that says it: side-car file, marker tensors, modelspec, the UNet itself.

    The markers `v_pred` and `ztsnr` are those of ComfyUI's supported_models.py, the key
    `modelspec.prediction_type` is Stability's. Of SD 2.x there are both sorts without any mark,
    and so its UNet is asked; all other families predict noise.
    """
    said = file.sidecar
    zero_snr = said.rescale_betas_zero_snr
    if zero_snr is None:
        zero_snr = "ztsnr" in file.header.tensors
    is_v = _is_said(file)
    if is_v is None:
        is_v = file.family is Family.SD2 and predicts_v(unet)
    return Prediction("v_prediction" if is_v else "epsilon", zero_snr)


def _is_said(file: WeightsFile) -> bool | None:
    if file.sidecar.prediction_type:
        return file.sidecar.prediction_type == "v_prediction"
    if "v_pred" in file.header.tensors:
        return True
    modelspec = file.header.metadata.get("modelspec.prediction_type")
    return modelspec.startswith("v") if modelspec else None


def predicts_v(unet: UNet2DConditionModel) -> bool:
    """Whether a UNet answers a flat picture at the noisiest step with velocity.

    At that step all is noise: noise predicted of 0.5 is about 0.5, velocity lies far below.
    Inpainting UNets of SD 2.x predict noise. Source: AUTOMATIC1111/stable-diffusion-webui
    modules/sd_models_config.py, is_using_v_parameterization_for_sd2.
    """
    if unet.config.in_channels != _LATENT_CHANNELS:
        return False
    like = {"device": unet.device, "dtype": unet.dtype}
    sample = torch.full((1, _LATENT_CHANNELS, 8, 8), 0.5, **like)
    text = torch.full((1, 2, unet.config.cross_attention_dim), 0.5, **like)
    with torch.no_grad():
        answer = unet(sample, 999, encoder_hidden_states=text).sample
    return bool((answer.float() - 0.5).mean() < _PROBE_LIMIT)
