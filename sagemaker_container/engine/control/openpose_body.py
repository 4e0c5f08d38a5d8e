"""OpenPose's body network, loaded from the file that a team uploaded as `body_pose_model.pth`.

Source of the layout: CMU-Perceptual-Computing-Lab/openpose, models/pose/coco, in the names of its
PyTorch conversions.
"""

import pickle
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from formats.limits import MAX_SIDE, MIN_SIDE
from formats.openpose.skeleton import Skeleton
from poses.detection.part_fields import assemble_people
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.texts import models as texts

_INPUT_HEIGHT: Final = 184
"""Of the network's input, in pixels (controlnet_aux, open_pose/body.py)."""
_MAP_SIDE: Final = 512
"""The longer side of the maps in which people are assembled, in pixels."""
_STRIDE: Final = 8
_GREY: Final = 128
_STAGES: Final = range(2, 7)
_BRANCHES: Final = {"L1": 38, "L2": 19}
"""Output channels: the part affinity fields, and the joints with one for the background."""

_VGG: Final = (
    ("conv1_1", 3, 64),
    ("conv1_2", 64, 64),
    None,
    ("conv2_1", 64, 128),
    ("conv2_2", 128, 128),
    None,
    ("conv3_1", 128, 256),
    ("conv3_2", 256, 256),
    ("conv3_3", 256, 256),
    ("conv3_4", 256, 256),
    None,
    ("conv4_1", 256, 512),
    ("conv4_2", 512, 512),
    ("conv4_3_CPM", 512, 256),
    ("conv4_4_CPM", 256, 128),
)
"""Name, input and output channels of each convolution; None is a pooling by 2."""


class BodyNet(nn.Module):
    """The network; its tensors have the file's names."""

    def __init__(self) -> None:
        super().__init__()
        for name, inp, out, kernel in _layers():
            self.add_module(name, nn.Conv2d(inp, out, kernel, padding=kernel // 2))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """From B x 3 x h x w, BGR, -0.5 to 0.5, to part fields and joints at 1/8 of the size."""
        for layer in _VGG:
            x = self._relu(layer[0], x) if layer else functional.max_pool2d(x, 2, 2)
        features = x
        for branch in _BRANCHES:
            out = self._branch([f"conv5_{i}_CPM_{branch}" for i in range(1, 6)], features)
            x = out if branch == "L1" else torch.cat([x, out, features], 1)
        for stage in _STAGES:
            fields, joints = (
                self._branch([f"Mconv{i}_stage{stage}_{branch}" for i in range(1, 8)], x)
                for branch in _BRANCHES
            )
            x = torch.cat([fields, joints, features], 1)
        return fields, joints

    def _branch(self, names: list[str], x: torch.Tensor) -> torch.Tensor:
        for name in names[:-1]:
            x = self._relu(name, x)
        output: torch.Tensor = self.get_submodule(names[-1])(x)
        return output

    def _relu(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.get_submodule(name)(x))


def _layers() -> Iterator[tuple[str, int, int, int]]:
    """Name, input channels, output channels and kernel of every convolution."""
    for layer in _VGG:
        if layer:
            yield *layer, 3
    for branch, channels in _BRANCHES.items():
        for number in (1, 2, 3):
            yield f"conv5_{number}_CPM_{branch}", 128, 128, 3
        yield f"conv5_4_CPM_{branch}", 128, 512, 1
        yield f"conv5_5_CPM_{branch}", 512, channels, 1
        for stage in _STAGES:
            yield f"Mconv1_stage{stage}_{branch}", 185, 128, 7
            for number in (2, 3, 4, 5):
                yield f"Mconv{number}_stage{stage}_{branch}", 128, 128, 7
            yield f"Mconv6_stage{stage}_{branch}", 128, 128, 1
            yield f"Mconv7_stage{stage}_{branch}", 128, channels, 1


class BodyDetector:
    """Detects people in an image."""

    def __init__(self, net: BodyNet, device: Device) -> None:
        self._net = net
        self._device = device.torch_device

    @classmethod
    def read(cls, file: WeightsFile, device: Device) -> "BodyDetector":
        """Load a `.pth`, read as tensors only: code in it is not run.

        Raises JobError(MODEL_BROKEN) naming the file.
        """
        with torch.device("meta"):
            net = BodyNet()
        try:
            with file.path.open("rb") as data:  # torch goes by a path's extension
                net.load_state_dict(_tensors(data), assign=True)
        except (pickle.UnpicklingError, EOFError, RuntimeError, TypeError, ValueError) as error:
            raise file.broken_error(texts.NO_BODY_NETWORK) from error
        net.requires_grad_(False).eval().float().to(device.torch_device)
        return cls(net, device)

    def detect(self, image: Image.Image) -> Skeleton:
        """All people, the most certain first, on a canvas of the image's size."""
        fields, joints = self._maps(image)
        people = assemble_people(joints, fields)
        width, height = (min(max(side, MIN_SIDE), MAX_SIDE) for side in image.size)
        fx, fy = width / joints.shape[1], height / joints.shape[0]
        return Skeleton(width=width, height=height, people=tuple(p.scaled(fx, fy) for p in people))

    def _maps(self, image: Image.Image) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Part fields and joints, height x width x channels, at the maps' size."""
        factor = _INPUT_HEIGHT / image.height
        scaled = image.convert("RGB").resize(
            (max(1, round(image.width * factor)), _INPUT_HEIGHT), Image.Resampling.BICUBIC
        )
        pixels = torch.from_numpy(np.array(scaled)[:, :, ::-1].copy()).permute(2, 0, 1)[None]
        height, width = pixels.shape[2:]
        padding = (0, -width % _STRIDE, 0, -height % _STRIDE)
        padded = functional.pad(pixels.float(), padding, value=_GREY).to(self._device)
        with torch.no_grad():
            outputs = self._net(padded / 256 - 0.5)
        scale = _MAP_SIDE / max(image.size)
        size = round(image.height * scale), round(image.width * scale)
        first, second = (self._upsample(output, (height, width), size) for output in outputs)
        return first, second

    def _upsample(
        self, output: torch.Tensor, unpadded: tuple[int, int], size: tuple[int, int]
    ) -> np.ndarray[Any, Any]:
        larger = functional.interpolate(output, scale_factor=_STRIDE, mode="bicubic")
        cut = larger[:, :, : unpadded[0], : unpadded[1]]
        fitted = functional.interpolate(cut, size=size, mode="bicubic")
        found: np.ndarray[Any, Any] = fitted[0].permute(1, 2, 0).float().cpu().numpy()
        return found


def _tensors(data: Any) -> Mapping[str, Any]:
    found = torch.load(data, map_location="cpu", weights_only=True)
    if not isinstance(found, Mapping):
        raise TypeError("not a table of tensors")
    return {str(name).removeprefix("module."): tensor for name, tensor in found.items()}
