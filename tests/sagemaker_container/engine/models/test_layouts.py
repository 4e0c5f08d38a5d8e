"""Text encoders, VAEs and ControlNets have the same weights, whatever their layout is called."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file

from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import WeightsFile, open_file
from sagemaker_container.engine.job.header_check import check_headers
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import Opener

Tensors = dict[str, torch.Tensor]
Saver = Callable[..., WeightsFile]
Rename = Callable[[str], str]


@pytest.fixture
def saved(tmp_path: Path) -> Saver:
    def save(tensors: Tensors, kind: ModelKind = ModelKind.CHECKPOINT) -> WeightsFile:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, path)
        return open_file(kind, path.name, path, "0" * 64, "disk")

    return save


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return set(ours) == set(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)


SD1 = "cond_stage_model.transformer.text_model."
SD2 = "cond_stage_model.model."
XL1 = "conditioner.embedders.0.transformer.text_model."
XL2 = "conditioner.embedders.1.model."
PREFIXES = [
    *(
        ("tiny-noise-v1", SD1, f"cond_stage_model.{wrapper}")
        for wrapper in ("", "text_model.", "transformer.")
    ),
    ("tiny-sd2", SD2, "cond_stage_model.model.transformer.text_model."),
    ("tiny-sd2", SD2, "cond_stage_model.model.model."),
    *(
        ("tiny-xl", XL1, f"conditioner.embedders.0.{wrapper}")
        for wrapper in ("", "text_model.", "transformer.", "model.", "model.transformer.")
    ),
    ("tiny-xl", XL2, "conditioner.embedders.1."),
    ("tiny-xl", XL2, "conditioner.embedders.1.transformer."),
]


@pytest.mark.parametrize(("name", "usual", "prefix"), PREFIXES)
def test_a_text_encoder_below_any_prefix(
    loader: NetworkLoader, opened: Opener, saved: Saver, name: str, usual: str, prefix: str
) -> None:
    file = opened(name)
    moved = {n.replace(usual, prefix): t for n, t in load_file(file.path).items()}
    other = saved(moved)
    assert other.family is file.family
    check_headers(other, [], 1)
    usual_encoders = loader.load_checkpoint(file).text_encoders
    found = loader.load_checkpoint(other).text_encoders
    assert all(same(a.model, b.model) for a, b in zip(usual_encoders, found, strict=True))


@pytest.mark.parametrize(
    "prefix", [f"conditioner.embedders.1.{w}" for w in ("", "transformer.", "model.")]
)
@pytest.mark.parametrize("wrapper", ["", "text_model."])
def test_sdxls_second_text_encoder_in_clips_layout(
    loader: NetworkLoader, opened: Opener, saved: Saver, prefix: str, wrapper: str
) -> None:
    """ComfyUI comfy/utils.py, clip_text_transformers_convert: its projection is a linear layer."""
    file = opened("tiny-xl")
    known = loader.load_checkpoint(file)
    tensors = {n: t for n, t in load_file(file.path).items() if not n.startswith(XL2)}
    for name, tensor in known.text_encoders[1].model.state_dict().items():
        tensors[prefix + name.replace("text_model.", wrapper)] = tensor
    found = loader.load_checkpoint(saved(tensors)).text_encoders[1]
    assert same(found.model, known.text_encoders[1].model)


def test_sd2s_text_encoder_in_clips_layout(
    loader: NetworkLoader, opened: Opener, saved: Saver
) -> None:
    """Its family is told by the width of the text encoding, or else by the layout."""
    file = opened("tiny-sd2")
    known = loader.load_checkpoint(file).text_encoders[0].model
    tensors = {n: t for n, t in load_file(file.path).items() if not n.startswith(SD2)}
    tensors |= {f"{SD2}transformer.text_model.{n}": t for n, t in known.state_dict().items()}
    assert same(loader.load_checkpoint(saved(tensors)).text_encoders[0].model, known)


OLD = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
NEW = {"q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0"}
LDM_OLD = {"q": "query", "k": "key", "v": "value", "proj_out": "proj_attn"}


def attention(names: dict[str, str]) -> Rename:
    """Renames the attention's layers."""

    def rename(name: str) -> str:
        layer, _, kind = name.rpartition(".")
        for ours, theirs in names.items():
            if re.search(rf"(?:attn_1|attentions\.0)\.{re.escape(ours)}$", layer):
                return f"{layer.removesuffix(ours)}{theirs}.{kind}"
        return name

    return rename


def prefixed(prefix: str) -> Rename:
    return lambda name: prefix + name


class VaeLayout(NamedTuple):
    """What is renamed in which layout, and how many dimensions the attention's weights have."""

    name: str
    is_diffusers: bool
    rename: Rename
    dimensions: int


