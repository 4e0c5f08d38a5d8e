"""Models: paths that can't be uploaded, files that can, the list and its filters."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access import LOCAL
from core.studio import Studio
from formats.models.kinds import ModelKind
from tests.pages.steps import button, errors
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open


def upload(app: AppTest, *paths: object) -> AppTest:
    app.text_area(key="models.paths").set_value("\n".join(str(path) for path in paths)).run()
    button(app, "Upload").click().run()
    assert not app.exception
    return app


def names(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["Name"]) if app.dataframe else []


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("broken-text.safetensors", "not a safetensors file"),
        ("broken-truncated.safetensors", "cut off"),
        ("there-is-none.safetensors", "no file at this path"),
        (".", "folder"),
    ],
)
def test_a_bad_path_is_said_and_nothing_is_sent(
    page: Open, studio: Studio, models: Path, file: str, says: str
) -> None:
    before = studio.storage.list("models/")
    app = upload(page("models"), models / file, models / "tiny-vae.safetensors")
    assert says in errors(app)
    assert str(models / file).rstrip("/.") in errors(app)
    assert app.text_area(key="models.paths").value  # to be mended, not typed again
    assert studio.storage.list("models/") == before


def test_no_path_is_said(page: Open) -> None:
    assert "at least one file" in errors(upload(page("models"), ""))


def test_several_files_appear_with_kind_family_and_size(
    page: Open, studio: Studio, models: Path
) -> None:
    files = [models / f"tiny-{name}.safetensors" for name in ("control-stripped", "xl-lora")]
    app = upload(page("models"), *files)
    assert not errors(app)
    wait_for(lambda: not any(u.active for u in studio.uploads.list(LOCAL)))
    app.run()
    table = app.dataframe[0].value.set_index("Name")
    assert table.loc[files[0].name, "Kind"] == "ControlNet"
    assert table.loc[files[1].name, "Family"] == "SDXL"
    assert table.loc[files[1].name, "Size"] == f"{files[1].stat().st_size / 1000:.0f} KB"


def test_filters_narrow_the_list(page: Open) -> None:
    app = page("models")
    app.text_input(key="models.filter").set_value("NOISE").run()
    assert names(app) == ["tiny-noise-v1.safetensors", "tiny-noise-v2.safetensors"]
    app.selectbox(key="models.shown").set_value(ModelKind.VAE).run()
    assert names(app) == []
    assert app.info


def test_refresh_shows_what_another_tool_put_there(page: Open, studio: Studio) -> None:
    app = page("models")
    studio.storage.write("models/VAE/by-hand.safetensors", b"not a model", "binary/octet-stream")
    button(app, "Refresh").click().run()
    assert "by-hand.safetensors" in names(app)
    studio.storage.delete(("models/VAE/by-hand.safetensors",))
    button(app, "Refresh").click().run()
    assert "by-hand.safetensors" not in names(app)
