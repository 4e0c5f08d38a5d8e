"""Styles on Generate: chosen, applied, saved, and one that is gone."""

import pytest
from streamlit.testing.v1 import AppTest

from core.prompts.service import TeamStyle
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import button, errors
from tests.pages.test_generate import GO, jobs, small
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open


@pytest.fixture
def ink(studio: Studio) -> TeamStyle:
    """A style of the team, as it was made."""
    for each in studio.prompts.styles.list(LOCAL):
        studio.prompts.styles.delete(LOCAL, each.id)
    return studio.prompts.styles.save(LOCAL, "Ink", "ink drawing of {prompt}", "colour")


def choose(app: AppTest, *names: str) -> AppTest:
    app.multiselect(key="generate.styles").set_value(list(names))
    return app.run()


def test_a_job_has_the_styled_text_and_the_style(
    page: Open, studio: Studio, ink: TeamStyle
) -> None:
    app = choose(small(page("generate")), ink.name)
    assert "ink drawing of a cute dog" in {code.value for code in app.code}
    button(app, GO).click().run()
    assert not errors(app)
    job = studio.jobs.newest(LOCAL)
    assert job is not None
    assert (job.styles, job.prompt) == (("Ink",), "ink drawing of a cute dog")
    request = wait_for(lambda: studio.jobs.detail(LOCAL, job.id).request)
    assert (request.negative_prompt, request.styles) == ("colour", ("Ink",))
    assert studio.jobs.draft_of(LOCAL, job.id).styles == ()
    assert studio.jobs.retry(LOCAL, job.id, "again").prompt == job.prompt


def test_apply_writes_the_words_into_the_boxes(page: Open, ink: TeamStyle) -> None:
    app = choose(small(page("generate")), ink.name)
    button(app, "Apply").click().run()
    assert app.text_area(key="generate.prompt").value == "ink drawing of a cute dog"
    assert app.text_area(key="generate.negative_prompt").value == "colour"
    assert app.multiselect(key="generate.styles").value == []
    assert button(app, "Apply").disabled


def test_a_style_that_is_gone_is_said_and_nothing_is_sent(
    page: Open, studio: Studio, ink: TeamStyle
) -> None:
    app = choose(small(page("generate")), ink.name)
    studio.prompts.styles.delete(LOCAL, ink.id)
    before = jobs(studio)
    button(app, GO).click().run()
    assert "The style “Ink” is not in the library" in errors(app)
    assert "“Ink”" in app.warning[0].value
    assert jobs(studio) == before
    choose(app)
    button(app, GO).click().run()
    assert not errors(app)
    assert jobs(studio) == before + 1


def test_what_the_boxes_hold_is_saved_and_replaced(
    page: Open, studio: Studio, ink: TeamStyle
) -> None:
    app = small(page("generate"), "wash")
    app.button(key="generate.styles.save").click().run()
    app.button(key="style.save.yes").click().run()
    assert "Give a name" in app.session_state["style.save.problems"]["name"]
    app.button(key="generate.styles.save").click().run()
    app.text_input(key="style.save.name").set_value("Ink")
    app.button(key="style.save.yes").click().run()
    assert not app.exception
    (saved,) = studio.prompts.styles.list(LOCAL)
    assert (saved.id, saved.prompt, saved.revision) == (ink.id, "wash", 2)
