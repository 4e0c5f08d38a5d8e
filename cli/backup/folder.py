"""The folder of a backup: each object in a file of its own, and lists in JSON lines.

`objects.jsonl` names the key of each file below `objects/`, `jobs.jsonl` and `records.jsonl` have
the jobs and the other records, `backup.json` says which bucket they are from.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from cli import texts
from cli.backup.records import SavedRecord
from core.errors import InvalidInput
from core.jobs.records import Job
from formats.frozen import Tolerant

FORMAT: Final = 1


class BackupInfo(Tolerant):
    """Where a backup is from."""

    format: int = FORMAT
    version: str
    """Of the studio that wrote it."""
    bucket: str
    backend: str = ""
    """Where it is from: what an account's endpoints cost is nothing to a laptop."""
    made_at: datetime


class SavedObject(Tolerant):
    """An object of the bucket as it was."""

    key: str
    size: int
    etag: str
    content_type: str = ""
    metadata: dict[str, str] = Field(default_factory=dict)


class BackupFolder:
    """Reads and writes a backup. What a broken-off run had written is used by the next."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, info: BackupInfo) -> None:
        """Make the folder. Raises InvalidInput where it is a backup of another bucket."""
        (self.path / "objects").mkdir(parents=True, exist_ok=True)
        about = self.path / "backup.json"
        if about.exists() and self.info().bucket != info.bucket:
            raise InvalidInput(texts.other_backup(str(self.path), self.info().bucket))
        about.write_text(info.model_dump_json(), "utf-8")

    def info(self) -> BackupInfo:
        """Raises InvalidInput where the folder is no backup, or one of a newer version."""
        try:
            info = BackupInfo.model_validate_json((self.path / "backup.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise InvalidInput(texts.no_backup(str(self.path))) from error
        if info.format > FORMAT:
            raise InvalidInput(texts.newer_backup(str(self.path), info.version))
        return info

    def file_of(self, key: str) -> Path:
        """Where an object's bytes are; a key is no path that every file system takes."""
        return self.path / "objects" / hashlib.sha256(key.encode()).hexdigest()

    def objects(self) -> dict[str, SavedObject]:
        """Every object whose file is whole, by its key."""
        lines = _lines(self.path / "objects.jsonl")
        saved = [SavedObject.model_validate_json(line) for line in lines]
        return {each.key: each for each in saved if self._is_whole(each)}

    def add(self, saved: SavedObject) -> None:
        """Note an object once its file is written."""
        with (self.path / "objects.jsonl").open("a", encoding="utf-8") as file:
            file.write(saved.model_dump_json() + "\n")

    def keep(self, saved: Iterable[SavedObject]) -> None:
        """Forget the objects that are none of these, and their files."""
        kept = {each.key: each for each in saved}
        for key in self.objects().keys() - kept.keys():
            self.file_of(key).unlink(missing_ok=True)
        _write(self.path / "objects.jsonl", (each.model_dump_json() for each in kept.values()))

    def write_jobs(self, jobs: Iterable[Job]) -> None:
        """Replace the list of jobs."""
        _write(self.path / "jobs.jsonl", (job.model_dump_json() for job in jobs))

    def jobs(self) -> Iterator[Job]:
        """The job records."""
        return (Job.model_validate_json(line) for line in _lines(self.path / "jobs.jsonl"))

    def write_records(self, records: Iterable[SavedRecord]) -> None:
        """Replace the list of records."""
        _write(self.path / "records.jsonl", (each.model_dump_json() for each in records))

    def records(self) -> Iterator[SavedRecord]:
        """The records."""
        lines = _lines(self.path / "records.jsonl")
        return (SavedRecord.model_validate_json(line) for line in lines)

    def _is_whole(self, saved: SavedObject) -> bool:
        file = self.file_of(saved.key)
        return file.is_file() and file.stat().st_size == saved.size


def _lines(path: Path) -> list[str]:
    """Without a last one that a broken-off run left unfinished."""
    if not path.exists():
        return []
    return [line for line in path.read_text("utf-8").splitlines() if _is_json(line)]


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _write(path: Path, lines: Iterable[str]) -> None:
    """All or nothing."""
    new = path.with_suffix(".new")
    new.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    new.replace(path)
