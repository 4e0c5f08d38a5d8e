"""One job's page: compared, copied, run elsewhere; where its time went and what was applied."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.ids import new_id
from core.jobs.preparing.draft import Draft, DraftUnit
from core.jobs.records import Job
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from formats.generation.result import AppliedModel, GenerationResult
from formats.keys import result_key
from formats.models.kinds import ModelKind
from poses.preset_poses import default_pose
from tests.pages.steps import button, errors, finish, png
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open


def submit(studio: Studio, **changes: Any) -> Job:
    draft = Draft(
        endpoint="job-detail",
        checkpoints=("tiny-noise-v1.safetensors",),
        prompt="a dog",
        width=64,
        height=64,
        steps=7,
    )
    return studio.jobs.submit(LOCAL, draft.model_copy(update=changes), new_id())[0]


def posed(studio: Studio) -> Job:
    unit = DraftUnit(model="tiny-control-openpose.safetensors", pose=default_pose())
    return finish(studio, submit(studio, units=(unit,)))


def given(app: AppTest, component: str) -> dict[str, Any]:
    """What a component was given; nothing where it is not on the page."""
    for found in app.get("bidi_component"):
        if found.proto.component_name.endswith(component):
            return dict(json.loads(found.proto.json))
    return {}


def html(app: AppTest) -> str:
    return " ".join(str(found.proto.body) for found in app.get("html"))


def test_two_jobs_beside_each_other_with_what_differs(page: Open, studio: Studio) -> None:
    old = finish(studio, submit(studio, seed=1))
    new = finish(studio, submit(studio, seed=1, steps=9, prompt="a <b>cat</b>"))
    app = page("jobs", job=new.id, **{"with": old.id})
    pair = given(app, "compare")
    assert old.id in pair["left"]["url"]
    assert new.id in pair["right"]["url"]
    shown = html(app)
    assert "<th scope='row'>Steps</th><td>7</td><td>9</td>" in shown
    assert "<td>a dog</td><td>a &lt;b&gt;cat&lt;/b&gt;</td>" in shown
    assert "CFG scale</th><td>7</td><td>7</td>" not in shown
    button(app, "End the comparison").click().run()
    assert not given(app, "compare")
    assert given(app, "viewer")["job"] == new.id


def test_a_posed_job_is_compared_with_its_map(page: Open, studio: Studio) -> None:
    app = page("jobs", job=posed(studio).id)
    button(app, "Compare").click().run()
    assert app.query_params["with"] == "map"
    pair = given(app, "compare")
    assert "/maps/0.png" in pair["left"]["url"]
    assert (pair["left"]["width"], pair["left"]["height"]) == (64, 64)


def test_one_of_an_image_is_compared_with_its_source(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio, mode=Mode.IMG2IMG, init_image=png()))
    app = page("jobs", job=job.id)
    button(app, "Compare").click().run()
    assert app.query_params["with"] == "source"
    assert "/inputs/" in given(app, "compare")["left"]["url"]


def test_without_either_it_is_the_job_that_was_viewed_before(page: Open, studio: Studio) -> None:
    first, second = (finish(studio, submit(studio, seed=seed)) for seed in (1, 2))
    app = page("jobs", job=first.id)
    app.query_params["job"] = second.id
    app.run()
    button(app, "Compare").click().run()
    assert app.query_params["with"] == first.id
    assert first.id in given(app, "compare")["left"]["url"]


@pytest.mark.parametrize("other", ["../x", new_id(), "map", "source", "map.7", "x.y"])
def test_what_is_not_there_is_said_and_the_image_stays(
    page: Open, studio: Studio, other: str
) -> None:
    job = finish(studio, submit(studio))
    app = page("jobs", job=job.id, **{"with": other})
    assert app.warning
    assert given(app, "viewer")["job"] == job.id


def test_the_viewer_knows_the_jobs_beside_it(page: Open, studio: Studio) -> None:
    older, job, newer = (finish(studio, submit(studio, seed=seed)) for seed in (1, 2, 3))
    app = page("jobs", job=job.id)
    assert given(app, "viewer")["neighbours"] == [True, True]
    app = page("jobs", job=newer.id)
    assert given(app, "viewer")["neighbours"] == [False, True]
    assert older.id


def test_what_is_copied(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio, seed=77))
    items = {each["label"]: each for each in given(page("jobs", job=job.id), "copy_texts")["items"]}
    assert items["Copy link"]["path"] == f"?job={job.id}"
    assert items["Copy infotext"]["text"] == "a dog\nSteps: 7, Seed: 77"
    assert items["Copy prompt"]["text"] == "a dog"
    assert items["Copy seed"]["text"] == "77"


def test_what_was_applied_and_where_the_time_went(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio))
    result = studio.jobs.detail(LOCAL, job.id).result
    assert result is not None
    lora = AppliedModel(
        kind=ModelKind.LORA,
        name="<ink>.safetensors",
        sha256="ab" * 32,
        weight=0.8,
        tier="S3",
        size=5_000_000,
        keys_matched=10,
        keys_unmatched=2,
    )
    changes = {
        "models": (lora,),
        "sampler_class": "DPMSolverMultistepScheduler",
        "seconds": {"fetch": 3.0, "draw": 12.0},
        "notes": ("Decoded in tiles for want of memory.",),
    }
    store(studio, result.model_copy(update=changes))
    app = page("jobs", job=job.id)
    shown = html(app)
    assert "&lt;ink&gt;.safetensors" in shown
    assert "abababab" in shown
    assert "weight 0.8, 10 layers applied, 2 without effect, from S3, 5 MB" in shown
    assert "DPM++ 2M, Automatic → DPMSolverMultistepScheduler" in shown
    assert "downloading models (5 MB)" in shown
    assert "drawing" in shown
    assert "Decoded in tiles" in " ".join(str(each.value) for each in app.warning)


def store(studio: Studio, result: GenerationResult) -> None:
    body = result.model_dump_json().encode()
    studio.storage.write(result_key(result.id), body, "application/json")


def test_it_runs_again_on_another_endpoint(page: Open, studio: Studio) -> None:
    job = finish(studio, submit(studio, seed=5))
    app = page("jobs", job=job.id)
    button(app, "Run again on …").click().run()
    assert "No other endpoint is InService" in captions(app)
    studio.endpoints.create(LOCAL, "elsewhere", "ml.m5.large", 1)
    wait_for(lambda: all(e.accepts_jobs for e in studio.endpoints.list(LOCAL, refresh=True)))
    app = page("jobs", job=job.id)
    button(app, "Run again on …").click().run()
    button(app, "elsewhere").click().run()
    assert not errors(app)
    newest = studio.jobs.newest(LOCAL)
    assert newest is not None
    assert (newest.endpoint, newest.prompt) == ("elsewhere", "a dog")
    assert app.query_params["job"] == newest.id
    request = studio.jobs.detail(LOCAL, finish(studio, newest).id).request
    assert request is not None
    assert request.seed == 5


def captions(app: AppTest) -> str:
    return " ".join(str(each.value) for each in app.caption)
