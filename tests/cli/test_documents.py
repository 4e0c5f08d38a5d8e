"""Each command in the documents is one that there is, with options that it has."""

import re
from collections.abc import Iterator
from typing import Any

import click
import pytest
import typer
from botocore import xform_name
from botocore.session import Session

from cli.application import app
from tests.support.cloudformation import load
from tests.support.helpers import ROOT

DOCUMENTS = ("README.md", "docs/aws.md", "docs/first-hour-on-aws.md")
TEXT = "\n".join((ROOT / name).read_text("utf-8") for name in DOCUMENTS).replace("\\\n", " ")
GLOBAL = {"--query", "--output", "--region"}
HIGH_LEVEL = {("s3", "ls"), ("logs", "tail"), ("sso", "login")}
"""Commands of the AWS CLI that are no operation of a service."""


def options(words: str) -> set[str]:
    return set(re.findall(r"(?<=\s)(--[a-z-]+)", words))


AWS = re.compile(r"\baws ([a-z0-9-]+) ([a-z-]+)([^`|\n]*)")


@pytest.mark.parametrize(("service", "command", "rest"), sorted(set(AWS.findall(TEXT))))
def test_a_command_of_aws(service: str, command: str, rest: str) -> None:
    if (service, command) in HIGH_LEVEL:
        return
    model: Any = Session().get_service_model(service.removesuffix("api"))
    names = {xform_name(name, "-"): name for name in model.operation_names}
    assert command in names
    shape = model.operation_model(names[command]).input_shape
    known = {f"--{xform_name(member, '-')}" for member in shape.members}
    assert options(rest) - GLOBAL <= known


def commands() -> dict[str, click.Command]:
    """Every command by the words that are typed for it."""

    def below(command: Any, path: str) -> Iterator[tuple[str, Any]]:
        if isinstance(command, click.Group) or hasattr(command, "commands"):
            for name, each in command.commands.items():
                yield from below(each, f"{path} {name}".strip())
        else:
            yield path, command

    return dict(below(typer.main.get_command(app), ""))


STUDIO = re.compile(
    r"\bcontrapposto ((?:deploy (?:up|status|rollback|down|endpoint)"
    r"|export|import|upload|doctor|version)\b[^`\n|]*)"
)


@pytest.mark.parametrize("typed", sorted(set(STUDIO.findall(TEXT))))
def test_a_command_of_the_studio(typed: str) -> None:
    known = commands()
    name = next(name for name in sorted(known, reverse=True) if f"{typed} ".startswith(f"{name} "))
    every = {option for parameter in known[name].params for option in parameter.opts}
    assert options(typed) <= every


def test_a_parameter_that_is_set_is_one_of_the_template() -> None:
    named = set(re.findall(r"--set (\w+)=", TEXT)) - {"NAME"}
    assert named
    assert named <= load()["Parameters"].keys()
