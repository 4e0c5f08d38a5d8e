"""Hands over what is being typed into text boxes, so that a reload or a quick click loses none."""

from ui.components import mount


def autosave_text(key: str, *boxes: str) -> None:
    """Watch these text boxes, each named by its widget's key."""
    names = [box.replace(".", "-") for box in boxes]
    mount("text_autosave", key, {"keys": names}, height=0)
