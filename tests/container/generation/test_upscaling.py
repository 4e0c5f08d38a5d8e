"""Hires fix and upscale jobs through the real container, with filters and with networks."""

import hashlib
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from formats.generation.infotext import MAX_INFOTEXT, PNG_KEY, PNG_POSTPROCESSING_KEY, read
from formats.keys import input_key
from formats.models.kinds import ModelKind
from tests.container.conftest import CONTROL, Bits, Container, Store
from tests.support.helpers import CONTAINER
from tests.support.png_extras import png_with

NET = "tiny-upscaler.safetensors"
PTH = "old-upscaler.pth"
SAID = "a dog\nSteps: 4, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 40x24"
_TO_PTH = """
import sys, torch
from safetensors.torch import load_file
torch.save({"params_ema": load_file(sys.argv[1])}, sys.argv[2])
"""


@pytest.fixture(scope="module", autouse=True)
def pth(store: Store, models: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("pth") / PTH
    command = [CONTAINER[0], "-c", _TO_PTH, str(models / NET), str(path)]
    subprocess.run(command, check=True, timeout=120)
    store.put_model(path)
    return PTH


def hires(**fields: Any) -> dict[str, Any]:
    return {"hires": {"scale": 1.5, "denoising_strength": 0.5, **fields}}


@pytest.mark.parametrize("upscaler", ["Latent", "Latent (nearest)", "Lanczos", NET, PTH])
def test_hires_fix_makes_larger_images(
    container: Container, store: Store, bits: Bits, upscaler: str
) -> None:
    generated = container.generate(**hires(upscaler=upscaler, steps=3), batch_size=2)
    assert [store.image(generated.id, i).size for i in (0, 1)] == [(96, 96)] * 2
    assert len(set(bits(generated))) == 2
    said = read(generated.pictures[0].infotext).parameters
    assert {name: said.get(name) for name in said if "ires" in name} == {
        "Hires upscale": "1.5",
        "Hires steps": "3",
        "Hires upscaler": Path(upscaler).stem,
    }
    assert (said["Denoising strength"], said["Size-1"]) == ("0.5", "64")
    files = [model.name for model in generated.models if model.kind is ModelKind.UPSCALER]
    assert files == ([upscaler] if "." in upscaler else [])
    assert "enlarge" in generated.seconds


def test_every_setting_of_the_second_pass(
    container: Container, bits: Bits, pose: str, store: Store
) -> None:
    jobs: list[dict[str, Any]] = [
        hires(),
        hires(steps=7),
        hires(denoising_strength=0.9),
        hires(denoising_strength=0),
        hires(sampler="Euler a", schedule="Automatic"),
        hires(schedule="Exponential"),
        hires() | {"prompt": "a [cat:dog:1.5]"},
        hires() | {"prompt": "a [cat:dog:0.5]"},
        hires() | {"controlnets": [{"model": CONTROL, "image": pose}]},
        hires() | {"variation_strength": 0.5},
    ]
    generated = [container.generate(**job) for job in jobs]
    assert len({bits(result) for result in generated}) == len(jobs)
    assert {store.image(result.id).size for result in generated} == {(96, 96)}
    assert "Hires sampler: Euler a, Hires schedule type: Automatic, " in (
        generated[4].pictures[0].infotext
    )


def test_a_hires_batch_equals_its_single_images(container: Container, store: Store) -> None:
    batch = container.generate(**hires(), batch_size=2)
    single = container.generate(**hires(), seed=8)
    both = (np.asarray(store.image(*of), np.int16) for of in ((batch.id, 1), (single.id, 0)))
    assert np.abs(next(both) - next(both)).max() <= 2


@pytest.fixture
def image(store: Store) -> str:
    """An image with infotext."""
    data, info = io.BytesIO(), PngInfo()
    info.add_text(PNG_KEY, SAID)
    Image.radial_gradient("L").resize((40, 24)).convert("RGB").save(data, "PNG", pnginfo=info)
    sha256 = hashlib.sha256(data.getvalue()).hexdigest()
    store.put(input_key(sha256), data.getvalue())
    return sha256


def upscale(image: str, **fields: Any) -> dict[str, Any]:
    return {
        "mode": "upscale",
        "checkpoint": None,
        "prompt": "",
        "init_image": image,
        "upscale": fields,
    }


@pytest.mark.parametrize("upscaler", ["Lanczos", "Nearest", NET, PTH])
def test_an_upscale_job_needs_no_checkpoint(
    container: Container, store: Store, image: str, upscaler: str
) -> None:
    result = container.generate(**upscale(image, upscaler=upscaler, scale=2.5))
    assert store.image(result.id).size == (100, 60)
    done = f"Postprocess upscale by: 2.5, Postprocess upscaler: {Path(upscaler).stem}"
    info = store.image(result.id).info
    assert (info[PNG_KEY], info[PNG_POSTPROCESSING_KEY]) == (SAID, done)
    assert (result.pictures[0].infotext, result.pictures[0].postprocessing) == (SAID, done)
    assert [model.name for model in result.models] == ([upscaler] if "." in upscaler else [])
    assert result.approximate is None
    assert result.tokens is None


@pytest.mark.parametrize(
    "said",
    [
        "a harbour, dusk,\n<lora: one v1:1>, <lora: two v1:1>, <lora: three v1:1>, gulls",
        json.dumps({"sui_image_params": {"prompt": "a harbour", "seed": 1}}, indent=2),
        f"{SAID}\nTemplate: a {{dog|cat}}\nNegative Template: x\n ",
        "猫 é\r\n\tSteps: 1, Seed: 2, Size: 8x8  \n",
        "a" * MAX_INFOTEXT,
    ],
    ids=["three tags", "JSON", "templates", "spaces", "the longest"],
)
def test_the_images_own_infotext_stays_as_it_is(
    container: Container, store: Store, said: str
) -> None:
    data = png_with((b"iTXt", b"parameters\0\0\0\0\0" + said.encode()))
    sha256 = hashlib.sha256(data).hexdigest()
    store.put(input_key(sha256), data)
    result = container.generate(**upscale(sha256, scale=2))
    assert store.image(result.id).info[PNG_KEY] == result.pictures[0].infotext == said


def test_an_image_with_too_long_infotext(container: Container, store: Store) -> None:
    data = png_with((b"tEXt", b"parameters\0" + b"a" * (MAX_INFOTEXT + 1)))
    sha256 = hashlib.sha256(data).hexdigest()
    store.put(input_key(sha256), data)
    result = container.generate(**upscale(sha256, scale=2))
    assert result.pictures[0].infotext.startswith("Postprocess upscale by: 2, ")
    assert result.notes == ("What the picture said of how it was made was too long to be kept.",)


def test_an_image_without_infotext(container: Container, store: Store) -> None:
    plain = store.put_image(Image.new("RGB", (32, 32), "red"))
    result = container.generate(**upscale(plain, scale=2))
    assert result.pictures[0].infotext.startswith("Postprocess upscale by: 2, ")
    assert "Version: Contrapposto" in result.pictures[0].infotext


@pytest.mark.parametrize(
    ("fields", "answer", "word"),
    [
        ({"upscaler": "none.pth"}, (404, "upscaler"), "none.pth"),
        ({"upscaler": "tiny-vae.safetensors"}, (404, "upscaler"), "no such Upscaler"),
        ({"upscaler": "evil-upscaler.pth"}, (400, "upscaler"), "can't be read"),
        ({"upscaler": "Latent"}, (400, "upscale.upscaler"), "no latents"),
        ({"upscaler": "x.ckpt"}, (422, "upscaler"), "convert it"),
        ({"scale": 9}, (400, "upscale.scale"), "less than"),
    ],
)
def test_refusals(
    container: Container,
    store: Store,
    fields: dict[str, Any],
    answer: tuple[int, str],
    word: str,
) -> None:
    store.put("models/ESRGAN/evil-upscaler.pth", b"cos\nsystem\n(S'false'\ntR.")
    plain = store.put_image(Image.new("RGB", (32, 32)))
    refused = container.post(**upscale(plain, **fields))
    assert (refused.status_code, refused.json()["field"]) == answer
    assert word in refused.json()["message"]


def test_a_result_that_nothing_would_read_again(container: Container, store: Store) -> None:
    large = store.put_image(Image.new("L", (2000, 2000)))
    refused = container.post(**upscale(large, scale=4))
    assert (refused.status_code, refused.json()["field"]) == (400, "upscale.scale")
    assert "8000 x 8000" in refused.json()["message"]
