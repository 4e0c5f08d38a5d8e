"""Files that don't fit together are refused by their headers alone."""

import json
import math
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from formats.generation.result import ErrorCode
from formats.models.kinds import ModelKind
from formats.models.safetensors_header import parse_header
from sagemaker_container.engine.files.weights_file import WeightsFile, open_header
from sagemaker_container.engine.job.header_check import check_headers
from sagemaker_container.errors import JobError
from tests.support import tiny_models
from tests.support.tiny_models import TINY, save, weights

OpenHeader = Callable[..., WeightsFile]
INCOMPLETE = {k: v for k, v in weights(tiny_models.vae(TINY), 1).items() if "mid.block_2" not in k}
UNKNOWN_LAYER = {
    "lora_unet_nowhere.lora_down.weight": (4, 64),
    "lora_unet_nowhere.lora_up.weight": (64, 4),
}
SHALLOW = weights(tiny_models.vae(tiny_models.Sizes(vae=(32, 32, 32))), 1)


@pytest.fixture(scope="module")
def header(models: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenHeader:
    """Opens a file as the fetcher does before it is downloaded."""
    mine = tmp_path_factory.mktemp("mine")
    save(mine / "no-end.safetensors", INCOMPLETE, {})
    save(mine / "shallow.safetensors", SHALLOW, {})
    save(mine / "nowhere.safetensors", weights(UNKNOWN_LAYER, 1), {})

    def open_by_name(name: str, kind: ModelKind = ModelKind.CHECKPOINT) -> WeightsFile:
        (path,) = (p for p in (mine / name, models / name) if p.exists())
        return open_header(kind, name, path.read_bytes(), path.stat().st_size)

    return open_by_name


@pytest.mark.parametrize(
    ("name", "loras"),
    [
        ("tiny-noise-v1", ["tiny-style-lora", "tiny-style-lora-partial"]),
        ("tiny-sd2", []),
        ("tiny-inpainting", ["tiny-style-lora"]),
        ("tiny-xl", ["tiny-xl-lora"]),
        ("tiny-xl-inpainting", ["tiny-xl-lora"]),
    ],
)
def test_complete_files_pass(header: OpenHeader, name: str, loras: list[str]) -> None:
    checkpoint = header(f"{name}.safetensors")
    others = [header(f"{lora}.safetensors", ModelKind.LORA) for lora in loras]
    check_headers(checkpoint, others, 1)
    assert not any(file.is_on_disk for file in (checkpoint, *others))  # by their headers alone


@pytest.mark.parametrize(
    ("checkpoint", "kind", "name", "reason"),
    [
        ("broken-incomplete", None, "", "198 of 208"),
        ("tiny-noise-v1", ModelKind.VAE, "no-end", "160 of 176"),
        ("tiny-noise-v1", ModelKind.VAE, "shallow", "latents"),
        ("tiny-xl", ModelKind.EMBEDDING, "tiny-embedding", "64 and 64"),
        ("tiny-noise-v1", ModelKind.EMBEDDING, "tiny-embedding-xl", "made for SDXL"),
        ("tiny-noise-v1", ModelKind.LORA, "nowhere", "none of its layers"),
        ("tiny-noise-v1", ModelKind.CONTROLNET, "tiny-control-xl", "another base model"),
    ],
)
def test_what_does_not_fit_is_named(
    header: OpenHeader, checkpoint: str, kind: ModelKind | None, name: str, reason: str
) -> None:
    others = [header(f"{name}.safetensors", kind)] if kind else []
    with pytest.raises(JobError, match=name or checkpoint) as refused:
        check_headers(header(f"{checkpoint}.safetensors"), others, 1)
    assert refused.value.code in {ErrorCode.MODEL_BROKEN, ErrorCode.MODEL_MISMATCH}
    assert reason in refused.value.message


def test_a_checkpoint_without_a_vae_says_so(models: Path, tmp_path: Path) -> None:
    tensors = load_file(models / "tiny-noise-v1.safetensors")
    path = tmp_path / "no-vae.safetensors"
    save_file({n: t for n, t in tensors.items() if not n.startswith("first_stage_model.")}, path)
    file = open_header(ModelKind.CHECKPOINT, path.name, path.read_bytes(), path.stat().st_size)
    with pytest.raises(JobError, match="it has no VAE") as refused:
        check_headers(file, [], 1)
    assert refused.value.code is ErrorCode.UNSUPPORTED


def test_a_clip_skip_beyond_the_text_encoder_names_its_field(header: OpenHeader) -> None:
    with pytest.raises(JobError, match="2 layers") as refused:
        check_headers(header("tiny-noise-v1.safetensors"), [], 3)
    assert refused.value.field == "clip_skip"


ODD: tuple[list[int], ...] = ([], [0])
"""Shapes that the format allows and no network has."""


def reshaped(data: bytes, name: str, shape: list[int]) -> bytes:
    """A file whose tensor has another shape, and as many bytes as that takes."""
    (length,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    begin, end = header[name]["data_offsets"]
    size = (end - begin) // math.prod(header[name]["shape"]) * math.prod(shape)
    header[name] |= {"shape": shape, "data_offsets": [begin, begin + size]}
    for other, entry in header.items():
        if other not in (name, "__metadata__") and entry["data_offsets"][0] >= end:
            entry["data_offsets"] = [at - (end - begin) + size for at in entry["data_offsets"]]
    encoded = json.dumps(header).encode()
    return struct.pack("<Q", len(encoded)) + encoded + body[:begin] + bytes(size) + body[end:]


@pytest.mark.parametrize("shape", ODD)
@pytest.mark.parametrize(
    ("kind", "name", "tensor"),
    [
        (ModelKind.CHECKPOINT, "tiny-noise-v1", "model.diffusion_model.input_blocks.0.0.weight"),
        (ModelKind.CHECKPOINT, "tiny-noise-v1", "model.diffusion_model.out.2.weight"),
        (ModelKind.CHECKPOINT, "tiny-noise-v1", "first_stage_model.decoder.conv_in.weight"),
        (
            ModelKind.CHECKPOINT,
            "tiny-noise-v1",
            "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight",
        ),
        (ModelKind.CHECKPOINT, "tiny-xl", "conditioner.embedders.1.model.text_projection"),
        (ModelKind.CHECKPOINT, "tiny-xl", "model.diffusion_model.label_emb.0.0.weight"),
        (ModelKind.VAE, "tiny-vae", "decoder.conv_in.weight"),
        (ModelKind.VAE, "tiny-vae", "encoder.down.0.block.0.conv1.weight"),
        (ModelKind.CONTROLNET, "tiny-control-openpose", "input_hint_block.0.weight"),
        (ModelKind.EMBEDDING, "tiny-embedding", "emb_params"),
    ],
)
def test_a_tensor_of_a_shape_that_no_network_has_is_named(
    models: Path, header: OpenHeader, kind: ModelKind, name: str, tensor: str, shape: list[int]
) -> None:
    data = (models / f"{name}.safetensors").read_bytes()
    (found,) = [n for n in parse_header(data).tensors if n.endswith(tensor)]
    data = reshaped(data, found, shape)
    size = parse_header(data).file_size
    file = open_header(kind, f"{name}.safetensors", data, size)
    is_checkpoint = kind is ModelKind.CHECKPOINT
    checkpoint = file if is_checkpoint else header("tiny-noise-v1.safetensors")
    with pytest.raises(JobError, match="has the shape") as refused:
        check_headers(checkpoint, [] if is_checkpoint else [file], 1)
    assert refused.value.code is ErrorCode.MODEL_BROKEN
    assert name in refused.value.message


def renamed(data: bytes, old: str, new: str) -> bytes:
    """A file whose tensor has another name."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    encoded = json.dumps({new if name == old else name: header[name] for name in header}).encode()
    return struct.pack("<Q", len(encoded)) + encoded + data[8 + length :]


@pytest.mark.parametrize(
    ("kind", "name", "tensor", "number"),
    [
        (ModelKind.CHECKPOINT, "tiny-noise-v1", "encoder.layers.1.layer_norm1.bias", ".1."),
        (ModelKind.CHECKPOINT, "tiny-sd2", "resblocks.1.ln_1.bias", ".1."),
        (ModelKind.CHECKPOINT, "tiny-xl", "1.model.transformer.resblocks.0.ln_1.bias", ".0."),
        (ModelKind.VAE, "tiny-vae", "encoder.down.0.block.0.norm1.bias", ".block.0."),
        (ModelKind.CONTROLNET, "tiny-control-openpose", "input_blocks.2.0.op.bias", ".2."),
    ],
)
def test_a_tensor_of_a_number_that_no_network_has_is_named(
    models: Path, header: OpenHeader, kind: ModelKind, name: str, tensor: str, number: str
) -> None:
    data = (models / f"{name}.safetensors").read_bytes()
    (found,) = [n for n in parse_header(data).tensors if n.endswith(tensor)]
    odd = number.replace(number.split(".")[-2], "999999999")
    data = renamed(data, found, found.removesuffix(tensor) + tensor.replace(number, odd))
    file = open_header(kind, f"{name}.safetensors", data, len(data))
    is_checkpoint = kind is ModelKind.CHECKPOINT
    checkpoint = file if is_checkpoint else header("tiny-noise-v1.safetensors")
    with pytest.raises(JobError, match="has a number") as refused:
        check_headers(checkpoint, [] if is_checkpoint else [file], 1)
    assert refused.value.code is ErrorCode.MODEL_BROKEN
    assert name in refused.value.message
