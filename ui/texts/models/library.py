"""Texts of the library: search, facets, cards and table."""

from typing import Final

TITLE: Final = "Library"
SEARCH: Final = "Search"
SEARCH_PLACEHOLDER: Final = "ink style -anime tag:portrait"
SEARCH_HELP: Final = """\
All words must fit: a title, a file's name, words, tags, notes, a hash.

- `"ink wash"`: the words beside each other
- `-anime`: without it
- `tag:portrait`, `kind:lora`, `family:sdxl`, `base:pony`, `word:chibi`, `owner:ann`, `note:`,
  `name:`, `hash:1a2b3c`: only there
- `-tag:`: models without any tag
"""
ORDER: Final = "Order"
ORDERS: Final = {
    "name": "By name",
    "newest": "Newest first",
    "size": "Largest first",
    "jobs": "Most used first",
    "last-used": "Last used first",
}
LAYOUT: Final = "Layout"
LAYOUTS: Final = {"cards": ":material/grid_view:", "table": ":material/table_rows:"}
FACETS: Final = {
    "kind": "Kind",
    "family": "Family",
    "prediction": "Prediction type",
    "tag": "Tags",
    "owner": "Owner",
    "favourite": "Favourites",
    "problem": "With a problem",
    "used": "In use",
}
REFRESH_HELP: Final = "Read the list from S3 again"
CLEAR_FILTERS: Final = "Clear the filters"
NO_MATCH_TITLE: Final = "No model fits"
NO_MATCH: Final = "Nothing in the library has all that you ask for."
EMPTY_TITLE: Final = "No model files yet"
EMPTY: Final = (
    "Give the path of a checkpoint above, a .safetensors file, and press Upload. "
    "Its kind is read from the file."
)

# ---- cards
PROBLEM: Final = "problem"
CARD_TEXTS: Final = {
    "star": "Add to your favourites",
    "unstar": "Remove from your favourites",
}

# ---- columns
COLUMN_FAVOURITE: Final = "★"
STAR: Final = "★"
COLUMN_NAME: Final = "Name"
COLUMN_TITLE: Final = "Title"
COLUMN_PREDICTION: Final = "Prediction"
COLUMN_TAGS: Final = "Tags"
COLUMN_JOBS: Final = "Jobs"
COLUMN_OWNER: Final = "Owner"
COLUMN_KIND: Final = "Kind"
COLUMN_FAMILY: Final = "Family"
COLUMN_SIZE: Final = "Size"
COLUMN_CHANGED: Final = "Changed"
COLUMN_PROBLEM: Final = "Problem"
OPEN: Final = "Open"
EDIT: Final = "Edit"

# ---- several at once
BULK_TITLE: Final = "Edit the chosen models"
BULK_TRASH: Final = "Move to the trash?"
TAG_BOXES: Final = {"add_tags": "Add tags", "remove_tags": "Remove tags"}


def count(shown: int, total: int, size: str) -> str:
    """`12 of 40 models · 33.1 GB`."""
    models = _models(total)
    return f"{models} · {size}" if shown == total else f"{shown:,} of {models} · {size}"


def more_filters(chosen: int) -> str:
    """The button of the facets that are not in sight; how many of their values are chosen."""
    return f"More filters · {chosen}" if chosen else "More filters"


def facet(value: str, number: int) -> str:
    """A value of a facet, and how many models have it."""
    return f"{value} · {number:,}"


def chosen(number: int) -> str:
    """How many rows of the table are chosen."""
    return f"{number} chosen" if number else "Choose rows to open or change them"


def bulk_about(number: int) -> str:
    """Above the form for several models."""
    return (
        f"For {_models(number)}. An empty box leaves its field as it is; "
        "write several tags with commas between them."
    )


def bulk_saved(number: int) -> str:
    """What the form did."""
    return f"Changed {_models(number)}."


def bulk_trash(number: int, days: int) -> str:
    """What moving several to the trash does."""
    return f"{_models(number)}, which can be brought back for {days} days."


def _models(number: int) -> str:
    return "1 model" if number == 1 else f"{number:,} models"
