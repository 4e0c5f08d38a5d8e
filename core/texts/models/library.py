"""Texts of the library of model files: trash, edits, thumbnails, favourites."""


def records_not_read(error: str) -> str:
    """What is kept of the files is out of reach, and the list has what S3 holds alone."""
    return f"Titles, tags and the trash of the model files could not be read: {error}"


def is_in_trash(name: str) -> str:
    """A model file that a job or an upload names."""
    return f"{name} is in the trash. Restore it on the Models page, or choose another."


def no_such_field(name: str) -> str:
    """A name of no field."""
    return f"There is no field {name} of a model file."


def field_too_long(name: str) -> str:
    """More than is kept of a field, such as tags."""
    return f"The field {name.replace('_', ' ')} has too much in it, or a number out of its range."
