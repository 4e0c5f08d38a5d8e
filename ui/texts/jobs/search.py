"""Texts of the list on the page Jobs: its layouts, its selection, its search and its filters."""

from typing import Final

# ---- the list
LAYOUT: Final = "Layout"
LAYOUTS: Final = {"list": ":material/view_list:", "gallery": ":material/grid_view:"}
LIST: Final = {
    "select": "Select {}",
    "select_all": "Select all shown",
    "selected": "{} selected (Escape clears)",
    "star": "Add to favourites",
    "unstar": "Remove from favourites",
}

# ---- search and filters
SEARCH: Final = "Search the jobs"
SEARCH_PLACEHOLDER: Final = 'Search: cat -black "exact phrase"'
SEARCH_HELP: Final = (
    "Finds words by their beginnings in prompts, names of models, LoRAs and styles, tags and ids. "
    "`-` leaves out, quotation marks find a whole phrase; `negative:`, `prompt:`, `model:` and "
    "`tag:` before a word look there alone."
)
FACETS: Final = {
    "kind": "Kind",
    "owner": "Owner",
    "endpoint": "Endpoint",
    "model": "Checkpoint",
    "lora": "LoRA",
    "style": "Style",
    "tag": "Tag",
    "collection": "Collection",
}
FIRST_DAY: Final = "From (UTC)"
LAST_DAY: Final = "To (UTC)"
CLEAR_FILTERS: Final = "Clear all filters"
GONE: Final = "deleted collection"
NO_MATCH_TITLE: Final = "No job fits"
NO_MATCH: Final = "Take a filter off, or search for fewer or shorter words."


def facet(word: str, count: int) -> str:
    """A value and how many jobs have it."""
    return f"{word} · {count:,}"


def favourites(count: int) -> str:
    """The switch that shows the stars of who looks alone."""
    return f"Favourites · {count:,}"


def more_filters(chosen: int) -> str:
    """The button behind which most of them are."""
    return f"Filters · {chosen}" if chosen else "Filters"


def found(count: int) -> str:
    """How many jobs the filters let through."""
    return f"{count:,} {'job' if count == 1 else 'jobs'}"


def being_built(indexed: int) -> str:
    """The index is not complete yet."""
    return (
        f"The search is being made ready: {indexed:,} jobs so far. Until then this is the plain "
        "list, the newest jobs first."
    )


# ---- collections
COLLECTIONS: Final = "Collections"
NEW_TITLE: Final = "Title of a new collection"
CREATE: Final = "Create"
RENAME: Final = "Rename"
DELETE: Final = "Delete"
TITLE: Final = "Title"
NO_COLLECTIONS: Final = (
    "Boards that the whole team fills. Create one, then select jobs and add them."
)
ADD: Final = "Add to a collection"
REMOVE_FROM: Final = "Take out"
USE_AS_COVER: Final = "Use as cover"
MOVE_FIRST: Final = "Move to the front"
MOVE_EARLIER: Final = "Move earlier"
MOVE_LATER: Final = "Move later"
SHOW: Final = "Show its jobs"
DELETE_QUESTION: Final = "Delete this collection?"
DELETION: Final = "Its jobs stay."
EMPTY_COLLECTION: Final = (
    "Nothing in this collection is yours to see yet. Select jobs and add them."
)


def added(count: int, title: str) -> str:
    """Jobs were put into a collection."""
    return f"{count} {'job' if count == 1 else 'jobs'} added to {title}."
