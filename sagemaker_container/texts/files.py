"""Texts of model files: why one can't be fetched, or isn't what it should be.

A reason follows the file's name and a colon, as `about` puts them together.
"""

from collections.abc import Iterable
from typing import Final

from formats.models.kinds import Family, ModelKind


def about(name: str, reason: str) -> str:
    """The whole message on a file; `reason` is one of the reasons here or in `models`."""
    return f"{name}: {reason}"


# ---- in S3
IS_CHANGED: Final = "it is not the file it was when the job was made; run the job again to use it."
WAS_REPLACED: Final = "it was replaced while it was being read; run the job again."
OTHER_BYTES: Final = "its bytes are not those that were uploaded; upload it again."
WRONG_SIDECAR: Final = 'it must be JSON such as {"prediction_type": "v_prediction"}.'


def is_missing(kind: ModelKind) -> str:
    """There is no file of that kind and name."""
    return f"there is no such {kind.label} in S3; refresh the list of models."


# ---- its format
def wrong_extension(kind: ModelKind, extensions: Iterable[str]) -> str:
    """The extensions that files of the kind have."""
    return f"a {kind.label} must be a {' or '.join(extensions)} file."


def is_pickle(kind: ModelKind, extensions: Iterable[str]) -> str:
    """The same of a file that could run code when loaded."""
    return (
        f"a {kind.label} must be a {' or '.join(extensions)} file. "
        "This one may hold a program that runs when it is loaded; convert it, for instance "
        "in A1111's Checkpoint Merger with No interpolation and safetensors, and upload that."
    )


def wrong_size(found: int, expected: int) -> str:
    """Bytes of the file, and as many as its header says."""
    return f"it has {found:,} bytes and should have {expected:,}; upload it again."


# ---- its kind and family
UNKNOWN_KIND: Final = "its tensors are those of no known kind of model."


def other_kind(found: ModelKind, expected: ModelKind) -> str:
    """The header says another kind than the request."""
    return f"it is a {found.label}, not a {expected.label}."


def other_family(family: Family, checkpoint: str, wanted: Family) -> str:
    """The file is made for checkpoints of another family than the job's."""
    return f"it is made for {family}, and {checkpoint} is {wanted}."
