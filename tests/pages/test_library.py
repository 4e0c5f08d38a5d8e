"""The pose library: find, load, save, and two people at one pose."""

import json

from streamlit.testing.v1 import AppTest

from core.studio.service import Studio
from core.team.users import LOCAL, User
from poses.preset_poses import default_pose, presets
from tests.pages.steps import button, errors
from tests.support.page_fixtures import Open


def saved(app: AppTest, name: str, tags: str = "") -> AppTest:
    app.text_input(key="controlnet.saved.name").set_value(name)
    app.text_input(key="controlnet.saved.tags").set_value(tags)
    return button(app.run(), "Save as new").click().run()


def names(app: AppTest) -> list[str]:
    mounted = app.get("bidi_component")
    shown = next(one for one in mounted if one.proto.component_name.endswith("gallery"))
    return [item["name"] for item in json.loads(shown.proto.json)["items"]]


def loaded(app: AppTest, pose_id: str, shelf: str) -> AppTest:
    app.session_state["library.shelf"] = shelf
    app.session_state["library.chosen"] = pose_id
    button(app, "Pose library").click().run()
    return button(app, "Load").click().run()


def test_a_preset_comes_into_the_editor(page: Open) -> None:
    one = presets()[3]
    app = loaded(page("controlnet"), f"preset:{one.id}", "Ships with it")
    assert not app.exception
    pose = app.session_state["controlnet.kept"].pose
    assert (pose.width, pose.height) == (512, 512)
    assert len(pose.people) == len(one.skeleton.people)
    assert pose != default_pose()


def test_a_pose_is_saved_with_name_and_tags(page: Open, studio: Studio) -> None:
    app = saved(page("controlnet"), "Quiet stand", "Calm, studio")
    assert not errors(app)
    (pose,) = studio.poses.list(LOCAL, "quiet")
    assert pose.tags == ("calm", "studio")
    assert pose.skeleton == default_pose()
    assert button(app, "Save changes")


def test_a_pose_without_a_name_is_refused_at_its_field(page: Open, studio: Studio) -> None:
    before = len(studio.poses.list(LOCAL))
    app = saved(page("controlnet"), "  ")
    assert "Give the pose a name" in errors(app)
    assert len(studio.poses.list(LOCAL)) == before


def test_the_second_who_saves_the_same_pose_is_told(page: Open, studio: Studio) -> None:
    pose = studio.poses.save(LOCAL, "Shared", (), default_pose())
    app = loaded(page("controlnet"), pose.id, "Team")
    other = studio.poses.update(User(name="somebody"), pose.model_copy(update={"name": "Theirs"}))
    button(app, "Save changes").click().run()
    assert "was changed meanwhile" in errors(app)
    assert studio.poses.get(LOCAL, pose.id) == other
    app.text_input(key="controlnet.saved.name").set_value("Mine")
    button(app.run(), "Save as new").click().run()
    assert studio.poses.list(LOCAL, "Mine")


def test_delete_asks_first(page: Open, studio: Studio) -> None:
    pose = studio.poses.save(LOCAL, "Passing", (), default_pose())
    app = page("controlnet")
    app.session_state["library.shelf"] = "Team"
    app.session_state["library.chosen"] = pose.id
    button(app, "Pose library").click().run()
    button(app, "Delete").click().run()
    assert studio.poses.list(LOCAL, "Passing")
    button(app, "Pose library").click().run()
    button(app, "Delete for the whole team").click().run()
    assert not studio.poses.list(LOCAL, "Passing")


def test_a_large_library_has_pages(page: Open, studio: Studio) -> None:
    for number in range(40):
        studio.poses.save(LOCAL, f"Many {number:02}", ("many",), default_pose())
    app = page("controlnet")
    app.session_state["library.shelf"] = "Team"
    app.session_state["library.text"] = "many"
    button(app, "Pose library").click().run()
    assert not app.exception
    assert len(names(app)) == 36
    app.session_state["library.text"] = "many"
    app.session_state["library.page"] = 2
    button(app, "Pose library").click().run()
    assert names(app) == [f"Many {number:02}" for number in (3, 2, 1, 0)]
