"""The calls of AWS that core makes, read from its source."""

import ast
from collections.abc import Iterator
from typing import Final

import botocore.session
from botocore import xform_name

from tests.support.helpers import ROOT

FOREIGN: Final = {"search": "of a regular expression"}
"""Attributes that are named as an operation of AWS, and what they are."""

_BY_NAME: Final = {"get_paginator", "get_waiter"}


def aws_calls() -> set[str]:
    """boto3's names of the operations and waiters that core asks its clients for."""
    nodes = list(_nodes())
    operations = {name for service in _services(nodes) for name in operation_names(service)}
    named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    asked = {name for node in nodes for name in _first_text(node, _BY_NAME)}
    return (named & operations | asked) - FOREIGN.keys()


def operation_names(service: str) -> dict[str, str]:
    """AWS's name of each operation of a service by boto3's."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}


def _services(nodes: list[ast.AST]) -> set[str]:
    """The services that core opens clients of."""
    known = set(botocore.session.get_session().get_available_services())
    openers = {"client", "client_for_pages", "client_for_notifications"}
    return {name for node in nodes for name in _first_text(node, openers)} & known


def _first_text(node: ast.AST, methods: set[str]) -> Iterator[str]:
    """The first argument of a call of one of the methods, where it is a literal."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        first = node.args[0]
        if node.func.attr in methods and isinstance(first, ast.Constant):
            yield str(first.value)


def _nodes() -> Iterator[ast.AST]:
    for path in sorted((ROOT / "core").rglob("*.py")):
        yield from ast.walk(ast.parse(path.read_text("utf-8")))
