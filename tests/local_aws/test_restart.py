"""What a killed local AWS finds again when it starts on its folder."""

import os
import signal
from pathlib import Path
from typing import Any

from tests.local_aws.conftest import BUCKET, Cloud, refusal, start, until

TARGET: Any = {
    "ServiceNamespace": "sagemaker",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


def kill(cloud: Cloud) -> None:
    os.kill(cloud.aws.pid, signal.SIGKILL)
    cloud.aws.close()


def test_a_killed_local_aws_goes_on_where_it_was(tmp_path: Path) -> None:
    cloud = start(tmp_path)
    cloud.s3.put_object(Bucket=BUCKET, Key="kept", Body=b"bytes")
    name = cloud.deploy("endpoint")
    failed = cloud.create(cloud.config(cloud.model(Environment={"STUB_EXIT": "1"})))
    reason = cloud.reach(failed, "Failed")["FailureReason"]
    asleep = cloud.deploy(InitialInstanceCount=1)
    cloud.scale(asleep, 0)
    cloud.reach(asleep, "InService")
    created = cloud.describe(name)["CreationTime"]
    running, *waiting = [cloud.submit(name, {"sleep": 0.5, "n": n}) for n in range(3)]
    until(lambda: cloud.begun(name) == 1)
    kill(cloud)

    cloud = start(tmp_path)
    with cloud.aws:
        cloud.reach(name, "InService")
        assert cloud.describe(name)["CreationTime"] == created
        assert [cloud.output(each)["asked"]["n"] for each in (running, *waiting)] == [0, 1, 2]
        assert cloud.object(f"s3://{BUCKET}/kept") == b"bytes"
        assert cloud.describe(failed)["EndpointStatus"] == "Failed"
        assert cloud.describe(failed)["FailureReason"] == reason
        cloud.reach(asleep, "InService")
        assert cloud.counts(asleep) == (0, 0)
        config = cloud.describe(name)["EndpointConfigName"]
        assert "already existing" in refusal(lambda: cloud.create(config, name))[1]


def test_scaling_and_alarms_are_kept(tmp_path: Path) -> None:
    cloud = start(tmp_path)
    resource = {**TARGET, "ResourceId": f"endpoint/{cloud.deploy()}/variant/main"}
    cloud.autoscaling.register_scalable_target(**resource, MinCapacity=0, MaxCapacity=2)
    policy = cloud.autoscaling.put_scaling_policy(
        **resource,
        PolicyName="wake",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    )
    cloud.cloudwatch.put_metric_alarm(
        AlarmName="backlog",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[policy["PolicyARN"]],
    )
    cloud.cloudwatch.put_metric_alarm(
        AlarmName="gone",
        Namespace="X",
        MetricName="Y",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
    )
    cloud.cloudwatch.delete_alarms(AlarmNames=["gone"])
    kill(cloud)

    cloud = start(tmp_path)
    with cloud.aws:
        targets = cloud.autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")
        assert [(t["MinCapacity"], t["MaxCapacity"]) for t in targets["ScalableTargets"]] == [
            (0, 2)
        ]
        policies = cloud.autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")
        kept = [found["PolicyARN"] for found in policies["ScalingPolicies"]]
        alarms = cloud.cloudwatch.describe_alarms()["MetricAlarms"]
        assert [(alarm["AlarmName"], alarm["AlarmActions"]) for alarm in alarms] == [
            ("backlog", kept)
        ]
        assert kept == [policy["PolicyARN"]]
