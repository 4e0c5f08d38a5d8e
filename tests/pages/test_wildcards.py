"""Dynamic prompts on Generate: told before the click, one job or a set, and back into the form."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.grids.scripts import GridScript
from core.jobs.records import JobFilter
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.request import GenerationRequest
from tests.pages.steps import button, errors, finish
from tests.pages.test_generate import GO, jobs, small
from tests.pages.test_grids import captions, last_grid
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from ui.form.prompt.wildcard_seed import FIELD

TEMPLATE = "a {red|blue|green} __animals__"


@pytest.fixture
def animals(studio: Studio) -> None:
    files = studio.prompts.wildcards
    for each in files.list(LOCAL):
        files.delete(LOCAL, each.id)
    files.save(LOCAL, "animals", "dog\ncat")


def code(app: AppTest) -> list[str]:
    return [line for block in app.code for line in str(block.value).split("\n")]


def request_of(studio: Studio, job_id: str) -> GenerationRequest:
    return wait_for(lambda: studio.jobs.detail(LOCAL, job_id).request)


def put(app: AppTest, **values: Any) -> AppTest:
    for field, value in values.items():
        app.number_input(key=f"generate.dynamic.{field}").set_value(value)
    return app.run()


def test_one_job_has_the_prompt_that_was_told(page: Open, studio: Studio, animals: None) -> None:
    app = small(page("generate"), TEMPLATE)
    assert "6 combinations" in captions(app)
    assert "1 job" in captions(app)
    (told,) = code(app)
    button(app, GO).click().run()
    assert not errors(app)
    job = studio.jobs.newest(LOCAL)
    assert job is not None
    assert job.prompt == told
    request = request_of(studio, job.id)
    assert (request.template, request.negative_template) == (TEMPLATE, "")
    draft = studio.jobs.draft_of(LOCAL, job.id)
    assert (draft.prompt, draft.wildcard_seed) == (TEMPLATE, request.wildcard_seed)
    assert studio.prompts.prepare(LOCAL, draft).prompt == told
    assert studio.jobs.retry(LOCAL, job.id, "again").prompt == told
    seen = page("jobs")
    assert TEMPLATE in code(seen)
    assert f"wildcard seed {request.wildcard_seed}" in captions(seen)


def test_the_same_seed_tells_the_same_and_a_random_one_another(
    page: Open, studio: Studio, animals: None
) -> None:
    app = small(page("generate"), "{a|b|c|d|e|f|g|h|i|j} __animals__ {1-5$$k|l|m|n|o}")
    put(app, wildcard_seed=5)
    first = code(app)
    button(app, GO).click().run()
    assert code(app) == first
    put(app, wildcard_seed=-1)
    before = code(app)
    app.run()
    assert code(app) == before
    button(app, GO).click().run()
    app.run()
    assert not errors(app)
    assert code(app) != before


def test_many_prompts_are_one_set(page: Open, studio: Studio, animals: None) -> None:
    before = jobs(studio)
    app = put(put(small(page("generate"), TEMPLATE), count=4), wildcard_seed=9)
    assert "4 jobs" in captions(app)
    told = code(app)
    button(app, GO).click().run()
    assert not errors(app)
    assert jobs(studio) == before + 4
    view = last_grid(studio)
    assert view.grid.script is GridScript.DYNAMIC
    assert [view.jobs[cell.job].prompt for cell in view.grid.cells] == told
    details = [request_of(studio, cell.job) for cell in view.grid.cells]
    assert [request.wildcard_seed for request in details] == [9, 10, 11, 12]
    assert len({request.seed for request in details}) == 4


def test_all_combinations_come_once_with_one_seed(
    page: Open, studio: Studio, animals: None
) -> None:
    app = small(page("generate"), TEMPLATE)
    app.segmented_control(key="generate.dynamic.every").set_value(True).run()
    app.toggle(key="generate.dynamic.one_seed").set_value(True).run()
    assert "6 jobs" in captions(app)
    put(app, most=5)
    assert len(code(app)) == 5
    button(app, GO).click().run()
    view = last_grid(studio)
    prompts = [view.jobs[cell.job].prompt for cell in view.grid.cells]
    assert prompts[:3] == ["a red dog", "a red cat", "a blue dog"]
    requests = [request_of(studio, cell.job) for cell in view.grid.cells]
    assert len({request.seed for request in requests}) == 1
    assert {request.wildcard_seed for request in requests} == {None}


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a {red|blue", "at character 3"),
        ("an __animls__", "the nearest is __animals__"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_sent(
    page: Open, studio: Studio, animals: None, prompt: str, words: str
) -> None:
    before = jobs(studio)
    app = small(page("generate"), prompt)
    shown = " ".join(str(each.value) for each in app.markdown).replace("\\", "")
    assert words in shown
    button(app, GO).click().run()
    assert words in errors(app)
    assert jobs(studio) == before


def test_a_plot_has_one_prompt_and_a_matrix_refuses_choices(
    page: Open, studio: Studio, animals: None
) -> None:
    app = small(page("generate"), TEMPLATE)
    app.selectbox(key="generate.script.kind").set_value("X/Y/Z plot").run()
    app.text_area(key="generate.script.x_values").set_value("1-3").run()
    button(app, GO).click().run()
    assert not errors(app)
    view = last_grid(studio)
    assert len({view.jobs[cell.job].prompt for cell in view.grid.cells}) == 1
    app.selectbox(key="generate.script.kind").set_value("Prompt matrix").run()
    before = len(studio.jobs.page(LOCAL, JobFilter(), 500).jobs)
    button(app, GO).click().run()
    assert "can't have choices in braces" in errors(app)
    assert len(studio.jobs.page(LOCAL, JobFilter(), 500).jobs) == before


def test_a_job_goes_back_into_the_form(page: Open, studio: Studio, animals: None) -> None:
    app = put(small(page("generate"), TEMPLATE), wildcard_seed=77)
    button(app, GO).click().run()
    app.text_area(key="generate.prompt").set_value("other").run()
    assert "combinations" not in captions(app)
    job = studio.jobs.newest(LOCAL)
    assert job is not None
    finish(studio, job)
    seen = page("jobs")
    button(seen, "Reuse parameters").click().run()
    back = page("generate")
    assert back.text_area(key="generate.prompt").value == TEMPLATE
    assert back.number_input(key=f"generate.{FIELD}").value == 77
    button(page("jobs"), "Send to img2img").click().run()
    assert page("generate").text_area(key="generate.prompt").value == job.prompt
