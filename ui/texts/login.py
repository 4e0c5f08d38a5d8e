"""Texts of the login: what is wrong with its configuration."""

from collections.abc import Iterable


def unreadable(files: Iterable[str], why: str) -> str:
    """The file of secrets can't be read, so nobody knows whether it asks for a login."""
    return (
        f"Not started: the secrets ({', '.join(files)}) can't be read: {why} Mend or remove them."
    )


def misplaced(name: str) -> str:
    """A login was meant, but Streamlit would not find it."""
    return f"Not started: secrets.toml has `{name}`, but the login is read from a section `[auth]`."


def incomplete(missing: Iterable[str]) -> str:
    """The section lacks something."""
    return f"Not started: `[auth]` in secrets.toml lacks {', '.join(missing)}."


def short_cookie_secret(least: int) -> str:
    """Whoever guesses the secret signs in as anybody."""
    return (
        f"Not started: `cookie_secret` in secrets.toml is shorter than {least} bytes. "
        "Make one with `openssl rand -hex 32`."
    )
