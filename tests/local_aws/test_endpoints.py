"""Endpoints from CreateEndpoint to gone, as boto3 sees them."""

import os
import signal
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws.conftest import Cloud, refusal, until


def test_an_endpoint_is_created_serves_and_is_deleted(cloud: Cloud, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    config = cloud.config(cloud.model(Environment={"STUB_READY": str(ready)}))
    name = cloud.create(config)
    assert cloud.describe(name)["EndpointStatus"] == "Creating"
    assert cloud.counts(name) == (0, 1)
    ready.touch()
    waiter = cloud.sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    assert cloud.counts(name) == (1, 1)
    pid = cloud.output(cloud.submit(name))["pid"]
    cloud.sagemaker.delete_endpoint(EndpointName=name)
    gone = cloud.sagemaker.get_waiter("endpoint_deleted")
    gone.wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_descriptions_have_what_was_given_and_no_empty_field(cloud: Cloud) -> None:
    model = cloud.model(ModelDataUrl="s3://things/none.tar.gz")
    config = cloud.config(model, slots=3)
    name = cloud.create(config)
    described = {
        **cloud.sagemaker.describe_model(ModelName=model),
        **cloud.sagemaker.describe_endpoint_config(EndpointConfigName=config),
        **cloud.describe(name),
    }
    assert described["ModelArn"].endswith(f":model/{model}")
    assert described["EndpointConfigArn"].endswith(f":endpoint-config/{config}")
    assert described["EndpointArn"].endswith(f":endpoint/{name}")
    client = described["AsyncInferenceConfig"]["ClientConfig"]
    assert client == {"MaxConcurrentInvocationsPerInstance": 3}
    assert [k for k, v in described.items() if v in ({}, [], None)] == []
    cloud.reach(name, "Failed")


@pytest.mark.parametrize(
    ("container", "reasons"),
    [
        (
            {"Environment": {"STUB_EXIT": "no weights"}},
            ["variant main did not pass the ping health check", "exited with status 1: the stub"],
        ),
        ({"ModelDataUrl": "s3://things/none.tar.gz"}, ["Failed to download model data"]),
        ({"ModelDataUrl": "s3://nowhere/none.tar.gz"}, ["Failed to download model data"]),
    ],
)
def test_an_endpoint_that_cannot_start_fails_with_the_reason(
    cloud: Cloud, container: Mapping[str, Any], reasons: list[str]
) -> None:
    name = cloud.create(cloud.config(cloud.model(**container)))
    found = cloud.reach(name, "Failed")["FailureReason"]
    assert [reason for reason in reasons if reason not in found] == []
    assert cloud.counts(name)[0] == 0
    code, message, _ = refusal(lambda: cloud.submit(name))
    assert (code, "is Failed" in message) == ("ValidationError", True)
    assert refusal(lambda: cloud.scale(name, 2))[0] == "ValidationException"
    cloud.sagemaker.delete_endpoint(EndpointName=name)
    until(lambda: name not in names(cloud))


def names(cloud: Cloud, **asked: Any) -> list[str]:
    found = cloud.sagemaker.list_endpoints(MaxResults=100, **asked)["Endpoints"]
    return [endpoint["EndpointName"] for endpoint in found]


def test_nothing_is_made_twice_and_nothing_found_that_is_not_there(cloud: Cloud) -> None:
    model = cloud.model()
    config = cloud.config(model)
    name = cloud.create(config)
    again = [
        lambda: cloud.model(model),
        lambda: cloud.config(model, config),
        lambda: cloud.create(config, name),
    ]
    for call in again:
        code, message, status = refusal(call)
        assert (code, status) == ("ValidationException", 400)
        assert message.startswith("Cannot create already existing")
    missing = [
        lambda: cloud.sagemaker.describe_model(ModelName="none"),
        lambda: cloud.sagemaker.delete_endpoint_config(EndpointConfigName="none"),
        lambda: cloud.describe("none"),
        lambda: cloud.create("none"),
        lambda: cloud.config("none"),
        lambda: cloud.sagemaker.delete_endpoint(EndpointName="none"),
    ]
    for call in missing:
        code, message, status = refusal(call)
        assert (code, status) == ("ValidationException", 400)
        assert message.startswith("Could not find")


def test_an_endpoint_being_created_can_neither_be_changed_nor_used(
    cloud: Cloud, tmp_path: Path
) -> None:
    config = cloud.config(cloud.model(Environment={"STUB_READY": str(tmp_path / "never")}))
    name = cloud.create(config)
    for call in (
        lambda: cloud.scale(name, 2),
        lambda: cloud.sagemaker.delete_endpoint(EndpointName=name),
        lambda: cloud.sagemaker.update_endpoint(
            EndpointName=name, EndpointConfigName=cloud.config(cloud.model())
        ),
    ):
        assert "Cannot update in-progress endpoint" in refusal(call)[1]
    assert "is Creating" in refusal(lambda: cloud.submit(name))[1]


def test_capacity_goes_to_zero_and_back(cloud: Cloud, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    ready.touch()
    name = cloud.deploy(environment={"STUB_READY": str(ready)})
    first = cloud.output(cloud.submit(name))["pid"]
    cloud.scale(name, 0)
    cloud.reach(name, "InService")
    assert cloud.counts(name) == (0, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    waiting = cloud.submit(name)
    ready.unlink()
    cloud.scale(name, 2)
    assert cloud.describe(name)["EndpointStatus"] == "Updating"
    ready.touch()
    assert cloud.output(waiting)["pid"] != first
    cloud.reach(name, "InService")
    assert cloud.counts(name) == (2, 2)


def test_scaling_in_lets_running_invocations_end(cloud: Cloud, tmp_path: Path) -> None:
    name, go = cloud.deploy(InitialInstanceCount=2), tmp_path / "go"
    running = [cloud.submit(name, {"until": str(go)}) for _ in range(2)]
    until(lambda: cloud.begun(name) == 2)
    cloud.scale(name, 1)
    assert cloud.describe(name)["EndpointStatus"] == "Updating"
    go.touch()
    assert len({cloud.output(each)["pid"] for each in running}) == 2
    cloud.reach(name, "InService")
    assert cloud.counts(name) == (1, 1)


def test_a_container_has_its_time_to_end(cloud: Cloud) -> None:
    name = cloud.deploy(environment={"STUB_DRAIN_S": "2.5"})
    cloud.scale(name, 0)
    cloud.reach(name, "InService")
    log = cloud.data / "endpoints" / name / "logs" / "main-1.log"
    assert log.read_text() == "drained\n"


def test_an_update_changes_over_when_the_new_version_is_healthy(
    cloud: Cloud, tmp_path: Path
) -> None:
    name, ready = cloud.deploy(), tmp_path / "ready"
    old = cloud.output(cloud.submit(name))
    slow = cloud.model(Environment={"STUB_READY": str(ready), "GREETING": "new"})
    config = cloud.config(slow)
    cloud.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    during = cloud.describe(name)
    assert during["EndpointStatus"] == "Updating"
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == config
    assert cloud.output(cloud.submit(name))["pid"] == old["pid"]
    ready.touch()
    assert cloud.reach(name, "InService")["EndpointConfigName"] == config
    assert cloud.output(cloud.submit(name))["environment"]["GREETING"] == "new"
    until(lambda: not is_alive(old["pid"]))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_update_that_cannot_start_leaves_the_old_version(cloud: Cloud) -> None:
    name = cloud.deploy()
    config = cloud.describe(name)["EndpointConfigName"]
    broken = cloud.config(cloud.model(Environment={"STUB_EXIT": "broken build"}))
    cloud.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=broken)
    after = cloud.reach(name, "InService")
    assert after["EndpointConfigName"] == config
    assert "broken build" in after["FailureReason"]
    assert cloud.output(cloud.submit(name))["pid"]
    assert "broken build" in cloud.describe(name)["FailureReason"]


def test_a_container_killed_from_outside_comes_back(cloud: Cloud) -> None:
    name = cloud.deploy()
    pid = cloud.output(cloud.submit(name))["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: cloud.counts(name)[0] == 0)
    assert cloud.output(cloud.submit(name))["pid"] != pid
    assert cloud.describe(name)["EndpointStatus"] == "InService"


def test_a_container_whose_shim_is_killed_ends_and_comes_back(cloud: Cloud) -> None:
    name = cloud.deploy()
    pid = cloud.output(cloud.submit(name))["pid"]
    listed = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, check=True)
    os.kill(int(listed.stdout), signal.SIGKILL)
    until(lambda: not is_alive(pid))
    assert cloud.output(cloud.submit(name))["pid"] != pid


def test_lists_are_filtered_sorted_and_paged(cloud: Cloud) -> None:
    models = [cloud.model(f"listed-{letter}") for letter in "bac"]
    asked: Any = {"NameContains": "LISTED", "SortBy": "Name", "SortOrder": "Ascending"}
    page = cloud.sagemaker.list_models(MaxResults=2, **asked)
    rest = cloud.sagemaker.list_models(MaxResults=2, NextToken=page["NextToken"], **asked)
    found = [model["ModelName"] for model in page["Models"] + rest["Models"]]
    assert found == sorted(models)
    assert "NextToken" not in rest
    newest = cloud.sagemaker.list_models(NameContains="listed")["Models"]
    assert [model["ModelName"] for model in newest] == models[::-1]
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert cloud.sagemaker.list_models(CreationTimeAfter=soon)["Models"] == []
    assert refusal(lambda: cloud.sagemaker.list_models(NextToken="made-up"))[0] == (
        "ValidationException"
    )


def test_endpoints_are_listed_by_status(cloud: Cloud) -> None:
    failed = cloud.create(cloud.config(cloud.model(Environment={"STUB_EXIT": "1"})))
    cloud.reach(failed, "Failed")
    assert failed in names(cloud, StatusEquals="Failed")
    assert failed not in names(cloud, StatusEquals="InService")


def test_tags_are_added_listed_and_deleted(cloud: Cloud) -> None:
    arn = cloud.sagemaker.describe_model(ModelName=cloud.model())["ModelArn"]
    cloud.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    cloud.sagemaker.add_tags(
        ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}]
    )
    cloud.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["b"])
    assert cloud.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "2"}]


def test_variants_share_an_endpoint(cloud: Cloud) -> None:
    names = ["one", "two"]
    config = cloud.sagemaker.create_endpoint_config(
        EndpointConfigName="two-variants",
        ProductionVariants=[
            {
                "VariantName": name,
                "ModelName": cloud.model(Environment={"GREETING": name}),
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
            for name in names
        ],
    )
    assert config["EndpointConfigArn"]
    endpoint = cloud.create("two-variants")
    cloud.reach(endpoint, "InService")
    for name in names:
        answer = cloud.runtime.invoke_endpoint(
            EndpointName=endpoint, TargetVariant=name, Body=b"{}"
        )
        assert answer["InvokedProductionVariant"] == name
        assert f'"GREETING": "{name}"'.encode() in answer["Body"].read()
