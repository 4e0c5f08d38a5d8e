"""Texts that no page has for itself: navigation, sign-in, errors, and what every list offers."""

from typing import Final

from ui.texts.formatting import escape

APP_NAME: Final = "Contrapposto"

GENERATE: Final = "Generate"
CONTROLNET: Final = "ControlNet"
JOBS: Final = "Jobs"
MODELS: Final = "Models"
ENDPOINTS: Final = "Endpoints"
SETUP: Final = "Set-up"
TEAM: Final = "Team"

SIGN_IN: Final = "Sign in"
SIGN_IN_REASON: Final = "Sign in to see the studio's models, endpoints and pictures."

DELETE: Final = "Delete"
KEEP: Final = "Keep it"
REFRESH: Final = "Refresh"

UNEXPECTED_ERROR: Final = (
    "Something went wrong here. Nothing was lost; reload the page. "
    "If it happens again, the dashboard's log says why."
)
LINK_EXPIRED: Final = "Reload the page: its token has expired."


def request_too_large(megabytes: int) -> str:
    """A request's body is more than anybody needs to send."""
    return f"The request is too large: send {megabytes} MB at most."


def too_many_requests(seconds: int) -> str:
    """Somebody asks more often than anybody needs to."""
    return f"That was asked too often. Wait {seconds} s, then reload the page."


NO_SUCH_IMAGE: Final = "There is no such picture."
NO_SUCH_TABLE: Final = "This table is of another version. Load the page again."
NO_SUCH_SCRIPT: Final = "There is no such script in this version. Reload the page."


def about(version: str, email: str) -> str:
    """The entry of the app's menu: the version, and who is signed in."""
    return f"Contrapposto {version}" + (f"  \nSigned in as {escape(email)}" if email else "")


def shown_as_of(time: str, error: str) -> str:
    """AWS does not answer; what it answered then stands below. `error` is the whole message."""
    return f"What is shown is as of {time}. {error}"


def host_refused(host: str) -> str:
    """The page for a host name that isn't served; `host` is HTML."""
    return (
        f"<!doctype html><meta charset='utf-8'><title>{APP_NAME}</title>"
        f"<p>{APP_NAME} is not served under the host name <code>{host}</code>.</p>"
        "<p>Whoever runs it names the host in CONTRAPPOSTO_PUBLIC_URL, in "
        "STREAMLIT_SERVER_ALLOWED_HOSTS, or under <code>allowedHosts</code> in "
        ".streamlit/config.toml.</p>"
    )
