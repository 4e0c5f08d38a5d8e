"""Two suites side by side: each one's output whole, and one exit status."""

from pathlib import Path

import pytest

from scripts.run_tests import Suite, main

SHOWN = "def test_{name}() -> None:\n    assert {passes}, 'this is {name}'\n"


def suite(folder: Path, name: str, passes: bool, is_shown: bool) -> Suite:
    file = folder / f"test_{name}.py"
    file.write_text(SHOWN.format(name=name, passes=passes))
    return Suite(name, ".venv", (str(file),), is_shown=is_shown)


@pytest.mark.parametrize(
    ("passes", "status"),
    [((True, True), 0), ((False, True), 1), ((True, False), 1), ((False, False), 1)],
)
def test_both_are_run_and_told(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    passes: tuple[bool, bool],
    status: int,
) -> None:
    suites = [suite(tmp_path, "one", passes[0], True), suite(tmp_path, "two", passes[1], False)]
    assert main(["-p", "no:cacheprovider"], suites) == status
    *output, first, second = capfd.readouterr().out.splitlines()
    for name, line, passed in zip(("one", "two"), (first, second), passes, strict=True):
        assert line.startswith(f"{name}: ")
        assert ("1 passed" if passed else "1 failed") in line
        assert any(f"this is {name}" in said for said in output) is not passed
    assert sum("test session starts" in said for said in output) == 2


def test_a_suite_that_cant_begin_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    missing = Suite("none", ".venv", (str(tmp_path / "test_missing.py"),))
    assert main(["-p", "no:cacheprovider"], [missing]) == 1
    assert "file or directory not found" in capfd.readouterr().out


@pytest.mark.parametrize(("options", "status"), [(["-m", "soak"], 0), ([], 1)])
def test_a_suite_may_lack_a_mark_but_not_be_empty(
    tmp_path: Path, options: list[str], status: int
) -> None:
    (tmp_path / "test_none.py").write_text("")
    empty = Suite("empty", ".venv", (str(tmp_path), "-p", "no:cacheprovider"))
    assert main(options, [empty]) == status
