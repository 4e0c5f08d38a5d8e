"""Jobs: the list, one job's page, and what can be done from there."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import NotFound
from core.ids import new_id
from core.jobs.preparing.draft import Draft, DraftUnit
from core.jobs.records import Job, JobState
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.controlnet_unit import Preprocessor
from formats.generation.parameters import Mode
from formats.generation.upscaling import UncheckedHires
from formats.models.kinds import ModelKind
from poses.preset_poses import default_pose
from tests.pages.steps import button, errors, finish, png
from tests.support.page_fixtures import Open
from ui.form.values import Source


def submit(studio: Studio, **changes: Any) -> Job:
    draft = Draft(
        endpoint="jobs",
        checkpoints=("tiny-noise-v1.safetensors",),
        prompt="a <b>cute</b> dog",
        width=64,
        height=64,
        steps=7,
    )
    return studio.jobs.submit(LOCAL, draft.model_copy(update=changes), new_id())[0]


def rows(app: AppTest) -> list[dict[str, Any]]:
    """What the list component was given."""
    for found in app.get("bidi_component"):
        if found.proto.component_name.endswith("job_list"):
            return list(json.loads(found.proto.json)["rows"])
    return []


def text(app: AppTest) -> str:
    return " ".join(str(found.proto.body) for found in app.get("html"))


def test_the_list_shows_the_newest_first_with_its_state(page: Open, studio: Studio) -> None:
    old, new = submit(studio), submit(studio, prompt="newer")
    app = page("jobs")
    assert [row["id"] for row in rows(app)][:2] == [new.id, old.id]
    assert rows(app)[0]["state"] in {"queued", "running"}
    app.pills(key="jobs.state").set_value([JobState.SUCCEEDED.value]).run()
    assert new.id not in {row["id"] for row in rows(app)}


def test_a_search_stands_in_the_address_and_counts_what_it_finds(
    page: Open, studio: Studio
) -> None:
    cat, black = submit(studio, prompt="a cat"), submit(studio, prompt="a black cat")
    app = page("jobs", q="cat -black", state="nonsense")
    assert not app.exception
    assert [row["id"] for row in rows(app)] == [cat.id]
    app.text_input(key="jobs.text").set_value("black").run()
    assert [row["id"] for row in rows(app)] == [black.id]
    assert app.query_params["q"] == "black"
    app.text_input(key="jobs.text").set_value("no such word").run()
    assert "No job fits" in " ".join(str(m.value) for m in app.markdown)
    button(app, "Clear all filters").click().run()
    assert {cat.id, black.id} <= {row["id"] for row in rows(app)}
    assert "q" not in app.query_params


def test_favourites_and_a_collection_narrow_the_list(page: Open, studio: Studio) -> None:
    starred, other = submit(studio), submit(studio)
    board = studio.collections.create(LOCAL, "Client <b>A</b>")
    studio.job_favourites.toggle(LOCAL, starred.id)
    studio.collections.add(LOCAL, board.id, other.id)
    app = page("jobs", starred="yes")
    assert [(row["id"], row["starred"]) for row in rows(app)] == [(starred.id, True)]
    app = page("jobs", collection=board.id)
    assert [row["id"] for row in rows(app)] == [other.id]
    assert not app.exception


def test_the_plain_list_stands_in_while_the_index_is_built(page: Open, studio: Studio) -> None:
    job, sync = submit(studio), studio.search._sync
    sync._is_built = False
    try:
        app = page("jobs")
        assert job.id in {row["id"] for row in rows(app)}
        assert "being made ready" in app.info[0].value
    finally:
        sync._is_built = True


def test_a_finished_job_shows_prompt_and_parameters(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio, negative_prompt="a cat", seed=77, batch_size=2))
    app = page("jobs", job=job.id)
    shown = " ".join(str(m.value) for m in app.markdown).replace("\\", "")
    assert "a <b>cute</b> dog" in shown
    assert "a cat" in shown
    for value in ("<td>7</td>", "<td>77</td>", "64 x 64", "DPM++ 2M", "77 to 78"):
        assert value in text(app)
    assert {"Send to img2img", "Reuse parameters"} <= {found.label for found in app.button}
    assert [found.proto.label for found in app.get("download_button")] == ["Save"]


@pytest.mark.parametrize("job", ["../x", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "' or 1=1"])
def test_an_address_with_no_such_job_says_so(page: Open, job: str) -> None:
    app = page("jobs", job=job)
    assert app.warning
    assert not app.exception


def test_a_result_becomes_the_image_of_its_model(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio, seed=6))
    app = page("jobs", job=job.id)
    button(app, r"tiny\-noise\-v1 · Checkpoint").click().run()
    assert not errors(app)
    found = studio.models.find(LOCAL, ModelKind.CHECKPOINT, job.checkpoint)
    assert found is not None
    assert len(found.record.thumbnail) == 64


def test_reuse_fills_the_form(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio, seed=5, prompt="reuse me"))
    app = page("jobs", job=job.id)
    button(app, "Reuse parameters").click().run()
    assert not errors(app)
    assert app.text_area(key="generate.prompt").value == "reuse me"
    assert app.number_input(key="generate.seed").value == 5


def test_send_to_img2img_fills_the_form_and_it_runs(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio, prompt="once more"))
    app = page("jobs", job=job.id)
    button(app, "Send to img2img").click().run()
    assert app.segmented_control(key="generate.mode").value is Mode.IMG2IMG
    button(app, "Generate on Cloud").click().run()
    assert not errors(app)
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    assert (newest.mode, newest.prompt) == (Mode.IMG2IMG, "once more")
    finish(studio, newest)


@pytest.mark.parametrize(
    ("label", "place", "mode"),
    [
        ("Send to img2img", "generate", Mode.IMG2IMG),
        ("Send to inpaint", "generate", Mode.INPAINT),
        ("Send to upscale", "generate", Mode.UPSCALE),
        ("Send to ControlNet", "controlnet", Mode.IMG2IMG),
    ],
)
def test_a_picture_that_hires_fix_made_larger_is_sent_at_its_size(
    page: Open, studio: Studio, label: str, place: str, mode: Mode
) -> None:
    hires = UncheckedHires(scale=2)
    job = finish(studio, submit(studio, hires=hires, batch_size=2, prompt="large"))
    app = page("jobs", job=job.id)
    button(app, label).click().run()
    assert not errors(app)
    kept = app.session_state[f"{place}.kept"]
    assert (kept.mode, kept.prompt, kept.with_hires) == (mode, "large", False)
    assert (kept.width, kept.height) == (128, 128)
    assert app.session_state[f"{place}.init_picture.png"] == png(128, 128)


def test_send_to_controlnet_takes_the_pose_along(page: Open, studio: Studio) -> None:
    pose = default_pose().scaled(64, 64)
    unit = DraftUnit(model="tiny-control-openpose.safetensors", pose=pose, weight=0.5)
    job = finish(studio, submit(studio, units=(unit,)))
    app = page("jobs", job=job.id)
    button(app, "Send to ControlNet").click().run()
    assert app.session_state["controlnet.kept"].pose == pose
    assert app.slider(key="controlnet.units.0.weight").value == 0.5
    assert app.session_state["controlnet.init_picture.png"] == png()


@pytest.mark.parametrize(
    ("label", "unit"), [("This picture → Unit 2", 1), ("The map of its unit 1 → Unit 1", 0)]
)
def test_any_image_is_sent_to_a_unit(page: Open, studio: Studio, label: str, unit: int) -> None:
    pose = default_pose().scaled(64, 64)
    sent = DraftUnit(model="tiny-control-openpose.safetensors", pose=pose)
    job = finish(studio, submit(studio, units=(sent,)))
    app = page("jobs", job=job.id)
    button(app, label).click().run()
    assert not errors(app)
    units = app.session_state["controlnet.kept"].units
    assert units[unit].source is Source.IMAGE
    assert units[unit].preprocessor is Preprocessor.NONE
    field = f"map_picture{f'_{unit + 1}' if unit else ''}"
    assert app.session_state[f"controlnet.{field}.png"] is not None


def test_cancel_ends_a_waiting_job(page: Open, studio: Studio) -> None:
    job = submit(studio)
    app = page("jobs", job=job.id)
    button(app, "Cancel").click().run()
    assert studio.jobs.get(LOCAL, job.id).state is JobState.CANCELLED
    assert any("Cancelled" in str(info.value) for info in app.info)
    button(app, "Retry").click().run()
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    assert newest.id != job.id
    assert app.query_params["job"] == newest.id


def test_a_job_goes_to_the_trash_and_comes_back(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio))
    app = page("jobs", job=job.id)
    for way_back in ("jobs.undo.yes", f"restore.{job.id}"):
        button(app, "Move to trash").click().run()
        assert studio.jobs.get(LOCAL, job.id).is_trashed
        assert job.id not in {row["id"] for row in rows(app)}
        assert any("1 job was moved to the trash" in str(info.value) for info in app.info)
        if way_back.startswith("restore"):
            app = page("jobs", job=job.id)
            assert any("can be restored until" in str(info.value) for info in app.info)
            assert "Reuse parameters" not in {found.label for found in app.button}
        app.button(key=way_back).click().run()
        assert not studio.jobs.get(LOCAL, job.id).is_trashed
        assert job.id in {row["id"] for row in rows(app)}
        assert app.query_params["job"] in (job.id, [job.id])
    assert not app.exception


def test_delete_for_good_asks_first(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio))
    studio.job_trash.put(LOCAL, job.id)
    app = page("jobs")
    app.toggle(key="jobs.trash").set_value(True).run()
    assert job.id in {row["id"] for row in rows(app)}
    app = page("jobs", job=job.id)
    button(app, "Delete for good").click().run()
    app.button(key="jobs.delete.no").click().run()
    assert studio.jobs.get(LOCAL, job.id)
    button(app, "Delete for good").click().run()
    app.button(key="jobs.delete.yes").click().run()
    with pytest.raises(NotFound):
        studio.jobs.get(LOCAL, job.id)
    assert not studio.storage.list(f"jobs/{job.id}/")


def test_deleting_what_is_gone_says_so(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio))
    app = page("jobs", job=job.id)
    studio.job_trash.delete(LOCAL, job.id)
    button(app, "Reuse parameters").click().run()
    assert "not in the list" in errors(app) + " ".join(str(w.value) for w in app.warning)
    assert not app.exception
