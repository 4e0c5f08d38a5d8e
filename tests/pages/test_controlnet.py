"""ControlNet: where the pose comes from, how it is moved, and what is refused."""

import io
import json

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.jobs.preparing.draft import DraftUnit
from core.jobs.records import JobFilter
from core.poses.files import export_png
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.controlnet_unit import Preprocessor
from formats.keys import request_key
from formats.openpose.json_files import to_json
from formats.openpose.skeleton import Point, Skeleton
from poses.canvas import fit_to_canvas
from poses.hands import HandShape, Side, with_hand
from poses.preset_poses import default_pose
from tests.pages.steps import button, errors, finish, huge_png, png
from tests.poses.figures import preset_pose
from tests.support.helpers import ROOT, wait_for
from tests.support.page_fixtures import Open
from ui.form.filling.stored_values import read_form_values
from ui.form.values import Source, UnitValues
from ui.pose.table import rows_of, skeleton_of

GO = "Generate on Cloud"
UPLOAD = "controlnet.pose.upload"
PHOTO = ROOT / "tests" / "poses" / "photos" / "astronaut.jpg"
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


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


def units_sent(studio: Studio) -> tuple[DraftUnit, ...]:
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    wait_for(lambda: studio.storage.find(request_key(newest.id)) is not None)
    return studio.jobs.draft_of(LOCAL, newest.id).units


def sent(studio: Studio) -> Skeleton | None:
    return units_sent(studio)[0].pose


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
    assert app.session_state["controlnet.kept"].pose == fit_to_canvas(moved, 64, 128)


def test_a_map_is_read_back_into_joints(page: Open) -> None:
    app = upload(ready(page), "map.png", export_png(default_pose()))
    pose = app.session_state["controlnet.kept"].pose
    assert (pose.width, pose.height) == (64, 128)
    assert len(pose.people) == 1
    button(app, "Default pose").click().run()
    assert app.session_state["controlnet.kept"].pose == fit_to_canvas(default_pose(), 64, 128)


def test_nobody_in_a_photo_is_said_calmly_and_the_figure_stays(page: Open) -> None:
    app = ready(page)
    before = app.session_state["controlnet.kept"].pose
    upload(app, "photo.png", png())
    assert not errors(app)
    assert any("Nobody was found" in str(info.value) for info in app.info)
    assert app.session_state["controlnet.kept"].pose == before


def test_a_unit_sends_the_picture_uploaded_for_it(page: Open, studio: Studio) -> None:
    app = ready(page)
    app.session_state["controlnet.units.0.source"] = Source.IMAGE
    app.run()
    assert any("no picture" in str(note.value) for note in app.warning)
    app.file_uploader(key="controlnet.map_picture.upload").set_value(("m.png", png(), "image/png"))
    button(app.run(), GO).click().run()
    assert not errors(app)
    assert sent(studio) is None


def test_a_unit_sends_its_preprocessor_and_what_belongs_to_it(page: Open, studio: Studio) -> None:
    app = ready(page)
    app.session_state["controlnet.units.0.source"] = Source.IMAGE
    app.run()
    app.selectbox(key="controlnet.units.0.preprocessor").set_value(Preprocessor.CANNY).run()
    app.slider(key="controlnet.units.0.edges").set_value((40, 90))
    app.toggle(key="controlnet.units.0.pixel_perfect").set_value(False).run()
    app.slider(key="controlnet.units.0.resolution").set_value(320)
    app.file_uploader(key="controlnet.map_picture.upload").set_value(("m.png", png(), "image/png"))
    button(app.run(), GO).click().run()
    assert not errors(app)
    (unit,) = units_sent(studio)
    assert (unit.preprocessor, unit.resolution) == (Preprocessor.CANNY, 320)
    assert (unit.threshold_a, unit.threshold_b) == (40, 90)


def test_a_finished_map_needs_no_preprocessor(page: Open) -> None:
    app = ready(page)
    app.session_state["controlnet.units.0.source"] = Source.IMAGE
    app.run()
    app.selectbox(key="controlnet.units.0.preprocessor").set_value(Preprocessor.CANNY).run()
    finished = export_png(default_pose())
    app.file_uploader(key="controlnet.map_picture.upload").set_value(
        ("m.png", finished, "image/png")
    )
    app.run()
    assert any("finished OpenPose map already" in str(note.value) for note in app.warning)


def test_a_unit_may_have_a_pose_of_its_own(page: Open, studio: Studio) -> None:
    app = button(ready(page), "Add a unit").click().run()
    app.session_state["controlnet.units.1.source"] = Source.POSE
    app.run()
    app.checkbox(key="controlnet.units.1.own").check().run()
    assert not app.exception
    lying = preset_pose("lying")
    app.file_uploader(key="controlnet.pose.upload_2").set_value(
        ("pose.json", to_json(lying).encode(), "application/json")
    ).run()
    button(app, GO).click().run()
    assert not errors(app)
    first, second = units_sent(studio)
    assert first.pose == fit_to_canvas(default_pose(), 64, 128)
    assert second.pose == fit_to_canvas(lying, 64, 128)


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
    units = units_sent(studio)
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
    values = read_form_values(json.dumps({**old, "pose": default_pose().model_dump(mode="json")}))
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
        ("pose.json", b'{"people": [{}]}', "nobody in the pose file"),
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
    assert app.session_state["controlnet.kept"].pose == fit_to_canvas(default_pose(), 64, 128)
    assert len(studio.storage.list("inputs/")) == before


