"""Texts of uploads from a browser: the drop area, and a row for each file."""

from typing import Final

from core.texts.models import uploads
from formats.models.kinds import ModelKind

NO_CHECKSUMS: Final = "The request has no checksums of parts."
PART_IS_DAMAGED: Final = "The part arrived damaged."

ROWS: Final = {
    "choose": "Choose files",
    "hint": "or drop model files from this computer anywhere on this page",
    "drop": "Drop model files to upload them",
    "list": "Files of this tab on their way",
    # ---- what happens to a file
    "checking": "checking the file",
    "hashing": "hashing {done} of {size}",
    "sending": "sending {done} of {size}",
    "left": "{left} left",
    "skipped": "{skipped} parts were there already",
    "paused": "paused at {done} of {size}",
    "silent": "No connection; trying again.",
    "stored": "The same file is in S3 already; nothing was sent.",
    "sent": "sent",
    "cancelled": uploads.UPLOAD_CANCELLED,
    "unreadable": "The file was moved or changed since it was chosen. Drop it again.",
    # ---- what can be done with it
    "label": "{action}: {file}",
    "do_pause": "Pause",
    "do_resume": "Resume",
    "do_cancel": "Cancel",
    "do_retry": "Try again",
    "do_replace": "Replace the file in S3",
    "do_close": "Close",
    "do_kind": "Choose its kind",
}
"""What the component shows, by the names that its script uses."""


def kinds() -> list[dict[str, str]]:
    """The entries of the picker of a file that doesn't say what it is."""
    return [{"value": kind.value, "label": kind.label} for kind in ModelKind]
