"""Finds out what a checkpoint's UNet predicts: noise (epsilon) or velocity (v)."""

from typing import Final

import torch
from diffusers import UNet2DConditionModel

from formats.models.kinds import Family
from formats.models.prediction import PredictionType, read_prediction
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.models.checkpoint import Prediction

_LATENT_CHANNELS: Final = 4
_PROBE_LIMIT: Final = -1.0


def detect_prediction(file: WeightsFile, unet: UNet2DConditionModel) -> Prediction:
    """Taken from the first that says it: sidecar, header, the UNet's output.

    SD 2.x has files of both kinds whose headers say nothing, so there the UNet is probed; all
    other families predict noise.
    """
    declared = read_prediction(file.header, file.kind, file.family)
    kind = file.sidecar.prediction_type or declared.type
    if kind is None:
        is_v = file.family is Family.SD2 and probe_v_prediction(unet)
        kind = PredictionType.V_PREDICTION if is_v else PredictionType.EPSILON
    zero_snr = file.sidecar.rescale_betas_zero_snr
    return Prediction(kind, declared.zero_terminal_snr if zero_snr is None else zero_snr)


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
