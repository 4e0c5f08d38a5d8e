"""A draft becomes requests, or says at which field it can't; nothing is sent either way."""

import io
from typing import Any

import pytest
from PIL import Image

from core.errors import InvalidDraft
from core.ids import new_id
from core.images.outpaint import UncheckedOutpaint
from core.jobs.preparing.draft import Draft, DraftInpaint, DraftUnit
from core.jobs.preparing.requests import Prepared, prepare
from formats.generation.fields import ResizeMode
from formats.generation.inpaint import InpaintArea
from formats.generation.parameters import Mode
from formats.generation.request import LoraUse
from formats.generation.samplers import Sampler, Schedule
from formats.generation.upscaling import UncheckedHires, UncheckedUpscale, Upscale
from formats.openpose.pose_map import draw
from formats.openpose.skeleton import Person, Point, Skeleton


def png(width: int = 64, height: int = 64) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, "PNG")
    return buffer.getvalue()


POSE = Skeleton(
    width=256, height=256, people=(Person(body=tuple(Point(x=i * 9, y=i * 9) for i in range(18))),)
)
GOOD: dict[str, Any] = {
    "endpoint": "demo",
    "checkpoints": ("a.safetensors",),
    "prompt": "a cute dog",
}


def prepared(**changes: Any) -> Prepared:
    return prepare(Draft(**{**GOOD, **changes}), "ann", new_id, lambda: 7)


def test_the_form_arrives_unchanged() -> None:
    values = {"steps": 9, "cfg_scale": 3.5, "width": 320, "height": 448, "seed": 5, "clip_skip": 2}
    (request,) = prepared(**values).requests
    assert {name: getattr(request, name) for name in values} == values
    assert (request.owner, request.checkpoint) == ("ann", "a.safetensors")


def test_a_random_seed_is_drawn_once_for_all_checkpoints() -> None:
    first, second = prepared(checkpoints=("a.safetensors", "b.safetensors")).requests
    assert (first.seed, second.seed) == (7, 7)
    assert (first.checkpoint, second.checkpoint) == ("a.safetensors", "b.safetensors")
    assert first.id != second.id


def test_a_pose_is_drawn_at_the_size_of_the_request() -> None:
    unit = DraftUnit(model="c.safetensors", pose=POSE)
    made = prepared(units=(unit,), width=512, height=256)
    (picture,) = made.images
    assert (picture.width, picture.height) == (512, 256)
    kept = made.requests[0].controlnets[0]
    assert (kept.image, kept.pose, kept.stroke) == (picture.sha256, POSE.scaled(512, 256), 4.0)
    assert kept.pose
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.tobytes() == draw(kept.pose).tobytes()


def test_a_picture_is_kept_once() -> None:
    unit = DraftUnit(model="c.safetensors", image=png())
    made = prepared(mode=Mode.IMG2IMG, init_image=png(), units=(unit, unit))
    assert len(made.images) == 1


def _huge_png() -> bytes:
    """A header that claims 30,000 x 30,000 pixels; nobody may decode it."""
    data = bytearray(png())
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    import zlib  # noqa: PLC0415

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


