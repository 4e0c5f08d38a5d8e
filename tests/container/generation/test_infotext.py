"""The infotext of a job that uses everything: A1111's names, in A1111's order."""

import hashlib
from pathlib import Path
from typing import Any

from formats.generation.infotext import read
from formats.models.kinds import ModelKind
from formats.version import VERSION
from tests.container.conftest import CONTROL, LORA, Container

WANTED = (
    "a cute dog, tiny-embedding <lora:tiny-style-lora:0.8>\n"
    "Negative prompt: blurred, [cat:bird:0.5]\n"
    "Steps: 4, Sampler: Euler a, Schedule type: Automatic, CFG scale: 6.5, Seed: 7, Size: 64x64, "
    "Model hash: {checkpoint:.10}, Model: tiny-noise-v1, VAE hash: {vae:.10}, "
    "VAE: tiny-vae.safetensors, Variation seed: {variation}, Variation seed strength: 0.2, "
    "Denoising strength: 0.5, Clip skip: 2, RNG: CPU, "
    'ControlNet 0: "Module: canny, Model: tiny-control-openpose [{control:.8}], Weight: 0.7, '
    "Resize Mode: Resize and Fill, Processor Res: 96, Threshold A: 50, Threshold B: 150, "
    "Guidance Start: 0.0, Guidance End: 0.8, Pixel Perfect: False, "
    'Control Mode: My prompt is more important", '
    "Hires sampler: DPM++ 2M, Hires schedule type: Karras, Hires upscale: 1.5, Hires steps: 3, "
    'Hires upscaler: tiny-upscaler, Lora hashes: "tiny-style-lora: {lora}", '
    'TI hashes: "tiny-embedding: {embedding:.12}", Version: Contrapposto {version}'
)


def test_everything_at_once(container: Container, pose: str, models: Path) -> None:
    unit = {
        "model": CONTROL,
        "image": pose,
        "preprocessor": "canny",
        "resolution": 96,
        "weight": 0.7,
        "threshold_a": 50,
        "threshold_b": 150,
        "end": 0.8,
        "resize_mode": "Resize and fill",
        "control_mode": "My prompt is more important",
    }
    job: dict[str, Any] = {
        "prompt": "a cute dog, tiny-embedding",
        "negative_prompt": "blurred, [cat:bird:0.5]",
        "sampler": "Euler a",
        "cfg_scale": 6.5,
        "vae": "tiny-vae.safetensors",
        "clip_skip": 2,
        "variation_seed": 9,
        "variation_strength": 0.2,
        "controlnets": [unit],
        "loras": [{"name": LORA, "weight": 0.8}],
        "embeddings": ["tiny-embedding.safetensors"],
        "hires": {
            "upscaler": "tiny-upscaler.safetensors",
            "scale": 1.5,
            "steps": 3,
            "sampler": "DPM++ 2M",
            "denoising_strength": 0.5,
        },
    }
    generated = container.generate(**job, batch_size=2)
    used = {model.kind: model.sha256 for model in generated.models}
    found = {
        "checkpoint": used[ModelKind.CHECKPOINT],
        "vae": used[ModelKind.VAE],
        "control": used[ModelKind.CONTROLNET],
        "embedding": used[ModelKind.EMBEDDING],
        "lora": body_hash(models / LORA),
        "version": VERSION,
    }
    for index, image in enumerate(generated.pictures):
        assert image.infotext == WANTED.format(**found, variation=9 + index)
        assert image.variation_seed == 9 + index
    said = read(generated.pictures[0].infotext).parameters
    assert said["ControlNet 0"].startswith("Module: canny, Model: tiny-control-openpose [")


def body_hash(path: Path) -> str:
    """A1111's hash of a LoRA: sha256 of the bytes after the header."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    return hashlib.sha256(data[start:]).hexdigest()[:12]
