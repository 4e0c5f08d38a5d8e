"""OpenPose's body network: its file's layout, and the skeletons from its output."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from PIL import Image

from formats.models.kinds import BODY_NETWORK, ModelKind
from formats.openpose.skeleton import Person, Skeleton
from sagemaker_container.engine.control.detectors import JobDetector, UploadedDetectors
from sagemaker_container.engine.control.openpose_body import BodyDetector, BodyNet
from sagemaker_container.engine.files.weights_file import WeightsFile, open_file
from sagemaker_container.errors import JobError
from sagemaker_container.storage.bucket import ContainerBucket
from tests.poses.detection.test_part_fields import SIDE, answer, apart, figure
from tests.sagemaker_container.conftest import CPU

State = Mapping[str, torch.Tensor]
Write = Callable[[Any], WeightsFile]


@pytest.fixture(scope="module")
def state() -> State:
    torch.manual_seed(1)
    return BodyNet().state_dict()


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(content: Any) -> WeightsFile:
        path = tmp_path / "kept.safetensors"
        torch.save(content, path)
        return open_file(ModelKind.ANNOTATOR, BODY_NETWORK, path, "0" * 64, "disk")

    return write


def test_the_file_has_the_published_layout(state: State) -> None:
    """52 million weights, 209 MB in float32; names and shapes at the ends and in between."""
    assert sum(tensor.numel() for tensor in state.values()) == 52_311_446
    shapes = {
        "conv1_1.weight": (64, 3, 3, 3),
        "conv4_3_CPM.weight": (256, 512, 3, 3),
        "conv5_5_CPM_L1.weight": (38, 512, 1, 1),
        "conv5_5_CPM_L2.bias": (19,),
        "Mconv1_stage2_L1.weight": (128, 185, 7, 7),
        "Mconv7_stage6_L2.weight": (19, 128, 1, 1),
    }
    assert {name: tuple(state[name].shape) for name in shapes} == shapes


def test_a_file_is_read_in_half_precision_and_from_several_gpus_too(
    written: Write, state: State
) -> None:
    half = {f"module.{name}": tensor.half() for name, tensor in state.items()}
    found = BodyDetector.read(written(half), CPU).detect(Image.new("RGB", (96, 128)))
    assert (found.width, found.height) == (96, 128)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: {n: t for n, t in s.items() if n != "conv1_1.bias"},
        lambda s: {**s, "more.weight": torch.ones(1)},
        lambda s: {**s, "conv1_1.weight": torch.ones(64, 3, 5, 5)},
        lambda _: [1, 2],
        lambda _: Skeleton,
    ],
)
def test_another_file_is_refused_by_its_name(written: Write, state: State, change: Any) -> None:
    with pytest.raises(JobError, match=BODY_NETWORK):
        BodyDetector.read(written(change(state)), CPU)


class StubNetwork(torch.nn.Module):
    """A network that has seen a figure."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        joints, fields = answer(person)
        small = [torch.from_numpy(maps).permute(2, 0, 1)[None] for maps in (fields, joints)]
        self.outputs = [
            torch.nn.functional.interpolate(m, size=(23, 23), mode="area") for m in small
        ]

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        assert x.shape == (1, 3, 184, 184)
        assert x.min() >= -0.5
        assert x.max() <= 0.5
        return self.outputs[0], self.outputs[1]


def test_its_output_becomes_a_skeleton_of_the_images_size() -> None:
    person = figure("t-pose", 20, 200)
    net: Any = StubNetwork(person)
    found = BodyDetector(net, CPU).detect(Image.new("RGB", (2 * SIDE, 2 * SIDE)))
    (seen,) = found.people
    assert apart(seen, person.scaled(2, 2)) < 24  # an eighth of what the network sees is 22 px


class StubBucket:
    """A bucket that has the network, or hasn't."""

    def __init__(self, has: bool) -> None:
        self.has = has

    def exists(self, key: str) -> bool:
        assert key == "models/annotators/body_pose_model.pth"
        return self.has


@pytest.mark.parametrize("has", [True, False])
def test_the_uploaded_network_is_used_where_there_is_one(
    written: Write, state: State, has: bool
) -> None:
    file, bucket = written(dict(state)), cast(ContainerBucket, StubBucket(has))
    fetched: list[tuple[ModelKind, str]] = []

    def fetch(kind: ModelKind, name: str) -> WeightsFile:
        fetched.append((kind, name))
        return file

    detector = JobDetector(UploadedDetectors(bucket, CPU), fetch)
    for _ in range(2):
        assert isinstance(detector.detect(Image.new("RGB", (64, 64))), Skeleton)
    assert fetched == ([(ModelKind.ANNOTATOR, BODY_NETWORK)] if has else [])
    assert detector.used == ([file] if has else [])
