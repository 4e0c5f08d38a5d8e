"""The dashboard's image has what the dashboard imports, serves others, and may keep what is typed.

The image itself is built where there is a builder; this is what can go wrong in its file.
"""

import shlex

from tests.support.helpers import ROOT
from tests.support.imports import PACKAGES, own_imports

LINES = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()


def instructions(name: str) -> list[list[str]]:
    """The arguments of each instruction of that name."""
    found = (shlex.split(line) for line in LINES if line.startswith(f"{name} "))
    return [words[1:] for words in found]


COPIED = {source for *sources, _ in instructions("COPY") for source in sources}


def test_what_it_copies_is_there_and_is_enough() -> None:
    assert [name for name in COPIED if not (ROOT / name).exists()] == []
    layers = {"app.py", *PACKAGES} & COPIED
    needed = {name.partition(".")[0] for layer in layers for name in own_imports(ROOT / layer)}
    assert needed - layers == {"local_aws"}, "which app.py imports for the embedded backend alone"
    assert {"app.py", "pages", ".streamlit", "requirements.txt", "LICENSE", "NOTICE"} <= COPIED


def test_it_serves_other_machines_on_aws_and_nowhere_else() -> None:
    (given,) = instructions("ENV")
    environment = dict(word.split("=", 1) for word in given)
    assert environment["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"  # noqa: S104
    assert environment["CONTRAPPOSTO_BACKEND"] == "aws"
    assert "CONTRAPPOSTO_ALLOW_NO_LOGIN" not in environment
    config = (ROOT / ".streamlit" / "config.toml").read_text("utf-8")
    assert 'address = "127.0.0.1"' in config


def test_its_user_may_write_where_it_keeps_what_is_typed() -> None:
    (given,) = instructions("ENV")
    folder = dict(word.split("=", 1) for word in given)["CONTRAPPOSTO_DATA"]
    (user,) = instructions("USER")[0]
    assert user != "root"
    made = [line for line in LINES if f"--owner {user}" in line and line.rstrip().endswith(folder)]
    assert made
