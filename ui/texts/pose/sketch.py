"""Texts of the freehand canvas, which its script gets as data; it fills in what is in braces."""

from typing import Any, Final

TEXTS: Final[dict[str, Any]] = {
    "tool_bar": "Tools of the sketch",
    "canvas": "Sketch, {width} by {height} pixels",
    "tools": {
        "undo": "Undo the last stroke (Ctrl+Z)",
        "redo": "Redo it (Ctrl+Shift+Z)",
        "clear": "Clear the sketch",
    },
}
