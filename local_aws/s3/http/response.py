"""Owns the S3 response: documents, errors, and slices of files that are streamed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml

_BUFFER: Final = 1 << 20


@dataclass
class S3Response:
    """A status, headers and a body; bytes get a Content-Length, anything else is streamed."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""


class FileSlice:
    """`count` bytes of an open file from `start` on, read as they are sent."""

    def __init__(self, file: BinaryIO, start: int, count: int) -> None:
        self._file = file
        self._remaining = count
        file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        try:
            while self._remaining and (data := self._file.read(min(_BUFFER, self._remaining))):
                self._remaining -= len(data)
                yield data
        finally:  # werkzeug doesn't call `close` when the client went away
            self._file.close()

    def close(self) -> None:
        """Close the file; WSGI servers call this when the response was sent or aborted."""
        self._file.close()


def xml_response(body: bytes, headers: dict[str, str] | None = None) -> S3Response:
    """A document with status 200."""
    return S3Response(200, {"Content-Type": "application/xml", **(headers or {})}, body)


def error_document(error: S3Error, resource: str, request_id: str) -> bytes:
    """The document that describes an error, as AWS writes it."""
    return xml.DECLARATION.encode() + error_element(error, resource, request_id)


def error_element(error: S3Error, resource: str, request_id: str) -> bytes:
    """The document without its declaration."""
    return xml.tag(
        "Error",
        xml.leaf("Code", error.code),
        xml.leaf("Message", error.message),
        *(xml.leaf(name, value) for name, value in error.details.items()),
        xml.leaf("Resource", resource),
        xml.leaf("RequestId", request_id),
        xml.leaf("HostId", request_id),
    ).encode()
