"""Computes digests of a byte stream in one pass, and checksums of objects made of parts."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

# One library for CRC32C and CRC64NVME, at memory speed and with combination; awscrt, the
# alternative, slows boto3's uploads over plain http to a third.
import anycrc

from local_aws.s3.errors import S3Error

_CRC_MODELS: Final = {"CRC32": "CRC32", "CRC32C": "CRC32C", "CRC64NVME": "CRC64-NVME"}
_CRC_BYTES: Final = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8}

ALGORITHMS: Final = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
"""Names as in x-amz-checksum-algorithm."""


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    def __init__(self, algorithm: str) -> None:
        self._model: Any = anycrc.Model(_CRC_MODELS[algorithm])
        self._bytes = _CRC_BYTES[algorithm]
        self._value: int | None = None

    def update(self, data: bytes, /) -> None:
        self._value = self._model.calc(data, self._value)

    def digest(self) -> bytes:
        return int(self._value or 0).to_bytes(self._bytes, "big")


def _new_digest(algorithm: str) -> _Digest:
    if algorithm in _CRC_MODELS:
        return _Crc(algorithm)
    constructors: dict[str, Callable[[], _Digest]] = {
        "MD5": lambda: hashlib.md5(usedforsecurity=False),
        "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
        "SHA256": hashlib.sha256,
    }
    return constructors[algorithm]()


class Digests:
    """MD5 (always, it is the ETag) and the named algorithms of one stream."""

    def __init__(self, algorithms: Iterable[str] = ()) -> None:
        self._digests = {name: _new_digest(name) for name in {"MD5", *algorithms}}

    def update(self, data: bytes) -> None:
        """Add the next bytes of the stream."""
        for digest in self._digests.values():
            digest.update(data)

    def hex(self, algorithm: str) -> str:
        """The digest so far, in hexadecimal."""
        return self._digests[algorithm].digest().hex()

    def base64(self, algorithm: str) -> str:
        """The digest so far, in base64 as S3's checksum headers carry it."""
        return base64.b64encode(self._digests[algorithm].digest()).decode()


def digest_base64(algorithm: str, data: bytes) -> str:
    """The base64 digest of `data`."""
    digests = Digests([algorithm])
    digests.update(data)
    return digests.base64(algorithm)


def composite_checksum(algorithm: str, parts: Sequence[str]) -> str:
    """The COMPOSITE checksum of an object: the digest of its parts' digests, with -N behind."""
    return f"{digest_base64(algorithm, b''.join(map(base64.b64decode, parts)))}-{len(parts)}"


def full_object_checksum(algorithm: str, parts: Sequence[str], sizes: Sequence[int]) -> str:
    """The FULL_OBJECT checksum of the concatenated parts; only CRCs can be combined."""
    model: Any = anycrc.Model(_CRC_MODELS[algorithm])
    values = [int.from_bytes(base64.b64decode(part), "big") for part in parts]
    total = values[0]
    for value, size in zip(values[1:], sizes[1:], strict=True):
        total = model.combine(total, value, size)
    return base64.b64encode(total.to_bytes(_CRC_BYTES[algorithm], "big")).decode()


def multipart_etag(md5s: Sequence[str]) -> str:
    """The ETag of an object completed from parts, given the parts' MD5s in hexadecimal."""
    digests = b"".join(map(bytes.fromhex, md5s))
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(md5s)}"


def checksum_type(algorithm: str, requested: str | None) -> str:
    """COMPOSITE or FULL_OBJECT for a multipart upload. Raises InvalidRequest for a bad pair.

    Source: "Checking object integrity" in the S3 user guide: SHA is composite only, CRC64NVME
    full-object only, the 32-bit CRCs either, composite unless requested otherwise.
    """
    default = "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"
    chosen = requested or default
    type_count = {"CRC32": 2, "CRC32C": 2}.get(algorithm, 1)
    if chosen not in {"COMPOSITE", "FULL_OBJECT"} or (type_count == 1 and chosen != default):
        raise S3Error(
            "InvalidRequest",
            f"The {chosen} checksum type cannot be used with the {algorithm.lower()} "
            "checksum algorithm.",
        )
    return chosen
