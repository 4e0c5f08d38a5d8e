"""Scaling: what policies and alarms want (pure), and an endpoint that sleeps and wakes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local_aws.autoscaling.decisions import (
    endpoint_metrics,
    evaluation_period,
    is_breaching,
    metric_value,
    missing_data_state,
    step_scaling_capacity,
    target_tracking_capacity,
    variant_metrics,
)
from local_aws.autoscaling.metric_math import UnknownExpression, evaluate
from tests.local_aws.conftest import Cloud, refusal, start, until

DIMENSION: Any = {
    "ServiceNamespace": "sagemaker",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


@pytest.mark.parametrize(
    ("backlog", "instances", "per_instance", "stuck"),
    [(0, 0, 0.0, 0.0), (3, 0, 0.0, 1.0), (3, 2, 1.5, 0.0), (0, 2, 0.0, 0.0)],
)
def test_the_metrics_of_a_backlog(
    backlog: int, instances: int, per_instance: float, stuck: float
) -> None:
    assert endpoint_metrics(backlog, instances) == {
        "ApproximateBacklogSize": backlog,
        "ApproximateBacklogSizePerInstance": per_instance,
        "HasBacklogWithoutCapacity": stuck,
    }


@pytest.mark.parametrize(
    ("instances", "value", "count"),
    [
        (0, 0.0, None),
        (1, 5.0, None),
        (1, 4.5, None),
        (1, 5.1, 2),
        (2, 12.0, 5),
        (3, 4.0, 3),
        (3, 1.0, 1),
        (2, 0.0, 0),
    ],
)
def test_target_tracking_of_five_a_piece(instances: int, value: float, count: int | None) -> None:
    assert target_tracking_capacity({"TargetValue": 5}, instances, value) == count


STEPS = [
    {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 3},
]


@pytest.mark.parametrize(
    ("kind", "instances", "excess", "count"),
    [
        ("ChangeInCapacity", 0, 0.0, 1),
        ("ChangeInCapacity", 2, 10.0, 5),
        ("ChangeInCapacity", 2, -0.1, None),
        ("ExactCapacity", 2, 50.0, 3),
        ("PercentChangeInCapacity", 100, 0.0, 101),
        ("PercentChangeInCapacity", 10, 0.0, 11),
    ],
)
def test_step_policies(kind: str, instances: int, excess: float, count: int | None) -> None:
    policy = {"AdjustmentType": kind, "StepAdjustments": STEPS}
    assert step_scaling_capacity(policy, instances, excess) == count


def alarm(**fields: Any) -> dict[str, Any]:
    return {
        "MetricName": "HasBacklogWithoutCapacity",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": "e"}],
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1.0,
        "EvaluationPeriods": 2,
        "Period": 60,
        **fields,
    }


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({}, 1.0),
        ({"Namespace": "Mine"}, None),
        ({"Dimensions": []}, None),
        ({"Dimensions": [{"Name": "EndpointName", "Value": "f"}]}, None),
        ({"MetricName": "CPUUtilization"}, None),
    ],
)
def test_an_alarm_is_on_one_endpoints_metric(fields: dict[str, Any], value: float | None) -> None:
    assert metric_value(alarm(**fields), "e", endpoint_metrics(3, 0)) == value


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanOrEqualToThreshold", [1.0, 2.0]),
        ("GreaterThanThreshold", [2.0]),
        ("LessThanThreshold", [0.0]),
        ("LessThanOrEqualToThreshold", [0.0, 1.0]),
        ("LessThanLowerThreshold", []),
    ],
)
def test_alarms_compare(comparison: str, breaching: list[float]) -> None:
    compared = alarm(ComparisonOperator=comparison)
    assert [value for value in (0.0, 1.0, 2.0) if is_breaching(compared, value)] == breaching


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "INSUFFICIENT_DATA"),
        ({"TreatMissingData": "missing"}, "INSUFFICIENT_DATA"),
        ({"TreatMissingData": "notBreaching"}, "OK"),
        ({"TreatMissingData": "breaching"}, "ALARM"),
        ({"TreatMissingData": "ignore"}, None),
        ({"TreatMissingData": "breaching", "Namespace": "Mine"}, None),
    ],
)
def test_alarms_without_data(fields: dict[str, Any], state: str | None) -> None:
    assert missing_data_state(alarm(**fields)) == state


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, 0.0),
        ({"MetricName": "ApproximateBacklogSize"}, 120.0),
        ({"MetricName": "ApproximateBacklogSize", "DatapointsToAlarm": 1}, 60.0),
    ],
)
def test_only_the_wake_up_alarm_goes_off_at_once(fields: dict[str, Any], seconds: float) -> None:
    assert evaluation_period(alarm(**fields)) == seconds


def idle_alarm(endpoint: str) -> dict[str, Any]:
    """The metric math of an alarm on idle periods of 10 seconds."""

    def query(name: str, namespace: str, metric: str, stat: str, **more: str) -> dict[str, Any]:
        dimensions = {"EndpointName": endpoint, **more}
        return {
            "Id": name,
            "ReturnData": False,
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": metric,
                    "Dimensions": [{"Name": key, "Value": dimensions[key]} for key in dimensions],
                },
                "Period": 10,
                "Stat": stat,
            },
        }

    service, host = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
    return {
        "Metrics": [
            query("backlog", service, "ApproximateBacklogSize", "Maximum"),
            query("processed", service, "InvocationsProcessed", "Sum", VariantName="main"),
            query("samples", host, "CPUUtilization", "SampleCount", VariantName="main"),
            {
                "Id": "jobs",
                "Expression": "MAX([backlog, FILL(processed, 0)]) + 0 * samples",
                "ReturnData": True,
            },
        ]
    }


@pytest.mark.parametrize(
    ("backlog", "processed", "healthy", "value"),
    [
        (0, 0, 1, 0.0),
        (2, 0, 1, 2.0),
        (0, 3, 1, 3.0),  # it was too short to be seen waiting
        (0, 0, 0, None),  # without an instance a minute is not an idle one
        (4, 0, 0, None),
    ],
)
def test_the_jobs_of_an_idle_alarm(
    backlog: int, processed: int, healthy: int, value: float | None
) -> None:
    metrics = {**endpoint_metrics(backlog, healthy), **variant_metrics(processed, healthy)}
    assert metric_value(idle_alarm("e"), "e", metrics) == value
    assert metric_value(idle_alarm("f"), "e", metrics) is None
    assert evaluation_period({**idle_alarm("e"), "EvaluationPeriods": 3}) == 30.0


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a + 0.01", 2.01),
        ("a - 1", 1.0),
        ("a * a", 4.0),
        ("none + 1", None),
        ("FILL(none, 5)", 5.0),
        ("MAX([a, none, 1])", 2.0),
        ("MIN([a, 1])", 1.0),
        ("SUM([a, a, none])", 4.0),
        ("MAX([none])", None),
    ],
)
def test_metric_math(expression: str, value: float | None) -> None:
    assert evaluate(expression, {"a": 2.0, "none": None}) == value


@pytest.mark.parametrize("expression", ["b", "a b", "RATE(a)", "a ** a", "__import__('os')"])
def test_metric_math_that_is_not_evaluated(expression: str) -> None:
    with pytest.raises(UnknownExpression):
        evaluate(expression, {"a": 2.0})


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it is, the sleeper's containers are ready."""
    path = tmp_path_factory.mktemp("sleeper") / "ready"
    path.touch()
    return path


