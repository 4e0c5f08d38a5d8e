"""ControlNet: where the pose comes from, how it is moved, and what is refused."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.access import LOCAL
from core.pose_files import export_png
from core.pose_fit import fitted
from core.records import JobFilter
from core.studio import Studio
from formats.openpose import Skeleton, to_json
from tests.pages.conftest import Open
from tests.pages.steps import button, errors, huge_png, png
from ui.default_pose import default_pose
from ui.form_values import Source, UnitValues, read_values
from ui.pose_table import rows_of, skeleton_of

GO = "Generate on Cloud"
UPLOAD = "controlnet.pose.upload"


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
    assert app.session_state["controlnet.kept"].pose == fitted(moved, 64, 128)


def test_a_map_is_read_back_into_joints(page: Open) -> None:
    app = upload(ready(page), "map.png", export_png(default_pose()))
    pose = app.session_state["controlnet.kept"].pose
    assert (pose.width, pose.height) == (64, 128)
    assert len(pose.people) == 1
    button(app, "Default pose").click().run()
    assert app.session_state["controlnet.kept"].pose == fitted(default_pose(), 64, 128)


def test_nobody_in_a_photo_is_said_calmly_and_the_figure_stays(page: Open) -> None:
    app = ready(page)
    before = app.session_state["controlnet.kept"].pose
    upload(app, "photo.png", png())
    assert not errors(app)
    assert any("Nobody was found" in str(info.value) for info in app.info)
    assert app.session_state["controlnet.kept"].pose == before


def test_a_unit_sends_the_picture_uploaded_for_it(page: Open, studio: Studio) -> None:
    app = ready(page)
    app.session_state["controlnet.units.0.source"] = Source.PICTURE
    app.run()
    assert any("no picture" in str(note.value) for note in app.warning)
    app.file_uploader(key="controlnet.map_picture.upload").set_value(("m.png", png(), "image/png"))
    button(app.run(), GO).click().run()
    assert not errors(app)
    assert sent(studio) is None


def test_up_to_four_units(page: Open, studio: Studio) -> None:
    app = ready(page)
    for _ in range(3):
        button(app, "Add a unit").click().run()
    assert button(app, "Add a unit").disabled
    button(app, "Remove unit 4").click().run()
    button(app, "Remove unit 3").click().run()
    app.file_uploader(key="controlnet.map_picture_2.upload").set_value(
        ("map.png", png(), "image/png")
    )
    button(app.run(), GO).click().run()
    assert not errors(app)
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    units = studio.jobs.draft_of(LOCAL, newest.id).units
    assert [unit.pose is not None for unit in units] == [True, False]


def test_a_preset_sets_weight_span_and_mode(page: Open) -> None:
    app = button(ready(page), "First half only").click().run()
    assert app.slider(key="controlnet.units.0.span").value == (0.0, 0.5)


def test_a_unit_that_will_do_nothing_says_so(page: Open) -> None:
    app = ready(page)
    app.slider(key="controlnet.units.0.weight").set_value(0.0).run()
    assert any("weight is 0" in str(note.value) for note in app.warning)


def test_a_form_kept_before_there_were_units_is_read() -> None:
    old = {"prompt": "p", "control": True, "control_model": "m", "control_span": [0.1, 0.9]}
    values = read_values(json.dumps({**old, "pose": default_pose().model_dump(mode="json")}))
    assert values.prompt == "p"
    assert values.units == [UnitValues(model="m", span=(0.1, 0.9))]


def test_switched_off_it_sends_no_unit(page: Open, studio: Studio) -> None:
    app = ready(page)
    app.toggle(key="controlnet.units.0.enabled").set_value(False).run()
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
    assert app.session_state["controlnet.kept"].pose == fitted(default_pose(), 64, 128)
    assert len(studio.storage.list("inputs/")) == before


def test_no_weight_span_is_refused(page: Open, studio: Studio) -> None:
    before = len(studio.jobs.page(LOCAL, JobFilter(), 500).jobs)
    app = ready(page)
    app.slider(key="controlnet.units.0.span").set_range(0.5, 0.5).run()
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
