"""ControlNets of each family in each key layout; what doesn't fit is refused by its header."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import ControlNetModel
from safetensors.torch import load_file, save_file

from formats.generation.result import ErrorCode
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import WeightsFile, open_file
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.models.support import check_fits
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import Opener

FAMILIES = [
    ("tiny-noise-v1", "tiny-control-stripped"),
    ("tiny-sd2", "tiny-control-sd2"),
    ("tiny-xl", "tiny-control-xl"),
]
Saver = Callable[[dict[str, torch.Tensor]], WeightsFile]


@pytest.fixture
def saved(tmp_path: Path) -> Saver:
    def save(tensors: dict[str, torch.Tensor]) -> WeightsFile:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
        return open_file(ModelKind.CONTROLNET, path.name, path, "0" * 64, "disk")

    return save


def same(a: ControlNetModel, b: ControlNetModel) -> bool:
    ours, theirs = a.state_dict(), b.state_dict()
    return set(ours) == set(theirs) and all(torch.equal(ours[n], theirs[n]) for n in ours)


@pytest.mark.parametrize(("base", "name"), FAMILIES)
def test_every_layout_of_every_family_is_the_same_net(
    loader: NetworkLoader, opened: Opener, saved: Saver, base: str, name: str
) -> None:
    checkpoint, stripped = loader.load_checkpoint(opened(base)), opened(name, ModelKind.CONTROLNET)
    net = loader.load_controlnet(stripped, checkpoint)
    as_trained = {f"control_model.{n}": t for n, t in load_file(stripped.path).items()}
    assert same(net, loader.load_controlnet(saved(as_trained), checkpoint))
    assert same(net, loader.load_controlnet(saved(net.state_dict()), checkpoint))
    assert not any(p.is_meta or p.requires_grad for p in net.parameters())


@pytest.mark.parametrize(("base", "name"), FAMILIES)
def test_its_inputs_are_those_of_the_unet(
    loader: NetworkLoader, opened: Opener, base: str, name: str
) -> None:
    checkpoint = loader.load_checkpoint(opened(base))
    net = loader.load_controlnet(opened(name, ModelKind.CONTROLNET), checkpoint)
    unet = checkpoint.unet.config
    for field in (
        "attention_head_dim",
        "cross_attention_dim",
        "addition_embed_type",
        "projection_class_embeddings_input_dim",
        "use_linear_projection",
    ):
        assert net.config[field] == unet[field]


def test_a_small_sdxl_net_has_no_cross_attention(
    loader: NetworkLoader, opened: Opener, saved: Saver
) -> None:
    checkpoint = loader.load_checkpoint(opened("tiny-xl"))
    full = loader.load_controlnet(opened("tiny-control-xl", ModelKind.CONTROLNET), checkpoint)
    kept = {n: t for n, t in full.state_dict().items() if "attentions" not in n}
    kept = {n: t for n, t in kept.items() if "mid_block.resnets.1" not in n}
    net = loader.load_controlnet(saved(kept), checkpoint)
    assert set(net.state_dict()) == set(kept)


@pytest.mark.parametrize(
    ("base", "name", "word"),
    [
        ("tiny-noise-v1", "tiny-control-other-width", "another base model"),
        ("tiny-noise-v1", "tiny-control-xl", "another base model"),
        ("tiny-xl", "tiny-control-stripped", "another base model"),
    ],
)
def test_a_mismatch_is_found_in_the_headers(
    opened: Opener, base: str, name: str, word: str
) -> None:
    file = opened(name, ModelKind.CONTROLNET)
    with pytest.raises(JobError, match=rf"{name}.*{word}") as refused:
        check_fits(replace(file, path=Path("/nowhere")), opened(base))
    assert refused.value.code is ErrorCode.MODEL_MISMATCH


@pytest.mark.parametrize(
    ("mark", "word"),
    [
        ("lora_controlnet", "Control-LoRA"),
        ("difference", "difference"),
        ("task_embedding", "union"),
    ],
)
def test_other_kinds_of_controlnet_are_refused(
    opened: Opener, saved: Saver, mark: str, word: str
) -> None:
    tensors = load_file(opened("tiny-control-stripped", ModelKind.CONTROLNET).path)
    with pytest.raises(JobError, match=word) as refused:
        check_fits(saved(tensors | {mark: torch.zeros(1)}), opened("tiny-noise-v1"))
    assert refused.value.code is ErrorCode.UNSUPPORTED


@pytest.mark.parametrize("lost", ["zero_convs.0.0.weight", "input_hint_block.8.weight"])
def test_a_net_without_all_its_tensors_is_named(
    loader: NetworkLoader, opened: Opener, saved: Saver, checkpoint: Checkpoint, lost: str
) -> None:
    tensors = load_file(opened("tiny-control-stripped", ModelKind.CONTROLNET).path)
    del tensors[lost]
    with pytest.raises(JobError, match=r"it lacks|missing") as refused:
        loader.load_controlnet(saved(tensors), checkpoint)
    assert refused.value.code is ErrorCode.MODEL_BROKEN
