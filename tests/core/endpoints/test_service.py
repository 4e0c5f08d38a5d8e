"""Endpoints are what AWS says they are; what it would refuse is refused before it is asked."""

from pathlib import Path

import pytest

from core.endpoints.spec import EndpointSpec, config_arguments, instance_types, model_arguments
from core.endpoints.status import Endpoint, EndpointConfig, EndpointStatus, parse_endpoint
from core.errors import Conflict, EndpointNotReady, InvalidInput, NotFound
from core.ids import utc_now
from core.jobs.preparing.draft import Draft
from core.settings import Backend, Settings
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.support.helpers import wait_for


def only(studio: Studio) -> Endpoint:
    (endpoint,) = studio.endpoints.list(LOCAL, refresh=True)
    return endpoint


@pytest.mark.slow
def test_from_creating_to_gone(studio: Studio) -> None:
    name = f"e-{studio.settings.bucket[-12:]}"
    studio.endpoints.create(LOCAL, name, "ml.m5.large", 1)
    first = only(studio)
    assert (first.name, first.status, first.owner) == (name, EndpointStatus.CREATING, "local")
    assert "still being created" in first.unavailable_reason
    draft = Draft(endpoint=name, checkpoints=("a.safetensors",), prompt="x")
    with pytest.raises(EndpointNotReady, match="Creating; nothing was sent"):
        studio.jobs.submit(LOCAL, draft, "click")
    with pytest.raises(Conflict):
        studio.endpoints.create(LOCAL, name, "ml.m5.large", 1)
    ready = wait_for(lambda: e if (e := only(studio)).accepts_jobs else None, every=0.5)
    assert (ready.status, ready.instances) == (EndpointStatus.IN_SERVICE, 1)
    assert ready.instance_type == "ml.m5.large"
    studio.endpoints.delete(LOCAL, name)
    wait_for(lambda: not studio.endpoints.list(LOCAL, refresh=True))
    with pytest.raises(NotFound):
        studio.endpoints.delete(LOCAL, name)


def test_another_buckets_endpoints_are_not_shown(studio: Studio) -> None:
    assert studio.endpoints.list(LOCAL, refresh=True) == ()


@pytest.mark.parametrize(
    ("name", "kind", "count", "field"),
    [
        ("", "ml.m5.large", 1, "name"),
        ("-a", "ml.m5.large", 1, "name"),
        ("a_b", "ml.m5.large", 1, "name"),
        ("../x", "ml.m5.large", 1, "name"),
        ("x" * 64, "ml.m5.large", 1, "name"),
        ("fine", "ml.made.up", 1, "instance_type"),
        ("fine", "ml.m5.large", 0, "instances"),
        ("fine", "ml.m5.large", 11, "instances"),
    ],
)
def test_bad_specs_are_refused(
    studio: Studio, name: str, kind: str, count: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        studio.endpoints.create(LOCAL, name, kind, count)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("backend", "instance_type", "at_once"),
    [("aws", "ml.g5.xlarge", 8), ("aws", "ml.m5.large", 1), ("embedded", "ml.g5.xlarge", 1)],
)
def test_a_container_holds_what_sagemaker_sends_it(
    backend: str, instance_type: str, at_once: int
) -> None:
    settings = Settings(backend=Backend(backend))
    spec = EndpointSpec(name="e", instance_type=instance_type, instances=1, owner="local")
    client = config_arguments(spec, settings)["AsyncInferenceConfig"]["ClientConfig"]
    assert client["MaxConcurrentInvocationsPerInstance"] == at_once
    environment = model_arguments(spec, settings)["PrimaryContainer"]["Environment"]
    assert int(environment["CONTRAPPOSTO_QUEUE_DEPTH"]) == at_once + 2


@pytest.mark.parametrize("topic", ["", "arn:aws:sns:eu-west-1:123456789012:jobs-ended"])
def test_a_topic_that_is_there_is_told_of_ends(topic: str) -> None:
    spec = EndpointSpec(name="e", instance_type="ml.g5.xlarge", instances=1, owner="local")
    output = config_arguments(spec, Settings(), topic)["AsyncInferenceConfig"]["OutputConfig"]
    expected = {"SuccessTopic": topic, "ErrorTopic": topic} if topic else None
    assert output.get("NotificationConfig") == expected


def test_instance_types_come_from_botocore(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And from nothing of this user's AWS configuration, which here can't be read."""
    (tmp_path / "config").write_text("[default\nbroken")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    instance_types.cache_clear()
    assert {"ml.m5.large", "ml.g5.xlarge", "ml.g6e.xlarge"} <= set(instance_types())


PENDING = {"PendingDeploymentSummary": {"EndpointConfigName": "new"}}
TAKES_JOBS = {
    EndpointStatus.OUT_OF_SERVICE: False,
    EndpointStatus.CREATING: False,
    EndpointStatus.SYSTEM_UPDATING: False,
    EndpointStatus.ROLLING_BACK: False,
    EndpointStatus.IN_SERVICE: True,
    EndpointStatus.DELETING: False,
    EndpointStatus.FAILED: False,
    EndpointStatus.UPDATE_ROLLBACK_FAILED: False,
}


@pytest.mark.parametrize(
    ("status", "extra", "takes_jobs"),
    [
        *((status, {}, takes) for status, takes in TAKES_JOBS.items()),
        (EndpointStatus.UPDATING, {}, True),  # only its capacity changes
        (EndpointStatus.UPDATING, PENDING, False),
    ],
)
def test_only_an_endpoint_that_works_takes_jobs(
    status: EndpointStatus, extra: dict[str, object], takes_jobs: bool
) -> None:
    now = utc_now()
    answer = {
        "EndpointName": "e",
        "EndpointStatus": status.value,
        "CreationTime": now,
        "LastModifiedTime": now,
        **extra,
    }
    config = EndpointConfig(instance_type="ml.m5.large", is_ours=True, owner="ann")
    endpoint = parse_endpoint(answer, config)  # type: ignore[arg-type]  # the fields that are read
    assert endpoint.accepts_jobs is takes_jobs
    assert bool(endpoint.unavailable_reason) is not takes_jobs


def test_every_state_of_sagemaker_is_known() -> None:
    assert {*TAKES_JOBS, EndpointStatus.UPDATING} == set(EndpointStatus)
