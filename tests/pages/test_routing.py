"""The picker tells which endpoint has the checkpoint, and "any endpoint" sends a job there."""

from core.endpoints.model_caches.caches import CacheTier
from core.ids import utc_now
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.progress import CacheReport
from formats.keys import cache_report_key
from formats.models.kinds import ModelKind
from tests.pages.steps import button, errors
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open

CHECKPOINT = "tiny-noise-v1.safetensors"


def test_a_job_for_any_endpoint_goes_to_the_warm_one(page: Open, studio: Studio) -> None:
    studio.endpoints.create(LOCAL, "other", "ml.m5.large", 1)
    wait_for(lambda: all(e.accepts_jobs for e in studio.endpoints.list(LOCAL, refresh=True)))
    file = studio.models.find(LOCAL, ModelKind.CHECKPOINT, CHECKPOINT)
    assert file
    assert file.sha256
    report = CacheReport(endpoint="routing", in_memory=(file.sha256,), at=utc_now())
    body = report.model_dump_json().encode()
    studio.storage.write(cache_report_key("one"), body, "application/json")
    warm = studio.endpoints.look_up("routing")
    assert warm
    wait_for(lambda: studio.caches.tier(warm, file.sha256) is CacheTier.MEMORY)

    app = page("generate")
    app.multiselect(key="generate.checkpoints").set_value([CHECKPOINT]).run()
    picker = next(box for box in app.selectbox if box.label == "Endpoint")
    assert [option for option in picker.options if "checkpoint in memory" in option] == [
        option for option in picker.options if "routing" in option
    ]
    picker.select("*").run()
    app.text_area(key="generate.prompt").set_value("a cute dog").run()
    button(app, "Generate on Cloud").click().run()
    assert not errors(app)
    assert not app.exception
    job = studio.jobs.newest(LOCAL)
    assert job
    assert job.endpoint == "routing"
    assert job.routed_because == "Sent to routing: it is idle and has the checkpoint in memory."
    tables = " ".join(str(html.proto.body) for html in page("jobs", job=job.id).get("html"))
    assert "Sent to routing" in tables
