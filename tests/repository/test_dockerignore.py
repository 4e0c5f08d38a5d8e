"""No secret that lies in the tree gets into an image."""

import re

import pytest

from tests.support.helpers import ROOT

LINES = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
PATTERNS = [line for line in LINES if line and not line.startswith("#")]


def expression(pattern: str) -> str:
    """Docker's pattern as a regular expression: `**/` is any folders, `*` any part of a name."""
    words = {"**/": "(?:.*/)?", "*": "[^/]*"}
    parts = re.split(r"(\*\*/|\*)", pattern)
    return "".join(words.get(part) or re.escape(part) for part in parts) + "(?:/.*)?"


def ignored(path: str) -> bool:
    return any(re.fullmatch(expression(pattern), path) for pattern in PATTERNS)


@pytest.mark.parametrize(
    "path",
    [
        ".streamlit/secrets.toml",
        "secrets.toml",
        ".env",
        ".env.production",
        "core/.env",
        ".aws/credentials",
        "ui/.aws/config",
        ".data/s3/objects.sqlite",
        "sagemaker_container/.data/x",
        ".git/config",
        ".ssh/id_ed25519",
        ".netrc",
        "core/server.key",
        "certificate.pem",
        ".venv-container/bin/python",
    ],
)
def test_it_stays_out_of_the_image(path: str) -> None:
    assert ignored(path)


@pytest.mark.parametrize("path", [".streamlit/config.toml", "core/settings.py", "ui/auth/page.py"])
def test_what_the_image_needs_gets_in(path: str) -> None:
    assert not ignored(path)
    assert not any(pattern.startswith("!") for pattern in PATTERNS)
