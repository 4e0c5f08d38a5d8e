"""Texts of the login: signing in and out, and what is wrong with its configuration."""

from collections.abc import Iterable
from typing import Final

# ---- signing in and out
SIGN_OUT: Final = "Sign out"
SESSION_OVER: Final = "Your session is over. Sign in again to go on."
SIGNED_OUT: Final = "You have signed out."
NOT_VERIFIED: Final = (
    "Your provider says that your e-mail address is not verified. Verify it there, then sign in "
    "again, or sign in with another account."
)
NOT_NAMED: Final = (
    "Your provider does not say who you are: its token lacks `iss` or `sub`. Tell whoever runs "
    "this studio."
)
HEADER_REFUSED: Final = (
    "The load balancer's word for who you are can't be believed. Load this page anew; if that does "
    "not help, tell whoever runs this studio."
)
NO_HEADER: Final = (
    "Nothing says who you are. Open the studio by its own address, which leads through the load "
    "balancer."
)
SIGN_IN_AGAIN: Final = "Sign in again"


def people_unknown(why: str) -> str:
    """The table of people can't be read, so nobody knows which role somebody has."""
    return f"Who may do what can't be read now: {why} Load this page anew in a moment."


def signed_out_page(address: str) -> str:
    """The page after a sign-out, where no address of the provider's is known.

    `address` is where its link leads to, of characters that HTML leaves as they are.
    """
    return (
        f"<!doctype html><meta charset='utf-8'><title>{SIGN_OUT}</title>"
        f"<p>{SIGNED_OUT} <a href='{address}'>{SIGN_IN_AGAIN}</a></p>"
    )


def run_by(operator: str) -> str:
    """Who is answerable for this studio; `operator` is Markdown."""
    return f"This studio is run by {operator}"


def sign_in_with(provider: str) -> str:
    """The button for one of several providers; `provider` is the section's name."""
    return f"Sign in with {provider}"


def signed_in_as(email: str) -> str:
    """Who is signed in; `email` is Markdown."""
    return f"Signed in as {email}"


# ---- the configuration


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


def provider_with_underscore(name: str) -> str:
    """Streamlit can't tell such a provider from others."""
    return (
        f"Not started: the provider `{name}` in secrets.toml has an underscore in its name. "
        "Rename its section."
    )


def other_redirect_uri(uri: str) -> str:
    """Streamlit hears a provider's answer at one address only."""
    return (
        f"Not started: `redirect_uri` in secrets.toml is {uri}. It must be this dashboard's own "
        "address and end with /oauth2callback, such as https://studio.example.com/oauth2callback."
    )


def no_web_address(uri: str) -> str:
    """Where the provider's metadata should be."""
    return (
        f"Not started: `server_metadata_url` in secrets.toml is {uri}. It must be the address of "
        "the provider's metadata, such as "
        "https://login.example.com/.well-known/openid-configuration."
    )
