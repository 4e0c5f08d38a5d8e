"""Hands over what is being typed into text boxes, so that a reload or a quick click loses none."""

from ui.components import mount


def keep_typing(key: str, *boxes: str) -> None:
    """Watch these text boxes, each named by its widget's key."""
    names = [box.replace(".", "-") for box in boxes]
    mount("keep_typing", key, {"keys": names}, height=0)
