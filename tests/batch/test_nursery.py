"""Grades begin as copies of one process, and are each their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.batch.nursery import Child

GENEROUS_S = 120.0


def told(child: Child) -> str:
    try:
        text = "\n".join(child.lines())
        assert child.wait(GENEROUS_S)
        return text
    finally:
        child.let_go()


def test_a_command_tells_its_lines_and_its_code(tmp_path: Path) -> None:
    child = Child(["grade", str(tmp_path / "nowhere"), "-c", "nonsense", "--leash"])
    assert "no challenge 'nonsense'" in told(child)
    assert child.code == 2
    child.close()


def test_each_has_lines_of_its_own(tmp_path: Path) -> None:
    children = [Child(["show", str(tmp_path / name)]) for name in ("one", "two")]
    first, second = (told(child) for child in children)
    assert ("one" in first, "two" in first) == (True, False)
    assert ("one" in second, "two" in second) == (False, True)


def test_one_that_is_killed_tells_by_what(tmp_path: Path) -> None:
    child = Child(["show", str(tmp_path)])
    child.kill()
    assert child.code in (-9, 2)
    child.let_go()
    child.close()


def test_nothing_of_it_is_printed_where_we_print(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told(Child(["show", str(tmp_path / "nowhere")]))
    told(Child(["--help"]))
    assert capfd.readouterr() == ("", "")
