"""Texts of the page Team: its sections, people, usage, removal, and what `local` made."""

from collections.abc import Sequence
from typing import Final

from core.team.administration.belongings import Amount, Belonging
from core.team.users import Role

MY_ACCOUNT: Final = "My account"

PEOPLE: Final = "People"
API_KEYS: Final = "API keys"
QUOTAS: Final = "Quotas"
POLICY: Final = "Policy"
MESSAGE: Final = "Message"
AUDIT: Final = "Audit"
SECTION: Final = "Section"

# ---- one's own account
SIGNED_IN_AS: Final = "Signed in as"
ROLE: Final = "Role"
JOBS: Final = "Jobs"
IMAGES: Final = "Images"
COST: Final = "Cost"
THIS_MONTH: Final = "This month"
ROLE_HELP: Final[dict[Role, str]] = {
    Role.VIEWER: "Sees what is the team's.",
    Role.ARTIST: "Generates images, and brings models and poses.",
    Role.OPERATOR: "Also runs endpoints, and keeps the models and poses of everybody.",
    Role.ADMIN: "May all that there is but look into private jobs.",
}

# ---- the list
FILTER: Final = "Filter people"
FILTER_PLACEHOLDER: Final = "Name or e-mail address"
NOBODY: Final = "Nobody has signed in yet. Whoever signs in joins the team."
NO_MATCH: Final = "Nobody has that in their name or e-mail address."
COLUMN_PERSON: Final = "Person"
COLUMN_ROLE: Final = "Role"
COLUMN_STATE: Final = "State"
COLUMN_JOBS: Final = "Jobs this month"
COLUMN_IMAGES: Final = "Images this month"
COLUMN_COST: Final = "Cost this month"
COLUMN_SEEN: Final = "Last seen"
ACTIVE: Final = "active"
DISABLED: Final = "disabled"
REMOVING: Final = "being removed"
PREVIOUS: Final = "Previous"
NEXT: Final = "Next"

# ---- one person
PERSON: Final = "Change a person"
PERSON_PLACEHOLDER: Final = "Choose whom"
BY_GROUPS: Final = "by groups and settings"
GIVE_ROLE: Final = "Give this role"
DISABLE: Final = "Disable"
DISABLE_HELP: Final = "Turned away within ten seconds; what they made stays. Can be undone."
ENABLE: Final = "Enable"
REMOVE: Final = "Remove"
REMOVE_QUESTION: Final = "Remove this person?"
REMOVE_NOTE: Final = (
    "They are turned away at once, and what is theirs is removed. It can't be undone. Once their "
    "logins have ended they could join as somebody new: take them out at the identity provider too."
)
HAS_NOTHING: Final = "There is nothing of theirs."
FROM_SETTINGS: Final = (
    "The setting CONTRAPPOSTO_ADMINS names this person as an admin. Nothing of them can be changed "
    "here, so that nobody locks the team out."
)

# ---- what was made without a login
HAND_OVER: Final = "Hand over what was made without a login"
HAND_OVER_QUESTION: Final = "Hand over what was made without a login?"
HAND_OVER_NOTE: Final = (
    "Jobs, poses and model files that belong to `local` become one person's. The jobs are then "
    "private to them. It can't be undone."
)
HAND_OVER_TO: Final = "To"
HAND_OVER_YES: Final = "Hand over"
NOTHING_OF_LOCAL: Final = "Nothing was made without a login."

_ONE: Final = {
    Belonging.API_KEYS: "API key",
    Belonging.JOBS: "job",
    Belonging.GRIDS: "grid",
    Belonging.POSES: "pose",
    Belonging.STYLES: "style",
    Belonging.WILDCARDS: "wildcard file",
    Belonging.PRESETS: "form preset",
    Belonging.UPLOADS: "upload under way",
    Belonging.MODELS: "model file",
    Belonging.FAVOURITES: "favourite",
    Belonging.DRAFTS: "draft",
}
_MANY: Final = 1000


def span(first: int, last: int, total: int) -> str:
    """Which of the people a page shows."""
    return f"{first} to {last} of {total}"


def given_role(role: str) -> str:
    """A role that an admin gave."""
    return f"{role}, given by an admin"


def settings_role(role: str) -> str:
    """A role that the settings give for good."""
    return f"{role}, by the settings"


def amounts(found: Sequence[Amount]) -> str:
    """`2 jobs, 1 pose`."""
    return ", ".join(_amount(each) for each in found)


def _amount(each: Amount) -> str:
    if each.count == 1:
        return f"1 {_ONE[each.kind]}"
    number = f"{each.count} or more" if each.count >= _MANY else str(each.count)
    return f"{number} {each.kind}"


def removed_with(found: Sequence[Amount]) -> str:
    """What somebody has; model files become the team's."""
    return f"Theirs: {amounts(found)}. Model files stay, as the team's."


def type_to_confirm(title: str) -> str:
    """The field in which a removal is confirmed."""
    return f"Type {title}"


def is_removed(title: str, left: Sequence[Amount]) -> str:
    """A removal under way."""
    return f"{title} is being removed. {_left(left)}"


def is_handed_over(title: str, left: Sequence[Amount]) -> str:
    """A handover under way."""
    return f"What was made without a login goes to {title}. {_left(left)}"


def _left(left: Sequence[Amount]) -> str:
    return f"Left: {amounts(left)}." if left else "Almost done."