UNIT = DraftUnit(model="c.safetensors", image=png())
BAD: list[Any] = [
    ({"endpoint": ""}, "endpoint", "Choose an endpoint"),
    ({"checkpoints": ()}, "checkpoints", "at least one checkpoint"),
    ({"checkpoints": tuple(f"{i}.safetensors" for i in range(9))}, "checkpoints", "At most 8"),
    ({"checkpoints": ("../a",)}, "checkpoints", "name"),
    ({"prompt": ""}, "prompt", "Write a prompt"),
    ({"prompt": "x" * 10_000}, "prompt", "8192"),
    ({"negative_prompt": "x" * 10_000}, "negative_prompt", "8192"),
    ({"prompt": "<lora:a:nine>x <lora:a:99>"}, "prompt", "<lora:a:nine> can't be used: the weight"),
    ({"prompt": "<hypernet:a:1>"}, "prompt", "<hypernet:a:1>"),
    ({"width": 260}, "width", "divide by 8"),
    ({"height": 8}, "height", "At least 64."),
    ({"steps": 0}, "steps", "At least 1."),
    ({"batch_size": 8, "batch_count": 8}, "batch_size", "limit"),
    ({"seed": -2}, "seed", "0"),
    ({"steps": None}, "steps", "A whole number"),
    ({"cfg_scale": float("nan")}, "cfg_scale", "At"),
    ({"sampler": "Euler a", "schedule": "Karras"}, "schedule", "Automatic"),
    ({"mode": Mode.IMG2IMG}, "init_picture", "picture"),
    ({"mode": Mode.IMG2IMG, "init_image": b"text"}, "init_picture", "PNG, JPEG or WebP"),
    ({"mode": Mode.IMG2IMG, "init_image": png()[:60]}, "init_picture", "PNG|damaged"),
    ({"mode": Mode.IMG2IMG, "init_image": _huge_png()}, "init_picture", "limit"),
    ({"units": (DraftUnit(image=png()),)}, "units.0.model", "Choose a ControlNet"),
    ({"units": (DraftUnit(model="c.safetensors"),)}, "units.0.image", "Upload"),
    ({"units": (UNIT, UNIT.model_copy(update={"weight": 3}))}, "units.1.weight", "2"),
    ({"units": (UNIT,) * 5}, "units", "At most 4"),
    ({"loras": (LoraUse(name="l.safetensors"),) * 9}, "loras", "At most 8 of them."),
]


@pytest.mark.parametrize(("changes", "field", "message"), BAD)
def test_bad_forms_say_where(changes: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(InvalidDraft) as caught:
        prepared(**changes)
    by_field = {problem.field: problem.message for problem in caught.value.problems}
    assert field in by_field
    assert any(word in by_field[field] for word in message.split("|"))


def test_all_problems_come_at_once() -> None:
    with pytest.raises(InvalidDraft) as caught:
        prepared(prompt="", steps=0, width=260, endpoint="")
    fields = [problem.field for problem in caught.value.problems]
    assert sorted(fields) == ["endpoint", "prompt", "steps", "width"]


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "CMYK"])
def test_pictures_of_any_kind_become_rgb(mode: str) -> None:
    buffer = io.BytesIO()
    kind = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (64, 72)).save(buffer, kind)
    (picture,) = prepared(mode=Mode.IMG2IMG, init_image=buffer.getvalue()).images
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.mode, image.size) == ("RGB", (64, 72))


def test_inpaint_takes_its_mask_along() -> None:
    inpaint = DraftInpaint(mask=png(8, 8), blur=9, inverted=True)
    made = prepared(mode=Mode.INPAINT, init_image=png(), inpaint=inpaint)
    asked = made.requests[0].inpaint
    assert asked
    assert (asked.blur, asked.inverted) == (9, True)
    assert {p.sha256 for p in made.images} == {asked.mask, made.requests[0].init_image}


