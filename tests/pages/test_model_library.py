"""The library's drawer, its view in the address, several models at once, the trash."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.models.metadata.fields import FieldSource, ModelFields
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.pages.steps import button, errors
from tests.pages.test_models import names, titles
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from ui.models.detail.facts import safe_link

CHECKPOINT = model_key(ModelKind.CHECKPOINT, "tiny-noise-v1.safetensors")
OTHER = model_key(ModelKind.CHECKPOINT, "tiny-noise-v2.safetensors")
STYLE = model_key(ModelKind.LORA, "tiny-style-lora.safetensors")


def said(app: AppTest) -> str:
    """All texts of the page, without what keeps Markdown from reading them."""
    elements = (*app.markdown, *app.success, *app.info, *app.warning, *app.caption)
    text = " ".join(str(each.value) for each in elements)
    return text.replace("\\", "").replace("\N{WORD JOINER}", "")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"q": "name:noise"}, ["tiny-noise-v1", "tiny-noise-v2"]),
        ({"q": "name:noise", "sort": "nonsense", "page": "99"}, ["tiny-noise-v1", "tiny-noise-v2"]),
        ({"kind": "Lora", "q": "-sdxl"}, ["tiny-style-lora"]),
        ({"kind": "nonsense"}, []),
        ({"q": "'<b>"}, []),
    ],
)
def test_a_link_opens_its_view(page: Open, query: dict[str, str], shown: list[str]) -> None:
    assert titles(page("models", **query)) == shown


def test_words_are_put_into_the_prompt_once(page: Open) -> None:
    app = page("models", model=STYLE)
    app.button(key="library.insert").click().run()
    assert "Now in Generate's prompt: noisy, <lora:tiny-style-lora:1>" in said(app)
    app.button(key="library.insert").click().run()
    assert "has all of this already" in said(app)
    app.switch_page("../pages/generate.py").run()
    assert app.text_area(key="generate.prompt").value == "noisy, <lora:tiny-style-lora:1>"


def test_settings_fill_the_form_and_tell_what_changed(page: Open, studio: Studio) -> None:
    settings = {"sampler": "DPM++ 2M Karras", "steps": 9, "cfg_scale": 4.5, "clip_skip": 2}
    fields = ModelFields.model_validate({"settings": settings, "title": "Noise *one*"})
    studio.models.add_layers(CHECKPOINT, {FieldSource.CIVITAI_INFO: fields})
    app = page("models", model=CHECKPOINT)
    button(app, "Use these settings").click().run()
    assert "Schedule type Automatic → Karras" in said(app)
    app.switch_page("../pages/generate.py").run()
    assert app.number_input(key="generate.steps").value == 9
    assert app.multiselect(key="generate.checkpoints").options[0] == "Noise *one* · SD 1"
    app.multiselect(key="generate.checkpoints").set_value(["tiny-noise-v1.safetensors"])
    app.number_input(key="generate.steps").set_value(30).run()
    button(app, "Use its settings").click().run()
    assert app.number_input(key="generate.steps").value == 9
    studio.models.add_layers(CHECKPOINT, {FieldSource.CIVITAI_INFO: ModelFields()})


def test_a_loras_range_bounds_its_slider(page: Open, studio: Studio) -> None:
    fields = ModelFields(weight=0.7, weight_min=0.5, weight_max=0.9)
    studio.models.add_layers(STYLE, {FieldSource.CIVITAI_INFO: fields})
    app = page("generate")
    app.multiselect(key="generate.loras").set_value(["tiny-style-lora.safetensors"]).run()
    slider = app.slider(key="generate.lora.tiny-style-lora.safetensors")
    assert (slider.min, slider.max, slider.value) == (0.5, 0.9, 0.7)
    button(app, ":material/add: noisy").click().run()
    assert app.text_area(key="generate.prompt").value == "noisy"
    assert not [each for each in app.button if "noisy" in each.label]
    studio.models.add_layers(STYLE, {FieldSource.CIVITAI_INFO: ModelFields()})


def test_a_tags_lora_has_its_words_pointed_out(page: Open) -> None:
    app = page("generate")
    app.text_area(key="generate.prompt").set_value("a dog <lora:tiny-style-lora:0.8>").run()
    button(app, ":material/add: noisy").click().run()
    prompt = app.text_area(key="generate.prompt")
    assert prompt.value == "a dog <lora:tiny-style-lora:0.8>, noisy"
    assert not [each for each in app.button if "noisy" in each.label]
    for torn in ("<lora:tiny-style-lora", "<lora:none:1>"):
        app.text_area(key="generate.prompt").set_value(torn).run()
        assert not [each for each in app.button if "noisy" in each.label]
    app.text_area(key="generate.prompt").set_value("").run()


def test_an_emptied_field_gives_way_or_stays_empty(page: Open, studio: Studio) -> None:
    app = page("models", model=STYLE)
    app.text_area(key=f"library.edit.description.{STYLE}").set_value("")
    app.text_input(key=f"library.edit.title.{STYLE}").set_value("Tiny")
    button(app, "Save").click().run()
    known = lora(studio)
    assert (known.title, known.description) == ("Tiny", "")
    app = page("models", model=STYLE)
    app.text_input(key=f"library.edit.title.{STYLE}").set_value("")
    app.text_input(key=f"library.edit.source_url.{STYLE}").set_value("javascript:alert(1)")
    button(app, "Save").click().run()
    assert "https address" in errors(app)
    app.text_input(key=f"library.edit.source_url.{STYLE}").set_value("")
    button(app, "Save").click().run()
    assert lora(studio).title != "Tiny"
    studio.models.edit(LOCAL, [STYLE], ModelFields(), ["description"])


def lora(studio: Studio) -> ModelFields:
    found = studio.models.find(LOCAL, ModelKind.LORA, "tiny-style-lora.safetensors")
    assert found is not None
    return found.known.fields


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://example.org/a?b=c#d", True),
        ("http://example.org", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://someone@example.org", False),
        ("https://example.org/a b", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_only_a_plain_https_address_becomes_a_link(url: str, *, is_safe: bool) -> None:
    assert safe_link(url) == (url if is_safe else "")


def test_a_model_that_is_gone_says_so(page: Open) -> None:
    assert "not in the library any more" in said(page("models", model="models/Lora/gone"))


def test_the_trash_hides_restores_and_deletes(page: Open, studio: Studio) -> None:
    app = page("models", model=OTHER, q="name:noise")
    button(app, "Move to trash").click().run()
    button(app, "Move it to the trash").click().run()
    assert titles(app) == ["tiny-noise-v1"]
    button(app, "Undo").click().run()
    assert titles(app) == ["tiny-noise-v1", "tiny-noise-v2"]
    studio.models.put_in_trash(LOCAL, ModelKind.CHECKPOINT, "tiny-noise-v2.safetensors")
    app = page("models", q="name:noise")
    assert "kept until" in said(app)
    button(app, "Restore").click().run()
    assert titles(app) == ["tiny-noise-v1", "tiny-noise-v2"]


def test_an_address_in_s3_is_copied(page: Open, studio: Studio) -> None:
    app = page("models", view="table")
    app.segmented_control(key="models.way").set_value("S3 address").run()
    app.text_input(key="models.s3").set_value("s3://no-such-bucket/x.safetensors").run()
    button(app, "Copy").click().run()
    assert errors(app)
    source = studio.storage.read(STYLE, 1 << 20).data
    studio.storage.write("elsewhere/copied.safetensors", source, "binary/octet-stream")
    address = f"s3://{studio.storage.bucket}/elsewhere/copied.safetensors"
    app.text_input(key="models.s3").set_value(address).run()
    button(app, "Copy").click().run()
    assert not errors(app)
    wait_for(lambda: not any(u.active for u in studio.uploads.list(LOCAL)))
    app.run()
    assert "copied.safetensors" in names(app)


def test_a_folders_other_files_are_listed(page: Open, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no model")
    (tmp_path / "old.ckpt").write_bytes(b"pickle")
    app = page("models")
    app.text_area(key="models.paths").set_value(str(tmp_path)).run()
    button(app, "Upload").click().run()
    assert not app.exception
    assert "notes.txt" in said(app) + errors(app)
