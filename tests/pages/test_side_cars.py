"""Side-cars given to a model in its drawer."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.models.service import ModelFile
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.models.kinds import ModelKind
from tests.pages.steps import errors, png
from tests.support.page_fixtures import Open
from ui.texts.models import side_car as texts

NAME = "tiny-style-lora.safetensors"


def lora(studio: Studio) -> ModelFile:
    found = studio.models.find(LOCAL, ModelKind.LORA, NAME)
    assert found
    return found


def give(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploader = next(each for each in app.file_uploader if each.label == texts.UPLOAD)
    uploader.set_value([(name, data, "application/octet-stream") for name, data in files]).run()
    assert not app.exception
    return app


def test_what_they_say_is_shown(page: Open, studio: Studio) -> None:
    app = page("models", model=lora(studio).key)
    side_car = json.dumps({"notes": "soft", "activation text": "ink wash, linework"}).encode()
    give(app, ("ink.json", side_car), ("ink.preview.png", png()))
    assert not errors(app)
    file = lora(studio)
    assert file.known.fields.trained_words == ("ink wash", "linework")
    assert file.record.thumbnail
    assert any("soft" in str(each.value) for each in (*app.markdown, *app.text, *app.text_area))


@pytest.mark.parametrize(("name", "data"), [("ink.json", b"<html>"), ("ink.png", b"<html>")])
def test_one_that_is_none_is_named(page: Open, studio: Studio, name: str, data: bytes) -> None:
    before = lora(studio).record
    app = give(page("models", model=lora(studio).key), (name, data))
    assert name in errors(app)
    assert lora(studio).record == before