@pytest.fixture(scope="module")
def sleeper(tmp_path_factory: pytest.TempPathFactory, ready: Path) -> Iterator[tuple[Cloud, str]]:
    """A local AWS with an endpoint that may sleep: target tracking, a wake-up and an idle alarm."""
    cloud = start(tmp_path_factory.mktemp("scaling"))
    with cloud.aws:
        name = cloud.deploy(environment={"STUB_READY": str(ready)})
        resource = {**DIMENSION, "ResourceId": f"endpoint/{name}/variant/main"}
        scaling = cloud.autoscaling
        scaling.register_scalable_target(**resource, MinCapacity=0, MaxCapacity=2)
        scaling.put_scaling_policy(
            **resource,
            PolicyName="backlog",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 2.0,
                "CustomizedMetricSpecification": {
                    "MetricName": "ApproximateBacklogSizePerInstance",
                    "Namespace": "AWS/SageMaker",
                    "Dimensions": [{"Name": "EndpointName", "Value": name}],
                    "Statistic": "Average",
                },
                "ScaleInCooldown": 1,
                "ScaleOutCooldown": 1,
            },
        )
        wake = scaling.put_scaling_policy(
            **resource,
            PolicyName="wake",
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity",
                "Cooldown": 1,
                "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
            },
        )
        idle = scaling.put_scaling_policy(
            **resource,
            PolicyName="idle",
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ExactCapacity",
                "Cooldown": 1,
                "StepAdjustments": [{"MetricIntervalUpperBound": 0, "ScalingAdjustment": 0}],
            },
        )
        cloud.cloudwatch.put_metric_alarm(
            AlarmName="idle",
            **idle_alarm(name),
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[idle["PolicyARN"]],
        )
        cloud.cloudwatch.put_metric_alarm(
            AlarmName="stuck",
            **alarm(Dimensions=[{"Name": "EndpointName", "Value": name}]),
            Statistic="Average",
            AlarmActions=[wake["PolicyARN"]],
        )
        yield cloud, name


