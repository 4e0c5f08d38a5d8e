"""botocore's own model of S3 as the judge of every answer: no element or header it doesn't know."""

from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from types_boto3_s3 import S3Client

from local_aws.s3.http import xml

# On every answer, or HTTP's own; `x-local-path` is ours.
COMMON_HEADERS = {
    "connection",
    "content-length",
    "content-type",
    "date",
    "server",
    "transfer-encoding",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-local-path",
}


def judge(client: S3Client) -> None:
    """Make the client raise AssertionError for an answer with something that S3 hasn't."""

    def check(operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
        shape = operation_model.output_shape
        if response_dict["status_code"] < 300 and shape is not None:
            unknown = [
                *unknown_headers(shape, response_dict),
                *unknown_elements(shape, response_dict),
            ]
            assert not unknown, f"{operation_model.name} has no {unknown}"

    client.meta.events.register("before-parse.s3", check)


def unknown_headers(shape: StructureShape, response: dict[str, Any]) -> Iterator[str]:
    known = {
        member.serialization.get("name", "").lower()
        for member in shape.members.values()
        if member.serialization.get("location") == "header"
    }
    for name in response["headers"]:
        lower = name.lower()
        if lower not in known | COMMON_HEADERS and not lower.startswith("x-amz-meta-"):
            yield name


def unknown_elements(shape: StructureShape, response: dict[str, Any]) -> Iterator[str]:
    body = response["body"]
    if not isinstance(body, bytes) or not body or "payload" in shape.serialization:
        return
    name = body.partition(b" xmlns=")[0].rpartition(b"<")[2].decode()
    yield from unknown_children(shape, xml.parse(body, name))


def unknown_children(shape: Shape, element: Any) -> Iterator[str]:
    if not isinstance(shape, StructureShape):
        return
    known: dict[str, Shape] = {}
    for name, member in shape.members.items():
        known[member.serialization.get("name", name)] = member
        if isinstance(member, ListShape) and member.serialization.get("flattened"):
            inner = member.member.serialization.get("name")
            known[inner or member.serialization.get("name", name)] = member
    for child in element:
        if child.tag not in known:
            yield f"{element.tag}/{child.tag}"
        else:
            yield from unknown_in_member(known[child.tag], child)


def unknown_in_member(shape: Shape, element: Any) -> Iterator[str]:
    if not isinstance(shape, ListShape):
        yield from unknown_children(shape, element)
    elif shape.serialization.get("flattened"):
        yield from unknown_children(shape.member, element)
    else:
        for child in element:
            yield from unknown_children(shape.member, child)
