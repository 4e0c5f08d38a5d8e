"""What users read about wildcard files and dynamic prompts."""

from typing import Final

NO_FORMAT: Final = "A wildcard file ends in .txt, .yaml, .yml or .json."
NOT_UTF8: Final = "The file is no UTF-8 text. Save it as UTF-8 and upload it again."
NO_VALUES: Final = "There are no values. Write one a line, or names with lists below them."
NO_ALIASES: Final = "aliases (*name) are not read: write the values out"
MATRIX_WITH_CHOICES: Final = (
    "A prompt matrix splits the prompt at “|”, and so can't have choices in braces. "
    "Use wildcards (__name__) there, or no prompt matrix."
)
TEXT_IS_GONE: Final = "The text of this wildcard file is gone from S3. Upload the file again."


def bad_name(name: str) -> str:
    """A name that a prompt could not have."""
    return (
        f"“{name}” can't be a wildcard's name. Use letters, digits, spaces, “-”, “.” and single "
        "“_”, with “/” between up to 8 folders."
    )


def too_large(most: int) -> str:
    """A file over the limit, in bytes."""
    return f"A wildcard file has up to {most // 2**20} MiB. Split it."


def cannot_be_read(written: str, reason: str) -> str:
    """What a parser said of YAML or JSON."""
    first = " ".join(reason.split())[:200]
    return f"This is no {written.upper()} that can be read: {first}"


def too_deep(most: int) -> str:
    """Names within names."""
    return f"The names are nested deeper than {most} levels. Use fewer."


def no_list(name: str) -> str:
    """Something else than a list of texts."""
    return f"“{name}” is no list of values. Values are texts, or texts with a weight."


def too_many_values(name: str, most: int) -> str:
    """A list over the limit."""
    return f"“{name}” has more than {most:,} values. Split it into several files."


def too_many_lists(most: int) -> str:
    """A file over the limit."""
    return f"A file has up to {most} lists. Split it."


def bad_value(name: str, most: int) -> str:
    """A value or a weight over its limit."""
    return f"A value of “{name}” has 1 to {most:,} characters and a weight from 0. Change it."


def too_many_prompts(count: int, most: int) -> str:
    """More prompts than one click may ask for."""
    return f"{count:,} prompts are more than the {most} that one click may ask for. Ask for fewer."
