"""What somebody reads who types a command."""

from typing import Final

APPLICATION: Final = (
    "A web studio for Stable Diffusion on your own SageMaker endpoints. The settings are "
    "environment variables (docs/settings.md); without any, commands work on the embedded AWS."
)
DOCTOR: Final = "Check all that the studio needs, and say what to do about what is lacking."
UPLOAD: Final = "Upload model files; a broken-off upload goes on where it ended."
VERSION: Final = "Print the version."

JSON: Final = "Print JSON."
REPAIR: Final = "Create what is missing and set the bucket's rules, where this command can."
REPAIR_IT: Final = " (`contrapposto doctor --repair` mends it)"
YES: Final = "Do not ask."
FILES: Final = "Model files."
KIND: Final = "What they are; left out, their headers tell."
REPLACE: Final = "Replace a model of the same name that has other bytes."

_STATES: Final = {"in place": "ok     ", "failed": "FAILED ", "unknown": "?      "}


def failed(message: str) -> str:
    """The one line of a command that could not do what was asked."""
    return f"contrapposto: {message}"


def check(state: str, name: str, detail: str, how: str) -> str:
    """One check of the doctor, and how it is repaired where this command can."""
    return f"{_STATES[state]}{name}: {detail}{how}"


def file_problem(name: str, message: str) -> str:
    """A file that could not be uploaded."""
    return f"{name}: {message}"


def upload_label(name: str, stage: str) -> str:
    """The words beside an upload's bar."""
    return f"{name} ({stage})"
