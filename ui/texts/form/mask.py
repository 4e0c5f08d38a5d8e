"""Texts of the mask editor, which its script gets as data, and of what stands around it.

The script fills in what stands in braces.
"""

from typing import Any, Final

_TOOLS: Final = {
    "brush": "Brush (B)",
    "rectangle": "Rectangle (R)",
    "lasso": "Lasso (L)",
    "erase": "Erase instead of paint (E)",
    "undo": "Undo (Ctrl+Z)",
    "redo": "Redo (Ctrl+Shift+Z)",
    "fill": "Mask everything (F)",
    "clear": "Clear the mask (Delete)",
    "invert": "Invert the mask (X)",
    "hide": "Hide the mask (H)",
    "help": "How to work here",
    "out": "Zoom out (-)",
    "fit": "Fit (0)",
    "in": "Zoom in (+)",
}

_HELP: Final = (
    ("Drag", "paints; with Erase on, it takes away"),
    ("Shift+click", "paints a straight line from the last place"),
    ("[ and ]", "a smaller and a larger brush"),
    ("Wheel, two fingers", "zoom, once the picture was clicked; with Ctrl at once"),
    ("Space and drag", "moves the view; so does the middle button"),
    ("Head, Hands, Figure", "mask that part of the pose; with Erase on, they take it away"),
    ("Arrow keys, Enter", "move the brush, farther with Shift, and dab with it"),
    ("Ctrl+Z, Ctrl+Shift+Z", "undo and redo"),
)
"""What the user does, and what that does."""

TEXTS: Final[dict[str, Any]] = {
    "tool_bar": "Tools of the mask",
    "canvas": "Mask of the picture, {width} by {height} pixels",
    "from_pose": "Mask from the pose",
    "who": "Figures",
    "everyone": "All figures",
    "figure": "Figure {n}",
    "parts": {"head": "Head", "hands": "Hands", "figure": "Figure"},
    "brush": "Brush",
    "brush_size": "Brush size",
    "pixels": "{size} px",
    "view": "View",
    "zoom": "{percent}%",
    "tools": _TOOLS,
    "help": _HELP,
    "said": {
        "painted": "painted",
        "erased": "erased",
        "fill": "everything is masked",
        "clear": "the mask is cleared",
        "invert": "the mask is inverted",
        "undo": "undone",
        "redo": "redone",
        "missing": "the pose has no such part",
    },
}

PAINT: Final = "Paint over what shall be drawn anew."
CROP_FRAME: Final = "The dashed frame is the part that is drawn, at the full size."
PAINT_ON: Final = "Go on painting this mask"
FIND_FIGURES: Final = "Find people in the picture"
FIND_FIGURES_HELP: Final = (
    "Looks for people, so that their heads, hands and figures can be masked at a click."
)
NOBODY_FOUND: Final = "Nobody was found in this picture. Paint the mask by hand."
