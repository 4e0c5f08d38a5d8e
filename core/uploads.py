"""Owns one upload of a model file: checked, hashed, sent in real multipart, resumed, verified."""

import hashlib
import json
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from core.aws import Aws, translated
from core.errors import AwsConflict, AwsNotFound, Conflict, InvalidInput, UploadStopped
from core.models import HASH_METADATA, OWNER_METADATA
from core.storage import Storage
from formats.frozen import Frozen
from formats.keys import model_key
from formats.kinds import EXTENSIONS, ModelKind
from formats.model_kind import classify
from formats.safetensors_header import HeaderError, read_header

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef

log = logging.getLogger(__name__)

PART_BYTES: Final = 64 * 2**20
"""64 MiB x 4 in flight was at the network's limit in `bench/`; S3 takes 5 MiB to 5 GiB."""

MAX_PARTS: Final = 9_990
"""S3 takes 10,000; some are left for rounding."""

WORKERS: Final = 4
_READ: Final = 1 << 20
_MIB: Final = 1 << 20


class Source(Frozen):
    """A checked file on disk, and the model it becomes."""

    path: Path
    kind: ModelKind
    name: str
    size: int


class Part(Frozen):
    """One part of the file: `number` from 1, its place, and the base64 of its SHA-256."""

    number: int
    start: int
    size: int
    checksum: str


class Hashed(Frozen):
    """The whole file's SHA-256 in hex, and its parts."""

    sha256: str
    parts: tuple[Part, ...]


class Meter(Frozen):
    """How far an upload is; bytes and parts, of which some were in S3 already."""

    stage: str
    done: int
    parts: int = 0
    parts_done: int = 0
    parts_skipped: int = 0


Report = Callable[[Meter], None]


def check_source(path: str, kind: ModelKind | None) -> Source:
    """Look at a file before anything is sent; `kind` None takes what its header says.

    Raises InvalidInput with `path` as the field: no such file, a folder, a wrong extension,
    a broken file, or one of another kind than the chosen one.
    """
    try:
        return _check(Path(path).expanduser(), kind)
    except InvalidInput as error:
        raise InvalidInput(str(error), path) from error
    except (OSError, ValueError) as error:
        raise InvalidInput(f"The file can't be read: {error}.", path) from error


def _check(path: Path, kind: ModelKind | None) -> Source:
    if not path.is_absolute():
        raise InvalidInput("Give the whole path, from the root of the disk.")
    if path.is_dir():
        raise InvalidInput("This is a folder. Give the path of one file.")
    if not path.is_file():
        raise InvalidInput("There is no file at this path on the dashboard's machine.")
    found = _kind_of(path, kind)
    if path.suffix.lower() not in EXTENSIONS[found]:
        raise InvalidInput(_wrong_extension(path, found))
    size = path.stat().st_size
    model_key(found, path.name)
    return Source(path=path, kind=found, name=path.name, size=size)


def _kind_of(path: Path, chosen: ModelKind | None) -> ModelKind:
    if path.suffix.lower() != ".safetensors":
        if chosen is None:
            raise InvalidInput(_wrong_extension(path, None))
        return chosen
    try:
        with path.open("rb") as file:
            found = classify(read_header(file, path.stat().st_size)).kind
    except HeaderError as error:
        raise InvalidInput(str(error)) from error
    if found is None and chosen is None:
        raise InvalidInput("The file doesn't say what it is. Choose its kind.")
    if found and chosen and found is not chosen and chosen is not ModelKind.ANNOTATOR:
        raise InvalidInput(f"The file is a {found.label}, not a {chosen.label}.")
    return chosen or found or ModelKind.CHECKPOINT


def _wrong_extension(path: Path, kind: ModelKind | None) -> str:
    if path.suffix.lower() == ".ckpt":
        return "A .ckpt file can run code when it is opened. Convert it to .safetensors first."
    if kind is None:
        return "Only .safetensors files say what they are. Choose the kind of this one."
    return f"A {kind.label} must be one of {', '.join(EXTENSIONS[kind])}."


