"""Whatever a user changes through the service layer is an event of the audit, by its source."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.helpers import ROOT

CHANGES = {f"Action.{name}" for name in ("CREATE", "CHANGE", "DELETE", "SHARE")}

STORES = ("store", "storage", "records", "sagemaker", "writer", "bucket", "holds")
WRITES = {
    "add",
    "add_tags",
    "create",
    "delete",
    "delete_prefix",
    "remove",
    "replace",
    "set_bounds",
    "set_desired",
    "update",
    "write",
}

ONLY_LOOKS = {
    "RemoteModels.preview": "what it asks web sites for is stored nowhere",
    "JobSearch._conditions": "who may delete a job sees it in the trash",
}
"""Asks for the right to change alone, and changes nothing."""

TOLD_ELSEWHERE = {
    "EndpointOrders.start": "Endpoints.create tells it",
    "Submission.submit": "Jobs.submit tells it",
    "Submission.again": "Jobs.retry tells it",
    "Submission.submit_prepared": "Grids.submit, send_missing and retry_failed tell it",
    "Grids.submit": "AuthorizedJobs.creating tells it",
    "BelongingsMoves.remove_person": "Administration.begin_removal tells it",
    "PoseScoring.of_job": "a score is nobody's act",
}
"""Writes for a user, and tells nothing itself."""


class Method(NamedTuple):
    owner: str
    node: ast.FunctionDef

    @property
    def name(self) -> str:
        return f"{self.owner}.{self.node.name}"


@cache
def classes() -> dict[str, dict[str, ast.FunctionDef]]:
    """The methods of each class of the service layer."""
    found: dict[str, dict[str, ast.FunctionDef]] = {}
    for path in sorted((ROOT / "core").rglob("*.py")):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
                found[node.name] = {each.name: each for each in methods}
                bases()[node.name] = [ast.unparse(each).partition("[")[0] for each in node.bases]
    return found


@cache
def bases() -> dict[str, list[str]]:
    """What each class stands on, by name; filled with `classes`."""
    return {}


def methods_of(owner: str) -> dict[str, ast.FunctionDef]:
    """A class's own methods and those that it inherits."""
    found = dict(classes().get(owner, {}))
    for base in bases().get(owner, []):
        found = methods_of(base) | found
    return found


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls_of(owner: str, method: str, seen: set[str]) -> Iterator[ast.Call]:
    """The calls of a method and, step by step, of its class's own methods that it calls."""
    methods = methods_of(owner)
    if method not in methods or method in seen:
        return
    seen.add(method)
    for node in ast.walk(methods[method]):
        if isinstance(node, ast.Call):
            yield node
            called = ast.unparse(node.func)
            if called.startswith("self.") and called.count(".") == 1:
                yield from calls_of(owner, called.removeprefix("self."), seen)


def asked_by_users() -> Iterator[Method]:
    for owner, methods in classes().items():
        for name, node in methods.items():
            hints = (ast.unparse(each.annotation) for each in node.args.args if each.annotation)
            if not name.startswith("_") and "User" in hints:
                yield Method(owner, node)


def is_write(call: ast.Call) -> bool:
    called = ast.unparse(call.func)
    if called == "edit":
        return True
    receiver, _, name = called.rpartition(".")
    return name in WRITES and any(store in receiver for store in STORES)


def is_told(calls: Iterator[ast.Call]) -> bool:
    return any(ast.unparse(call.func).endswith("acting") for call in calls)


def changing_methods() -> list[str]:
    return [
        method.name
        for method in asked_by_users()
        if any(map(is_write, calls_of(method.owner, method.node.name, set())))
    ]


@pytest.mark.parametrize("name", changing_methods())
def test_who_writes_for_a_user_tells_the_audit(name: str) -> None:
    owner, _, method = name.partition(".")
    assert is_told(calls_of(owner, method, set())) is (name not in TOLD_ELSEWHERE)


def test_no_right_to_change_is_asked_for_without_telling_what_came_of_it() -> None:
    silent = {
        f"{owner}.{name}"
        for owner, methods in classes().items()
        for name, node in methods.items()
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and {ast.unparse(each) for each in call.args} & CHANGES
        and ast.unparse(call.func).rpartition(".")[2].lstrip("_") not in {"acting", "may"}
    }
    assert silent == ONLY_LOOKS.keys()
