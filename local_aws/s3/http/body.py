"""Reads the bodies of requests, to their end and no further, and verifies their checksums."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http.aws_chunked import ChunkedBody
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.signature import STREAMING, UNSIGNED, VerifiedSignature
from local_aws.s3.records import Blob, Checksums
from local_aws.s3.store.blobs import BlobWriter
from local_aws.s3.store.checksums import ALGORITHMS, Digests

MAX_BODY_BYTES: Final = 5 << 30
"""The most one PUT or one part may carry ("Amazon S3 multipart upload limits")."""

MAX_DOCUMENT_BYTES: Final = 8 << 20
_BUFFER: Final = 1 << 20
_SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")
_CHECKSUM: Final = "x-amz-checksum-"


class _Input:
    """WSGI's input. Raises RequestTimeout for a sender that is too slow, IncompleteBody for chunks
    (HTTP's own) that can't be read."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def read(self, size: int, /) -> bytes:
        return self._receive(self._source.read, size)

    def readline(self, size: int, /) -> bytes:
        return self._receive(self._source.readline, size)

    def _receive(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            return read(size)
        except TimeoutError:
            raise S3Error("RequestTimeout") from None
        except ConnectionError:
            raise
        except OSError:
            raise S3Error("IncompleteBody") from None


class _LimitedReader:
    """The input up to Content-Length. Raises IncompleteBody when it ends before."""

    def __init__(self, source: _Input, length: int) -> None:
        self._source = source
        self._remaining = length

    def read(self, size: int, /) -> bytes:
        return self._advance(self._source.read(min(size, self._remaining)))

    def readline(self, size: int, /) -> bytes:
        return self._advance(self._source.readline(min(size, self._remaining)))

    def _advance(self, data: bytes) -> bytes:
        if not data and self._remaining:
            raise S3Error("IncompleteBody")
        self._remaining -= len(data)
        return data


class RequestBody:
    """Iterate over the object's bytes in a request, at most 1 MiB at a time."""

    def __init__(self, request: S3Request, signature: VerifiedSignature) -> None:
        self._source = _source(request)
        self._chunked = (
            ChunkedBody(self._source, signature) if signature.payload in STREAMING else None
        )

    def __iter__(self) -> Iterator[bytes]:
        if self._chunked:
            yield from self._chunked
            return
        while data := self._source.read(_BUFFER):
            yield data

    @property
    def trailers(self) -> Mapping[str, str]:
        """The trailers of a chunked body, once it was read."""
        return self._chunked.trailers if self._chunked else {}


def _source(request: S3Request) -> Any:
    """Raises MissingContentLength, InvalidArgument or EntityTooLarge."""
    if request.environ.get("wsgi.input_terminated"):
        return _Input(request.environ["wsgi.input"])
    length = request.raw_headers.get("content-length")
    if length is None:
        raise S3Error("MissingContentLength")
    if not length.isdecimal():
        raise S3Error("InvalidArgument", "Content-Length is not a number")
    # The signatures between the chunks of a streamed body come on top.
    if int(length) > MAX_BODY_BYTES + (MAX_BODY_BYTES >> 4):
        raise S3Error("EntityTooLarge", MaxSizeAllowed=str(MAX_BODY_BYTES), ProposedSize=length)
    return _LimitedReader(_Input(request.environ["wsgi.input"]), int(length))


def declared_size(request: S3Request, signature: VerifiedSignature) -> int | None:
    """Bytes of the object in a request, as its headers say; None where they don't."""
    is_chunked = signature.payload in STREAMING
    length = request.raw_headers.get(
        "x-amz-decoded-content-length" if is_chunked else "content-length", ""
    )
    return int(length) if length.isdecimal() else None


def receive_blob(
    request: S3Request,
    signature: VerifiedSignature,
    target: AbstractContextManager[BlobWriter],
    algorithms: Iterable[str] = (),
) -> Blob:
    """Write the body to a blob with the declared checksums and those of `algorithms`.

    Raises BadDigest, InvalidDigest, XAmzContentSHA256Mismatch, IncompleteBody, EntityTooLarge,
    SignatureDoesNotMatch (of a chunk) or InvalidRequest; nothing is stored then.
    """
    declared = _declared_algorithms(request)
    names = {*declared, *algorithms}
    digests = Digests({*names, *_payload_algorithms(signature)})
    body, size = RequestBody(request, signature), 0
    with target as writer:
        for data in body:
            size += len(data)
            if size > MAX_BODY_BYTES:
                raise S3Error("EntityTooLarge", MaxSizeAllowed=str(MAX_BODY_BYTES))
            writer.write(data)
            digests.update(data)
        _verify_payload(request, signature, digests)
        _verify_checksums(request, digests, body.trailers)
        _verify_length(request, size)
    values = {algorithm: digests.base64(algorithm) for algorithm in sorted(names)}
    return Blob(writer.name, size, digests.hex("MD5"), Checksums(values))


def read_document(request: S3Request, signature: VerifiedSignature) -> bytes:
    """The body of a request that carries a document. Raises what `receive` raises.

    A checksum in its headers is not verified: CompleteMultipartUpload's is that of the object.
    """
    if (
        "content-length" not in request.raw_headers
        and "wsgi.input_terminated" not in request.environ
    ):
        return b""
    digests = Digests(_payload_algorithms(signature))
    body, document = RequestBody(request, signature), b""
    for data in body:
        document += data
        if len(document) > MAX_DOCUMENT_BYTES:
            raise S3Error("MalformedXML")
        digests.update(data)
    _verify_payload(request, signature, digests)
    return document


def _payload_algorithms(signature: VerifiedSignature) -> list[str]:
    if signature.payload == UNSIGNED or signature.payload in STREAMING:
        return []
    if not _SHA256_HEX.fullmatch(signature.payload):
        message = f"x-amz-content-sha256 must be {UNSIGNED}, or a valid sha256 value."
        raise S3Error("InvalidArgument", message, ArgumentName="x-amz-content-sha256")
    return ["SHA256"]


def _declared_algorithms(request: S3Request) -> set[str]:
    """The algorithms whose checksum the request carries, in a header or a trailer."""
    names = {
        *(name for name in request.headers if name.startswith(_CHECKSUM)),
        *(name.strip().lower() for name in request.raw_headers.get("x-amz-trailer", "").split(",")),
    }
    declared = {name for name in ALGORITHMS if _CHECKSUM + name.lower() in names}
    if len(declared) > 1:
        raise S3Error(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    return declared


def _verify_payload(request: S3Request, signature: VerifiedSignature, digests: Digests) -> None:
    if _payload_algorithms(signature) and digests.hex("SHA256") != signature.payload:
        raise S3Error("XAmzContentSHA256Mismatch")
    md5 = request.raw_headers.get("content-md5")
    if md5 is not None:
        _check_length("InvalidDigest", None, md5, 16)
        if md5 != digests.base64("MD5"):
            raise S3Error("BadDigest")


def _verify_checksums(request: S3Request, digests: Digests, trailers: Mapping[str, str]) -> None:
    headers = {**request.headers, **trailers}
    for algorithm in _declared_algorithms(request):
        name = _CHECKSUM + algorithm.lower()
        calculated = digests.base64(algorithm)
        message = f"Value for {name} header is invalid."
        _check_length("InvalidRequest", message, headers.get(name, ""), _decoded_length(calculated))
        if headers[name] != calculated:
            message = f"The {algorithm} you specified did not match the calculated checksum."
            raise S3Error("BadDigest", message)


def _decoded_length(text: str) -> int:
    return len(base64.b64decode(text, validate=True))


def _check_length(code: str, message: str | None, text: str, length: int) -> None:
    try:
        is_valid = _decoded_length(text) == length
    except (binascii.Error, ValueError):
        is_valid = False
    if not is_valid:
        raise S3Error(code, message)


def _verify_length(request: S3Request, size: int) -> None:
    declared = request.raw_headers.get("x-amz-decoded-content-length")
    if declared is not None and declared != str(size):
        raise S3Error("IncompleteBody")
