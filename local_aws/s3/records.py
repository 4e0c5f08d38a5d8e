"""Owns the records of the index: buckets, objects, uploads and parts, frozen."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

DEFAULT_CONTENT_TYPE = "binary/octet-stream"


@dataclass(frozen=True)
class ObjectAttributes:
    """What a client stores along with an object's bytes.

    `headers` holds content headers by lower-case name (content-type, cache-control, ...),
    `metadata` the user's x-amz-meta-* entries without that prefix, `tags` the object's tag set.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Serialise for the index."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Checksums:
    """Stored checksums: base64 by algorithm name (CRC32, ...), and COMPOSITE or FULL_OBJECT."""

    values: Mapping[str, str] = field(default_factory=dict)
    type: str = "FULL_OBJECT"

    def to_json(self) -> str:
        """Serialise for the index."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Blob:
    """A file of immutable bytes just written: its name, size in bytes, MD5 (hex), checksums."""

    name: str
    size: int
    md5: str
    checksums: Checksums = field(default_factory=Checksums)


@dataclass(frozen=True)
class ObjectPart:
    """A part that an object was completed from: `size` in bytes, `etag` without quotes.

    Of objects that an older version stored, the size alone is known; `number` is then 0.
    """

    size: int
    number: int = 0
    etag: str = ""
    checksums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ObjectRecord:
    """One object. `etag` is without quotes, `modified` in Unix seconds, `size` in bytes.

    `parts` is empty unless the object was completed from parts, by the upload `upload`.
    """

    bucket: str
    key: str
    size: int
    etag: str
    modified: float
    blob: str
    attributes: ObjectAttributes
    checksums: Checksums
    parts: tuple[ObjectPart, ...] = ()
    upload: str = ""

    @property
    def part_sizes(self) -> tuple[int, ...]:
        """The sizes of the parts, in bytes."""
        return tuple(part.size for part in self.parts)

    def parts_to_json(self) -> str:
        """Serialise upload and parts for the index."""
        return json.dumps({"upload": self.upload, "parts": [asdict(part) for part in self.parts]})

    @property
    def content_type(self) -> str:
        """The media type the object was stored with."""
        return self.attributes.headers.get("content-type", DEFAULT_CONTENT_TYPE)

    @property
    def metadata(self) -> Mapping[str, str]:
        """The user's metadata, by name without the x-amz-meta- prefix."""
        return self.attributes.metadata

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "ObjectRecord":
        """Read a row of the table `object`, also one whose `part_sizes` is a list of sizes."""
        stored = json.loads(row["part_sizes"])
        if isinstance(stored, list):
            stored = {"upload": "", "parts": [{"size": size} for size in stored]}
        return cls(
            bucket=row["bucket"],
            key=row["key"],
            size=row["size"],
            etag=row["etag"],
            modified=row["modified"],
            blob=row["blob"],
            attributes=ObjectAttributes(**json.loads(row["attributes"])),
            checksums=Checksums(**json.loads(row["checksums"])),
            parts=tuple(ObjectPart(**part) for part in stored["parts"]),
            upload=stored["upload"],
        )


@dataclass(frozen=True)
class UploadRecord:
    """A multipart upload in progress; `checksum_algorithm` is empty when none was requested."""

    id: str
    bucket: str
    key: str
    started: float
    attributes: ObjectAttributes
    checksum_algorithm: str
    checksum_type: str

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "UploadRecord":
        """Read a row of the table `upload`."""
        return cls(**{**dict(row), "attributes": ObjectAttributes(**json.loads(row["attributes"]))})


@dataclass(frozen=True)
class PartRecord:
    """One part of an upload; `number` is 1-10,000."""

    upload: str
    number: int
    size: int
    etag: str
    modified: float
    blob: str
    checksums: Checksums

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "PartRecord":
        """Read a row of the table `part`."""
        return cls(**{**dict(row), "checksums": Checksums(**json.loads(row["checksums"]))})


@dataclass(frozen=True)
class BucketRecord:
    """One bucket; `settings` holds its configuration documents (XML) by sub-resource name."""

    name: str
    created: float
    region: str
    settings: Mapping[str, str]

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "BucketRecord":
        """Read a row of the table `bucket`."""
        return cls(**{**dict(row), "settings": json.loads(row["settings"])})
