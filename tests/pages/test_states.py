"""An endpoint that takes no jobs: the page says so at the picker, sends nothing, keeps nothing."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.aws.client import Connection
from core.endpoints.service import EndpointStatus
from core.endpoints.spec import EndpointSpec, config_arguments, endpoint_arguments, model_arguments
from core.jobs.records import JobFilter
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.pages.steps import button, errors
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from ui.state import set_studio

NEVER = {"STUB_READY": "/nowhere/ready"}


def create(studio: Studio, name: str, environment: Mapping[str, str]) -> None:
    """An endpoint whose container does what the environment says."""
    sagemaker, settings = studio.endpoints.resources._sagemaker, studio.settings
    order = EndpointSpec(name=name, instance_type="ml.m5.large", instances=1, owner=LOCAL.name)
    model = model_arguments(order, settings)
    model["PrimaryContainer"]["Environment"].update(environment)
    sagemaker.create_model(**model)
    sagemaker.create_endpoint_config(**config_arguments(order, settings))
    sagemaker.create_endpoint(**endpoint_arguments(order, studio.settings))


def update(studio: Studio, name: str, environment: Mapping[str, str]) -> None:
    """Bring another version of an endpoint on its way."""
    sagemaker, settings = studio.endpoints.resources._sagemaker, studio.settings
    fresh = EndpointSpec(name=f"{name}-2", instance_type="ml.m5.large", instances=1, owner="x")
    model = model_arguments(fresh, settings)
    model["PrimaryContainer"]["Environment"].update(environment)
    sagemaker.create_model(**model)
    sagemaker.create_endpoint_config(**config_arguments(fresh, settings))
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-2")


def reach(studio: Studio, name: str, status: EndpointStatus) -> None:
    def arrived() -> bool:
        found = studio.endpoints.find(LOCAL, name)
        return found is not None and found.status is status

    wait_for(arrived)


def bring(studio: Studio, name: str, status: EndpointStatus) -> None:
    """An endpoint in this state, which stays in it while a test looks."""
    if status is EndpointStatus.CREATING:
        create(studio, name, NEVER)
    elif status is EndpointStatus.FAILED:
        create(studio, name, {"STUB_EXIT": "no weights"})
    else:
        create(studio, name, {"STUB_DRAIN_S": "28"})  # SIGKILL comes after 30
        reach(studio, name, EndpointStatus.IN_SERVICE)
        if status is EndpointStatus.UPDATING:
            update(studio, name, NEVER)
        else:
            studio.endpoints.delete(LOCAL, name)
    reach(studio, name, status)
    studio.endpoints.list(LOCAL, refresh=True)


def kept(studio: Studio) -> tuple[int, int]:
    """How many jobs there are, and how many objects that a job would have."""
    jobs = studio.jobs.page(LOCAL, JobFilter(), 500).jobs
    return len(jobs), len(studio.storage.list("jobs/")) + len(studio.storage.list("inputs/"))


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (EndpointStatus.CREATING, "is still being created; wait until it is InService"),
        (EndpointStatus.UPDATING, "is being updated; wait until it is InService"),
        (EndpointStatus.FAILED, "failed; delete it and create another"),
        (EndpointStatus.DELETING, "is being deleted; choose another"),
    ],
)
@pytest.mark.parametrize("name", ["generate", "controlnet"])
def test_it_is_said_at_the_picker(
    studio: Studio, page: Open, status: EndpointStatus, says: str, name: str
) -> None:
    endpoint = f"{name}-{status.lower()}"
    bring(studio, endpoint, status)
    app = page(name)
    app.text_area(key=f"{name}.prompt").set_value("a cute dog")
    app.session_state[f"{name}.endpoint"] = endpoint
    app.run()
    before = kept(studio)
    button(app, "Generate on Cloud").click().run()
    assert f"The endpoint {endpoint} {says}" in errors(app)
    assert not app.exception
    assert kept(studio) == before


def test_without_any_endpoint_or_model_the_form_says_what_to_do(
    connection: Connection, page: Open, studio: Studio, tmp_path: Path
) -> None:
    with open_studio(Settings(demo=False, data=tmp_path, bucket="nothing"), connection) as empty:
        set_studio(empty)
        app = page("generate")
        button(app, "Generate on Cloud").click().run()
        assert "Choose an endpoint" in errors(app)
        assert "Choose at least one checkpoint" in errors(app)
        assert "Write a prompt" in errors(app)
        assert kept(empty) == (0, 0)
        set_studio(studio)


def test_a_container_that_died_is_seen_until_another_took_its_place(
    studio: Studio, page: Open, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    ready.touch()
    create(studio, "mortal", {"STUB_READY": str(ready)})
    reach(studio, "mortal", EndpointStatus.IN_SERVICE)
    app = page("endpoints")
    ready.unlink()
    studio._workers.sender._runtime.invoke_endpoint_async(
        EndpointName="mortal", Body=b'{"die": true}'
    )
    wait_for(lambda: instances(studio, "mortal") == 0)
    app.run()
    assert any("0 of 1 instance, 1 starting" in str(line.value) for line in app.caption)
    ready.touch()
    wait_for(lambda: instances(studio, "mortal") == 1)
    app.run()
    assert not any("1 starting" in str(line.value) for line in app.caption)


def instances(studio: Studio, name: str) -> int:
    found = studio.endpoints.list(LOCAL, refresh=True)
    return next(endpoint.instances for endpoint in found if endpoint.name == name)
