"""Texts of the page Set-up."""

from typing import Final

ABOUT: Final = "What this dashboard needs on AWS. Nothing is created unless you say so."
CREATE: Final = "Create it"
ADD: Final = "Add it"
ADMINS_ONLY: Final = "Only an admin of your team may create this. Ask one."
SET: Final = "Set it"
CHECK_AGAIN: Final = "Look again"
CHECKING: Final = "Asking AWS"
COMPLETE: Final = "Everything is in place."
USABLE: Final = "Everything that jobs need is in place, as far as it could be checked."


def not_usable(count: int) -> str:
    """Why the other pages lead here: checks of what jobs need that failed."""
    failed = "1 check of what jobs need" if count == 1 else f"{count} checks of what jobs need"
    return f"{failed} failed. The other pages open once that is in place."
