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
