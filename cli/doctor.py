"""`contrapposto doctor`: what the studio needs, one line each, with what to do where it lacks."""

from collections.abc import Sequence
from typing import Annotated

import typer

from cli import texts
from cli.connection import opened
from cli.endpoint_checks import check_host, check_scaling, open_scaling, repair_scaling
from cli.output import json_option, write_json
from core.aws.client import Aws
from core.aws.storage import Storage
from core.settings import Settings
from core.setup.checks import Check
from core.setup.quota import check_quota
from core.setup.service import Setup
from core.team.access import Access, allow_all
from core.team.users import LOCAL


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help=texts.REPAIR)] = False,
    as_json: Annotated[bool, json_option] = False,
) -> None:
    """Make every check; exits with 1 where jobs can't be run."""
    with opened() as (settings, aws):
        checks = examine(settings, aws)
        if repair:
            _repair(checks, settings, aws)
            checks = examine(settings, aws)
    _tell(checks, as_json=as_json)
    if any(check.blocks for check in checks):
        raise typer.Exit(1)


def _repair(checks: Sequence[Check], settings: Settings, aws: Aws) -> None:
    setup = Setup(aws, Storage(aws, settings.bucket), settings, Access(allow_all))
    for check in checks:
        if check.action:
            setup.perform(LOCAL, check.action)
    if not any(check.blocks for check in checks[:1]):
        repair_scaling(open_scaling(settings, aws))


def _tell(checks: Sequence[Check], *, as_json: bool) -> None:
    if as_json:
        write_json([check.model_dump(mode="json") for check in checks])
        return
    for check in checks:
        how = texts.REPAIR_IT if check.action else ""
        line = texts.check(check.state, check.name, check.detail, how, needed=check.is_needed)
        typer.echo(line)


def examine(settings: Settings, aws: Aws) -> tuple[Check, ...]:
    """The checks of the set-up page, and those that take longer than a page waits."""
    checks = Setup(aws, Storage(aws, settings.bucket), settings, Access(allow_all)).checks()
    if any(check.blocks for check in checks[:1]):
        return checks
    scaling = tuple(check_scaling(open_scaling(settings, aws)))
    if settings.embedded:
        return (*checks, *scaling)
    quota = check_quota(settings.instance_type, aws.service_quotas())
    return (*checks, *check_host(settings), quota, *scaling)
