"""What a checkpoint's UNet predicts: declared by its file, or probed."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from formats.models.safetensors_header import Header, TensorInfo
from sagemaker_container.engine.files.weights_file import Sidecar
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.models.prediction import detect_prediction, probe_v_prediction
from tests.sagemaker_container.conftest import Opener


@pytest.fixture
def sd2(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-sd2"))


@pytest.mark.parametrize(
    ("marks", "metadata", "sidecar", "wanted"),
    [
        ((), {}, {}, ("epsilon", False)),
        (("v_pred",), {}, {}, ("v_prediction", False)),
        (("v_pred", "ztsnr"), {}, {}, ("v_prediction", True)),
        ((), {"modelspec.prediction_type": "v"}, {}, ("v_prediction", False)),
        ((), {}, {"prediction_type": "v_prediction"}, ("v_prediction", False)),
        ((), {}, {"rescale_betas_zero_snr": True}, ("epsilon", True)),
        (
            ("v_pred", "ztsnr"),
            {"modelspec.prediction_type": "v"},
            {"prediction_type": "epsilon", "rescale_betas_zero_snr": False},
            ("epsilon", False),
        ),
    ],
)
def test_what_the_unet_predicts(
    opened: Opener,
    marks: tuple[str, ...],
    metadata: dict[str, str],
    sidecar: dict[str, Any],
    wanted: tuple[str, bool],
) -> None:
    mark = TensorInfo(dtype="F16", shape=(), data_offsets=(0, 0))
    header = Header(tensors=dict.fromkeys(marks, mark), metadata=metadata, data_start=0)
    file = opened("tiny-noise-v1")
    declared = replace(file, header=header, sidecar=Sidecar.model_validate(sidecar))
    found = detect_prediction(declared, unet=None)  # not probed
    assert (found.kind, found.zero_terminal_snr) == wanted


def test_an_unmarked_sd2_is_probed(sd2: Checkpoint, opened: Opener) -> None:
    """A constant output like a trained UNet's: noise is about 0.5, velocity far below."""
    file, conv = opened("tiny-sd2"), sd2.unet.conv_out
    with torch.no_grad():
        conv.weight.zero_()
        answers = []
        for level in (0.5, -1.5):
            conv.bias.fill_(level)
            answers.append((probe_v_prediction(sd2.unet), detect_prediction(file, sd2.unet).kind))
    assert answers == [(False, "epsilon"), (True, "v_prediction")]
    modelspec = file.header.model_copy(
        update={"metadata": {"modelspec.prediction_type": "epsilon"}}
    )
    assert detect_prediction(replace(file, header=modelspec), sd2.unet).kind == "epsilon"
