"""The aws-chunked encoding: a body in chunks, each signed or none, with trailers behind.

Source: "Signature calculations for the Authorization header: transferring payload in multiple
chunks" of the Amazon S3 API reference.
"""

import hashlib
from collections.abc import Iterator
from typing import Final, Protocol

from local_aws.s3.errors import S3Error
from local_aws.s3.http.signature import Signed, same, sha256_hex, sign, string_to_sign

_BUFFER: Final = 1 << 20
_MAX_LINE: Final = 16 << 10
_EMPTY_HASH: Final = sha256_hex("")
_TRAILER_SIGNATURE: Final = "x-amz-trailer-signature"


class Source(Protocol):
    """Where an encoded body is read from; both methods return b"" only at its end."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""

    def readline(self, size: int, /) -> bytes:
        """At most `size` bytes, up to a line's end."""


class ChunkedBody:
    """Iterate over the bytes inside; `trailers` (by lower-case name) are there afterwards."""

    def __init__(self, source: Source, signed: Signed) -> None:
        self._source = source
        self._signed = signed
        self._checked = signed.payload.startswith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        self._previous = signed.signature
        self.trailers: dict[str, str] = {}

    def __iter__(self) -> Iterator[bytes]:
        while True:
            size, signature = self._chunk_header()
            digest = hashlib.sha256()
            for data in self._pieces(size):
                if self._checked:
                    digest.update(data)
                yield data
            self._check("PAYLOAD", signature, _EMPTY_HASH, digest.hexdigest())
            if size == 0:
                break
            if self._source.read(2) != b"\r\n":
                raise S3Error("IncompleteBody")
        self._read_trailers()

    def _chunk_header(self) -> tuple[int, str]:
        size, _, extension = self._line().partition(";")
        try:
            return int(size, 16), extension.partition("chunk-signature=")[2]
        except ValueError:
            raise S3Error("IncompleteBody") from None

    def _line(self) -> str:
        return self._source.readline(_MAX_LINE).decode("latin-1").strip()

    def _pieces(self, size: int) -> Iterator[bytes]:
        while size > 0:
            data = self._source.read(min(size, _BUFFER))
            if not data:
                raise S3Error("IncompleteBody")
            size -= len(data)
            yield data

    def _read_trailers(self) -> None:
        while line := self._line():
            name, _, value = line.partition(":")
            self.trailers[name.strip().lower()] = value.strip()
        signature = self.trailers.pop(_TRAILER_SIGNATURE, "")
        if self._signed.payload.endswith("PAYLOAD-TRAILER"):
            text = "".join(f"{name}:{value}\n" for name, value in self.trailers.items())
            self._check("TRAILER", signature, sha256_hex(text))

    def _check(self, kind: str, signature: str, *hashes: str) -> None:
        """Each signature covers the one before, so that no chunk can be moved or left out."""
        if not self._checked:
            return
        signed = self._signed
        to_sign = string_to_sign(
            f"AWS4-HMAC-SHA256-{kind}", signed.timestamp, signed.scope, self._previous, *hashes
        )
        self._previous = sign(signed.key, to_sign)
        if not same(self._previous, signature):
            raise S3Error("SignatureDoesNotMatch", StringToSign=to_sign)
