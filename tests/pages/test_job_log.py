"""The container's lines of one job on its detail, read when the button is pressed."""

from datetime import datetime

from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import button, finish
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open

CHECKPOINT = "tiny-noise-v1.safetensors"


def test_the_log_shows_the_lines_of_the_job_alone(page: Open, studio: Studio) -> None:
    draft = Draft(
        endpoint="job-log", checkpoints=(CHECKPOINT,), prompt="a dog", width=64, height=64
    )
    (job,) = studio.jobs.submit(LOCAL, draft, new_id())
    wait_for(lambda: studio.jobs.get(LOCAL, job.id).sent_at)
    finish(studio, job)
    app = page("jobs", job=job.id)
    button(app, "Container log").click().run()
    assert "no line of this job" in " ".join(str(caption.value) for caption in app.caption)

    lines = (f"event=started job={job.id}", f"event=started job={new_id()}", '{"Job":"x"}')
    write(studio, job.created_at, *lines)
    button(app, "Container log").click().run()
    assert not app.exception
    assert lines[0] in [code.value for code in app.code]


def write(studio: Studio, at: datetime, *lines: str) -> None:
    logs = studio.container_log._logs
    group, stream = "/aws/sagemaker/Endpoints/job-log", new_id()
    known = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    if not known:
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(at.timestamp() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
