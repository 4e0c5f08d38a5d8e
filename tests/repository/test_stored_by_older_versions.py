"""What a team stored with an older version is still there, and still works.

Each `tests/data/data-<version>.tar.gz` is a data folder that dashboards of that version left, two
of them killed at work. `python -m scripts.stored_data` made it, run with that version's code and
the real parts; each release adds one. Nothing in it may be changed.
"""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from core.aws.client import Connection
from core.jobs.records import Job, JobFilter, JobOrder
from core.models.uploads.records import UploadStage
from core.models.uploads.sending import contents
from core.poses.index import read_index
from core.settings import Settings
from core.studio import demo
from core.studio.service import Studio, open_studio
from core.team.permissions import Visibility
from core.team.users import LOCAL
from formats.generation.infotext import read
from formats.generation.request import GenerationRequest
from formats.keys import input_key, map_key, pose_key, pose_score_key, thumbnail_key
from formats.models.kinds import ModelKind
from local_aws.launcher import launch
from tests.pages.steps import button, errors
from tests.support import stored_values as stored
from tests.support.helpers import CONTAINER, ROOT, wait_for
from ui.state import set_studio

pytestmark = pytest.mark.slow
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
ARCHIVES = sorted((ROOT / "tests" / "data").glob("data-*.tar.gz"))


@pytest.fixture(scope="module", params=ARCHIVES, ids=lambda archive: archive.name)
def studio(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """This version's studio, embedded AWS and container on that version's folder.

    Its time to wait is short, so that what waited when the folder was left has waited too long.
    """
    data = tmp_path_factory.mktemp("stored") / ".data"
    with tarfile.open(request.param) as packed:
        packed.extractall(data, filter="data")
    settings = Settings(
        data=data, demo=False, poll_seconds=0.1, heartbeat_seconds=600, request_ttl_seconds=60
    )
    with launch(data, container_command=CONTAINER) as aws:
        connection = Connection(
            url=aws.url,
            access_key=aws.access_key,
            secret_key=SecretStr(aws.secret_key),
            region=aws.region,
        )
        with open_studio(settings, connection) as opened:
            wait_for(lambda: opened.endpoints.list(LOCAL, refresh=True)[0].accepts_jobs, 120)
            set_studio(opened)
            yield opened
            set_studio(None)


def jobs(studio: Studio) -> list[Job]:
    """All of them, the oldest first."""
    return list(reversed(studio.jobs.page(LOCAL, JobFilter(), 100).jobs))


def job_of(studio: Studio, prompt: str) -> Job:
    return next(job for job in jobs(studio) if job.prompt == prompt)


def ended(studio: Studio, job: Job) -> Job:
    wait_for(lambda: not studio.jobs.get(LOCAL, job.id).state.is_open, 180)
    return studio.jobs.get(LOCAL, job.id)


def image_of(studio: Studio, key: str) -> Image.Image:
    return Image.open(io.BytesIO(studio.storage.read(key).data))


def page(name: str) -> AppTest:
    """A page in a new browser session."""
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60).run()
    if name != "generate":
        app.switch_page(f"../pages/{name}.py").run()
    assert not app.exception
    return app


def typed(app: AppTest, form: str, fields: Iterable[str]) -> dict[str, Any]:
    return {field: app.session_state[f"{form}.{field}"] for field in fields}


def sent(app: AppTest, studio: Studio) -> GenerationRequest:
    """Press the button, and what the container gets."""
    button(app, "Generate on Cloud").click().run()
    assert not errors(app)
    newest = studio.jobs.newest(LOCAL)
    assert newest
    return wait_for(lambda: studio.jobs.detail(LOCAL, newest.id).request)


def test_every_job_is_listed_as_it_ended(studio: Studio) -> None:
    shown = attrgetter("prompt", "mode", "checkpoint", "state", "image_count", "units")
    found = [shown(job) for job in jobs(studio)]
    assert found[: len(stored.JOBS)] == list(stored.JOBS)
    ownership = {(job.endpoint, job.owner, job.visibility) for job in jobs(studio)}
    assert ownership == {("demo", "local", Visibility.PRIVATE)}
    assert {prompt for prompt, *_ in found[len(stored.JOBS) :]} >= set(stored.OPEN)


@pytest.mark.parametrize("prompt", stored.DETAILS)
def test_a_job_has_its_request_result_and_images(studio: Studio, prompt: str) -> None:
    size, fields, parameters = stored.DETAILS[prompt]
    job = job_of(studio, prompt)
    detail = studio.jobs.detail(LOCAL, job.id)
    assert detail.request
    assert detail.result
    data = detail.request.model_dump(mode="json")
    assert {path: part(data, path) for path in fields} == fields
    assert detail.result.outcome.value == job.state.value
    assert detail.result.maps == job.units
    assert all(image_of(studio, map_key(job.id, unit)).width for unit in range(job.units))
    for index, result in enumerate(detail.result.pictures):
        png = studio.jobs.image(LOCAL, job.id, index)
        assert hashlib.sha256(png).hexdigest() == result.sha256
        with Image.open(io.BytesIO(png)) as image:
            assert image.size == (result.width, result.height) == size
            assert image.info["parameters"] == result.infotext
        assert image_of(studio, thumbnail_key(job.id, index)).format == "WEBP"
    assert studio.jobs.draft_of(LOCAL, job.id).prompt == prompt
    text = read(detail.result.pictures[0].infotext)
    assert text.prompt.startswith(prompt)
    assert parameters.items() <= text.parameters.items()


