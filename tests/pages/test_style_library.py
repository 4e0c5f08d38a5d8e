"""The library of styles over the form: found, used, changed, restored, brought in."""

import pytest
from streamlit.testing.v1 import AppTest

from core.prompts.service import TeamStyle
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import button, finish
from tests.pages.test_generate import small
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open

CSV = b"\xef\xbb\xbfname,prompt,negative_prompt\nInk,new ink,\nFilm,film of {prompt},\n#-,,\n"


@pytest.fixture
def ink(studio: Studio) -> TeamStyle:
    """The only style of the team."""
    for each in studio.prompts.styles.list(LOCAL):
        studio.prompts.styles.delete(LOCAL, each.id)
    return studio.prompts.styles.save(LOCAL, "Ink", "ink drawing", "colour")


@pytest.fixture
def library(page: Open) -> AppTest:
    app = page("generate")
    return app.button(key="generate.styles.library").click().run()


def names(studio: Studio) -> dict[str, str]:
    return {each.name: each.prompt for each in studio.prompts.styles.list(LOCAL)}


def test_a_style_is_found_and_used(ink: TeamStyle, library: AppTest) -> None:
    library.text_input(key="styles.search").set_value("no such").run()
    assert "No style has these words" in library.info[0].value
    library.text_input(key="styles.search").set_value("colour").run()
    library.button(key=f"styles.use.{ink.id}").click().run()
    assert library.multiselect(key="generate.styles").value == ["Ink"]
    assert library.button(key=f"styles.use.{ink.id}").disabled


def test_a_style_is_changed_restored_deleted_and_brought_back(
    studio: Studio, ink: TeamStyle, library: AppTest
) -> None:
    library.button(key=f"styles.open.{ink.id}").click().run()
    library.text_area(key="styles.edit.prompt").set_value("").run()
    library.text_area(key="styles.edit.negative_prompt").set_value("")
    library.button(key="styles.edit.save").click().run()
    assert "Write a prompt" in library.error[0].value
    library.text_area(key="styles.edit.prompt").set_value("wash")
    library.button(key="styles.edit.save").click().run()
    assert names(studio) == {"Ink": "wash"}
    library.button(key="styles.version.1").click().run()
    assert names(studio) == {"Ink": "ink drawing"}
    assert library.text_area(key="styles.edit.prompt").value == "ink drawing"
    library.button(key="styles.delete").click().run()
    assert names(studio) == {}
    library.button(key="styles.undo.yes").click().run()
    assert names(studio) == {"Ink": "ink drawing"}
    assert not library.exception


def test_a_file_says_what_it_does_before_it_does_it(
    studio: Studio, ink: TeamStyle, library: AppTest
) -> None:
    library.file_uploader(key="styles.files.0").set_value(("styles.csv", CSV, "text/csv")).run()
    assert "1 new, 1 with other words, 0 the same" in " ".join(m.value for m in library.markdown)
    assert names(studio) == {"Ink": "ink drawing"}
    library.radio(key="styles.on_changed").set_value("Replace the library's").run()
    button(library, "Import 2 styles").click().run()
    assert not library.exception
    assert names(studio) == {"Ink": "new ink", "Film": "film of {prompt}"}


def test_the_jobs_of_a_style_are_shown_and_one_becomes_its_preview(
    page: Open, studio: Studio, ink: TeamStyle
) -> None:
    app = small(page("generate"))
    app.multiselect(key="generate.styles").set_value(["Ink"]).run()
    button(app, "Generate on Cloud").click().run()
    job = studio.jobs.newest(LOCAL)
    assert job is not None
    finish(studio, job)
    wait_for(lambda: studio.prompts.styles.uses(LOCAL, ink.id).jobs)
    app.button(key="generate.styles.library").click().run()
    app.button(key=f"styles.open.{ink.id}").click().run()
    app.button(key=f"styles.preview.{job.id}").click().run()
    assert not app.exception
    assert studio.prompts.styles.preview(LOCAL, ink.id)