def test_an_idle_endpoint_sleeps_and_wakes_and_grows(
    sleeper: tuple[Cloud, str], ready: Path, tmp_path: Path
) -> None:
    (cloud, name), go = sleeper, tmp_path / "go"
    until(lambda: cloud.counts(name) == (0, 0))
    ready.unlink()
    jobs = [cloud.submit(name, {"until": str(go)}) for _ in range(12)]
    assert cloud.describe(name)["EndpointStatus"] in {"InService", "Updating"}
    until(lambda: alarm_state(cloud) == "ALARM")
    ready.touch()
    until(lambda: cloud.counts(name)[1] == 2)
    go.touch()
    for job in jobs:
        cloud.output(job)
    until(lambda: cloud.counts(name) == (0, 0))
    assert alarm_state(cloud) == "OK"
    told = cloud.autoscaling.describe_scaling_activities(ServiceNamespace="sagemaker")
    causes = [activity["Cause"] for activity in told["ScalingActivities"]]
    assert any("alarm stuck in state ALARM triggered policy wake" in cause for cause in causes)
    assert any("triggered policy backlog" in cause for cause in causes)


def alarm_state(cloud: Cloud) -> str:
    return cloud.cloudwatch.describe_alarms(AlarmNames=["stuck"])["MetricAlarms"][0]["StateValue"]


def test_the_backlog_is_read_through_cloudwatch(sleeper: tuple[Cloud, str]) -> None:
    cloud, name = sleeper
    now = datetime.now(UTC)
    span: Any = {"StartTime": now - timedelta(minutes=10), "EndTime": now + timedelta(minutes=1)}
    metric: Any = {
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": name}],
    }

    def highest(metric_name: str) -> float:
        points = cloud.cloudwatch.get_metric_statistics(
            **metric, **span, MetricName=metric_name, Period=60, Statistics=["Maximum"]
        )["Datapoints"]
        return max((point["Maximum"] for point in points), default=-1.0)

    assert highest("ApproximateBacklogSize") >= 2
    assert highest("HasBacklogWithoutCapacity") == 1
    assert highest("ExpiredRequests") == 0
    query: Any = {**metric, "MetricName": "ApproximateBacklogSizePerInstance"}
    data = cloud.cloudwatch.get_metric_data(
        **span,
        MetricDataQueries=[
            {"Id": "a", "MetricStat": {"Metric": query, "Period": 60, "Stat": "Maximum"}}
        ],
    )["MetricDataResults"]
    assert max(data[0]["Values"]) > 0


