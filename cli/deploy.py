"""`contrapposto deploy`: the studio in an AWS account, from nothing to an address and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from cli import texts
from cli.output import json_option, write_json, yes_option
from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.service import Endpoints
from core.errors import ConfigurationError, InvalidInput, NotFound
from core.settings import Backend, Settings, load_settings
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from deploy import texts as deploy_texts
from deploy.account import Account
from deploy.codebuild import CodeBuilder
from deploy.images import BUILDERS, Builder, LocalBuilder, find_builder
from deploy.kept_data import delete_data, tables_of
from deploy.release import plan, release, roll_back
from deploy.sdk_endpoints import follow, load_resources, open_endpoints, settings_of
from deploy.service import running
from deploy.stack import CloudStack, StackState

app = typer.Typer(no_args_is_help=True)

ROOT: Final = Path(__file__).parents[1]
"""The checkout that images are built from."""

_CODEBUILD: Final = "codebuild"
_Builder = Literal["auto", "docker", "podman", "buildah", "codebuild"]

_Stack = Annotated[str, typer.Option("--stack", help=texts.STACK)]
_Yes = Annotated[bool, yes_option]


def _account() -> Account:
    """Whatever the backend of this machine's studio is."""
    return Account(Aws(Connection(region=load_settings().region or None)))


def _stack(account: Account, name: str) -> CloudStack:
    return CloudStack(account.client("cloudformation"), name)


def _require(stack: CloudStack) -> StackState:
    state = stack.find()
    if state is None:
        raise NotFound(deploy_texts.no_stack(stack.name))
    return state


def _confirm(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(question):
        raise typer.Exit(1)


@app.command(help=texts.UP)
def up(
    stack: _Stack = "contrapposto",
    domain: Annotated[str, typer.Option(help=texts.DOMAIN)] = "",
    hosted_zone: Annotated[str, typer.Option(help=texts.HOSTED_ZONE)] = "",
    set_: Annotated[list[str] | None, typer.Option("--set", help=texts.SET)] = None,
    builder: Annotated[_Builder, typer.Option(help=texts.BUILDER)] = "auto",
    yes: _Yes = False,
) -> None:
    """Build and push the images, create or update the stack, and print the address."""
    account = _account()
    cloud = _stack(account, stack)
    before = cloud.find()
    given = {**_given(domain, hosted_zone), **_assignments(set_ or [])}
    if builder == _CODEBUILD:
        given["BuildInAccount"] = "yes"
    parameters = plan(account, before, given, stack)
    typer.echo(texts.plan(stack, account.number, account.region, parameters))
    _confirm(texts.GO_ON, yes=yes)
    state = release(
        cloud, parameters, lambda made: _builder(builder, account, made), _now(), typer.echo
    )
    _tell_address(state)


@app.command(help=texts.STATUS)
def status(stack: _Stack = "contrapposto", as_json: Annotated[bool, json_option] = False) -> None:
    """The stack, its address and its versions; exits with 1 where it does not serve."""
    account = _account()
    state = _require(_stack(account, stack))
    service = running(account, state)
    if as_json:
        write_json({**state.model_dump(mode="json"), "service": service.model_dump(mode="json")})
    else:
        typer.echo(texts.status(state, service))
    if service.running < max(1, service.desired):
        raise typer.Exit(1)


@app.command(help=texts.ROLLBACK)
def rollback(stack: _Stack = "contrapposto", yes: _Yes = False) -> None:
    """Serve with the images before."""
    cloud = _stack(_account(), stack)
    before = _require(cloud).outputs.get("PreviousDashboardImage", "")
    if before:
        _confirm(texts.going_back(before), yes=yes)
    _tell_address(roll_back(cloud, typer.echo))


@app.command(help=texts.DOWN)
def down(
    stack: _Stack = "contrapposto",
    delete_data_: Annotated[bool, typer.Option("--delete-data", help=texts.DELETE_DATA)] = False,
    yes: _Yes = False,
) -> None:
    """Say what will be deleted, and delete it."""
    account = _account()
    cloud = _stack(account, stack)
    state = _require(cloud)
    bucket, tables = state.parameters["BucketName"], tables_of(stack)
    endpoints = _endpoints(account, bucket)
    names = [endpoint.name for endpoint in endpoints.list(LOCAL)]
    typer.echo(texts.removal(cloud.resources(), names, (bucket, *tables), deletes=delete_data_))
    _confirm(texts.DELETE_IT, yes=yes)
    for name in names:
        endpoints.delete(LOCAL, name)
    cloud.delete(typer.echo)
    if delete_data_:
        delete_data(account, bucket, tables)
    typer.echo(texts.DELETED)


@app.command(help=texts.ENDPOINT)
def endpoint(
    name: Annotated[str, typer.Argument(help=texts.ENDPOINT_NAME)],
    stack: _Stack = "contrapposto",
    instance_type: Annotated[str, typer.Option(help=texts.INSTANCE_TYPE)] = "",
    instances: Annotated[int, typer.Option(help=texts.INSTANCES)] = 1,
    yes: _Yes = False,
) -> None:
    """Start an endpoint with the stack's image, and wait until it takes jobs."""
    account = _account()
    state = _require(_stack(account, stack))
    settings = settings_of(state)
    if not settings.image:
        raise ConfigurationError(deploy_texts.NO_IMAGE)
    kind = instance_type or state.parameters["InstanceType"]
    endpoints, scaling = open_endpoints(account.aws, settings, load_resources(), _now)
    _confirm(texts.start_endpoint(name, instances, kind), yes=yes)
    scaling.create(LOCAL, name, kind, ScalingSpec(maximum=instances))
    follow(endpoints, name, typer.echo)
    scaling.complete_pending()


def _given(domain: str, hosted_zone: str) -> dict[str, str]:
    options = {"DomainName": domain, "HostedZoneId": hosted_zone}
    return {name: value for name, value in options.items() if value}


def _assignments(texts_given: list[str]) -> dict[str, str]:
    """`NAME=VALUE` each. Raises InvalidInput."""
    pairs = [text.partition("=") for text in texts_given]
    if wrong := next((text for text in texts_given if "=" not in text), None):
        raise InvalidInput(deploy_texts.no_assignment(wrong))
    return {name: value for name, _, value in pairs}


def _builder(choice: str, account: Account, state: StackState) -> Builder:
    """Raises ConfigurationError where there is nothing to build with, or from."""
    if not (ROOT / "Dockerfile").is_file():
        raise ConfigurationError(deploy_texts.NO_SOURCE)
    if choice == _CODEBUILD:
        outputs: Mapping[str, str] = state.outputs
        return CodeBuilder(account, outputs["BuildProject"], ROOT, outputs["Bucket"])
    if choice in BUILDERS:
        return LocalBuilder(choice, ROOT, account.client("ecr"))
    return find_builder(account.client("ecr"), ROOT)


def _endpoints(account: Account, bucket: str) -> Endpoints:
    settings = Settings(backend=Backend.AWS, bucket=bucket)
    storage = Storage(account.aws, bucket)
    return Endpoints(account.aws, storage, settings, Access(allow_all), _now)


def _tell_address(state: StackState) -> None:
    typer.echo(texts.address(state.outputs))


def _now() -> datetime:
    return datetime.now(UTC)
