"""Pose scores on the Jobs page, and a finished job's pose back in the editor."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from core.ids import new_id
from core.jobs.detail.scoring import JobPoseScore
from core.jobs.preparing.draft import Draft, DraftUnit
from core.jobs.records import Job, JobOrder
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.keys import pose_score_key
from poses.preset_poses import default_pose
from poses.scores.pose_score import PoseScore, ScoreMethod
from tests.pages.steps import button, finish, png
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open


def posed(studio: Studio, **changes: Any) -> Job:
    unit = DraftUnit(model="tiny-control-openpose.safetensors", pose=default_pose(), weight=0.5)
    draft = Draft(
        endpoint="scores",
        checkpoints=("tiny-noise-v1.safetensors",),
        prompt="a dancer",
        width=64,
        height=64,
        seed=42,
        units=(unit,),
    )
    return studio.jobs.submit(LOCAL, draft.model_copy(update=changes), new_id())[0]


def told(app: AppTest, component: str) -> dict[str, Any]:
    mounted = app.get("bidi_component")
    found = next(one for one in mounted if one.proto.component_name.endswith(component))
    return dict(json.loads(found.proto.json))


def shown(app: AppTest) -> list[str]:
    assert not app.exception
    return [row["id"] for row in told(app, "jobs/job_list")["rows"]]


def test_a_posed_job_shows_its_map_and_says_how_it_was_scored(page: Open, studio: Studio) -> None:
    job = finish(studio, posed(studio))
    app = page("jobs", job=job.id)
    (shown_map,) = told(app, "jobs/viewer")["maps"]
    assert shown_map["name"] == "Pose"
    assert "/maps/0.png" in shown_map["url"]
    assert any("not scored" in str(caption.value) for caption in app.caption)


def test_re_pose_brings_back_pose_seed_and_parameters(page: Open, studio: Studio) -> None:
    job = finish(studio, posed(studio))
    app = button(page("jobs", job=job.id), "Re-pose").click().run()
    values = app.session_state["controlnet.kept"]
    assert values.pose == default_pose().scaled(64, 64)
    assert (values.seed, values.units[0].weight, values.prompt) == (42, 0.5, "a dancer")


def test_re_pose_takes_the_seed_of_the_picture_that_is_shown(page: Open, studio: Studio) -> None:
    job = finish(studio, posed(studio, batch_size=2))
    app = page("jobs", job=job.id)
    app.session_state["viewer"] = {"chosen": f"{job.id}:1"}
    app = button(app.run(), "Re-pose").click().run()
    assert app.session_state["controlnet.kept"].seed == 43


def test_the_pose_comes_first_among_several_maps(page: Open, studio: Studio) -> None:
    units = (
        DraftUnit(model="tiny-control-openpose.safetensors", image=png()),
        DraftUnit(model="tiny-control-openpose.safetensors", pose=default_pose()),
    )
    job = finish(studio, posed(studio, units=units))
    viewer = told(page("jobs", job=job.id), "jobs/viewer")
    assert [one["name"] for one in viewer["maps"]] == ["Unit 1: Map", "Unit 2: Pose"]
    assert viewer["first"] == 1


def scored(studio: Studio, value: float) -> Job:
    """A finished job whose score was kept by another dashboard."""
    job = posed(studio)
    kept = JobPoseScore(images=(PoseScore(value=value, method=ScoreMethod.FIGURE_MASK),))
    body = kept.model_dump_json().encode()
    studio.storage.write(pose_score_key(job.id), body, "application/json")
    finish(studio, job)
    wait_for(lambda: studio.jobs.get(LOCAL, job.id).pose_score == value)
    return job


def test_the_list_goes_by_pose_score_from_a_minimum_on(page: Open, studio: Studio) -> None:
    jobs = [scored(studio, value) for value in (0.25, 0.75, 0.5)]
    app = page("jobs")
    app.segmented_control(key="jobs.order").set_value(JobOrder.POSE_SCORE).run()
    assert shown(app) == [jobs[1].id, jobs[2].id, jobs[0].id]
    app = page("jobs", sort="pose", score="50")
    assert shown(app) == [jobs[1].id, jobs[2].id]
