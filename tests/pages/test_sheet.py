"""The contact sheet: several jobs of one click, and their pictures on one."""

from core.jobs.records import JobFilter
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import button, errors, finish
from tests.support.page_fixtures import Open


def test_one_click_sends_a_job_for_each_seed_and_shows_the_sheet(
    page: Open, studio: Studio
) -> None:
    app = page("controlnet")
    app.session_state["controlnet.sheet.open"] = True
    app.run()
    app.text_area(key="controlnet.prompt").set_value("a dancer")
    app.number_input(key="controlnet.width").set_value(64)
    app.number_input(key="controlnet.height").set_value(64)
    app.number_input(key="controlnet.seed").set_value(5)
    app.number_input(key="controlnet.sheet.count").set_value(3)
    button(app.run(), "Generate the sheet").click().run()
    assert not errors(app)
    jobs = studio.jobs.page(LOCAL, JobFilter(), 10).jobs
    assert [cell.label for cell in app.session_state["controlnet.kept"].sheet] == [
        "seed 5",
        "seed 6",
        "seed 7",
    ]
    for job in jobs:
        finish(studio, job)
    assert sorted(studio.jobs.draft_of(LOCAL, job.id).seed for job in jobs) == [5, 6, 7]
    app.run()
    assert not app.exception
    assert "Download the sheet" in {found.proto.label for found in app.get("download_button")}
    button(app, "Close the sheet").click().run()
    assert not app.session_state["controlnet.kept"].sheet


def test_a_sheet_of_no_poses_is_refused(page: Open, studio: Studio) -> None:
    before = len(studio.jobs.page(LOCAL, JobFilter(), 100).jobs)
    app = page("controlnet")
    app.session_state["controlnet.sheet.open"] = True
    app.run()
    app.radio(key="controlnet.sheet.kind").set_value("Several poses, one seed").run()
    button(app, "Generate the sheet").click().run()
    assert "2 to 9 pictures" in errors(app)
    assert len(studio.jobs.page(LOCAL, JobFilter(), 100).jobs) == before
