"""What a job generates, stores and reports: equal requests give equal bits."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from formats import keys
from formats.generation import infotext
from formats.generation.result import GenerationResult, Outcome
from tests.container.conftest import CHECKPOINT, CONTROL, LORA, Bits, Container, Store
from tests.support.helpers import ROOT


def pixels(store: Store, result: GenerationResult, index: int = 0) -> NDArray[np.int16]:
    return np.asarray(store.image(result.id, index), dtype=np.int16)


@pytest.fixture(scope="module")
def plain(container: Container) -> GenerationResult:
    return container.generate()


def test_the_same_request_gives_the_same_bits(container: Container, bits: Bits, plain: Any) -> None:
    assert bits(container.generate()) == bits(plain)
    assert bits(container.generate(seed=8)) != bits(plain)
    assert bits(container.generate(prompt="a red cat")) != bits(plain)


def test_a_result_says_what_was_applied(plain: GenerationResult, store: Store) -> None:
    model, image = plain.models[0], plain.pictures[0]
    assert plain.outcome is Outcome.SUCCEEDED
    assert (model.name, model.family) == (CHECKPOINT, "SD 1")
    assert (plain.tokens, plain.sampler_class) == (3, "DPMSolverMultistepScheduler")
    assert set(plain.seconds) == {"fetch", "load", "encode", "draw", "decode", "save"}
    assert (image.seed, image.width, image.height) == (7, 64, 64)
    assert store.result(plain.id) == plain
    assert plain.device == "CPU"
    assert plain.peak_bytes


def test_a_second_job_finds_the_models_in_memory(container: Container, plain: Any) -> None:
    assert container.generate().models[0].tier == "memory"


def test_the_infotext_is_in_the_image(plain: GenerationResult, store: Store) -> None:
    text = store.image(plain.id).info[infotext.PNG_KEY]
    assert text == plain.pictures[0].infotext
    assert text == (
        "a cute dog\n"
        "Steps: 4, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 7, Size: 64x64, "
        f"Model hash: {plain.models[0].sha256[:10]}, Model: tiny-noise-v1, RNG: CPU, "
        f"Version: Contrapposto {plain.container}"
    )


def test_the_infotext_tells_the_template(container: Container, bits: Bits, plain: Any) -> None:
    made = container.generate(
        template="a {cute|red} dog", negative_template="{x|}", wildcard_seed=5
    )
    text = made.pictures[0].infotext
    assert "Wildcard seed: 5, Version: " in text
    assert text.endswith("\nTemplate: a {cute|red} dog\nNegative Template: {x|}")
    assert bits(made) == bits(plain)


def test_everything_lies_where_the_keys_say(plain: GenerationResult, store: Store) -> None:
    found = store.names(keys.job_prefix(plain.id))
    assert found == {"outputs/0.png", "outputs/0.webp", "result.json"}


def test_batches_count_seeds_up(container: Container, bits: Bits, store: Store, plain: Any) -> None:
    batch = container.generate(batch_size=2, batch_count=2)
    assert [image.seed for image in batch.pictures] == [7, 8, 9, 10]
    assert len(set(bits(batch))) == 4
    difference = np.abs(pixels(store, batch) - pixels(store, plain))
    assert difference.max() <= 2  # the same image to numeric tolerance


def test_dpmpp_sde_is_reproducible_and_never_batched(container: Container, bits: Bits) -> None:
    batch = container.generate(sampler="DPM++ SDE", batch_size=2)
    single = container.generate(sampler="DPM++ SDE", seed=8)
    assert bits(batch)[1] == bits(single)[0]


def test_an_approximate_sampler_says_so(container: Container) -> None:
    assert "stands in" in (container.generate(sampler="DPM++ 2S a").approximate or "")


@pytest.mark.parametrize("side", [72, 104])
def test_every_size_that_8_divides(container: Container, store: Store, side: int) -> None:
    result = container.generate(width=side, height=64)
    assert store.image(result.id).size == (side, 64)


def test_a_thumbnail_is_256_px_at_most(container: Container, store: Store) -> None:
    result = container.generate(width=320, height=160, steps=1)
    thumbnail = Image.open(io.BytesIO(store.get(keys.thumbnail_key(result.id, 0))))
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (256, 128))


def test_a_long_prompt_is_not_cut(container: Container, bits: Bits) -> None:
    long = "a dog, " * 60
    first = container.generate(prompt=long + "red")
    assert first.tokens == 181
    assert bits(first) != bits(container.generate(prompt=long + "blue"))


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "a (cute:1.4) dog"},
        {"clip_skip": 2},
        {"negative_prompt": "blurred"},
        {"cfg_scale": 1},
        {"vae": "tiny-vae.safetensors"},
        {"checkpoint": "tiny-noise-v2.safetensors"},
    ],
)
def test_a_parameter_changes_the_image(
    container: Container, bits: Bits, plain: GenerationResult, change: dict[str, Any]
) -> None:
    assert bits(container.generate(**change)) != bits(plain)
    assert bits(container.generate()) == bits(plain)  # and stays with its own job


@pytest.mark.parametrize("mode", ["Just resize", "Crop and resize", "Resize and fill"])
def test_img2img(container: Container, bits: Bits, store: Store, mode: str) -> None:
    start = store.put_image(Image.linear_gradient("L").resize((96, 64)).convert("RGB"))
    job = {"mode": "img2img", "init_image": start, "resize_mode": mode}
    little = container.generate(**job, denoising_strength=0)
    much = container.generate(**job, denoising_strength=1)
    assert bits(little) != bits(much)
    assert "Denoising strength: 1," in much.pictures[0].infotext


def test_a_latent_resize_is_another_image(container: Container, bits: Bits, store: Store) -> None:
    start = store.put_image(Image.linear_gradient("L").resize((100, 60)).convert("RGB"))
    job = {"mode": "img2img", "init_image": start}
    latent = container.generate(**job, resize_mode="Just resize (latent upscale)")
    assert store.image(latent.id).size == (64, 64)
    assert bits(latent) != bits(container.generate(**job))


def test_a_variation_keeps_the_seed_and_counts_the_other_up(
    container: Container, bits: Bits, store: Store
) -> None:
    job = {"variation_seed": 20, "variation_strength": 0.3}
    generated = container.generate(**job, batch_size=2, batch_count=2)
    assert [image.seed for image in generated.pictures] == [7] * 4
    said = [infotext.read(image.infotext).parameters for image in generated.pictures]
    assert [one["Variation seed"] for one in said] == ["20", "21", "22", "23"]
    assert {one["Variation seed strength"] for one in said} == {"0.3"}
    assert len(set(bits(generated))) == 4
    whole, other = (
        container.generate(variation_seed=20, variation_strength=1),
        container.generate(seed=20),
    )
    assert np.abs(pixels(store, whole) - pixels(store, other)).max() <= 2


def test_a_controlnet_changes_the_image_and_its_map_is_stored(
    container: Container, bits: Bits, store: Store, plain: GenerationResult, pose: str
) -> None:
    unit = {"model": CONTROL, "image": pose}
    steered = container.generate(controlnets=[unit])
    assert bits(steered) != bits(plain)
    assert steered.maps == 1
    stored = Image.open(io.BytesIO(store.get(keys.map_key(steered.id, 0))))
    assert stored.getpixel((32, 32)) == (255, 85, 0)
    assert 'ControlNet 0: "Module: none, Model: tiny-control' in steered.pictures[0].infotext


def test_a_controlnet_without_weight_is_no_controlnet(
    container: Container, store: Store, plain: GenerationResult, pose: str
) -> None:
    unit = {"model": CONTROL, "image": pose, "weight": 0}
    generated = container.generate(controlnets=[unit])
    assert np.array_equal(pixels(store, generated), pixels(store, plain))


def test_controlnets_add_up_in_every_mode_and_layout(
    container: Container, bits: Bits, pose: str
) -> None:
    first = {"model": CONTROL, "image": pose}
    other = {"model": "tiny-control-stripped.safetensors", "image": pose, "end": 0.5}
    modes = ["Balanced", "My prompt is more important", "ControlNet is more important"]
    generated = [
        container.generate(controlnets=[{**first, "control_mode": mode}]) for mode in modes
    ]
    generated.append(container.generate(controlnets=[first, other]))
    generated.append(container.generate(controlnets=[first], mode="img2img", init_image=pose))
    assert len({bits(result)[0] for result in generated}) == 5


@pytest.mark.parametrize(
    ("preprocessor", "said"),
    [
        ("openpose", "Module: openpose, "),
        ("canny", "Module: canny, "),
        ("threshold", "Threshold A: 127, "),
    ],
)
def test_a_photo_becomes_the_stored_map(
    container: Container, store: Store, preprocessor: str, said: str
) -> None:
    photo = Image.open(ROOT / "tests" / "poses" / "photos" / "astronaut.jpg")
    unit = {"model": CONTROL, "image": store.put_image(photo), "preprocessor": preprocessor}
    generated = container.generate(controlnets=[unit], width=128, height=128)
    stored = Image.open(io.BytesIO(store.get(keys.map_key(generated.id, 0))))
    assert stored.size == (128, 128)
    assert 0 < np.asarray(stored).mean() < 200
    assert said in generated.pictures[0].infotext
    assert "Pixel Perfect: True" in generated.pictures[0].infotext


def test_a_lora_is_applied_and_gone_afterwards(
    container: Container, bits: Bits, plain: GenerationResult
) -> None:
    picked = container.generate(loras=[{"name": LORA, "weight": 0.8}])
    weak = container.generate(loras=[{"name": LORA, "weight": 0.1}])
    assert len({*bits(picked), *bits(weak), *bits(plain)}) == 3
    assert bits(container.generate()) == bits(plain)


def test_a_tag_is_the_same_as_a_pick(container: Container, store: Store) -> None:
    picked = container.generate(loras=[{"name": LORA, "weight": 0.8}])
    tagged = container.generate(prompt="a cute dog<lora:tiny-style-lora:0.8>")
    assert np.array_equal(pixels(store, tagged), pixels(store, picked))
    assert [m.weight for m in tagged.models] == [m.weight for m in picked.models] == [None, 0.8]
    assert picked.pictures[0].infotext.startswith("a cute dog <lora:tiny-style-lora:0.8>\n")
    assert 'Lora hashes: "tiny-style-lora: ' in tagged.pictures[0].infotext


def test_a_loras_keys_are_counted(container: Container) -> None:
    whole = container.generate(loras=[{"name": LORA}]).models[1]
    partial = container.generate(loras=[{"name": "tiny-style-lora-partial.safetensors"}])
    (note,), part = partial.notes, partial.models[1]
    assert "tiny-style-lora-partial.safetensors was applied in part" in note
    assert "lora_unet_nowhere" in note
    assert (whole.keys_matched, whole.keys_unmatched) == (33, 0)
    assert (part.keys_matched, part.keys_unmatched) == (33, 1)


def test_a_tag_with_two_weights_is_applied_with_both(container: Container, bits: Bits) -> None:
    both = container.generate(prompt="a dog <lora:tiny-style-lora:0.2:0.9>")
    (lora,) = both.models[1:]
    assert (lora.text_encoder_weight, lora.weight) == (0.2, 0.9)
    assert bits(both) != bits(container.generate(prompt="a dog <lora:tiny-style-lora:0.9>"))
    picked = {"name": LORA, "weight": 0.9, "text_encoder_weight": 0.2}
    again = container.generate(prompt="a dog", loras=[picked])
    assert bits(again) == bits(both)
    assert again.pictures[0].infotext.startswith("a dog <lora:tiny-style-lora:0.2:0.9>\n")