def test_no_weight_span_is_refused(page: Open, studio: Studio) -> None:
    before = len(studio.jobs.page(LOCAL, JobFilter(), 500).jobs)
    app = ready(page)
    app.slider(key="controlnet.units.0.span").set_range(0.5, 0.5).run()
    button(app, GO).click().run()
    assert "start must come before its end" in errors(app)
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


def test_hands_go_through_the_table_with_their_wrists() -> None:
    person = with_hand(default_pose().people[0], Side.RIGHT, HandShape.OPEN)
    pose = default_pose().model_copy(update={"people": (person,)})
    rows = rows_of(pose)
    assert skeleton_of(pose, rows) == pose
    rows[4]["x"] += 10.0
    moved = skeleton_of(pose, rows).people[0].right_hand
    pairs = zip(person.right_hand or (), moved or (), strict=True)
    assert [(round(b.x - a.x, 6), b.y - a.y) for a, b in pairs if a and b] == [(10, 0)] * 21


def second_unit(app: AppTest, source: Source) -> AppTest:
    button(app, "Add a unit").click().run()
    app.segmented_control(key="controlnet.units.1.source").set_value(source).run()
    return app.checkbox(key="controlnet.units.1.own").check().run()


def test_each_unit_may_have_a_pose_of_its_own(page: Open, studio: Studio) -> None:
    app = second_unit(ready(page), Source.POSE)
    assert app.segmented_control(key="controlnet.board").value == "Unit 2"
    raised = replaced(fit_to_canvas(default_pose(), 64, 128), 4, Point(x=9, y=9))
    app.file_uploader(key=f"{UPLOAD}_2").set_value(
        ("pose.json", to_json(raised).encode(), "application/json")
    )
    button(app.run(), GO).click().run()
    assert not errors(app)
    standing = fit_to_canvas(default_pose(), 64, 128)
    assert [unit.pose for unit in units_sent(studio)] == [standing, raised]
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    finish(studio, newest)
    app = button(page("jobs", job=newest.id), "Re-pose").click().run()
    units = app.session_state["controlnet.kept"].units
    assert [(unit.own, unit.pose) for unit in units] == [(False, None), (True, raised)]


def test_a_unit_may_have_a_sketch_of_its_own(page: Open, studio: Studio) -> None:
    app = second_unit(ready(page), Source.SKETCH)
    assert any("no picture" in str(note.value) for note in app.warning)
    line = {"type": "line", "x1": 0, "y1": 0, "x2": 40, "y2": 80, "left": 5, "top": 5}
    drawing = {"objects": [line], "width": 65, "height": 130}
    app.session_state["controlnet.strokes_2.json"] = json.dumps(drawing).encode()
    button(app.run(), GO).click().run()
    assert not errors(app)
    picture = units_sent(studio)[1].image
    with Image.open(io.BytesIO(picture or b"")) as sketch:
        assert sketch.size == (64, 128)
        assert {colour for _, colour in sketch.getcolors() or ()} == {BLACK, WHITE}


def photographed(page: Open, photo: bytes, preprocessor: Preprocessor) -> AppTest:
    app = ready(page)
    app.segmented_control(key="controlnet.units.0.source").set_value(Source.IMAGE).run()
    app.file_uploader(key="controlnet.map_picture.upload").set_value(("a.png", photo, "image/png"))
    app.run().selectbox(key="controlnet.units.0.preprocessor").set_value(preprocessor)
    return app.run()


def test_a_photo_shows_who_will_be_found_and_can_be_corrected(page: Open) -> None:
    app = photographed(page, PHOTO.read_bytes(), Preprocessor.OPENPOSE)
    assert any("1 person found" in str(caption.value) for caption in app.caption)
    assert not app.warning
    button(app, "Correct it in the pose editor").click().run()
    assert not app.exception
    (unit,) = app.session_state["controlnet.kept"].units
    assert (unit.source, unit.own, len(unit.pose.people)) == (Source.POSE, True, 1)
    assert app.segmented_control(key="controlnet.board").value == "Unit 1"


@pytest.mark.parametrize(
    ("picture", "preprocessor", "note"),
    [
        (png(), Preprocessor.OPENPOSE, "nobody was found"),
        (png(), Preprocessor.NONE, "no OpenPose map"),
        (export_png(default_pose()), Preprocessor.OPENPOSE, "used as it is"),
        (export_png(default_pose()), Preprocessor.CANNY, "would spoil it"),
    ],
    ids=["nobody", "no map", "a map already", "a map for edges"],
)
def test_a_picture_that_does_not_fit_its_preprocessor_is_told(
    page: Open, picture: bytes, preprocessor: Preprocessor, note: str
) -> None:
    app = photographed(page, picture, preprocessor)
    assert any(note in str(warning.value) for warning in app.warning)


def test_the_preprocessor_reaches_the_request(page: Open, studio: Studio) -> None:
    app = photographed(page, png(), Preprocessor.CANNY)
    app.slider(key="controlnet.units.0.edges").set_range(30, 90).run()
    app.toggle(key="controlnet.units.0.pixel_perfect").set_value(False).run()
    app.slider(key="controlnet.units.0.resolution").set_value(256)
    button(app.run(), GO).click().run()
    assert not errors(app)
    (unit,) = units_sent(studio)
    assert (unit.preprocessor, unit.resolution) == (Preprocessor.CANNY, 256)
    assert (unit.threshold_a, unit.threshold_b) == (30, 90)


def replaced(pose: Skeleton, joint: int, point: Point) -> Skeleton:
    """The pose with one joint of its first figure elsewhere."""
    first, *others = pose.people
    body = (*first.body[:joint], point, *first.body[joint + 1 :])
    return pose.model_copy(update={"people": (first.model_copy(update={"body": body}), *others)})
