"""Tries calls one after the other, and keeps in words which of them these credentials may not."""

from collections.abc import Callable

from core.aws.error_table import is_of_credentials
from core.errors import AwsDenied
from core.setup.checks import explain


class Attempts:
    """The calls of one check; a refusal does not keep the next from being tried."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def is_allowed(self, permission: str, call: Callable[[], object]) -> bool:
        """Make a call that needs a permission. Raises AwsError for anything but its refusal."""
        try:
            call()
        except AwsDenied as error:
            if is_of_credentials(error):
                raise
            self.problems.append(explain(error, permission))
            return False
        return True
