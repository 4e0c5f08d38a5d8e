"""Texts of the library: search, facets, cards and table."""

from typing import Final

TITLE: Final = "Library"
SEARCH: Final = "Search"
SEARCH_PLACEHOLDER: Final = "Part of a title, a file name, a family"
ORDER: Final = "Order"
ORDERS: Final = {"name": "By name", "newest": "Newest first", "size": "Largest first"}
LAYOUT: Final = "Layout"
LAYOUTS: Final = {"cards": ":material/grid_view:", "table": ":material/table_rows:"}
FACETS: Final = {"kind": "Kind", "family": "Family"}
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
COLUMN_NAME: Final = "Name"
COLUMN_KIND: Final = "Kind"
COLUMN_FAMILY: Final = "Family"
COLUMN_SIZE: Final = "Size"
COLUMN_CHANGED: Final = "Changed"
COLUMN_PROBLEM: Final = "Problem"
OPEN: Final = "Open"


def count(shown: int, total: int, size: str) -> str:
    """`12 of 40 models · 33.1 GB`."""
    models = "1 model" if total == 1 else f"{total:,} models"
    return f"{models} · {size}" if shown == total else f"{shown:,} of {models} · {size}"


def facet(value: str, number: int) -> str:
    """A value of a facet, and how many models have it."""
    return f"{value} · {number:,}"


def chosen(number: int) -> str:
    """How many rows of the table are chosen."""
    return f"{number} chosen" if number else "Choose rows to open or change them"
