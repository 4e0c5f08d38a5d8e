"""Single files are loaded offline; what is wrong with a file is reported."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTokenizer

from formats.generation.result import ErrorCode
from formats.generation.samplers import Sampler, Schedule
from formats.models.kinds import Family, ModelKind
from formats.models.safetensors_header import Header, read_header
from sagemaker_container.engine.models import latents, shapes
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.models.model_config import packaged_config
from sagemaker_container.engine.prompt.encoder import PromptEncoder, PromptSpec
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import CPU, Opener
from tests.support import tiny_models
from tests.support.real_sizes import SD15, SD21, XL, XL_TEXT_1, XL_TEXT_2
from tests.support.tiny_models import TINY_SD2

Config = shapes.Config


@pytest.mark.parametrize(
    ("family", "part", "found"),
    [
        (Family.SD1, "unet", shapes.unet(tiny_models.unet(SD15))),
        (Family.SD1, "text_encoder", shapes.text_encoder(tiny_models.text_encoder(SD15))),
        (Family.SD2, "unet", shapes.unet(tiny_models.unet(SD21))),
        (Family.SDXL, "unet", shapes.unet(tiny_models.unet(XL))),
        (Family.SDXL, "text_encoder", shapes.text_encoder(tiny_models.text_encoder(XL_TEXT_1))),
        (Family.SDXL, "text_encoder_2", shapes.text_encoder(tiny_models.text_encoder(XL_TEXT_2))),
    ],
)
def test_a_real_models_configuration_is_read_from_its_shapes(
    family: Family, part: str, found: Config
) -> None:
    defaults = {"use_linear_projection": False, "transformer_layers_per_block": [1, 1, 1, 1]}
    known = defaults | packaged_config(family, part)
    assert {name: known[name] for name in found} == found


@pytest.mark.parametrize(
    ("sizes", "family", "published"),
    [
        (SD15, Family.SD1, 859_520_964),
        (SD21, Family.SD2, 865_910_724),
        (XL, Family.SDXL, 2_567_463_684),
    ],
)
def test_a_real_unet_has_as_many_weights_as_published(
    sizes: tiny_models.Sizes, family: Family, published: int
) -> None:
    made = tiny_models.unet(sizes)
    with init_empty_weights():
        unet = UNet2DConditionModel.from_config(packaged_config(family, "unet") | shapes.unet(made))
    assert sum(map(tiny_models.size, made.values())) == published
    assert sum(p.numel() for p in unet.parameters()) == published


def test_a_real_vae_has_as_many_weights_as_published() -> None:
    with init_empty_weights():
        vae = AutoencoderKL.from_config(packaged_config(Family.SD1, "vae"))
    assert sum(p.numel() for p in vae.parameters()) == 83_653_863
    assert sum(map(tiny_models.size, tiny_models.vae(SD15).values())) == 83_653_863


SD2_UNREAD = sum(tiny_models.size(t) for t in tiny_models.open_clip_layer(TINY_SD2, 1).values())
PROJECTION = tiny_models.TINY.context * tiny_models.OPEN_CLIP


@pytest.mark.parametrize(
    ("name", "made", "unread"),
    [
        ("tiny-noise-v1", tiny_models.checkpoint(tiny_models.TINY), 0),
        ("tiny-sd2", tiny_models.sd2_checkpoint(TINY_SD2), SD2_UNREAD + PROJECTION + 1),
        ("tiny-xl", tiny_models.xl_checkpoint(tiny_models.TINY_XL), 1),
    ],
)
def test_every_tensor_of_a_checkpoint_is_loaded(
    loader: NetworkLoader, opened: Opener, name: str, made: shapes.Shapes, unread: int
) -> None:
    checkpoint = loader.load_checkpoint(opened(name))
    parts = (checkpoint.unet, checkpoint.vae, *(e.model for e in checkpoint.text_encoders))
    loaded = sum(p.numel() for part in parts for p in part.parameters())
    alphas = 1000
    assert loaded == sum(map(tiny_models.size, made.values())) - alphas - unread
    assert not any(p.is_meta or p.requires_grad for part in parts for p in part.parameters())


def test_weights_are_those_of_the_file(checkpoint: Checkpoint) -> None:
    tensors = tiny_models.weights(tiny_models.checkpoint(tiny_models.TINY), 1)
    conv = torch.from_numpy(tensors["model.diffusion_model.input_blocks.0.0.weight"]).float()
    assert torch.equal(checkpoint.unet.conv_in.weight, conv)


def test_a_file_without_all_its_tensors_is_named(loader: NetworkLoader, opened: Opener) -> None:
    with pytest.raises(JobError, match=r"broken-incomplete.*missing") as refused:
        loader.load_checkpoint(opened("broken-incomplete"))
    assert refused.value.code is ErrorCode.MODEL_BROKEN


def test_a_broken_file_whose_error_says_memory_is_named(
    tmp_path: Path, loader: NetworkLoader, opened: Opener
) -> None:
    """safetensors' message is not one of PyTorch's that memory is used up."""
    file, path = opened("tiny-noise-v1"), tmp_path / "odd-type.safetensors"
    data = file.path.read_bytes()
    start = file.header.data_start
    entries = json.loads(data[8:start])
    entries["model.diffusion_model.out.2.bias"]["dtype"] = "memory"
    header = json.dumps(entries).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data[start:])
    with pytest.raises(JobError, match=r"noise-v1.*unknown variant `memory`") as refused:
        loader.load_checkpoint(replace(file, path=path))
    assert refused.value.code is ErrorCode.MODEL_BROKEN


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory")])
def test_out_of_memory_is_not_the_files_fault(
    loader: NetworkLoader, opened: Opener, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_: Path) -> None:
        raise error

    monkeypatch.setattr("sagemaker_container.engine.models.loader.load_file", fail)
    with pytest.raises(type(error)):
        loader.load_checkpoint(opened("tiny-noise-v1"))


def test_a_vae_alone(loader: NetworkLoader, opened: Opener, checkpoint: Checkpoint) -> None:
    vae = loader.load_vae(opened("tiny-vae", ModelKind.VAE), checkpoint)
    image = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
    encoded = latents.encode(vae, image)
    assert encoded.shape == (1, 4, 8, 8)
    assert latents.decode(vae, encoded[0]).size == (64, 64)


def test_a_vae_of_another_depth_is_refused(
    tmp_path: Path, loader: NetworkLoader, opened: Opener, checkpoint: Checkpoint
) -> None:
    made = tiny_models.vae(replace(tiny_models.TINY, vae=(32, 32, 32)))
    path = tmp_path / "shallow.safetensors"
    tiny_models.save(path, tiny_models.weights(made, 1), {})
    file = replace(opened("tiny-vae", ModelKind.VAE), path=path, header=_header(path))
    with pytest.raises(JobError, match="another shape"):
        loader.load_vae(file, checkpoint)


def _header(path: Path) -> Header:
    with path.open("rb") as file:
        return read_header(file, path.stat().st_size)


def test_half_precision_works_with_a_full_precision_vae(
    opened: Opener, tokenizer: CLIPTokenizer
) -> None:
    """The mixed types of a CPU with native bfloat16."""
    half = replace(CPU, dtype=torch.bfloat16)
    checkpoint = NetworkLoader(half).load_checkpoint(opened("tiny-noise-v1"))
    encoder = PromptEncoder(tokenizer, checkpoint.text_encoders)
    prompts = encoder.encode(PromptSpec("a dog", "", 1, steps=2))
    start = latents.encode(checkpoint.vae, Image.new("RGB", (64, 64)))
    plan = SamplerPlan(Sampler.EULER, Schedule.AUTOMATIC, 2, last_steps=1)
    denoiser = Denoiser(checkpoint, checkpoint.vae, plan, cfg_scale=7, width=64, height=64)
    items = [BatchItem(Seeds(seed), prompts, start=start) for seed in (1, 2)]
    generated = denoiser.run(items, lambda *_: None)
    assert generated.dtype is torch.float32  # the sampler's sums are not rounded from step to step
    assert checkpoint.unet.dtype is torch.bfloat16  # from_pipe() would have made it float32
    assert latents.decode(checkpoint.vae, generated[1]).size == (64, 64)
