"""Holds the one studio of this process, which app.py opens, and who is looking at the page."""

from core.access import User
from core.studio import Studio
from ui import auth

_studio: list[Studio] = []


def set_studio(opened: Studio | None) -> None:
    """Hand the opened studio to the pages; None takes it back when the server stops."""
    _studio[:] = [opened] if opened else []


def studio() -> Studio:
    """The service layer. Raises RuntimeError where no server has opened it."""
    if not _studio:
        raise RuntimeError("The studio is not open: start the dashboard with app.py.")
    return _studio[0]


def user() -> User:
    """Who is signed in. Raises RuntimeError on a page that the guard should have kept shut."""
    found = auth.signed_in()
    if found is None:
        raise RuntimeError("A page ran for nobody.")
    return found


def on_aws() -> bool:
    """Whether the studio works in an AWS account rather than on the embedded AWS."""
    return not studio().settings.embedded