VAES = [
    VaeLayout("ldm", False, prefixed(""), 4),
    VaeLayout("ldm below a checkpoint's prefix", False, prefixed("first_stage_model."), 4),
    VaeLayout("ldm below a pipeline's prefix", False, prefixed("vae."), 4),
    VaeLayout("ldm with linear layers", False, prefixed(""), 2),
    VaeLayout("ldm with weights of 1D convolutions", False, prefixed(""), 3),
    VaeLayout("ldm with diffusers' names", False, attention(NEW), 2),
    VaeLayout("ldm with diffusers' names and convolutions", False, attention(NEW), 4),
    VaeLayout("ldm with diffusers' old names", False, attention(LDM_OLD), 2),
    VaeLayout("ldm with diffusers' norm", False, attention({"norm": "group_norm"}), 4),
    VaeLayout("diffusers", True, prefixed(""), 2),
    VaeLayout("diffusers below a prefix", True, prefixed("vae."), 2),
    VaeLayout("diffusers' old names", True, attention(OLD), 2),
    VaeLayout("diffusers' old names and convolutions", True, attention(OLD), 4),
    VaeLayout("diffusers with ldm's names", True, attention({n: o for o, n in NEW.items()}), 4),
]


@pytest.mark.parametrize("layout", VAES, ids=lambda layout: layout.name)
def test_a_vae_in_every_layout(
    loader: NetworkLoader,
    opened: Opener,
    saved: Saver,
    checkpoint: Checkpoint,
    layout: VaeLayout,
) -> None:
    ldm = opened("tiny-vae", ModelKind.VAE)
    known = loader.load_vae(ldm, checkpoint)
    tensors = known.state_dict() if layout.is_diffusers else load_file(ldm.path)
    for name, tensor in tensors.items():
        if re.search(r"attn_1|attentions\.0", name) and tensor.dim() > 1:
            tensors[name] = tensor.reshape(*tensor.shape[:2], *[1] * (layout.dimensions - 2))
    renamed = {layout.rename(name): tensor for name, tensor in tensors.items()}
    file = saved(renamed, ModelKind.VAE)
    check_headers(opened("tiny-noise-v1"), [file], 1)
    assert same(loader.load_vae(file, checkpoint), known)


@pytest.mark.parametrize("names", [NEW, LDM_OLD])
def test_a_checkpoints_own_vae_with_other_names(
    loader: NetworkLoader, opened: Opener, saved: Saver, checkpoint: Checkpoint, names: Tensors
) -> None:
    rename = attention(names)
    tensors = {rename(n): t for n, t in load_file(opened("tiny-noise-v1").path).items()}
    file = saved(tensors)
    check_headers(file, [], 1)
    assert same(loader.load_checkpoint(file).vae, checkpoint.vae)


def test_a_trainers_other_tensors_are_left_out(
    loader: NetworkLoader, opened: Opener, saved: Saver, checkpoint: Checkpoint
) -> None:
    """A1111 modules/sd_vae.py leaves out `loss` and `model_ema` too."""
    ldm = opened("tiny-vae", ModelKind.VAE)
    known = loader.load_vae(ldm, checkpoint)
    others = {"loss.logvar": torch.zeros(1), "model_ema.decay": torch.zeros(1)}
    for tensors in (load_file(ldm.path), known.state_dict()):
        file = saved(tensors | others, ModelKind.VAE)
        assert same(loader.load_vae(file, checkpoint), known)


def test_a_vae_without_quantisation(
    loader: NetworkLoader, opened: Opener, saved: Saver, checkpoint: Checkpoint
) -> None:
    tensors = load_file(opened("tiny-vae", ModelKind.VAE).path)
    kept = {name: tensor for name, tensor in tensors.items() if "quant_conv" not in name}
    vae: AutoencoderKL = loader.load_vae(saved(kept, ModelKind.VAE), checkpoint)
    assert vae.quant_conv is None
    assert vae.post_quant_conv is None


def test_a_vae_of_more_channels_is_named(
    opened: Opener, saved: Saver, checkpoint: Checkpoint
) -> None:
    tensors = load_file(opened("tiny-vae", ModelKind.VAE).path)
    tensors["decoder.conv_in.weight"] = torch.zeros(32, 16, 3, 3)
    with pytest.raises(JobError, match=r"VAE of 16 channels .* is not supported"):
        saved(tensors, ModelKind.VAE)


def test_a_controlnet_within_the_checkpoint_that_it_was_trained_with(
    loader: NetworkLoader, opened: Opener, saved: Saver, checkpoint: Checkpoint
) -> None:
    """lllyasviel's control_sd15_*: ComfyUI reads the part below `control_model.`."""
    stripped = opened("tiny-control-stripped", ModelKind.CONTROLNET)
    tensors = {f"control_model.{name}": t for name, t in load_file(stripped.path).items()}
    whole = saved(load_file(opened("tiny-noise-v1").path) | tensors, ModelKind.CONTROLNET)
    check_headers(opened("tiny-noise-v1"), [whole], 1)
    net = loader.load_controlnet(whole, checkpoint)
    assert same(net, loader.load_controlnet(stripped, checkpoint))
