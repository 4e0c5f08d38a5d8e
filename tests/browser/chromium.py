"""Where the browser tests find Chromium: the system's, else the one that playwright installed."""

import os
import shutil
from typing import Final

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
_SYSTEM: Final = ("chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str | None:
    """The system's Chromium, or what CHROMIUM names; None takes the one of playwright."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _SYSTEM)), None)
