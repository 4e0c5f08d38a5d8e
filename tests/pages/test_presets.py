"""Presets of the form: saved with the ticked fields, applied with a look at what changes."""

import pytest
from streamlit.testing.v1 import AppTest

from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import errors
from tests.pages.test_generate import small
from tests.support.page_fixtures import Open


@pytest.fixture
def form(page: Open, studio: Studio) -> AppTest:
    """A small form, with no preset there."""
    for each in studio.prompts.presets.list(LOCAL):
        studio.prompts.presets.delete(LOCAL, each.id)
    return small(page("generate"))


def opened(app: AppTest) -> AppTest:
    return app.button(key="generate.presets").click().run()


def ticks(app: AppTest) -> dict[str, bool]:
    marked = (box for box in app.checkbox if box.label.startswith("**"))
    return {box.label.replace("\\", ""): box.value for box in marked}


def test_what_is_saved_comes_back_but_for_prompt_and_seed(form: AppTest, studio: Studio) -> None:
    opened(form)
    form.text_input(key="presets.save.name").set_value("Small")
    form.button(key="presets.save.yes").click().run()
    (preset,) = studio.prompts.presets.list(LOCAL)
    assert preset.values["width"] == 64
    assert not {"prompt", "negative_prompt", "seed", "pose"} & preset.values.keys()
    form.number_input(key="generate.width").set_value(512)
    form.number_input(key="generate.steps").set_value(9)
    form.text_area(key="generate.prompt").set_value("another").run()
    assert ticks(form) == {"**Steps**: 9 → 20": True, "**Width**: 512 → 64": True}
    steps = next(box for box in form.checkbox if "Steps" in box.label)
    steps.uncheck().run()
    form.button(key="presets.apply").click().run()
    assert not form.exception
    assert form.number_input(key="generate.width").value == 64
    assert form.number_input(key="generate.steps").value == 9
    assert form.text_area(key="generate.prompt").value == "another"
    assert not ticks(form)


def test_an_older_preset_is_read_and_a_model_that_is_gone_is_said(
    form: AppTest, studio: Studio
) -> None:
    old = {
        "checkpoints": ["gone.safetensors"],
        "mask_blur": 9,
        "steps": "many",
        "cfg_scale": 3.0,
        "no_such_field": 1,
        "units": [{"model": "tiny-control-openpose.safetensors", "weight": 0.5}],
    }
    studio.prompts.presets.save(LOCAL, "Old", old)
    opened(form)
    assert "gone.safetensors" in form.warning[0].value.replace("\\", "")
    assert ticks(form) == {
        "**Checkpoints**: tiny-noise-v1.safetensors → gone.safetensors": False,
        "**CFG scale**: 7 → 3": True,
        "**Inpaint: blur**: 4 → 9": True,
        "**ControlNet units**: 1 unit → 1 unit (tiny-control-openpose.safetensors)": True,
    }
    form.button(key="presets.apply").click().run()
    assert not form.exception
    assert form.session_state["generate.inpaint.blur"] == 9
    assert form.session_state["generate.units.0.weight"] == 0.5
    assert form.multiselect(key="generate.checkpoints").value == ["tiny-noise-v1.safetensors"]


def test_it_is_replaced_renamed_deleted_and_brought_back(form: AppTest, studio: Studio) -> None:
    presets = studio.prompts.presets
    kept = presets.save(LOCAL, "Mine", {"width": 512})
    opened(form)
    form.button(key="presets.replace").click().run()
    assert presets.get(LOCAL, kept.id).values == {"width": 64}
    form.text_input(key=f"presets.edit.{kept.id}.2.name").set_value("Ours")
    form.button(key="presets.rename").click().run()
    assert presets.get(LOCAL, kept.id).name == "Ours"
    form.button(key="presets.delete").click().run()
    assert presets.list(LOCAL) == ()
    form.button(key="presets.undo.yes").click().run()
    assert [each.name for each in presets.list(LOCAL)] == ["Ours"]


def test_what_is_wrong_is_said_at_its_field(form: AppTest, studio: Studio) -> None:
    opened(form)
    form.button(key="presets.save.yes").click().run()
    assert "Give a name" in errors(form)
    form.text_input(key="presets.save.name").set_value("None")
    form.button_group(key="presets.save.fields").set_value([])
    form.button(key="presets.save.yes").click().run()
    assert "Tick at least one" in errors(form)
    assert studio.prompts.presets.list(LOCAL) == ()
