"""A contact sheet that an older version kept with the form is still shown."""

from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import button, finish
from tests.pages.test_grids import fill, last_grid, xyz
from tests.support.page_fixtures import Open
from ui.form.values import SheetCell


def test_its_picture_can_be_downloaded_until_it_is_closed(page: Open, studio: Studio) -> None:
    app = page("controlnet")
    fill(app, "controlnet")
    xyz(app, "controlnet", x=("Seed", "5-6"))
    button(app, "Generate on Cloud").click().run()
    view = last_grid(studio)
    for job in view.open:
        finish(studio, job)
    cells = [SheetCell(job=cell.job, label="seed") for cell in view.grid.cells]
    kept = app.session_state["controlnet.kept"]
    app.session_state["controlnet.kept"] = kept.model_copy(update={"grid": "", "sheet": cells})
    app.run()
    assert not app.exception
    assert "Download the sheet" in {found.proto.label for found in app.get("download_button")}
    button(app, "Close the sheet").click().run()
    assert not app.session_state["controlnet.kept"].sheet
    assert LOCAL.name == view.grid.owner
