"""Texts of the team's tag list on the page Set-up."""

from typing import Final

TITLE: Final = "Tag list"
ABOUT: Final = (
    "The prompt box completes from it. A CSV file in the format of tag-autocomplete, a tag on each "
    "line: name,type,count and the aliases in quotes."
)
NONE: Final = "There is none yet."
FILE: Final = "Tag list (CSV)"
IMPORT: Final = "Import"
REPLACE: Final = "Replace"
DELETE: Final = "Delete the list"
ADMINS_ONLY: Final = "Only an admin of your team may change it."
DELETED: Final = "The tag list is deleted."


def current(name: str, tags: int, by: str, at: str) -> str:
    """The list that counts; name and person are escaped by the caller."""
    return f"**{name}**: {tags:,} tags, imported by {by} on {at}."


def imported(tags: int) -> str:
    """The list counts from now on."""
    return f"{tags:,} tags are offered in the prompt box now."
