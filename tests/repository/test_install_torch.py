"""Which build of torch `make run` installs, from where, and that it says so before it begins."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.repository.test_find_chromium import program
from tests.support.helpers import ROOT

SCRIPT = ROOT / "scripts" / "install_torch.sh"
PYTORCH = "https://download.pytorch.org/whl/cpu"
OWN = "global.index-url='https://mirror.example/simple'"
FIND = ":env:.find-links='/wheels'"
EMPTY = ":env:.index-url=''"
LOCKS = SCRIPT.parent
INSTALL = "install --no-input --progress-bar on --no-deps --require-hashes"
TORCH = f"-r {LOCKS}/requirements-torch.txt"
BUILD = "--constraint /dev/stdin"
FROM_PYTORCH = f"torch==2.13.0+cpu {INSTALL} --index-url {PYTORCH} {BUILD} {TORCH}"
ALONE = f"torch==2.13.0+cpu {INSTALL} {BUILD} {TORCH}"
WITH_CUDA = f"torch==2.13.0 {INSTALL} -r {LOCKS}/requirements-torch-cuda.txt {BUILD} {TORCH}"
ON_PYPI = "2.15.0, 2.13.0, 2.12.1"


class Offers(NamedTuple):
    """What pip's configuration says, and the versions that PyTorch's and pip's index have."""

    config: str = ""
    pytorch: str = ""
    pip: str = ON_PYPI


class Machine:
    """Stand-ins for pip, uname, nvidia-smi and df, and the log of what pip was asked."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.log = folder / "bin", folder / "log"
        self.log.touch()
        for name in ("grep", "sed", "tr", "awk"):
            found = shutil.which(name)
            assert found
            program(self.programs / name, f'exec {found} "$@"')

    def runs(self, system: str, processor: str, *, gpu: bool = False, free: int = 100) -> None:
        program(self.programs / "uname", f'[ "$1" = -s ] && echo {system} || echo {processor}')
        program(self.programs / "nvidia-smi", f"exit {0 if gpu else 9}")
        program(self.programs / "df", f'echo head\necho "/ 1 1 {free}000000 1% /"')

    def has(self, offers: Offers, *, torch: bool = False) -> None:
        """What its pip is offered, and whether torch is installed."""
        lines = [
            'case "$*" in',
            f"*importlib.metadata*) exit {0 if torch else 1} ;;",
            f'*"config list"*) echo "{offers.config}" ;;',
            f'*"index versions"*{PYTORCH}*) echo "asked PyTorch" >> {self.log}',
            f'[ -n "{offers.pytorch}" ] || exit 1; echo "Available versions: {offers.pytorch}" ;;',
            f'*"index versions"*) echo "Available versions: {offers.pip}" ;;',
            f'*) shift 3; read -r build; echo "$build $*" >> {self.log} ;;',
            "esac",
        ]
        program(self.programs / "python", "\n".join(lines))

    def install(self) -> "subprocess.CompletedProcess[str]":
        shell = shutil.which("sh")
        assert shell
        return subprocess.run(
            [shell, str(SCRIPT), str(self.programs / "python")],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": str(self.programs)},
        )

    def asked(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    ("offers", "asked", "says"),
    [
        (Offers(pytorch="2.13.0+cpu, 2.12.1+cpu"), ["asked PyTorch", FROM_PYTORCH], "190 MB"),
        (Offers(EMPTY, pytorch="2.13.0+cpu"), ["asked PyTorch", FROM_PYTORCH], "190 MB"),
        (Offers(), ["asked PyTorch", WITH_CUDA], "2.7 GB"),
        (Offers(pytorch="2.12.1+cpu"), ["asked PyTorch", WITH_CUDA], "2.7 GB"),
        (Offers(pip="2.13.0+cpu, 2.13.0"), ["asked PyTorch", ALONE], "190 MB"),
        (Offers(OWN, pytorch="2.13.0+cpu"), [WITH_CUDA], "2.7 GB"),
        (Offers(FIND, pip="2.14.0, 2.13.0+cpu, 2.13.0"), [ALONE], "190 MB"),
    ],
)
def test_linux_takes_the_cpu_build_where_one_can_be_had(
    machine: Machine, processor: str, offers: Offers, asked: list[str], says: str
) -> None:
    machine.runs("Linux", processor)
    machine.has(offers)
    ended = machine.install()
    assert (ended.returncode, machine.asked()) == (0, asked)
    assert says in ended.stdout
    assert "GPU" not in ended.stdout


def test_a_mac_has_one_build(machine: Machine) -> None:
    machine.runs("Darwin", "arm64")
    machine.has(Offers())
    ended = machine.install()
    assert (machine.asked(), "110 MB" in ended.stdout) == ([ALONE.replace("+cpu", "")], True)


def test_a_gpu_changes_nothing_but_is_told(machine: Machine) -> None:
    machine.runs("Linux", "x86_64", gpu=True)
    machine.has(Offers(pytorch="2.13.0+cpu"))
    ended = machine.install()
    assert machine.asked() == ["asked PyTorch", FROM_PYTORCH]
    assert "GPU of this machine stays unused" in ended.stdout


def test_what_is_there_is_left_alone(machine: Machine) -> None:
    machine.runs("Linux", "x86_64", gpu=True)
    machine.has(Offers(pytorch="2.13.0+cpu"), torch=True)
    ended = machine.install()
    assert (ended.returncode, ended.stdout, machine.asked()) == (0, "", [])


@pytest.mark.parametrize(
    ("system", "processor", "offers", "says"),
    [
        ("Darwin", "x86_64", Offers(), "no torch 2.13.0 for Intel Macs"),
        ("Linux", "riscv64", Offers(pip="2.12.1"), "pip finds no torch 2.13.0"),
        ("Linux", "x86_64", Offers(), "Only 9 GB of disk are free"),
    ],
)
def test_what_cant_work_is_said_before_anything_is_fetched(
    machine: Machine, system: str, processor: str, offers: Offers, says: str
) -> None:
    machine.runs(system, processor, free=9)
    machine.has(offers)
    ended = machine.install()
    assert (ended.returncode, says in ended.stderr) == (1, True)
    assert not [line for line in machine.asked() if "install" in line]
