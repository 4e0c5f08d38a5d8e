"""Validates requests against botocore's service models: names, types, enums, patterns, limits.

The models are the same data that AWS generates its SDKs from, so that what passes here has the
form that AWS accepts, and the errors for what doesn't are worded as AWS's are.
"""

import functools
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from local_aws.http.errors import InvalidParameter, MalformedRequest, ServiceError
from local_aws.http.messages import Request

_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str),
    "blob": (bytes, str),
}
_MAX_SHOWN_CHARACTERS = 300  # characters of a wrong value that the message repeats
# Java's character classes as Python's `re` spells them, alone and inside a set.
_JAVA_CLASSES = {
    r"\p{ASCII}": "[\x00-\x7f]",
    r"\p{Print}": "[ -~]",
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
}
_JAVA_CLASSES_IN_SET = {
    r"\p{ASCII}": "\x00-\x7f",
    r"\p{Print}": " -~",
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
}


class RequestValidator:
    """Parses and validates the parameters of the named operations of one service.

    The service's model is read from disk when first needed (0.3 s for SageMaker), and only what
    the operations need is kept of it. Violations are raised as `error_type`, whose code differs
    between SageMaker and its runtime.
    """

    def __init__(
        self,
        service: str,
        operations: Collection[str],
        error_type: type[ServiceError] = InvalidParameter,
    ) -> None:
        self._service = service
        self._operations = tuple(operations)
        self._error_type = error_type

    @functools.cached_property
    def model(self) -> ServiceModel:
        """The excerpt of the service's model."""
        return ServiceModel(_model_excerpt(self._service, self._operations))

    def parse_json(self, operation: str, request: Request) -> dict[str, Any]:
        """The validated parameters of a JSON-protocol request."""
        try:
            parameters = json.loads(request.body or b"{}")
        except ValueError as error:
            raise MalformedRequest(f"the body is not JSON: {error}") from error
        return self._validate(operation, parameters)

    def parse_rest(self, operation: str, name: str, request: Request) -> dict[str, Any]:
        """The validated parameters of a REST request: `name` from the URI, headers and the body."""
        shape = self._input(operation)
        parameters: dict[str, Any] = {}
        for member, member_shape in shape.members.items():
            serialization = member_shape.serialization
            if serialization.get("location") == "uri":
                parameters[member] = unquote(name)
            elif serialization.get("location") == "header":
                value = request.headers.get(serialization["name"].lower())
                if value is not None:
                    parameters[member] = _from_header(value, member_shape)
        payload = shape.serialization.get("payload")
        if payload and request.body:
            parameters[payload] = request.body
        return self._validate(operation, parameters)

    def _input(self, operation: str) -> StructureShape:
        shape = self.model.operation_model(operation).input_shape
        if not isinstance(shape, StructureShape):
            raise TypeError(f"{operation} takes no parameters")
        return shape

    def _validate(self, operation: str, parameters: Any) -> dict[str, Any]:
        messages = list(_violations(self._input(operation), parameters, ""))
        if messages:
            errors = (
                "1 validation error" if len(messages) == 1 else f"{len(messages)} validation errors"
            )
            raise self._error_type(f"{errors} detected: {'; '.join(messages)}")
        validated: dict[str, Any] = parameters
        return validated


def _model_excerpt(service: str, operations: Collection[str]) -> dict[str, Any]:
    """The service's model, reduced to the inputs of some operations."""
    model = Loader().load_service_model(service, "service-2")
    inputs = {
        name: {"name": name, "http": {}, "input": model["operations"][name]["input"]}
        for name in operations
    }
    shapes: dict[str, Any] = {}
    pending = [operation["input"]["shape"] for operation in inputs.values()]
    while pending:
        name = pending.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            pending += _references(shapes[name])
    return {"metadata": model["metadata"], "operations": inputs, "shapes": shapes}


def _references(shape: Mapping[str, Any]) -> Iterator[str]:
    members = [*shape.get("members", {}).values()]
    members += [shape[part] for part in ("member", "key", "value") if part in shape]
    return (member["shape"] for member in members)


def _from_header(value: str, shape: Shape) -> Any:
    if shape.type_name in {"integer", "long"}:
        try:
            return int(value)
        except ValueError as error:
            raise MalformedRequest(f"{value!r} is not an integer") from error
    return value


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """AWS's message for each constraint that `value` violates."""
    _check_type(shape, value, path)
    shown = value if isinstance(value, str | int | float) else json.dumps(value, default=len)
    shown = str(shown)[:_MAX_SHOWN_CHARACTERS]
    for constraint in _violated_constraints(shape, value):
        yield f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {constraint}"
    if isinstance(shape, StructureShape):
        yield from _member_violations(shape, value, path)
    elif isinstance(shape, ListShape):
        for number, item in enumerate(value, 1):
            yield from _violations(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _violations(shape.key, key, f"{path}.key")
            yield from _violations(shape.value, item, f"{path}.{key}.value")


def _check_type(shape: Shape, value: Any, path: str) -> None:
    expected = _PYTHON_TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        kind = type(value).__name__
        raise MalformedRequest(f"{path or 'the request'} must be a {shape.type_name}, not {kind}")


def _member_violations(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            member_path = _member_path(path, name)
            yield (
                f"Value null at '{member_path}' failed to satisfy constraint: "
                "Member must not be null"
            )
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _violations(member, value[name], _member_path(path, name))


def _member_path(path: str, name: str) -> str:
    return f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")


def _violated_constraints(shape: Shape, value: Any) -> Iterator[str]:
    if shape.type_name in {"structure", "timestamp", "boolean"}:
        return
    limits = shape.metadata
    size, unit = (len(value), "length") if hasattr(value, "__len__") else (value, "value")
    if "max" in limits and size > limits["max"]:
        yield f"have {unit} less than or equal to {limits['max']}"
    if "min" in limits and size < limits["min"]:
        yield f"have {unit} greater than or equal to {limits['min']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"satisfy enum value set: [{', '.join(limits['enum'])}]"
    if "pattern" in limits and not compile_java_pattern(limits["pattern"]).fullmatch(value):
        yield f"satisfy regular expression pattern: {limits['pattern']}"


@functools.cache
def compile_java_pattern(java: str) -> re.Pattern[str]:
    """Compile a pattern of a service model, which is written for Java."""
    python = java.replace(r"\z", r"\Z").replace(r"\p{Z}", r"\s")
    python = python.replace(r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff")
    parts = re.split(r"(\[(?:\\.|[^\]\\])*\])", python)
    parts[::2] = [_replace_all(part, _JAVA_CLASSES) for part in parts[::2]]
    parts[1::2] = [_replace_all(part, _JAVA_CLASSES_IN_SET) for part in parts[1::2]]
    return re.compile("".join(parts), re.DOTALL)


def _replace_all(text: str, replacements: Mapping[str, str]) -> str:
    for old, new in replacements.items():
        text = text.replace(old, new)
    return text
