"""Bodies of requests: read to their end and no further, and checked as they pass."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http.aws_chunked import ChunkedBody
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.signature import STREAMING, UNSIGNED, Signed
from local_aws.s3.records import Blob, Checksums
from local_aws.s3.store.blobs import BlobStore, write_all
from local_aws.s3.store.checksums import ALGORITHMS, Digests

MAX_BODY_BYTES: Final = 5 << 30
"""The most one PUT or one part may carry ("Amazon S3 multipart upload limits")."""

MAX_DOCUMENT_BYTES: Final = 8 << 20
_BUFFER: Final = 1 << 20
_SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")
_CHECKSUM: Final = "x-amz-checksum-"


class _Counted:
    """WSGI's input up to Content-Length. Raises IncompleteBody when it ends before."""

    def __init__(self, source: Any, length: int) -> None:
        self._source = source
        self._left = length

    def read(self, size: int, /) -> bytes:
        return self._took(self._source.read(min(size, self._left)))

    def readline(self, size: int, /) -> bytes:
        return self._took(self._source.readline(min(size, self._left)))

    def _took(self, data: bytes) -> bytes:
        if not data and self._left:
            raise S3Error("IncompleteBody")
        self._left -= len(data)
        return data


class Body:
    """Iterate over the object's bytes in a request, in pieces of at most 1 MiB."""

    def __init__(self, request: S3Request, signed: Signed) -> None:
        self._source = _source(request)
        self._chunked = ChunkedBody(self._source, signed) if signed.payload in STREAMING else None

    def __iter__(self) -> Iterator[bytes]:
        if self._chunked:
            yield from self._chunked
            return
        while data := self._source.read(_BUFFER):
            yield data

    @property
    def trailers(self) -> Mapping[str, str]:
        """What followed the bytes, once they were read."""
        return self._chunked.trailers if self._chunked else {}


def _source(request: S3Request) -> Any:
    """Raises MissingContentLength, InvalidArgument or EntityTooLarge."""
    if request.environ.get("wsgi.input_terminated"):
        return request.environ["wsgi.input"]
    length = request.sent.get("content-length")
    if length is None:
        raise S3Error("MissingContentLength")
    if not length.isdecimal():
        raise S3Error("InvalidArgument", "Content-Length is not a number")
    # The signatures between the chunks of a streamed body come on top.
    if int(length) > MAX_BODY_BYTES + (MAX_BODY_BYTES >> 4):
        raise S3Error("EntityTooLarge", MaxSizeAllowed=str(MAX_BODY_BYTES), ProposedSize=length)
    return _Counted(request.environ["wsgi.input"], int(length))


def receive(
    request: S3Request, signed: Signed, blobs: BlobStore, algorithms: Iterable[str] = ()
) -> Blob:
    """Write the body to a new blob with the checksums declared and those of `algorithms`.

    Raises BadDigest, InvalidDigest, XAmzContentSHA256Mismatch, IncompleteBody, EntityTooLarge,
    SignatureDoesNotMatch (of a chunk) or InvalidRequest; nothing is kept then.
    """
    declared = _declared(request)
    wanted = {*declared, *algorithms}
    digests = Digests({*wanted, *_payload_hash(signed)})
    body, size = Body(request, signed), 0
    with blobs.create() as (name, file):
        for data in body:
            size += len(data)
            if size > MAX_BODY_BYTES:
                raise S3Error("EntityTooLarge", MaxSizeAllowed=str(MAX_BODY_BYTES))
            write_all(file, data)
            digests.update(data)
        _verify_payload(request, signed, digests)
        _verify_checksums(request, digests, body.trailers)
        _verify_length(request, size)
    values = {algorithm: digests.base64(algorithm) for algorithm in sorted(wanted)}
    return Blob(name, size, digests.hex("MD5"), Checksums(values))


def read_document(request: S3Request, signed: Signed) -> bytes:
    """The body of a request that carries a document. Raises what `receive` raises.

    A checksum in its headers is left alone: CompleteMultipartUpload's is that of the object.
    """
    if "content-length" not in request.sent and "wsgi.input_terminated" not in request.environ:
        return b""
    digests = Digests(_payload_hash(signed))
    body, document = Body(request, signed), b""
    for data in body:
        document += data
        if len(document) > MAX_DOCUMENT_BYTES:
            raise S3Error("MalformedXML")
        digests.update(data)
    _verify_payload(request, signed, digests)
    return document


def _payload_hash(signed: Signed) -> list[str]:
    if signed.payload == UNSIGNED or signed.payload in STREAMING:
        return []
    if not _SHA256_HEX.fullmatch(signed.payload):
        message = f"x-amz-content-sha256 must be {UNSIGNED}, or a valid sha256 value."
        raise S3Error("InvalidArgument", message, ArgumentName="x-amz-content-sha256")
    return ["SHA256"]


def _declared(request: S3Request) -> set[str]:
    """The algorithms whose checksum the request carries, in a header or a trailer."""
    names = {
        *(name for name in request.headers if name.startswith(_CHECKSUM)),
        *(name.strip().lower() for name in request.sent.get("x-amz-trailer", "").split(",")),
    }
    found = {name for name in ALGORITHMS if _CHECKSUM + name.lower() in names}
    if len(found) > 1:
        raise S3Error(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    return found


def _verify_payload(request: S3Request, signed: Signed, digests: Digests) -> None:
    if _payload_hash(signed) and digests.hex("SHA256") != signed.payload:
        raise S3Error("XAmzContentSHA256Mismatch")
    md5 = request.sent.get("content-md5")
    if md5 is not None:
        _check_length("InvalidDigest", None, md5, 16)
        if md5 != digests.base64("MD5"):
            raise S3Error("BadDigest")


def _verify_checksums(request: S3Request, digests: Digests, trailers: Mapping[str, str]) -> None:
    given = {**request.headers, **trailers}
    for algorithm in _declared(request):
        name = _CHECKSUM + algorithm.lower()
        calculated = digests.base64(algorithm)
        message = f"Value for {name} header is invalid."
        _check_length("InvalidRequest", message, given.get(name, ""), _decoded_length(calculated))
        if given[name] != calculated:
            message = f"The {algorithm} you specified did not match the calculated checksum."
            raise S3Error("BadDigest", message)


def _decoded_length(text: str) -> int:
    return len(base64.b64decode(text, validate=True))


def _check_length(code: str, message: str | None, text: str, length: int) -> None:
    try:
        right = _decoded_length(text) == length
    except (binascii.Error, ValueError):
        right = False
    if not right:
        raise S3Error(code, message)


def _verify_length(request: S3Request, size: int) -> None:
    declared = request.sent.get("x-amz-decoded-content-length")
    if declared is not None and declared != str(size):
        raise S3Error("IncompleteBody")