def part_size(size: int) -> int:
    """Bytes of each part but the last: 64 MiB, more where 9,990 parts would not hold the file."""
    needed = -(-size // MAX_PARTS)
    return max(PART_BYTES, -(-needed // _MIB) * _MIB)


def hash_file(source: Source, report: Report, stop: Event) -> Hashed:
    """Hash the file and each part of it in one pass, in constant memory."""
    whole, parts, done = hashlib.sha256(), [], 0
    step = part_size(source.size)
    with source.path.open("rb") as file:
        for number, start in enumerate(range(0, max(source.size, 1), step), 1):
            part = hashlib.sha256()
            for block in _blocks(file.read, min(step, source.size - start), stop):
                whole.update(block)
                part.update(block)
                done += len(block)
                report(Meter(stage="hashing", done=done))
            checksum = b64encode(part.digest()).decode()
            size = min(step, source.size - start)
            parts.append(Part(number=number, start=start, size=size, checksum=checksum))
    return Hashed(sha256=whole.hexdigest(), parts=tuple(parts))


def _blocks(read: Callable[[int], bytes], size: int, stop: Event) -> Iterator[bytes]:
    while size > 0:
        if stop.is_set():
            raise UploadStopped("The upload was cancelled.")
        block = read(min(_READ, size))
        if not block:
            raise InvalidInput("The file became shorter while it was read. Try again.")
        size -= len(block)
        yield block


class Uploader:
    """Sends model files to S3. A broken-off upload goes on where it stopped."""

    def __init__(self, aws: Aws, storage: Storage) -> None:
        self._s3 = aws.s3
        self._storage = storage

    def upload(
        self, source: Source, owner: str, report: Report, stop: Event, *, replace: bool = False
    ) -> str:
        """Send one file and return its sha256.

        A file that is there with the same bytes is not sent again. Raises Conflict where the
        name is taken by other bytes (unless `replace`), UploadStopped, AwsError.
        """
        hashed = hash_file(source, report, stop)
        key = model_key(source.kind, source.name)
        if self._is_there(key, hashed.sha256, replace=replace):
            report(_finished(source, hashed, skipped=len(hashed.parts)))
            return hashed.sha256
        upload_id = self._begin(key, hashed, owner)
        have = self._parts_there(key, upload_id, hashed)
        sent = self._send(source, key, upload_id, hashed, have, report, stop)
        self._complete(key, upload_id, hashed, sent, replace=replace)
        report(_finished(source, hashed, skipped=len(have)))
        log.info("event=uploaded key=%s sha256=%s skipped=%d", key, hashed.sha256, len(have))
        return hashed.sha256

    def _is_there(self, key: str, sha256: str, *, replace: bool) -> bool:
        head = self._storage.head(key)
        if head is None:
            return False
        if head.metadata.get(HASH_METADATA) == sha256:
            return True
        if not replace:
            raise Conflict(
                "Another file of this name is in S3. Choose Replace, or rename yours first."
            )
        return False

    def _begin(self, key: str, hashed: Hashed, owner: str) -> str:
        """The open upload of this very file, or a new one; which it was is kept in a note."""
        note = self._storage.find(_note_key(hashed.sha256))
        if note is not None:
            known = json.loads(note.data)
            if known.get("key") == key and self._is_open(key, str(known.get("upload_id"))):
                return str(known["upload_id"])
        with translated(f"Starting the upload of {key}"):
            answer = self._s3.create_multipart_upload(
                Bucket=self._storage.bucket,
                Key=key,
                ChecksumAlgorithm="SHA256",
                ContentType="application/octet-stream",
                Metadata={HASH_METADATA: hashed.sha256, OWNER_METADATA: owner},
            )
        body = json.dumps({"key": key, "upload_id": answer["UploadId"]}).encode()
        self._storage.write(_note_key(hashed.sha256), body, "application/json")
        return answer["UploadId"]

    def _is_open(self, key: str, upload_id: str) -> bool:
        try:
            with translated("Looking for the broken-off upload"):
                self._s3.list_parts(
                    Bucket=self._storage.bucket, Key=key, UploadId=upload_id, MaxParts=1
                )
        except AwsNotFound:
            return False
        return True

    def _parts_there(
        self, key: str, upload_id: str, hashed: Hashed
    ) -> "dict[int, CompletedPartTypeDef]":
        """The parts that S3 has with the right bytes."""
        wanted = {part.number: part for part in hashed.parts}
        with translated("Listing the parts in S3"):
            pages = self._s3.get_paginator("list_parts").paginate(
                Bucket=self._storage.bucket, Key=key, UploadId=upload_id
            )
            found = [part for page in pages for part in page.get("Parts", ())]
        return {
            there["PartNumber"]: _completed(there["PartNumber"], there["ETag"], part.checksum)
            for there in found
            if (part := wanted.get(there["PartNumber"]))
            and there.get("ChecksumSHA256") == part.checksum
        }

    def _send(
        self,
        source: Source,
        key: str,
        upload_id: str,
        hashed: Hashed,
        have: "dict[int, CompletedPartTypeDef]",
        report: Report,
        stop: Event,
    ) -> "list[CompletedPartTypeDef]":
        todo = [part for part in hashed.parts if part.number not in have]
        sent = dict(have)
        done = sum(part.size for part in hashed.parts if part.number in have)
        with ThreadPoolExecutor(WORKERS) as pool:
            futures = {
                pool.submit(self._send_part, source, key, upload_id, part, stop): part
                for part in todo
            }
            try:
                for future in as_completed(futures):
                    part = futures[future]
                    sent[part.number] = future.result()
                    done += part.size
                    report(_sending(done, hashed, len(sent), len(have)))
            except BaseException:
                stop.set()  # parts that have not begun are not sent
                raise
        return [sent[number] for number in sorted(sent)]

    def _send_part(
        self, source: Source, key: str, upload_id: str, part: Part, stop: Event
    ) -> "CompletedPartTypeDef":
        if stop.is_set():
            raise UploadStopped("The upload was cancelled.")
        with source.path.open("rb") as file:
            file.seek(part.start)
            body = file.read(part.size)
        with translated(f"Sending part {part.number} of {source.name}"):
            answer = self._s3.upload_part(
                Bucket=self._storage.bucket,
                Key=key,
                UploadId=upload_id,
                PartNumber=part.number,
                Body=body,
                ChecksumSHA256=part.checksum,
            )
        return _completed(part.number, answer["ETag"], part.checksum)

    def _complete(
        self,
        key: str,
        upload_id: str,
        hashed: Hashed,
        sent: "list[CompletedPartTypeDef]",
        *,
        replace: bool,
    ) -> None:
        condition = {} if replace else {"IfNoneMatch": "*"}
        try:
            with translated(f"Completing the upload of {key}"):
                self._s3.complete_multipart_upload(
                    Bucket=self._storage.bucket,
                    Key=key,
                    UploadId=upload_id,
                    MultipartUpload={"Parts": sent},
                    **condition,  # type: ignore[arg-type]  # one optional argument
                )
        except AwsConflict as error:
            raise Conflict("Somebody else uploaded a file of this name meanwhile.") from error
        self._storage.delete((_note_key(hashed.sha256),))


def _note_key(sha256: str) -> str:
    return f"uploads/{sha256}.json"


def _completed(number: int, etag: str, checksum: str) -> "CompletedPartTypeDef":
    return {"PartNumber": number, "ETag": etag, "ChecksumSHA256": checksum}


def _sending(done: int, hashed: Hashed, parts_done: int, skipped: int) -> Meter:
    return Meter(
        stage="uploading",
        done=done,
        parts=len(hashed.parts),
        parts_done=parts_done,
        parts_skipped=skipped,
    )


def _finished(source: Source, hashed: Hashed, skipped: int) -> Meter:
    return _sending(source.size, hashed, len(hashed.parts), skipped)
