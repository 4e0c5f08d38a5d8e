"""Both stores of records, for the audit."""

from tests.core.records.conftest import store

__all__ = ["store"]
