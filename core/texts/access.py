"""Texts of the permission check."""


def not_yours_to_see(owner: str) -> str:
    """The user may not look at it."""
    return f"You may not see what belongs to {owner}. Ask its owner."


def not_yours_to_use(owner: str) -> str:
    """The user may not work with it."""
    return f"You may not use what belongs to {owner}. Ask its owner."


def not_yours_to_change(owner: str) -> str:
    """The user may not change it."""
    return f"You may not change what belongs to {owner}. Ask its owner."


def not_yours_to_delete(owner: str) -> str:
    """The user may not delete it."""
    return f"You may not delete what belongs to {owner}. Ask its owner."
