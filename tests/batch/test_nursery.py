"""Grades begin as copies of one process, and are each their own."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from harness.batch import nursery
from harness.batch.nursery import Child

GENEROUS_S = 120.0


def ended(child: Child) -> tuple[str, int]:
    """What it told and its exit code."""
    try:
        text = "\n".join(child.lines())
        assert child.wait(GENEROUS_S)
        return text, child.code
    finally:
        child.let_go()
        child.close()


def test_a_command_tells_its_lines_and_its_code(tmp_path: Path) -> None:
    text, code = ended(Child(["grade", str(tmp_path / "nowhere"), "-c", "nonsense", "--leash"]))
    assert "no challenge 'nonsense'" in text
    assert code == 2


def test_each_has_lines_of_its_own(tmp_path: Path) -> None:
    children = [Child(["show", str(tmp_path / name)]) for name in ("one", "two")]
    (first, _), (second, _) = (ended(child) for child in children)
    assert ("one" in first, "two" in first) == (True, False)
    assert ("one" in second, "two" in second) == (False, True)


def test_one_that_is_killed_tells_by_what(tmp_path: Path) -> None:
    child = Child(["show", str(tmp_path)])
    child.kill()
    assert child.code in (-9, 2)
    child.let_go()
    child.close()


def test_nothing_of_it_is_printed_where_we_print(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ended(Child(["show", str(tmp_path / "nowhere")]))
    ended(Child(["--help"]))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", nursery.NEEDED)
def test_what_is_prepared_can_be_imported(name: str) -> None:
    # The fork server passes over what it can't import, and each grade would import it again.
    assert importlib.import_module(name).__name__ == name
