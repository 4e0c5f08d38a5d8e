"""Set-up: an admin imports, replaces and deletes the team's tag list."""

from streamlit.testing.v1 import AppTest

from core.studio.service import Studio
from tests.pages.steps import button, errors
from tests.support.page_fixtures import Open


def choose(app: AppTest, name: str, data: bytes) -> None:
    app.file_uploader[0].set_value((name, data, "text/csv")).run()


def test_a_list_comes_is_replaced_and_goes(page: Open, studio: Studio) -> None:
    app = page("setup")
    assert any("There is none yet" in each.value for each in app.markdown)
    choose(app, "no*.csv", b"cat,0,many,")
    button(app, "Import").click().run()
    assert "Line 1 of the tag list is no tag" in errors(app)
    choose(app, "mine*.csv", b"cat,0,5,\ndog,0,1,")
    button(app, "Import").click().run()
    current = studio.tag_lists.current()
    assert current
    assert (current.name, current.tags) == ("mine*.csv", 2)
    assert any("2 tags, imported by" in each.value for each in app.markdown)
    assert button(app, "Replace").disabled
    button(app, "Delete the list").click().run()
    assert studio.tag_lists.current() is None
    assert button(app, "Import").disabled
