"""`contrapposto deploy`: up, status, rollback and down against an account of moto's."""

import json
import re
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest

from core.jobs.store.dynamodb import table_definition
from tests.cli.conftest import Command
from tests.support.helpers import ROOT

# moto skips some kinds of resource and warns of each.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")

BUCKET = "contrapposto-123456789012-eu-west-1"
IMAGE = re.compile(r"123456789012\.dkr\.ecr\.\S+/contrapposto/(dashboard|container)@sha256:\w{64}")


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """The only builder on this machine; gives the calls it got."""
    program, log = tmp_path / "bin" / "docker", tmp_path / "docker.log"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.support.fake_docker "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("FAKE_DOCKER_LOG", str(log))
    return lambda: [json.loads(line) for line in log.read_text("utf-8").splitlines()]


@pytest.fixture
def up(account: str, contrapposto: Command) -> Callable[..., Any]:
    """`contrapposto deploy up` with what moto can make: it has no Cognito for a stack, and updates
    no stack in which a condition leaves out a topic or a role."""
    certificate = boto3.client("acm").request_certificate(DomainName="studio.example.com")
    boto3.client("secretsmanager").create_secret(
        Name="contrapposto/oidc", SecretString='{"client_secret": "of-the-client"}'
    )
    settings = {
        "CertificateArn": certificate["CertificateArn"],
        "Login": "oidc",
        "OidcIssuer": "https://idp.example.com",
        "OidcAuthorizationEndpoint": "https://idp.example.com/authorize",
        "OidcTokenEndpoint": "https://idp.example.com/token",
        "OidcUserInfoEndpoint": "https://idp.example.com/me",
        "OidcClientId": "studio",
        "AlarmEmail": "ops@example.com",
        "BuildInAccount": "yes",
        "Team": "animation",
    }
    given = [part for item in settings.items() for part in ("--set", "=".join(item))]
    options = ("--domain", "studio.example.com", *given)
    return lambda *more: contrapposto("deploy", "up", "--yes", *options, *more)


def described() -> Any:
    """The stack as CloudFormation tells of it."""
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName="contrapposto")["Stacks"]
    return stack


def served() -> dict[str, str]:
    """The images of the stack's parameters."""
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in described()["Parameters"]}
    return {name: parameters[name] for name in ("DashboardImage", "ContainerImage")}


def of_digest(digit: str) -> tuple[str, ...]:
    """Options of `up` that name images, so that none is built."""
    registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto"
    digest = "sha256:" + digit * 64
    return (
        "--set",
        f"DashboardImage={registry}/dashboard@{digest}",
        "--set",
        f"ContainerImage={registry}/container@{digest}",
    )


def test_up_builds_pushes_and_prints_the_address(
    up: Callable[..., Any], docker: Callable[[], list[dict[str, Any]]], contrapposto: Command
) -> None:
    ended = up()
    assert (ended.status, ended.err) == (0, "")
    assert "The studio is at https://studio.example.com" in ended.out
    assert f"BucketName = {BUCKET}" in ended.out
    assert described()["Tags"] == [{"Key": "contrapposto:team", "Value": "animation"}]
    assert all(IMAGE.fullmatch(image) for image in served().values())
    calls = docker()
    assert [call["arguments"][0] for call in calls] == ["build", "login", "push"] * 2
    container = calls[3]["arguments"]
    assert container[1:3] == ["--platform", "linux/amd64"]
    assert {"sagemaker_container/Dockerfile", "TORCH=cuda"} <= set(container)
    assert calls[1]["arguments"][1:3] == ["--username", "AWS"]
    assert calls[1]["typed"], "the password goes over stdin, where no list of processes shows it"
    assert not any(calls[1]["typed"] in part for part in calls[1]["arguments"])


def test_rollback_serves_the_version_before_by_its_digest(
    up: Callable[..., Any], contrapposto: Command
) -> None:
    assert up(*of_digest("1")).status == 0
    first = served()
    assert contrapposto("deploy", "rollback", "--yes").status == 1, "nothing was before"
    assert up(*of_digest("2")).status == 0
    second = served()
    assert "2" * 64 in second["DashboardImage"]
    for expected in (first, second):
        assert contrapposto("deploy", "rollback", "--yes").status == 0
        assert served() == expected


def test_down_says_what_goes_and_keeps_what_people_made(
    up: Callable[..., Any], contrapposto: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(*of_digest("1"))
    status = json.loads(contrapposto("deploy", "status", "--json").out)
    assert status["outputs"]["Address"] == "https://studio.example.com"
    assert status["service"]["desired"] == 1
    monkeypatch.setitem(sys.modules, "sagemaker", None)
    assert "contrapposto[deploy]" in contrapposto("deploy", "endpoint", "team", "--yes").err
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    refused = contrapposto("deploy", "down")
    assert refused.status == 1
    deleted, _, kept = refused.out.partition("This stays:")
    assert "Service (AWS::ECS::Service)" in deleted
    for name in (BUCKET, "contrapposto-jobs", "contrapposto-records"):
        assert name in kept
    assert contrapposto("deploy", "status").out.startswith("Stack:           contrapposto: ")
    ended = contrapposto("deploy", "down", "--yes")
    assert (ended.status, ended.err) == (0, "")
    assert "no stack contrapposto" in contrapposto("deploy", "status").err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "A team's address needs a domain"),
        (("--domain", "a.example.com"), "CertificateArn"),
        (("--domain", "a.example.com", "--hosted-zone", "Z1", "--set", "Color=red"), "no Color"),
        (("--set", "Color"), "Color is no NAME=VALUE"),
        (("--builder", "kaniko"), "'kaniko' is not one of"),
    ],
)
def test_what_can_not_be_deployed_is_told_before_anything_is_made(
    account: str, contrapposto: Command, arguments: tuple[str, ...], words: str
) -> None:
    ended = contrapposto("deploy", "up", "--yes", *arguments)
    assert ended.status in {1, 2}
    assert words in ended.err
    assert boto3.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_a_builder_that_fails_leaves_no_service(
    up: Callable[..., Any], docker: object, contrapposto: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_DOCKER_FAILS", "build")
    ended = up()
    assert ended.status == 1
    assert "`docker build` ended with status 3" in ended.err
    assert "Service" not in json.loads(contrapposto("deploy", "status", "--json").out)["outputs"]


def test_without_a_builder_another_way_is_named(
    up: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = up()
    assert ended.status == 1
    assert "--builder codebuild" in ended.err


def test_what_an_earlier_stack_left_in_part_is_not_built_upon(
    up: Callable[..., Any], docker: object
) -> None:
    boto3.client("dynamodb").create_table(**table_definition("contrapposto-jobs"))
    ended = up()
    assert ended.status == 1
    assert "An earlier stack left contrapposto-jobs" in ended.err
