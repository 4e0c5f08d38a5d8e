"""Checks that a `.pt` or `.pth` is one of PyTorch's files that holds tensors only.

Nothing is unpickled: the opcodes are read, and the names that they would import. Sources: PyTorch
torch/serialization.py (both layouts) and torch/_weights_only_unpickler.py (the names).
"""

import io
import pickletools
import re
import zipfile
from typing import BinaryIO, Final

from formats import texts

_MAGIC: Final = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The first of the five pickles of the layout before 1.6: a number alone."""
_PICKLES_AFTER_MAGIC: Final = 4
_MAX_BYTES: Final = 32 * 2**20
"""Of the pickles, which have names and sizes, not the tensors' numbers."""
_ALLOWED: Final = re.compile(
    r"collections (?:OrderedDict|Counter)|_codecs encode|(?:__builtin__|builtins) set"
    r"|torch (?:\w+Storage|\w*Tensor|Size|device|u?int\d+|b?float\d+\w*|bool|complex\d+)"
    r"|torch\.storage (?:Typed|Untyped)Storage|torch\.cuda \w+Storage"
    r"|torch\._utils _rebuild_\w+|torch\._tensor _rebuild_from_type_v2"
    r"|torch\.nn\.parameter Parameter|torch\.nn\.modules\.container ParameterDict"
)


class PickleError(ValueError):
    """The file is none of PyTorch's, or holds more than tensors; the message says which."""


def check_pickle(file: BinaryIO) -> None:
    """Raises PickleError for a file that the container would not read as tensors only."""
    start = file.read(len(_MAGIC))
    try:
        if start == _MAGIC:
            _check_opcodes(file.read(_MAX_BYTES), _PICKLES_AFTER_MAGIC)
        elif start.startswith(b"PK"):
            _check_opcodes(_zipped_pickle(file), 1)
        else:
            raise PickleError(texts.NOT_PYTORCH)
    except PickleError:
        raise
    except (ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise PickleError(texts.NOT_PYTORCH) from error


def _zipped_pickle(file: BinaryIO) -> bytes:
    with zipfile.ZipFile(file) as archive:
        found = [i for i in archive.infolist() if re.fullmatch(r"[^/]+/data\.pkl", i.filename)]
        if len(found) != 1 or found[0].file_size > _MAX_BYTES:
            raise PickleError(texts.NOT_PYTORCH)
        return archive.read(found[0])


def _check_opcodes(data: bytes, count: int) -> None:
    stream = io.BytesIO(data)
    for _ in range(count):
        for opcode, argument, _ in pickletools.genops(stream):
            if opcode.name in ("STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"):
                raise PickleError(texts.runs_code(opcode.name))
            if opcode.name == "GLOBAL" and not _ALLOWED.fullmatch(str(argument)):
                raise PickleError(texts.runs_code(str(argument)))
