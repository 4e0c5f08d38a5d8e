"""Bad input: a typed answer that names the fault is stored too, and the next job runs."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from formats.generation.result import Outcome
from formats.keys import input_key
from formats.openpose.pose_map import draw
from poses.preset_poses import default_pose
from tests.container.conftest import BUCKET, CHECKPOINT, CONTROL, Container, Store, request
from tests.support.helpers import ROOT

NOWHERE = "0" * 64
UNIT = {"model": CONTROL, "image": NOWHERE}


def error(answer: httpx.Response) -> tuple[int, str, str | None]:
    said = answer.json()
    assert set(said) == {"code", "message", "field", "request_id"}
    return answer.status_code, said["code"], said["field"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"width": 100}, "width"),
        ({"height": 2056}, "height"),
        ({"steps": 0}, "steps"),
        ({"steps": 151}, "steps"),
        ({"cfg_scale": -1}, "cfg_scale"),
        ({"prompt": "x" * 10_000}, "prompt"),
        ({"prompt": "(a:" + "9" * 400 + ")"}, "prompt"),
        ({"negative_prompt": "((a:100):100)"}, "negative_prompt"),
        ({"prompt": "", "controlnets": []}, None),
        ({"sampler": "DPM adaptive"}, "sampler"),
        ({"sampler": "Euler a", "schedule": "Karras"}, None),
        ({"batch_size": 9}, "batch_size"),
        ({"batch_size": 8, "batch_count": 3}, None),
        ({"checkpoint": "../x.safetensors"}, "checkpoint"),
        ({"mode": "img2img"}, None),
        ({"seed": -1}, "seed"),
        ({"more": 1}, "more"),
        ({"controlnets": [{**UNIT, "weight": 3}]}, "controlnets.0.weight"),
        ({"controlnets": [{**UNIT, "start": 0.5, "end": 0.5}]}, "controlnets.0"),
        ({"controlnets": [UNIT] * 5}, "controlnets"),
    ],
)
def test_a_request_out_of_bounds(
    container: Container, store: Store, fields: dict[str, Any], field: str | None
) -> None:
    job = request(**fields)
    assert error(container.http.post("/invocations", json=job)) == (400, "bad_request", field)
    stored = store.result(job["id"])
    assert stored.failure
    assert (stored.outcome, stored.failure.field) == (Outcome.FAILED, field)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"[" * 100_000, 400),
        (b'{"id": "../x"}', 400),
        (b'{"id": "01M82KW0B1ZSQ5JRV5KNRGBS67\\n"}', 400),
        (b"\xff\xfe", 400),
        (b" " * (1 << 20) + b" ", 413),
    ],
)
def test_a_body_that_is_no_request(container: Container, body: bytes, status: int) -> None:
    answer = container.http.post("/invocations", content=body)
    assert answer.status_code == status
    assert answer.json()["code"] in {"bad_request", "too_large"}


def test_other_routes(container: Container) -> None:
    assert error(container.http.get("/models"))[0] == 404
    assert error(container.http.get("/invocations"))[0] == 405


@pytest.fixture(scope="module", autouse=True)
def vae_among_checkpoints(store: Store, models: Path) -> None:
    vae = (models / "tiny-vae.safetensors").read_bytes()
    store.put("models/Stable-diffusion/a-vae-really.safetensors", vae)


@pytest.mark.parametrize(
    ("fields", "expected", "word"),
    [
        ({"checkpoint": "none.safetensors"}, (404, "model_missing", "checkpoint"), "no such"),
        (
            {"checkpoint": "broken-text.safetensors"},
            (400, "model_broken", "checkpoint"),
            "not a safetensors file",
        ),
        (
            {"checkpoint": "broken-truncated.safetensors"},
            (400, "model_broken", "checkpoint"),
            "upload it again",
        ),
        (
            {"checkpoint": "broken-incomplete.safetensors"},
            (400, "model_broken", "checkpoint"),
            "of 208 tensors",
        ),
        (
            {"checkpoint": "tiny-sdxl-checkpoint.safetensors"},
            (422, "unsupported", "checkpoint"),
            "SDXL",
        ),
        ({"checkpoint": "old.ckpt"}, (422, "unsupported", "checkpoint"), "convert it"),
        ({"checkpoint": "a-vae-really.safetensors"}, (400, "model_mismatch", "checkpoint"), "VAE"),
        (
            {"loras": [{"name": "tiny-sdxl-lora.safetensors"}]},
            (400, "model_mismatch", "loras"),
            "made for SDXL",
        ),
        ({"loras": [{"name": "none.safetensors"}]}, (404, "model_missing", "loras"), "LoRA"),
        ({"prompt": "<lora:tiny-style-lora:9>"}, (400, "bad_request", "prompt"), "lora"),
        ({"prompt": "(a:9[9:9:3]9)"}, (400, "bad_request", "prompt"), "from -500 to 500"),
        ({"clip_skip": 3}, (400, "bad_request", "clip_skip"), "2 layers"),
        ({"controlnets": [UNIT]}, (404, "input_missing", "controlnets"), "no longer"),
        (
            {"mode": "img2img", "init_image": NOWHERE},
            (404, "input_missing", "init_image"),
            "no longer",
        ),
        (
            {"hashes": {f"models/Stable-diffusion/{CHECKPOINT}": NOWHERE}},
            (409, "model_changed", "checkpoint"),
            "not the file it was",
        ),
    ],
)
def test_a_job_that_cant_be_done(
    container: Container,
    store: Store,
    fields: dict[str, Any],
    expected: tuple[int, str, str],
    word: str,
) -> None:
    job = request(**fields)
    answer = container.http.post("/invocations", json=job)
    assert error(answer) == expected
    assert word in answer.json()["message"]
    stored = store.result(job["id"]).failure
    assert stored
    assert (stored.code, stored.field) == expected[1:]
    workers = container.workers()
    container.generate()
    assert container.workers() == workers  # a refusal never costs a worker


def test_a_controlnet_of_another_width(container: Container, store: Store) -> None:
    image = store.put_image(Image.new("RGB", (64, 64)))
    unit = {"model": "tiny-control-other-width.safetensors", "image": image}
    answer = container.post(controlnets=[unit])
    assert error(answer) == (400, "model_mismatch", "controlnets")
    assert "another base model" in answer.json()["message"]


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"no picture", "can't be read"), (b"GIF89a\x01\x00\x01\x00", "can't be read")],
)
def test_an_input_that_is_no_image(
    container: Container, store: Store, data: bytes, word: str
) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    store.put(input_key(sha256), data)
    answer = container.post(mode="img2img", init_image=sha256)
    assert error(answer) == (400, "bad_request", "init_image")
    assert word in answer.json()["message"]


def test_an_input_that_is_another_image(container: Container, store: Store) -> None:
    store.put(input_key("1" * 64), b"anything")
    assert error(container.post(mode="img2img", init_image="1" * 64)) == (
        400,
        "bad_request",
        "init_image",
    )


def test_an_uploaded_detector_that_is_none(container: Container, store: Store) -> None:
    """It counts instead of the one that ships; a finished skeleton needs neither."""
    photo = store.put_image(Image.open(ROOT / "tests" / "poses" / "photos" / "astronaut.jpg"))
    key = "models/annotators/body_pose_model.pth"
    unit = {"model": CONTROL, "image": photo, "preprocessor": "openpose"}
    store.put(key, b"no pickle")
    try:
        answer = container.post(controlnets=[unit])
        finished = store.put_image(draw(default_pose()))
        container.generate(controlnets=[{**unit, "image": finished}])
    finally:
        store.client.delete_object(Bucket=BUCKET, Key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "model_broken")
    assert "body_pose_model.pth" in answer.json()["message"]
    container.generate(controlnets=[unit])
