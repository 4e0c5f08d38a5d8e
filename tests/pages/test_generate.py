"""Generate: what the form sends, what it refuses, and that it forgets nothing."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.records import JobFilter
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.inpaint import InpaintArea, MaskedContent
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.generation.samplers import Sampler
from formats.generation.upscaling import Hires, Upscale
from tests.pages.steps import button, errors, huge_png, png
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from ui.form.values import MaskSource

GO = "Generate on Cloud"


def jobs(studio: Studio) -> int:
    return len(studio.jobs.page(LOCAL, JobFilter(), 500).jobs)


def stored(studio: Studio) -> int:
    return len(studio.storage.list("jobs/")) + len(studio.storage.list("inputs/"))


def small(app: AppTest, prompt: str = "a cute dog") -> AppTest:
    """A form that can be sent."""
    app.text_area(key="generate.prompt").set_value(prompt)
    app.number_input(key="generate.width").set_value(64)
    app.number_input(key="generate.height").set_value(64)
    app.multiselect(key="generate.checkpoints").set_value(["tiny-noise-v1.safetensors"])
    return app.run()


def test_a_click_makes_a_job_that_is_there_at_once(page: Open, studio: Studio) -> None:
    before = jobs(studio)
    app = small(page("generate"))
    button(app, GO).click().run()
    assert not errors(app)
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    assert jobs(studio) == before + 1
    assert any(newest.id in caption.value for caption in app.caption)


def test_what_was_sent_can_be_recalled_on_every_form(page: Open) -> None:
    app = small(page("generate"), "a heron to recall")
    button(app, GO).click().run()
    assert not errors(app)
    recent = page("controlnet").session_state["prompts.recent"]
    assert recent.of("prompt")[0] == "a heron to recall"
    small(app, "never sent")
    assert "never sent" not in page("generate").session_state["prompts.recent"].of("prompt")


def test_a_double_click_makes_one_job(page: Open, studio: Studio) -> None:
    before = jobs(studio)
    app = small(page("generate"))
    button(app, GO).click().run()
    button(app, GO).click().run()
    assert jobs(studio) == before + 1


def test_two_checkpoints_make_two_jobs_and_loras_have_weights(page: Open, studio: Studio) -> None:
    before = jobs(studio)
    app = small(page("generate"))
    both = ["tiny-noise-v1.safetensors", "tiny-noise-v2.safetensors"]
    app.multiselect(key="generate.checkpoints").set_value(both)
    app.multiselect(key="generate.loras").set_value(["tiny-style-lora.safetensors"]).run()
    app.slider(key="generate.lora.tiny-style-lora.safetensors").set_value(0.5)
    button(app, GO).click().run()
    assert not errors(app)
    made = studio.jobs.page(LOCAL, JobFilter(), 2).jobs
    assert jobs(studio) == before + 2
    assert {job.checkpoint for job in made} == set(both)
    request = wait_for(lambda: studio.jobs.detail(LOCAL, made[0].id).request)
    assert request.loras[0].weight == 0.5


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("checkpoints", [], "Choose at least one checkpoint"),
        ("prompt", "", "Write a prompt"),
        ("prompt", "x" * 10_000, "10000 bytes long"),
        ("width", 515, "divide by 8"),
        ("height", 8, "At least 64"),
        ("steps", 0, "At least 1"),
        ("cfg_scale", 99.0, "At most 30"),
        ("seed", -7, "At least 0"),
        ("batch_count", 99, "At most 16"),
        ("loras", ["tiny-sdxl-lora.safetensors"], "is for SDXL"),
        ("mode", Mode.IMG2IMG, "needs a picture"),
        ("mode", Mode.INPAINT, "needs a picture"),
        ("mode", Mode.UPSCALE, "needs a picture"),
    ],
)
def test_bad_input_is_said_and_nothing_is_sent(
    page: Open, studio: Studio, field: str, value: Any, says: str
) -> None:
    app = small(page("generate"))
    before = jobs(studio), stored(studio)
    set_field(app, f"generate.{field}", value)
    button(app, GO).click().run()
    assert says in errors(app)
    assert not app.exception
    assert (jobs(studio), stored(studio)) == before


def set_field(app: AppTest, key: str, value: Any) -> None:
    found = [app.multiselect, app.text_area, app.number_input, app.segmented_control]
    widget = next(w for widgets in found for w in widgets if w.key == key)
    widget.set_value(value).run()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (huge_png(), "more than 170 million pixels"),
        (b"no picture at all", "not a PNG, JPEG or WebP"),
        (png()[:60], "damaged or cut off"),
    ],
    ids=["30,000 px a side", "text", "cut off"],
)
def test_a_bad_picture_is_refused_at_its_field(page: Open, data: bytes, says: str) -> None:
    app = page("generate")
    set_field(app, "generate.mode", Mode.IMG2IMG)
    app.file_uploader(key="generate.init_picture.upload").set_value(("a.png", data, "image/png"))
    app.run()
    assert says in errors(app)
    assert not app.exception


def test_what_was_typed_survives_a_reload(page: Open) -> None:
    app = small(page("generate"), "a lighthouse")
    set_field(app, "generate.mode", Mode.IMG2IMG)
    picture = ("a.png", png(), "image/png")
    app.file_uploader(key="generate.init_picture.upload").set_value(picture).run()
    again = page("generate")
    assert again.text_area(key="generate.prompt").value == "a lighthouse"
    assert again.number_input(key="generate.width").value == 64
    fields = [field.key for field in again.file_uploader]
    assert "generate.init_picture.upload" not in fields  # the picture is there instead
    set_field(again, "generate.mode", Mode.TXT2IMG)


def test_leaving_the_page_keeps_it_filled(page: Open) -> None:
    app = small(page("generate"), "a boat")
    app.switch_page("../pages/models.py").run()
    app.switch_page("../pages/generate.py").run()
    assert app.text_area(key="generate.prompt").value == "a boat"


def test_what_an_interrupted_run_left_behind_does_not_come_back(page: Open) -> None:
    """Streamlit remembers a value that no widget took; it must not win over what was typed."""
    app = small(page("generate"))
    app.number_input(key="generate.steps").set_value(7).run()
    app.switch_page("../pages/jobs.py").run()
    app.session_state["generate.steps"] = 20
    app.session_state["generate.checkpoints"] = []
    app.switch_page("../pages/generate.py").run()
    assert app.number_input(key="generate.steps").value == 7
    assert app.multiselect(key="generate.checkpoints").value == ["tiny-noise-v1.safetensors"]


def test_an_endpoint_that_is_gone_is_said(page: Open, studio: Studio) -> None:
    studio.endpoints.create(LOCAL, "short-lived", "ml.m5.large", 1)
    app = small(page("generate"))
    app.session_state["generate.endpoint"] = "short-lived"
    app.run()
    wait_for(lambda: all(e.accepts_jobs for e in studio.endpoints.list(LOCAL, refresh=True)))
    studio.endpoints.delete(LOCAL, "short-lived")
    before = jobs(studio)
    button(app, GO).click().run()
    assert "short-lived" in errors(app)
    assert jobs(studio) == before


def upload(app: AppTest, field: str, data: bytes) -> None:
    found = app.file_uploader(key=f"generate.{field}.upload")
    found.set_value((f"{field}.png", data, "image/png")).run()


def sent(app: AppTest, studio: Studio) -> GenerationRequest:
    """Press the button, and what the container gets."""
    button(app, GO).click().run()
    assert not errors(app)
    assert not app.exception
    newest = studio.jobs.newest(LOCAL)
    assert newest
    return wait_for(lambda: studio.jobs.detail(LOCAL, newest.id).request)


def test_inpaint_with_an_uploaded_mask(page: Open, studio: Studio) -> None:
    app = small(page("generate"))
    set_field(app, "generate.mode", Mode.INPAINT)
    upload(app, "init_picture", png(96, 64))
    button(app, GO).click().run()
    assert "Paint over what shall be drawn anew" in errors(app)
    set_field(app, "generate.mask_source", MaskSource.UPLOAD)
    upload(app, "mask", png(48, 32))
    app.selectbox(key="generate.inpaint.content").set_value(MaskedContent.FILL)
    app.selectbox(key="generate.inpaint.area").set_value(InpaintArea.MASKED).run()
    app.number_input(key="generate.inpaint.blur").set_value(9)
    app.number_input(key="generate.inpaint.padding").set_value(300).run()
    button(app, GO).click().run()
    assert "At most 256" in errors(app)
    app.number_input(key="generate.inpaint.padding").set_value(12).run()
    request = sent(app, studio)
    assert request.mode is Mode.INPAINT
    assert request.inpaint
    assert (request.inpaint.blur, request.inpaint.padding) == (9, 12)
    assert (request.inpaint.content, request.inpaint.area) == ("fill", "Only masked")
    assert request.inpaint.mask != request.init_image
    button(app, "Use its size").click().run()
    assert [app.number_input(key=f"generate.{s}").value for s in ("width", "height")] == [96, 64]


def test_an_upscale_job_asks_for_nothing_else(page: Open, studio: Studio) -> None:
    app = small(page("generate"))
    set_field(app, "generate.mode", Mode.UPSCALE)
    assert not [area for area in app.text_area if area.key == "generate.prompt"]
    upload(app, "init_picture", png())
    app.number_input(key="generate.upscale.scale").set_value(9.0).run()
    button(app, GO).click().run()
    assert "At most 8" in errors(app)
    app.number_input(key="generate.upscale.scale").set_value(3.0)
    app.selectbox(key="generate.upscale.upscaler").set_value("tiny-upscaler.safetensors").run()
    request = sent(app, studio)
    assert (request.mode, request.checkpoint) == (Mode.UPSCALE, None)
    assert request.upscale == Upscale(upscaler="tiny-upscaler.safetensors", scale=3)
    assert "models/ESRGAN/tiny-upscaler.safetensors" in request.hashes
    set_field(app, "generate.mode", Mode.TXT2IMG)
    assert app.text_area(key="generate.prompt").value == "a cute dog"


def test_hires_fix_and_a_variation(page: Open, studio: Studio) -> None:
    app = small(page("generate"))
    app.toggle(key="generate.with_hires").set_value(True).run()
    app.selectbox(key="generate.hires.upscaler").set_value("Lanczos")
    app.number_input(key="generate.hires.scale").set_value(1.5)
    app.selectbox(key="generate.hires.sampler").set_value(Sampler.EULER)
    app.slider(key="generate.variation_strength").set_value(0.25)
    app.toggle(key="generate.exact").set_value(True).run()
    assert "64 x 64 becomes 96 x 96 pixels." in {found.value for found in app.caption}
    request = sent(app, studio)
    assert request.hires == Hires(upscaler="Lanczos", scale=1.5, sampler=Sampler.EULER)
    assert (request.variation_strength, request.exact) == (0.25, True)
    again = page("generate")
    assert again.toggle(key="generate.with_hires").value is True
    app.number_input(key="generate.hires.scale").set_value(40.0).run()
    button(app, GO).click().run()
    assert "At most 4" in errors(app)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [("in TINY-EMBEDDING style", ("tiny-embedding.safetensors",)), ("a tiny-embeddings", ())],
)
def test_embeddings_go_by_their_names(
    page: Open, studio: Studio, prompt: str, words: tuple[str, ...]
) -> None:
    app = small(page("generate"), prompt)
    assert any("tiny\\-embedding" in found.value for found in app.caption)
    assert sent(app, studio).embeddings == words
