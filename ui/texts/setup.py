"""Texts of the page Set-up."""

from typing import Final

ABOUT: Final = "What this dashboard needs on AWS. Nothing is created unless you say so."
CREATE: Final = "Create it"
ADD: Final = "Add it"
ADMINS_ONLY: Final = "Only an admin of your team may create this. Ask one."
SET: Final = "Set it"
CHECK_AGAIN: Final = "Look again"
COMPLETE: Final = "Everything is in place."
USABLE: Final = "Everything that jobs need is in place, as far as it could be checked."
