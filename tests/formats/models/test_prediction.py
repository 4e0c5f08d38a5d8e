"""What a header says of the UNet's prediction, in the keys of ComfyUI, Stability and kohya."""

from typing import Any

import pytest

from formats.models.detection import classify
from formats.models.prediction import PredictionType
from formats.models.safetensors_header import parse_header
from tests.formats.models.test_detection import SD1_TEXT, UNET, safetensors

SD1 = {UNET + "x": (1,), SD1_TEXT: (1, 1)}
SD2 = {UNET + "x": (1,), "cond_stage_model.model.x": (1,)}
SDXL: dict[str, tuple[int, ...]] = {UNET + "x": (1,), "conditioner.embedders.0.x": (1,)}
MARKED = {"v_pred": (0,)}
ZERO_SNR = {"v_pred": (0,), "ztsnr": (0,)}
NINE = {UNET + "input_blocks.0.0.weight": (320, 9, 3, 3)}
LORA = {"lora_unet_x_attn2_to_k.lora_down.weight": (4, 768)}
VAE = {"decoder.conv_in.weight": (1,), "encoder.conv_in.weight": (1,), "v_pred": (0,)}
V, EPSILON = PredictionType.V_PREDICTION, PredictionType.EPSILON


@pytest.mark.parametrize(
    ("shapes", "metadata", "wanted"),
    [
        (SD1, {}, (EPSILON, False)),
        (SDXL, {}, (EPSILON, False)),
        (SD2, {}, (None, False)),
        (SD2 | NINE, {}, (EPSILON, False)),
        (SDXL | MARKED, {}, (V, False)),
        (SDXL | ZERO_SNR, {}, (V, True)),
        (SD2 | MARKED, {}, (V, False)),
        (SDXL | MARKED, {"modelspec.prediction_type": "epsilon"}, (V, False)),
        (SDXL, {"modelspec.prediction_type": "v"}, (V, False)),
        (SD2, {"modelspec.prediction_type": "v"}, (V, False)),
        (SD2, {"modelspec.prediction_type": "epsilon"}, (EPSILON, False)),
        (SDXL, {"ss_v_parameterization": "True"}, (EPSILON, False)),
        (LORA, {}, (None, False)),
        (LORA, {"ss_v_parameterization": "False", "ss_zero_terminal_snr": "False"}, (None, False)),
        (LORA, {"ss_v_parameterization": "True"}, (V, False)),
        (LORA, {"ss_v_parameterization": "True", "ss_zero_terminal_snr": "True"}, (V, True)),
        (LORA, {"modelspec.prediction_type": "v"}, (V, False)),
        (VAE, {}, (None, False)),
    ],
)
def test_what_a_header_says(shapes: Any, metadata: dict[str, str], wanted: Any) -> None:
    found = classify(parse_header(safetensors(shapes, **metadata))).prediction
    assert (found.type, found.zero_terminal_snr) == wanted
