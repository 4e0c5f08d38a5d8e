"""Finds the operations of AWS that code calls through boto3, read from its source."""

import ast
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from botocore import xform_name
from botocore.session import Session

from tests.support.helpers import ROOT

BY_NAME: Final = {"get_paginator", "generate_presigned_url", "can_paginate"}
"""Methods of a client that are told the operation's own method as text."""


OPENERS: Final = ("client", "notifications")
"""How the methods begin that make a client of the service that they are told."""


class Calls:
    """The operations that the modules below some folders call, as `service:Operation`."""

    def __init__(self, *folders: str) -> None:
        paths = sorted(path for name in folders for path in (ROOT / name).rglob("*.py"))
        self._trees = {path: ast.parse(path.read_text("utf-8")) for path in paths}
        nodes = [node for tree in self._trees.values() for node in ast.walk(tree)]
        self._own = {n.name for n in nodes if isinstance(n, ast.FunctionDef)}
        self.services = {service for node in nodes for service in _clients(node)}

    def operations(self) -> dict[str, Path]:
        """Each with a module that calls it."""
        found: dict[str, Path] = {}
        for path, tree in self._trees.items():
            called = {id(n.func): n for n in ast.walk(tree) if isinstance(n, ast.Call)}
            texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute):
                    found |= dict.fromkeys(self._of(node, called.get(id(node)), texts), path)
        return found

    def _of(
        self, node: ast.Attribute, call: ast.Call | None, texts: Collection[object]
    ) -> Iterator[str]:
        """`texts` are the module's: one that is named by a variable is among them."""
        if call and node.attr in BY_NAME | {"get_waiter"}:
            named = call.args[0]
            names = [named.value] if isinstance(named, ast.Constant) else texts
            for service in self.services:
                for name in names:
                    yield from _named(service, str(name), waits=node.attr == "get_waiter")
        elif not (isinstance(node.value, ast.Name) and node.value.id == "self"):
            for service in self._services_of(node.value):
                operation = _methods(service).get(node.attr)
                if operation and self._matches(node.attr, call, _members(service, operation)):
                    yield f"{service}:{operation}"

    def _services_of(self, client: ast.expr) -> Collection[str]:
        """Those that a client may be of: one that is named after its service is of that alone."""
        name = ast.unparse(client).rpartition(".")[2].strip("_")
        return {name} if name in self.services else self.services

    def _matches(self, method: str, call: ast.Call | None, members: frozenset[str]) -> bool:
        """boto3 takes named arguments alone, and those that the operation has."""
        if call is None or not (call.args or call.keywords):
            return method not in self._own
        names = {keyword.arg for keyword in call.keywords}
        return not call.args and (None in names or bool(names & members))


def _clients(node: ast.AST) -> Iterator[str]:
    """The services that a call makes a client for, or that a parameter may name."""
    if isinstance(node, ast.Call):
        is_maker = ast.unparse(node.func).rpartition(".")[2].startswith("client")
        names = node.args[:1] if is_maker else []
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
        names = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    else:
        return
    for name in names:
        if isinstance(name, ast.Constant) and name.value in _session().get_available_services():
            yield str(name.value)


@cache
def _session() -> Any:
    return Session()


@cache
def _model(service: str) -> Any:
    return _session().get_service_model(service)


@cache
def _methods(service: str) -> dict[str, str]:
    return {xform_name(name): name for name in _model(service).operation_names}


@cache
def _members(service: str, operation: str) -> frozenset[str]:
    shape = _model(service).operation_model(operation).input_shape
    return frozenset(shape.members) if shape else frozenset()


def _named(service: str, name: str, *, waits: bool) -> Iterator[str]:
    """The operation of a method's name, or the one that a waiter of that name calls."""
    operation = _waiters(service).get(name) if waits else _methods(service).get(name)
    if operation:
        yield f"{service}:{operation}"


@cache
def _waiters(service: str) -> dict[str, str]:
    loader = _session().get_component("data_loader")
    if service not in loader.list_available_services("waiters-2"):
        return {}
    model = _session().get_waiter_model(service)
    return {xform_name(name): model.get_waiter(name).operation for name in model.waiter_names}
