"""ControlNet: where the pose comes from, how it is moved, and what is refused."""

import pytest
from streamlit.testing.v1 import AppTest

from core.access import LOCAL
from core.records import JobFilter
from core.studio import Studio
from formats.openpose import Skeleton, to_json
from tests.pages.conftest import Open
from tests.pages.steps import button, errors, huge_png, png
from ui.default_pose import default_pose
from ui.pose_table import rows_of, skeleton_of

GO = "Generate on Cloud"
UPLOAD = "controlnet.map.upload"


def ready(page: Open) -> AppTest:
    app = page("controlnet")
    app.text_area(key="controlnet.prompt").set_value("a dancer")
    app.number_input(key="controlnet.width").set_value(64)
    app.number_input(key="controlnet.height").set_value(128)
    return app.run()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    kind = "application/json" if name.endswith("json") else "image/png"
    app.file_uploader(key=UPLOAD).set_value((name, data, kind)).run()
    assert not app.exception
    return app


def sent(studio: Studio) -> Skeleton | None:
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    return studio.jobs.draft_of(LOCAL, newest.id).units[0].pose


def test_it_starts_from_a_figure_that_stands(page: Open, studio: Studio) -> None:
    app = ready(page)
    button(app, GO).click().run()
    assert not errors(app)
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    assert newest.units == 1


def test_a_pose_as_json_is_taken(page: Open) -> None:
    moved = default_pose().scaled(256, 256)
    app = upload(ready(page), "pose.json", to_json(moved).encode())
    assert app.session_state["controlnet.kept"].pose == moved


def test_an_uploaded_map_replaces_the_skeleton_and_back(page: Open) -> None:
    app = upload(ready(page), "map.png", png())
    assert app.session_state["controlnet.kept"].pose is None
    button(app, GO).click().run()
    assert not errors(app)
    button(app, "Start from the default pose").click().run()
    assert app.session_state["controlnet.kept"].pose == default_pose()


def test_switched_off_it_sends_no_unit(page: Open, studio: Studio) -> None:
    app = ready(page)
    app.toggle(key="controlnet.control").set_value(False).run()
    button(app, GO).click().run()
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    assert newest.units == 0


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("pose.json", b"{", "not JSON"),
        ("pose.json", b'{"people": [{}]}', "18 body points"),
        ("map.png", b"text", "not a PNG"),
        ("map.png", huge_png(), "pixels"),
    ],
    ids=["no json", "no points", "no picture", "30,000 px a side"],
)
def test_what_is_no_pose_is_refused_at_its_field(
    page: Open, studio: Studio, name: str, data: bytes, says: str
) -> None:
    before = len(studio.storage.list("inputs/"))
    app = upload(ready(page), name, data)
    assert says in errors(app)
    assert app.session_state["controlnet.kept"].pose == default_pose()
    assert len(studio.storage.list("inputs/")) == before


def test_no_weight_span_is_refused(page: Open, studio: Studio) -> None:
    before = len(studio.jobs.page(LOCAL, JobFilter(), 500).jobs)
    app = ready(page)
    app.slider(key="controlnet.control_span").set_range(0.5, 0.5).run()
    button(app, GO).click().run()
    assert "start must lie before its end" in errors(app)
    assert len(studio.jobs.page(LOCAL, JobFilter(), 500).jobs) == before


def test_rows_and_skeleton_are_the_same_thing() -> None:
    pose = default_pose()
    assert skeleton_of(pose, rows_of(pose)) == pose


def test_a_row_moves_hides_and_removes_its_joint() -> None:
    rows = rows_of(default_pose())
    rows[4] |= {"x": 10.0, "y": 20.0}
    rows[5] |= {"shown": False}
    rows[6] |= {"x": None}
    body = skeleton_of(default_pose(), rows).people[0].body
    assert body[4] is not None
    assert (body[4].x, body[4].y) == (10, 20)
    assert body[5] is not None
    assert body[5].hidden
    assert body[6] is None
