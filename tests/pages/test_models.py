"""Models: paths that can't be uploaded, files that can, the list and its filters."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.models.listing import inspection
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.detection import Classification, classify
from formats.models.kinds import ModelKind
from formats.models.safetensors_header import Header
from tests.pages.steps import button, errors
from tests.support import tiny_models
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open


def upload(app: AppTest, *paths: object) -> AppTest:
    app.text_area(key="models.paths").set_value("\n".join(str(path) for path in paths)).run()
    button(app, "Upload").click().run()
    assert not app.exception
    return app


def names(app: AppTest) -> list[str]:
    """What the table lists."""
    return list(app.dataframe[0].value["Name"]) if app.dataframe else []


def titles(app: AppTest) -> list[str]:
    """What the cards show."""
    cards = next((each for each in app.get("bidi_component") if "cards" in str(each)), None)
    return [card["title"] for card in json.loads(cards.proto.json)["cards"]] if cards else []


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("broken-text.safetensors", "not a safetensors file"),
        ("broken-truncated.safetensors", "cut off"),
        ("there-is-none.safetensors", "no file at this path"),
    ],
)
def test_a_bad_path_is_said_and_nothing_is_sent(
    page: Open, studio: Studio, models: Path, file: str, says: str
) -> None:
    before = studio.storage.list("models/")
    app = upload(page("models", view="table"), models / file, models / "tiny-vae.safetensors")
    assert says in errors(app)
    assert str(models / file) in errors(app)
    assert app.text_area(key="models.paths").value  # to be mended, not typed again
    assert studio.storage.list("models/") == before


def test_no_path_is_said(page: Open) -> None:
    assert "at least one file" in errors(upload(page("models", view="table"), ""))


def test_several_files_appear_with_kind_family_and_size(
    page: Open, studio: Studio, models: Path
) -> None:
    files = [models / f"tiny-{name}.safetensors" for name in ("control-stripped", "xl-lora")]
    app = upload(page("models", view="table"), *files)
    assert not errors(app)
    wait_for(lambda: not any(u.active for u in studio.uploads.list(LOCAL)))
    app.run()
    table = app.dataframe[0].value.set_index("Name")
    assert table.loc[files[0].name, "Kind"] == "ControlNet"
    assert table.loc[files[1].name, "Family"] == "SDXL"
    assert table.loc[files[1].name, "Size"] == f"{files[1].stat().st_size / 1000:.0f} KB"


def test_filters_narrow_the_list(page: Open) -> None:
    app = page("models", view="table")
    app.text_input(key="library.search").set_value("name:NOISE").run()
    assert names(app) == ["tiny-noise-v1.safetensors", "tiny-noise-v2.safetensors"]
    app.pills(key="library.kind").set_value([ModelKind.VAE.value]).run()
    assert names(app) == []
    button(app, "Clear the filters").click().run()
    assert len(names(app)) > 2


def test_refresh_shows_what_another_tool_put_there(page: Open, studio: Studio) -> None:
    app = page("models", view="table")
    studio.storage.write("models/VAE/by-hand.safetensors", b"not a model", "binary/octet-stream")
    button(app, "Refresh").click().run()
    assert "by-hand.safetensors" in names(app)
    studio.storage.delete(("models/VAE/by-hand.safetensors",))
    button(app, "Refresh").click().run()
    assert "by-hand.safetensors" not in names(app)


QUERY = "lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight"
FAULTY = "lora_unet_faulty.lora_down.weight"


@pytest.fixture
def faulty_detection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the detection that only one file meets."""

    def detect(header: Header) -> Classification:
        if FAULTY in header.tensors:
            raise IndexError("tuple index out of range")
        return classify(header)

    monkeypatch.setattr(inspection, "classify", detect)


@pytest.mark.usefixtures("faulty_detection")
@pytest.mark.parametrize(("tensor", "problem"), [(QUERY, None), (FAULTY, "log has")])
def test_one_odd_file_stops_no_page(
    page: Open,
    studio: Studio,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    tensor: str,
    problem: str | None,
) -> None:
    path = tmp_path / "odd.safetensors"
    tiny_models.save(path, {tensor: np.zeros((), np.float16)}, {})
    name, key = path.name, model_key(ModelKind.LORA, path.name)
    studio.storage.write(key, path.read_bytes(), "binary/octet-stream")
    app = page("models", view="table")
    button(app, "Refresh").click().run()
    assert name in names(app)
    if problem:
        table = app.dataframe[0].value.set_index("Name")
        assert problem in table.loc[name, "Problem"]
        assert f"event=model_unreadable key={key}" in caplog.text
    assert not page("generate").exception
    assert not page("controlnet").exception
    studio.models.delete_now(LOCAL, model_key(ModelKind.LORA, name))
    button(app, "Refresh").click().run()
    assert name not in names(app)
