"""Names the pictures that a form holds for its ControlNet units."""


def unit_picture(index: int) -> str:
    """The picture that was uploaded for a unit; its index counts from 0."""
    return f"map_picture_{index + 1}" if index else "map_picture"