def test_bounds_hold_without_a_policy(cloud: Cloud) -> None:
    name = cloud.deploy()
    resource = {**DIMENSION, "ResourceId": f"endpoint/{name}/variant/main"}
    cloud.autoscaling.register_scalable_target(**resource, MinCapacity=2, MaxCapacity=2)
    until(lambda: cloud.counts(name) == (2, 2))
    cloud.autoscaling.deregister_scalable_target(**resource)
    assert refusal(lambda: cloud.autoscaling.deregister_scalable_target(**resource))[0] == (
        "ObjectNotFoundException"
    )


def test_a_target_is_of_an_endpoint_in_service_and_holds_its_type(
    cloud: Cloud, tmp_path: Path
) -> None:
    def target(name: str) -> dict[str, Any]:
        return {**DIMENSION, "ResourceId": f"endpoint/{name}/variant/main"}

    model = cloud.model(Environment={"STUB_READY": str(tmp_path / "never")})
    starting = cloud.create(cloud.config(model))
    asked = {**target(starting), "MinCapacity": 0, "MaxCapacity": 1}
    refused = refusal(lambda: cloud.autoscaling.register_scalable_target(**asked))
    assert (refused[0], "is Creating" in refused[1]) == ("ValidationException", True)
    name = cloud.deploy()
    cloud.autoscaling.register_scalable_target(**target(name), MinCapacity=1, MaxCapacity=1)
    larger = cloud.config(cloud.model(), InstanceType="ml.g5.2xlarge")
    change: Any = {"EndpointName": name, "EndpointConfigName": larger}
    refused = refusal(lambda: cloud.sagemaker.update_endpoint(**change))
    assert (refused[0], "must be deregistered" in refused[1]) == ("ValidationException", True)
    cloud.autoscaling.deregister_scalable_target(**target(name))
    cloud.sagemaker.update_endpoint(**change)
    cloud.reach(name, "InService")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ResourceId": "endpoint/none/variant/main"}, "Could not find the endpoint variant"),
        ({"ResourceId": "table/jobs"}, "is not endpoint/NAME/variant/NAME"),
        ({"ServiceNamespace": "ecs"}, "scales sagemaker"),
        ({"ServiceNamespace": "cars"}, "enum value set"),
        ({"MinCapacity": 3}, "Maximum capacity cannot be less"),
        ({"MinCapacity": -1}, "Maximum capacity cannot be less"),
    ],
)
def test_targets_that_are_refused(
    sleeper: tuple[Cloud, str], changed: dict[str, Any], words: str
) -> None:
    cloud, name = sleeper
    asked = {
        **DIMENSION,
        "ResourceId": f"endpoint/{name}/variant/main",
        "MinCapacity": 0,
        "MaxCapacity": 2,
        **changed,
    }
    code, message, _ = refusal(lambda: cloud.autoscaling.register_scalable_target(**asked))
    assert (code, words in message) == ("ValidationException", True)


def test_policies_need_a_target_and_a_configuration(cloud: Cloud, tmp_path: Path) -> None:
    name = cloud.deploy()
    resource: Any = {**DIMENSION, "ResourceId": f"endpoint/{name}/variant/main"}
    scaling = cloud.autoscaling
    policy: Any = {**resource, "PolicyName": "p", "PolicyType": "StepScaling"}
    assert refusal(lambda: scaling.put_scaling_policy(**policy))[0] == "ObjectNotFoundException"
    scaling.register_scalable_target(**resource, MinCapacity=1, MaxCapacity=1)
    assert refusal(lambda: scaling.put_scaling_policy(**policy))[0] == "ValidationException"
    steps: Any = {"AdjustmentType": "ExactCapacity", "StepAdjustments": STEPS}
    full = {**policy, "StepScalingPolicyConfiguration": steps}
    arn = scaling.put_scaling_policy(**full)["PolicyARN"]
    assert scaling.put_scaling_policy(**full)["PolicyARN"] == arn
    scaling.delete_scaling_policy(**resource, PolicyName="p")
    gone = refusal(lambda: scaling.delete_scaling_policy(**resource, PolicyName="p"))
    assert gone[0] == "ObjectNotFoundException"
    unknown = refusal(lambda: scaling.list_tags_for_resource(ResourceARN="arn"))
    assert unknown[0] == "UnknownOperationException"
