"""Check requests against botocore's service models: names, types, enums, patterns, limits.

The models are the same data that AWS generates its SDKs from, so that what passes here has the
form that AWS accepts, and what doesn't is refused in AWS's words.
"""

import functools
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from local_aws.http.errors import AwsError, InvalidParameter, MalformedRequest
from local_aws.http.messages import Request

_TYPES: Mapping[str, tuple[type, ...]] = {
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
_SHOWN = 300  # characters of a wrong value that the message repeats
# Java's character classes, in Python's words.
_CLASSES = {r"\p{ASCII}": "[\x00-\x7f]", r"\p{Print}": "[ -~]", r"\p{L}": r"\w", r"\p{N}": r"\d"}
_IN_BRACKETS = {r"\p{ASCII}": "\x00-\x7f", r"\p{Print}": " -~", r"\p{L}": r"\w", r"\p{N}": r"\d"}


class Shapes:
    """The named operations of one service, as botocore describes them.

    They are read from disk when first needed (0.3 s for SageMaker), and only what they need is
    kept of a service's model. Violations are raised as `refusal`, whose code differs between
    SageMaker and its runtime.
    """

    def __init__(
        self,
        service: str,
        operations: Collection[str],
        refusal: type[AwsError] = InvalidParameter,
    ) -> None:
        self._service = service
        self._operations = tuple(operations)
        self._refusal = refusal

    @functools.cached_property
    def model(self) -> ServiceModel:
        """The excerpt of the service's model."""
        return ServiceModel(_excerpt(self._service, self._operations))

    def read_json(self, operation: str, request: Request) -> dict[str, Any]:
        """The parameters of a JSON-protocol request, checked."""
        try:
            parameters = json.loads(request.body or b"{}")
        except ValueError as error:
            raise MalformedRequest(f"the body is not JSON: {error}") from error
        return self._checked(operation, parameters)

    def read_rest(self, operation: str, name: str, request: Request) -> dict[str, Any]:
        """The parameters of a REST request: `name` from the path, then headers, then the body."""
        shape = self._input(operation)
        found: dict[str, Any] = {}
        for member, member_shape in shape.members.items():
            place = member_shape.serialization
            if place.get("location") == "uri":
                found[member] = unquote(name)
            elif place.get("location") == "header":
                value = request.headers.get(place["name"].lower())
                if value is not None:
                    found[member] = _from_header(value, member_shape)
        payload = shape.serialization.get("payload")
        if payload and request.body:
            found[payload] = request.body
        return self._checked(operation, found)

    def _input(self, operation: str) -> StructureShape:
        shape = self.model.operation_model(operation).input_shape
        if not isinstance(shape, StructureShape):
            raise TypeError(f"{operation} takes no parameters")
        return shape

    def _checked(self, operation: str, parameters: Any) -> dict[str, Any]:
        faults = list(_faults(self._input(operation), parameters, ""))
        if faults:
            count = "1 validation error" if len(faults) == 1 else f"{len(faults)} validation errors"
            raise self._refusal(f"{count} detected: {'; '.join(faults)}")
        checked: dict[str, Any] = parameters
        return checked


def _excerpt(service: str, operations: Collection[str]) -> dict[str, Any]:
    """The service's model, reduced to the inputs of some operations."""
    model = Loader().load_service_model(service, "service-2")
    inputs = {name: {"name": name, "http": {}, "input": model["operations"][name]["input"]}
              for name in operations}  # fmt: skip
    kept: dict[str, Any] = {}
    waiting = [operation["input"]["shape"] for operation in inputs.values()]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = model["shapes"][name]
            waiting += _references(kept[name])
    return {"metadata": model["metadata"], "operations": inputs, "shapes": kept}


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


def _faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """What is wrong with `value`, one sentence each, in the words of AWS."""
    _check_type(shape, value, path)
    shown = value if isinstance(value, str | int | float) else json.dumps(value, default=len)
    shown = str(shown)[:_SHOWN]
    for rule in _broken_rules(shape, value):
        yield f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {rule}"
    if isinstance(shape, StructureShape):
        yield from _member_faults(shape, value, path)
    elif isinstance(shape, ListShape):
        for number, item in enumerate(value, 1):
            yield from _faults(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _faults(shape.key, key, f"{path}.key")
            yield from _faults(shape.value, item, f"{path}.{key}.value")


def _check_type(shape: Shape, value: Any, path: str) -> None:
    expected = _TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        kind = type(value).__name__
        raise MalformedRequest(f"{path or 'the request'} must be a {shape.type_name}, not {kind}")


def _member_faults(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            where = _below(path, name)
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _faults(member, value[name], _below(path, name))


def _below(path: str, name: str) -> str:
    return f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")


def _broken_rules(shape: Shape, value: Any) -> Iterator[str]:
    if shape.type_name in {"structure", "timestamp", "boolean"}:
        return
    rules = shape.metadata
    measure, unit = (len(value), "length") if hasattr(value, "__len__") else (value, "value")
    if "max" in rules and measure > rules["max"]:
        yield f"have {unit} less than or equal to {rules['max']}"
    if "min" in rules and measure < rules["min"]:
        yield f"have {unit} greater than or equal to {rules['min']}"
    if "enum" in rules and value not in rules["enum"]:
        yield f"satisfy enum value set: [{', '.join(rules['enum'])}]"
    if "pattern" in rules and not compile_java(rules["pattern"]).fullmatch(value):
        yield f"satisfy regular expression pattern: {rules['pattern']}"


@functools.cache
def compile_java(java: str) -> re.Pattern[str]:
    """Compile a pattern of a service model, which is written for Java."""
    python = java.replace(r"\z", r"\Z").replace(r"\p{Z}", r"\s")
    python = python.replace(r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff")
    parts = re.split(r"(\[(?:\\.|[^\]\\])*\])", python)
    for number, part in enumerate(parts):
        table = _IN_BRACKETS if number % 2 else _CLASSES
        for name, meaning in table.items():
            part = part.replace(name, meaning)  # noqa: PLW2901
        parts[number] = part
    return re.compile("".join(parts), re.DOTALL)
