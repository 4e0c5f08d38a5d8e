"""Packs Triton's cache folder into one archive, and unpacks one whose content it does not trust.

Only what runs on the GPU travels (`.cubin` and its `.json`): launchers, which are code of the host,
are compiled by each instance itself. What is in the bucket thus can't run on the host.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Final

MAX_ARCHIVE_BYTES: Final = 64 * 2**20
MAX_UNPACKED_BYTES: Final = 256 * 2**20
MAX_FILES: Final = 4096

_NAME: Final = re.compile(r"([A-Za-z0-9_-]{1,128})/((?:__grp__)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,160})")
"""`<key>/<file>` as Triton names them; nothing that leads out of the folder."""
_SUFFIXES: Final = {".cubin", ".json"}
_GROUP: Final = "__grp__"
_CHILDREN: Final = "child_paths"


class WrongArchive(ValueError):
    """An archive that is larger than allowed, or holds what Triton doesn't write."""


def kernel_files(folder: Path) -> dict[str, Path]:
    """The files to pack, by their names in the archive."""
    found = {f"{path.parent.name}/{path.name}": path for path in sorted(folder.glob("*/*"))}
    return {name: path for name, path in found.items() if _is_packed(name) and path.is_file()}


def pack(folder: Path) -> bytes:
    """The archive of a folder. Raises WrongArchive for one that `unpack` would refuse, OSError."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in kernel_files(folder).items():
            archive.write(path, name)
        _check(archive)
    if packed.tell() > MAX_ARCHIVE_BYTES:
        raise WrongArchive(f"{packed.tell()} bytes")
    return packed.getvalue()


def unpack(data: bytes, folder: Path) -> int:
    """Write an archive's files below the folder; a file that is there stays. Returns their number.

    Nothing is written of an archive that is refused. Raises WrongArchive, OSError.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check(archive)
            stored = {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise WrongArchive(str(error)) from error
    content = {folder / name: _localized(folder / name, data) for name, data in stored.items()}
    for path, localized in content.items():
        if not path.exists():
            _write(path, localized)
    return len(content)


def _check(archive: zipfile.ZipFile) -> None:
    """Raise WrongArchive unless each entry is a plain file that Triton could have written."""
    entries = archive.infolist()
    if len(entries) > MAX_FILES or sum(e.file_size for e in entries) > MAX_UNPACKED_BYTES:
        raise WrongArchive("too many files or bytes")
    wrong = [entry.filename for entry in entries if not _is_packed(entry.filename)]
    if wrong:
        raise WrongArchive(repr(wrong[0]))


def _is_packed(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and Path(name).suffix in _SUFFIXES


def _localized(path: Path, stored: bytes) -> bytes:
    """A group file names its files by absolute paths: here they lie beside it, and nowhere else."""
    if not path.name.startswith(_GROUP):
        return stored
    try:
        names = json.loads(stored)[_CHILDREN]
        paths = {
            str(n): str(path.parent / n) for n in names if _is_packed(f"{path.parent.name}/{n}")
        }
    except (ValueError, KeyError, TypeError) as error:
        raise WrongArchive(path.name) from error
    return json.dumps({_CHILDREN: paths}).encode()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(data)
    partial.replace(path)