def part(data: Any, path: str) -> Any:
    """`controlnets.0.model` of a JSON document."""
    for step in path.split("."):
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def test_a_pose_score_is_kept_and_sorts(studio: Studio) -> None:
    scored = studio.jobs.page(LOCAL, JobFilter(order=JobOrder.POSE_SCORE)).jobs
    assert studio.storage.head(pose_score_key(scored[0].id))
    kept = studio.scores.of_job(LOCAL, scored[0].id)
    assert kept
    assert (scored[0].prompt, scored[0].pose_score) == (stored.POSED, kept.value)
    assert 0.5 < (kept.value or 0) <= 1


@pytest.mark.parametrize("prompt", stored.ENDS)
def test_a_job_that_was_open_or_has_no_image_comes_to_an_end(studio: Studio, prompt: str) -> None:
    state, image_count, why, answered = stored.ENDS[prompt]
    job = ended(studio, job_of(studio, prompt))
    assert (job.state, job.image_count) == (state, image_count)
    assert re.fullmatch(why, f"{job.failure.code}: {job.failure.message}" if job.failure else "")
    result = studio.jobs.detail(LOCAL, job.id).result
    assert (result.outcome.value if result else "") == (state if answered else "")


def test_a_job_is_run_again_from_what_was_stored(studio: Studio) -> None:
    again = studio.jobs.retry(LOCAL, job_of(studio, "a boat").id, "once more")
    assert ended(studio, again).state == "succeeded"


def test_models_and_the_endpoint_are_there_and_the_first_run_is_over(studio: Studio) -> None:
    assert demo.install_once(studio, demo.FOLDER) is None
    files = {file.name: file for file in studio.models.list(LOCAL) if "big" not in file.name}
    assert {name: file.kind.label for name, file in files.items()} == {
        stored.TINY: "Checkpoint",
        stored.LORA: "LoRA",
        "tiny-pose.safetensors": "ControlNet",
        "tiny-words.safetensors": "Embedding",
        "tiny-vae.safetensors": "VAE",
        "tiny-upscaler.safetensors": "Upscaler",
    }
    assert all(file.sha256 and file.owner == "local" for file in files.values())
    assert files[stored.LORA].description == "Noise of another kind. Say: noisy."
    (endpoint,) = studio.endpoints.list(LOCAL, refresh=True)
    assert (endpoint.name, endpoint.instance_type, endpoint.owner, endpoint.desired) == (
        "demo",
        "ml.m5.large",
        "local",
        1,
    )


def test_the_team_finds_its_poses(studio: Studio) -> None:
    bow, *others = studio.poses.list(LOCAL)
    assert (bow.name, bow.tags, bow.revision, bow.owner) == ("Bow", ("stage", "end"), 2, "local")
    assert {pose.name for pose in others} == {f"Pose {number}" for number in range(1, 16)}
    assert all(len(pose.skeleton.people) == 1 and pose.thumbnail for pose in (bow, *others))
    index = read_index(studio.storage)
    assert len(index) == 16
    assert index[pose_key(bow.id)].pose.name == "Pose 0"
    app = page("controlnet")
    app.session_state["library.shelf"] = "Team"
    button(app, "Pose library").click().run()
    shown = {one.proto.component_name: one.proto.json for one in app.get("bidi_component")}
    gallery = next(shown[name] for name in shown if name.endswith("gallery"))
    assert len(json.loads(gallery)["items"]) == 16


def test_generate_is_filled_with_what_was_typed(studio: Studio) -> None:
    app = page("generate")
    assert typed(app, "generate", stored.GENERATE) == stored.GENERATE
    request = sent(app, studio)
    assert request.loras[0].weight == 0.35
    assert request.init_image
    assert image_of(studio, input_key(request.init_image)).size == (96, 64)
    assert request.inpaint
    mask = image_of(studio, input_key(request.inpaint.mask))
    assert [mask.getpixel(at) for at in ((48, 32), (48, 4))] == [255, 0]


def test_controlnet_is_filled_with_what_was_typed(studio: Studio) -> None:
    app = page("controlnet")
    assert typed(app, "controlnet", stored.CONTROLNET) == stored.CONTROLNET
    kept = app.session_state["controlnet.kept"]
    assert (kept.saved.name, kept.saved.revision) == ("Bow", 2)
    assert [cell.label for cell in kept.sheet] == ["Bow", "Pose 15"]
    assert "Download the sheet" in {found.proto.label for found in app.get("download_button")}
    pose, edges, sketch = sent(app, studio).controlnets
    assert pose.pose == kept.pose
    assert (edges.preprocessor, edges.thresholds) == ("canny", (30, 80))
    strokes = image_of(studio, input_key(sketch.image))
    assert strokes.size == (64, 128)
    assert [strokes.getpixel(at) for at in ((32, 64), (32, 8))] == [WHITE, BLACK]


def test_an_upload_goes_on_where_it_was_killed(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "check_pickle", lambda _: None)  # that version took any bytes
    app = page("models")
    assert app.text_area(key="models.paths").value == stored.PATHS
    with (tmp_path / "big-embedding.pt").open("wb") as file:
        file.truncate(65 << 20)
    app.text_area(key="models.paths").set_value(file.name)
    app.selectbox(key="models.kind").set_value(ModelKind.EMBEDDING).run()
    button(app, "Upload").click().run()
    assert not errors(app)
    wait_for(lambda: not studio.uploads.list(LOCAL)[0].active)
    (upload,) = studio.uploads.list(LOCAL)
    assert (upload.stage, upload.parts, upload.parts_skipped) == (UploadStage.DONE, 2, 1)
    sizes = {file.key: file.size for file in studio.storage.list("models/embeddings/big")}
    assert sizes == {"models/embeddings/big-embedding.pt": 65 << 20}
    assert studio.storage.list("uploads/") == ()
