"""Decodes aws-chunked bodies: chunks, all signed or none, followed by trailers.

Source: "Signature calculations for the Authorization header: transferring payload in multiple
chunks" of the Amazon S3 API reference.
"""

import hashlib
from collections.abc import Iterator
from typing import Final, Protocol

from local_aws.s3.errors import S3Error
from local_aws.s3.http.signature import (
    VerifiedSignature,
    constant_time_equal,
    sha256_hex,
    sign,
    string_to_sign,
)

_BUFFER: Final = 1 << 20
_MAX_LINE: Final = 16 << 10
_EMPTY_HASH: Final = sha256_hex("")
_TRAILER_SIGNATURE: Final = "x-amz-trailer-signature"


class ByteReader(Protocol):
    """Where an encoded body is read from; both methods return b"" only at its end."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""

    def readline(self, size: int, /) -> bytes:
        """At most `size` bytes, up to a line's end."""


class ChunkedBody:
    """Iterate over the decoded bytes; `trailers` (by lower-case name) are known afterwards."""

    def __init__(self, source: ByteReader, verified: VerifiedSignature) -> None:
        self._source = source
        self._verified = verified
        self._is_signed = verified.payload.startswith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        self._previous_signature = verified.signature
        self.trailers: dict[str, str] = {}

    def __iter__(self) -> Iterator[bytes]:
        while True:
            size, signature = self._read_chunk_header()
            digest = hashlib.sha256()
            for data in self._chunk_data(size):
                if self._is_signed:
                    digest.update(data)
                yield data
            self._verify("PAYLOAD", signature, _EMPTY_HASH, digest.hexdigest())
            if size == 0:
                break
            if self._source.read(2) != b"\r\n":
                raise S3Error("IncompleteBody")
        self._read_trailers()

    def _read_chunk_header(self) -> tuple[int, str]:
        size, _, extension = self._read_line().partition(";")
        try:
            return int(size, 16), extension.partition("chunk-signature=")[2]
        except ValueError:
            raise S3Error("IncompleteBody") from None

    def _read_line(self) -> str:
        return self._source.readline(_MAX_LINE).decode("latin-1").strip()

    def _chunk_data(self, size: int) -> Iterator[bytes]:
        while size > 0:
            data = self._source.read(min(size, _BUFFER))
            if not data:
                raise S3Error("IncompleteBody")
            size -= len(data)
            yield data

    def _read_trailers(self) -> None:
        while line := self._read_line():
            name, _, value = line.partition(":")
            self.trailers[name.strip().lower()] = value.strip()
        signature = self.trailers.pop(_TRAILER_SIGNATURE, "")
        if self._verified.payload.endswith("PAYLOAD-TRAILER"):
            text = "".join(f"{name}:{value}\n" for name, value in self.trailers.items())
            self._verify("TRAILER", signature, sha256_hex(text))

    def _verify(self, kind: str, signature: str, *hashes: str) -> None:
        """Each signature covers the one before, so that no chunk can be moved or left out."""
        if not self._is_signed:
            return
        verified = self._verified
        to_sign = string_to_sign(
            f"AWS4-HMAC-SHA256-{kind}",
            verified.timestamp,
            verified.scope,
            self._previous_signature,
            *hashes,
        )
        self._previous_signature = sign(verified.key, to_sign)
        if not constant_time_equal(self._previous_signature, signature):
            raise S3Error("SignatureDoesNotMatch", StringToSign=to_sign)
