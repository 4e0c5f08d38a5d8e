"""Texts of one model: what is known about it, and what can be done with it."""

from typing import Final

DRAWER: Final = "Model"
DELETE_FILE: Final = "Delete this file"
GONE: Final = "This model is not in the library any more."
FILE: Final = "File"
KEY: Final = "Key in S3"
SIZE: Final = "Size"
OWNER: Final = "Owner"
CHANGED: Final = "Changed"
SHA256: Final = "SHA-256"


def deletion(name: str) -> str:
    """What deleting a model file does."""
    return f"{name} is removed from S3. Jobs that wait for it will fail."
