"""The dashboard's image has what the dashboard imports, serves others, and may keep what is typed.

The image itself is built where there is a builder; this is what can go wrong in its file.
"""

import re
import shlex

import pytest

from tests.support.helpers import ROOT
from tests.support.imports import PACKAGES, own_imports

LINES = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()


def instructions(name: str) -> list[list[str]]:
    """The arguments of each instruction of that name."""
    found = (shlex.split(line) for line in LINES if line.startswith(f"{name} "))
    return [words[1:] for words in found]


IMAGES = ("Dockerfile", "sagemaker_container/Dockerfile")

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


@pytest.mark.parametrize("file", IMAGES)
def test_an_image_is_built_from_what_digests_and_hashes_name(file: str) -> None:
    text = (ROOT / file).read_text("utf-8").replace("\\\n", " ")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert bases
    assert [base for base in bases if not re.fullmatch(r"\S+:\S+@sha256:[0-9a-f]{64}", base)] == []
    installs = re.findall(r"pip install (.+)", text)
    assert installs
    own = "--no-deps --no-build-isolation --editable ."
    assert [line for line in installs if "--require-hashes" not in line and own not in line] == []


@pytest.mark.parametrize("file", IMAGES)
def test_an_image_copies_named_files_and_packages_alone(file: str) -> None:
    """No folder of everything, in which a secret could lie that .dockerignore doesn't know."""
    text = (ROOT / file).read_text("utf-8").replace("\\\n", " ")
    lines = re.findall(r"^(?:COPY|ADD) (.+)", text, re.MULTILINE)
    sources = {source for line in lines for source in shlex.split(line)[:-1]}
    known = PACKAGES | {"app.py", ".streamlit", "pyproject.toml", "README.md", "LICENSE", "NOTICE"}
    assert {name for name in sources - known if "requirements" not in name} == set()


def test_the_container_is_given_the_gpu_and_the_roomiest_disk() -> None:
    text = (ROOT / "sagemaker_container" / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    (given,) = re.findall(r"^ENV (.+)", text, re.MULTILINE)
    environment = dict(word.split("=", 1) for word in shlex.split(given))
    assert environment["NVIDIA_VISIBLE_DEVICES"] == "all"
    assert environment["NVIDIA_DRIVER_CAPABILITIES"] == "compute,utility"
    nvme, other = environment["CONTRAPPOSTO_CACHE_DIR"].split(":")
    assert nvme.split("/")[1] == "tmp"
    assert other == "/opt/ml/cache"


def test_torch_is_one_version_everywhere() -> None:
    lock = (ROOT / "scripts" / "requirements-torch.txt").read_text("utf-8")
    (version,) = re.findall(r"^torch==(\S+) ", lock, re.MULTILINE)
    assert len(set(re.findall("sha256:[0-9a-f]{64}", lock))) == 20
    for file, text in (
        ("scripts/install_torch.sh", f"version={version}\n"),
        ("scripts/lock.sh", f"torch=={version} "),
        ("sagemaker_container/Dockerfile", f"build={version}+cpu;"),
        ("pyproject.toml", f'"torch=={version}"'),
    ):
        assert text in (ROOT / file).read_text("utf-8"), file
