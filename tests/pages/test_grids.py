"""A script makes a grid of the form: told before the click, kept with it, shown as it fills."""

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.grids.view import GridView
from core.jobs.records import JobFilter, JobState
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import button, errors, finish
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open


def fill(app: AppTest, form: str) -> None:
    app.text_area(key=f"{form}.prompt").set_value("a red dog")
    app.number_input(key=f"{form}.width").set_value(64)
    app.number_input(key=f"{form}.height").set_value(64)
    app.number_input(key=f"{form}.steps").set_value(2)
    app.run()


def xyz(app: AppTest, form: str, **axes: tuple[str, str]) -> None:
    app.selectbox(key=f"{form}.script.kind").set_value("X/Y/Z plot").run()
    for name, (field, values) in axes.items():
        app.selectbox(key=f"{form}.script.{name}").set_value(field).run()
        app.text_area(key=f"{form}.script.{name}_values").set_value(values).run()


def last_grid(studio: Studio) -> GridView:
    (record, *_) = studio.grids.page(LOCAL).records
    return studio.grids.view(LOCAL, record.id)


def captions(app: AppTest) -> str:
    return " ".join(str(caption.value) for caption in app.caption)


def count(studio: Studio) -> int:
    return len(studio.jobs.page(LOCAL, JobFilter(), 1000).jobs)


def test_one_click_makes_the_grid_that_was_told(page: Open, studio: Studio) -> None:
    before = count(studio)
    app = page("generate")
    fill(app, "generate")
    xyz(app, "generate", x=("Seed", "5-6"), y=("Steps", "1-3"))
    assert not app.exception
    assert "6 jobs" in captions(app)
    button(app, "Generate on Cloud").click().run()
    assert not app.exception
    assert count(studio) == before + 6
    view = last_grid(studio)
    assert (view.grid.axes, len(view.open)) == (("Seed", "Steps"), 6)
    for job in view.open[:5]:
        finish(studio, job)
    app.run()
    assert "Download the sheet" in {found.proto.label for found in app.get("download_button")}
    button(app, "Cancel all").click().run()
    wait_for(lambda: not last_grid(studio).open)
    app.run()
    button(app, "Retry failed").click().run()
    (again,) = last_grid(studio).open
    finish(studio, again)
    assert {job.state for job in last_grid(studio).succeeded} == {JobState.SUCCEEDED}
    app.run()
    button(app, "Close").click().run()
    assert app.session_state["generate.kept"].grid == ""


def test_a_reload_loses_nothing(page: Open) -> None:
    app = page("generate")
    xyz(app, "generate", x=("Prompt S/R", "red, blue"), z=("Sampler", "Euler a"))
    again = AppTest.from_file(app._script_path, default_timeout=120).run()
    assert again.selectbox(key="generate.script.kind").value == "X/Y/Z plot"
    assert again.text_area(key="generate.script.x_values").value == "red, blue"
    assert again.selectbox(key="generate.script.z").value == "Sampler"


@pytest.mark.parametrize(
    ("axis", "values", "says"),
    [
        ("Steps", "3, 0", "0: "),
        ("Checkpoint name", "tiny-noise-v1.safetensors, gone", "gone: "),
        ("Prompt S/R", "cat, dog", "cat"),
        ("Seed", "", "at least one value"),
    ],
)
def test_what_is_wrong_stands_at_its_axis_and_nothing_is_sent(
    page: Open, studio: Studio, axis: str, values: str, says: str
) -> None:
    before = count(studio)
    app = page("generate")
    fill(app, "generate")
    xyz(app, "generate", x=(axis, values))
    button(app, "Generate on Cloud").click().run()
    assert says in errors(app)
    assert count(studio) == before


def test_a_button_fills_in_everything_there_is(page: Open) -> None:
    app = page("generate")
    xyz(app, "generate", x=("Checkpoint name", ""))
    button(app, "All").click().run()
    filled = app.text_area(key="generate.script.x_values").value
    assert filled == "tiny-noise-v1.safetensors, tiny-noise-v2.safetensors"


def test_a_matrix_and_lines_make_a_job_for_each_prompt(page: Open, studio: Studio) -> None:
    app = page("generate")
    fill(app, "generate")
    app.text_area(key="generate.prompt").set_value("a dog|red|blue").run()
    app.selectbox(key="generate.script.kind").set_value("Prompt matrix").run()
    assert "4 jobs" in captions(app)
    button(app, "Generate on Cloud").click().run()
    (prompts,) = last_grid(studio).grid.labels
    assert prompts == ("a dog", "a dog, red", "a dog, blue", "a dog, red, blue")
    app.selectbox(key="generate.script.kind").set_value("Prompts from file or textbox").run()
    app.text_area(key="generate.script.lines").set_value("one\n--prompt two --steps 1").run()
    assert "2 jobs" in captions(app)
    button(app, "Generate on Cloud").click().run()
    view = last_grid(studio)
    assert [view.jobs[cell.job].steps for cell in view.grid.cells] == [2, 1]
    assert not app.exception


def test_poses_are_an_axis_of_controlnet(page: Open, studio: Studio) -> None:
    app = page("controlnet")
    fill(app, "controlnet")
    app.selectbox(key="controlnet.script.kind").set_value("X/Y/Z plot").run()
    app.selectbox(key="controlnet.script.x").set_value("Pose").run()
    picker = app.multiselect(key="controlnet.script.x_poses")
    app.session_state["controlnet.script.x_poses"] = ["preset:standing", "preset:walking"]
    assert len(picker.options) > 2
    app.run()
    assert "2 jobs" in captions(app)
    button(app, "Generate on Cloud").click().run()
    assert (errors(app), last_grid(studio).grid.axes) == ("", ("Pose",))


def test_the_page_jobs_lists_them_until_they_are_forgotten(page: Open, studio: Studio) -> None:
    app = page("generate")
    fill(app, "generate")
    xyz(app, "generate", x=("Seed", "5-6"))
    button(app, "Generate on Cloud").click().run()
    view, before = last_grid(studio), count(studio)
    app.switch_page("../pages/jobs.py").run()
    app.session_state["jobs.grids.open"] = True
    app.run()
    assert not app.exception
    assert "Seed: a red dog" in str(app.selectbox(key="jobs.grid").options[0])
    button(app, "Cancel all").click().run()
    wait_for(lambda: not last_grid(studio).open)
    button(app, "Forget").click().run()
    assert last_grid(studio).grid.id != view.grid.id
    assert count(studio) == before
