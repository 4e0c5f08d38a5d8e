"""Brings a version of the studio into an account, and goes back to the one before."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from core.errors import ConfigurationError, NotFound
from deploy import texts
from deploy.account import Account
from deploy.identity_provider import discover
from deploy.images import CONTAINER, DASHBOARD, Builder
from deploy.kept_data import data_exists, tables_of
from deploy.network import default_network
from deploy.stack import CloudStack, Report, StackState
from formats.version import VERSION

MakeBuilder = Callable[[StackState], Builder]
"""The builder for a stack that has its repositories."""

_IMAGES: Final = {"DashboardImage": DASHBOARD, "ContainerImage": CONTAINER}


def plan(
    account: Account, before: StackState | None, given: Mapping[str, str], name: str
) -> dict[str, str]:
    """The template's parameters: those given, and for a new stack what they leave open.

    Raises ConfigurationError where a network, a domain or a certificate must be named.
    """
    wanted = dict(given)
    if before is None:
        wanted = {**_for_new(account, name), **wanted}
        if "VpcId" not in wanted:
            wanted |= default_network(account.client("ec2"))
    known = {**(before.parameters if before else {}), **wanted}
    if not known.get("DomainName") or not (
        known.get("HostedZoneId") or known.get("CertificateArn")
    ):
        raise ConfigurationError(texts.NO_DOMAIN)
    if "OidcIssuer" in given and "OidcTokenEndpoint" not in given:
        wanted |= discover(given["OidcIssuer"])
    return wanted


def release(
    stack: CloudStack,
    parameters: Mapping[str, str],
    make_builder: MakeBuilder,
    now: datetime,
    report: Report,
) -> StackState:
    """Make or update the stack, build both images, and let the dashboard serve with them.

    Images that the parameters name are not built.
    """
    images = {name: parameters[name] for name in _IMAGES if name in parameters}
    others = {name: value for name, value in parameters.items() if name not in _IMAGES}
    before = stack.apply(others, report)
    if images.keys() != _IMAGES.keys():
        images = _build(before, make_builder(before), now, report) | images
    return stack.apply({**others, **images, **_previous(before, images)}, report)


def roll_back(stack: CloudStack, report: Report) -> StackState:
    """Serve with the images before; a second time goes forth again. Raises NotFound."""
    now = stack.find()
    if now is None:
        raise NotFound(texts.no_stack(stack.name))
    before = {name: now.outputs.get(f"Previous{name}", "") for name in _IMAGES}
    if not all(before.values()):
        raise NotFound(texts.NO_ROLLBACK)
    return stack.apply({**before, **_previous(now, before)}, report)


def _for_new(account: Account, name: str) -> dict[str, str]:
    number = account.number
    bucket = f"{name}-{number}-{account.region}"
    return {
        "BucketName": bucket,
        "CognitoPrefix": f"{name}-{number}",
        "DataExists": "yes" if data_exists(account, bucket, tables_of(name)) else "no",
    }


def _build(stack: StackState, builder: Builder, now: datetime, report: Report) -> dict[str, str]:
    tag = f"{VERSION}-{now:%Y%m%dT%H%M%S}"
    return {
        name: builder.push(source, stack.outputs[f"{source.name.title()}Repository"], tag, report)
        for name, source in _IMAGES.items()
    }


def _previous(stack: StackState, images: Mapping[str, str]) -> dict[str, str]:
    """What is served now, unless it is the same."""
    served = {name: stack.parameters.get(name, "") for name in _IMAGES}
    if served == images or not all(served.values()):
        return {}
    return {f"Previous{name}": image for name, image in served.items()}
