"""The demo models say what they are for, and come back when told to."""

from core.studio import demo
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import button
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open


def test_the_models_page_brings_the_demo_back(studio: Studio, page: Open) -> None:
    app = page("models")
    listed = " ".join(str(text.value) for text in app.markdown).replace("\\", "")
    shipped = demo.read_manifest(demo.FOLDER)
    assert all(model.name in listed and model.about in listed for model in shipped)
    button(app, "Bring the demo back").click().run()
    assert not app.exception
    wait_for(lambda: demo.CHECKPOINT in {f.name for f in studio.models.list(LOCAL, refresh=True)})
    assert demo.ENDPOINT in {e.name for e in studio.endpoints.list(LOCAL, refresh=True)}
    generate = page("generate")
    generate.multiselect(key="generate.checkpoints").set_value([demo.CHECKPOINT]).run()
    captions = " ".join(str(text.value) for text in generate.caption).replace("\\", "")
    assert "made for 256 x 256" in captions
