"""Texts of public links: of their page, and of their place on a job."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

# ---- the page that anybody sees
TITLE: Final = "Shared pictures"
NO_ANSWER: Final = "The studio can't be reached at the moment. Try again in a minute."

# ---- on a job
HEADING: Final = "Public links"
ABOUT: Final = (
    "Whoever has such a link sees the pictures of this job without signing in, until its end date "
    "or until you revoke it. Your name, the endpoint and the bucket are never shown."
)
NOT_ALLOWED: Final = "Your team's policy does not allow public links."
DAYS: Final = "Days"
WITH_PARAMETERS: Final = "Show prompt and parameters too"
MAKE: Final = "Make a public link"
REVOKE: Final = "Revoke"
COPY: Final = "Copy public link"
ONCE: Final = "Copy it now: it is shown this once."


def page(title: str, body: str, style: str) -> str:
    """A whole page, HTML; title and body are HTML too."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow"><title>{title}</title><style>{style}</style></head>
<body><main><h1>{title}</h1>
{body}
</main></body></html>"""


def images(addresses: Sequence[str], infotext: str, until: datetime) -> str:
    """What the page of a link shows, HTML; `infotext` is escaped, and may be empty."""
    shown = "".join(
        f'<img src="{address}" alt="Picture {number}">\n'
        for number, address in enumerate(addresses, 1)
    )
    told = f"<pre>{infotext}</pre>\n" if infotext else ""
    ends = f"Shown until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    return f"{shown}{told}<footer>{ends}</footer>"


def name_of(created_at: datetime, job_id: str) -> str:
    """What a job is called everywhere; nobody knows the time zone of who reads it."""
    return f"{created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC → {job_id}"


def listed(until_when: str, *, with_parameters: bool) -> str:
    """A link in the list of its job."""
    shown = "pictures, prompt and parameters" if with_parameters else "pictures"
    return f"until {until_when}: {shown}"
