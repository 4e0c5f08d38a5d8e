"""The base of every model that crosses a boundary: immutable, and strict about unknown fields."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value that can't be changed after it was built; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tolerant(BaseModel):
    """A value written by another version of this software: unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
