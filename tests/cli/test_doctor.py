"""`contrapposto doctor`: one line for each check, the fix with it, and a status for scripts."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli.connection import opened
from cli.endpoint_checks import check_host, open_scaling
from core.aws.client import Connection
from core.endpoints.scaling.names import names_of
from core.endpoints.scaling.spec import ScalingSpec
from core.settings import Settings, load_settings
from core.setup.checks import CheckState
from core.setup.quota import check_quota
from core.studio.service import open_studio
from core.team.users import LOCAL
from local_aws.launcher import launch
from tests.cli.conftest import Command
from tests.support.answering_aws import answering
from tests.support.helpers import wait_for
from tests.support.page_fixtures import STUB


def test_without_an_account_nothing_is_lacking(contrapposto: Command, laptop: Path) -> None:
    assert contrapposto("doctor") == (0, "ok     S3 bucket contrapposto: is there\n", "")
    assert laptop.is_dir()


def test_an_empty_account_lacks_all_and_is_repaired(contrapposto: Command, account: str) -> None:
    status, out, _ = contrapposto("doctor")
    lines = out.splitlines()
    assert status == 1
    assert "FAILED S3 bucket team-bucket: is missing (`contrapposto doctor --repair`" in out
    assert lines[0].startswith("ok     Credentials: arn:aws:")
    assert [line for line in lines if "Set CONTRAPPOSTO_ENDPOINT_ROLE" in line]
    repaired = contrapposto("doctor", "--repair")
    assert repaired.status == 1, "the role and the image are for a person to make"
    assert "ok     S3 bucket team-bucket: is there" in repaired.out
    assert "ok     DynamoDB table contrapposto-jobs: is there" in repaired.out


def test_scaling_that_somebody_removed_is_told_and_made_again(
    contrapposto: Command, laptop: Path
) -> None:
    with launch(laptop, container_command=STUB) as local:
        contrapposto("doctor")  # makes the bucket
        with opened() as (settings, aws):
            scaling = open_scaling(settings, aws)
            scaling.create(LOCAL, "office", "ml.m5.large", ScalingSpec(maximum=2))
            wait_for(lambda: not scaling.complete_pending())
            policies = aws.autoscaling().describe_scaling_policies(ServiceNamespace="sagemaker")
            removed = policies["ScalingPolicies"][0]
            aws.autoscaling().delete_scaling_policy(
                PolicyName=removed["PolicyName"],
                ServiceNamespace="sagemaker",
                ResourceId=removed["ResourceId"],
                ScalableDimension=removed["ScalableDimension"],
            )
        told = contrapposto("doctor")
        assert (told.status, local.attached) == (0, False), "jobs can be run all the same"
        assert "advice Scaling of office: " in told.out
        assert "ok     Scaling of office: is as ordered" in contrapposto("doctor", "--repair").out


@pytest.mark.parametrize(
    ("instance_type", "state", "words"),
    [
        ("ml.g5.xlarge", CheckState.IN_PLACE, "A10G (Ampere), driver 580, CUDA 13.0"),
        ("ml.p3.2xlarge", CheckState.FAILED, "V100"),
    ],
)
def test_a_gpu_that_the_image_can_not_run_on_is_told(
    instance_type: str, state: CheckState, words: str
) -> None:
    (check,) = check_host(Settings(instance_type=instance_type))
    assert (check.state, words in check.detail) == (state, True), check.detail


def test_a_host_without_gpu_needs_no_driver() -> None:
    assert list(check_host(Settings(instance_type="ml.c5.xlarge"))) == []


def test_it_tells_programs_too(contrapposto: Command, account: str) -> None:
    ended = contrapposto("doctor", "--json")
    checks = json.loads(ended.out)
    assert ended.status == 1
    assert {check["state"] for check in checks} <= {state.value for state in CheckState}
    assert [check["name"] for check in checks if check["action"] == "create bucket"] == [
        "S3 bucket team-bucket"
    ]


def test_keys_that_are_wrong_are_told_once(
    contrapposto: Command, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
    status, out, _ = contrapposto("doctor")
    assert status == 1
    assert len(out.splitlines()) == 1
    assert out.startswith("FAILED Credentials: ")


def test_a_wrong_setting_is_one_line(
    contrapposto: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRAPPOSTO_POLL_SECONDS", "soon")
    status, out, err = contrapposto("doctor")
    assert (status, out) == (1, "")
    assert err.startswith("contrapposto: CONTRAPPOSTO_POLL_SECONDS can't be used")
    assert len(err.splitlines()) == 1


def test_scaling_that_is_not_as_ordered_is_one_line(
    contrapposto: Command, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRAPPOSTO_ENDPOINT_ROLE", "arn:aws:iam::123456789012:role/endpoint")
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto:1"
    monkeypatch.setenv("CONTRAPPOSTO_IMAGE", image)
    with open_studio(load_settings(), Connection()) as studio:
        studio.setup.create_bucket()
        studio.scaling.create(LOCAL, "team", "ml.g4dn.xlarge", ScalingSpec())
        studio.scaling.complete_pending()
        assert "ok     Scaling of team: is as ordered" in contrapposto("doctor").out
        alarm = names_of("team").alarm
        boto3.client("cloudwatch").delete_alarms(AlarmNames=[alarm])
        out = contrapposto("doctor").out
        assert "Scaling of team: Alarm on jobs without an instance is missing." in out
        boto3.client("sagemaker").delete_endpoint(EndpointName="team")
        left = "Left over: scaling of the deleted endpoint team. Remove it on the Endpoints page."
        assert left in contrapposto("doctor").out


PAGES: dict[str, dict[str, Any]] = {
    "": {
        "Quotas": [
            {"QuotaName": "ml.c5.xlarge for endpoint usage", "QuotaCode": "L-1", "Value": 4}
        ],
        "NextToken": "2",
    },
    "2": {
        "Quotas": [
            {"QuotaName": "ml.g5.xlarge for training job usage", "QuotaCode": "L-2", "Value": 9},
            {"QuotaName": "ml.g5.xlarge for endpoint usage", "QuotaCode": "L-1928E07B", "Value": 0},
        ]
    },
}


@pytest.mark.parametrize(
    ("instance_type", "state", "words"),
    [
        ("ml.c5.xlarge", CheckState.IN_PLACE, "4 for endpoints"),
        ("ml.g5.xlarge", CheckState.FAILED, "/servicequotas/home/services/sagemaker/quotas/L-1928"),
        ("ml.g9.xlarge", CheckState.UNKNOWN, "may not be offered here"),
    ],
)
def test_a_quota_is_found_by_its_name(instance_type: str, state: CheckState, words: str) -> None:
    with answering(lambda request: PAGES[request.get("NextToken", "")]) as url:
        quotas = boto3.client(
            "service-quotas",
            endpoint_url=url,
            region_name="eu-west-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        check = check_quota(instance_type, quotas)
    assert (check.state, words in check.detail) == (state, True)
