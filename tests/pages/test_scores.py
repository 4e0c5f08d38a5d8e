"""Pose scores on the Jobs page, and a finished job's pose back in the editor."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from core.access import LOCAL
from core.draft import Draft, DraftUnit
from core.ids import new_id
from core.records import Job
from core.studio import Studio
from poses.pose_score import Method, PoseScore
from tests.pages.conftest import Open
from tests.pages.steps import button, finish
from ui.default_pose import default_pose
from ui.job_list import by_pose_score
from ui.pose_score import sentence


def posed(studio: Studio, **changes: Any) -> Job:
    unit = DraftUnit(model="tiny-control-openpose.safetensors", pose=default_pose(), weight=0.5)
    draft = Draft(
        endpoint="scores", checkpoints=("tiny-noise-v1.safetensors",), prompt="a dancer",
        width=64, height=64, seed=42, units=(unit,),
    )  # fmt: skip
    return studio.jobs.submit(LOCAL, draft.model_copy(update=changes), new_id())[0]


def viewer(app: AppTest) -> dict[str, Any]:
    mounted = app.get("bidi_component")
    found = next(one for one in mounted if one.proto.component_name.endswith("viewer"))
    return dict(json.loads(found.proto.json))


def test_a_posed_job_shows_its_map_and_says_how_it_was_scored(page: Open, studio: Studio) -> None:
    job = finish(studio, posed(studio))
    app = page("jobs", job=job.id)
    assert "/maps/0.png" in viewer(app)["map"]
    assert any("not scored" in str(caption.value) for caption in app.caption)


def test_re_pose_brings_back_pose_seed_and_parameters(page: Open, studio: Studio) -> None:
    job = finish(studio, posed(studio))
    app = button(page("jobs", job=job.id), "Re-pose").click().run()
    values = app.session_state["controlnet.kept"]
    assert values.pose == default_pose().scaled(64, 64)
    assert (values.seed, values.units[0].weight, values.prompt) == (42, 0.5, "a dancer")


def test_the_list_can_be_ordered_by_pose_score(page: Open, studio: Studio) -> None:
    jobs = [posed(studio) for _ in range(3)]
    scores = (0.25, None, 0.75)
    first, _, best = [
        j.model_copy(update={"pose_score": s}) for j, s in zip(jobs, scores, strict=True)
    ]
    assert by_pose_score((first, jobs[1], best)) == (best, first)
    app = page("jobs")
    app.segmented_control(key="jobs.order").set_value("Best pose first").run()
    assert not app.exception
    assert any("with a pose score" in str(caption.value) for caption in app.caption)


def test_the_method_is_named() -> None:
    by_joints = PoseScore(value=0.9, method=Method.KEYPOINTS, oks=0.9, pck=0.8)
    assert sentence(by_joints) == "Pose score **0.90** by keypoints (OKS 0.90, PCK 0.80)."
    by_mask = PoseScore(value=0.5, method=Method.FIGURE_MASK, cover=0.4, inside=0.6)
    assert "by figure mask (covered 0.40, inside 0.60)" in sentence(by_mask)
    assert "not scored" in sentence(PoseScore())