@pytest.mark.parametrize(
    ("area", "size"), [(InpaintArea.WHOLE, (128, 96)), (InpaintArea.MASKED, (256, 256))]
)
def test_an_extended_image_is_an_inpaint_job(area: InpaintArea, size: tuple[int, int]) -> None:
    made = prepared(
        mode=Mode.INPAINT,
        init_image=png(64, 72),
        inpaint=DraftInpaint(area=area, inverted=True, blur=6),
        outpaint=UncheckedOutpaint(left=40, right=24, up=0, down=24),
        width=256,
        height=256,
    )
    (request,) = made.requests
    assert (request.width, request.height) == size
    assert request.inpaint
    assert (request.inpaint.inverted, request.inpaint.blur) == (False, 6)
    sizes = {image.sha256: (image.width, image.height) for image in made.images}
    assert sizes[request.inpaint.mask] == sizes[request.init_image or ""] == (128, 96)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outpaint": UncheckedOutpaint(left=0, right=0)}, "outpaint"),
        ({"outpaint": UncheckedOutpaint(left=None)}, "outpaint.left"),
        ({"outpaint": UncheckedOutpaint(up=-8)}, "outpaint.up"),
        ({"outpaint": UncheckedOutpaint(left=2000)}, "outpaint"),
        ({"outpaint": UncheckedOutpaint(), "init_image": b"GIF89a"}, "init_picture"),
        ({"outpaint": UncheckedOutpaint(), "init_image": None}, "init_picture"),
        ({"outpaint": UncheckedOutpaint(), "inpaint": DraftInpaint(blur=None)}, "inpaint.blur"),
    ],
)
def test_an_extension_that_is_wrong(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidDraft) as caught:
        prepared(**{"mode": Mode.INPAINT, "init_image": png(), **changes})
    assert field in [problem.field for problem in caught.value.problems]


def test_what_belongs_to_another_mode_is_left_out() -> None:
    everything = {
        "init_image": png(),
        "inpaint": DraftInpaint(),
        "hires": UncheckedHires(),
        "upscale": UncheckedUpscale(),
        "resize_mode": ResizeMode.LATENT,
        "denoising_strength": 0.2,
    }
    (request,) = prepared(**everything).requests
    assert (request.init_image, request.inpaint, request.upscale) == (None, None, None)
    assert (request.resize_mode, request.denoising_strength) == (ResizeMode.JUST_RESIZE, 0.75)
    assert request.hires
    (request,) = prepared(**everything, mode=Mode.IMG2IMG).requests
    assert (request.inpaint, request.hires, request.upscale) == (None, None, None)
    assert (request.resize_mode, request.denoising_strength) == (ResizeMode.LATENT, 0.2)
    inpaint = {**everything, "mode": Mode.INPAINT, "inpaint": DraftInpaint(mask=png())}
    assert prepared(**inpaint).requests[0].resize_mode is ResizeMode.JUST_RESIZE


def test_an_upscale_job_is_one_without_a_checkpoint() -> None:
    upscale = UncheckedUpscale(upscaler="x.pth", scale=3)
    wrong = {"checkpoints": (), "steps": 0, "width": 3, "prompt": ""}  # of a form that is hidden
    made = prepared(mode=Mode.UPSCALE, init_image=png(), upscale=upscale, **wrong)
    (request,) = made.requests
    assert (request.checkpoint, request.upscale) == (None, Upscale(upscaler="x.pth", scale=3))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mode": Mode.INPAINT, "init_image": png()}, "inpaint.mask"),
        (
            {
                "mode": Mode.INPAINT,
                "init_image": png(),
                "inpaint": DraftInpaint(mask=png(), blur=65),
            },
            "inpaint.blur",
        ),
        ({"hires": UncheckedHires(scale=9)}, "hires.scale"),
        ({"hires": UncheckedHires(scale=4), "width": 1024}, "hires"),
        (
            {"hires": UncheckedHires(sampler=Sampler.EULER_A, schedule=Schedule.KARRAS)},
            "hires.schedule",
        ),
        ({"mode": Mode.UPSCALE}, "init_picture"),
        (
            {"mode": Mode.UPSCALE, "init_image": png(), "upscale": UncheckedUpscale(scale=1)},
            "upscale.scale",
        ),
        ({"variation_strength": 1.5}, "variation_strength"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidDraft) as refused:
        prepared(**changes)
    assert field in {problem.field for problem in refused.value.problems}


def test_a_variation_seed_is_drawn_where_there_is_a_variation() -> None:
    (request,) = prepared(variation_strength=0.5).requests
    assert request.variation_seed == 7
    (request,) = prepared(variation_strength=0.5, variation_seed=9).requests
    assert request.variation_seed == 9
    assert prepared(variation_seed=-1).requests[0].variation_seed == 0
