"""`takehome check` of what is no project, and what it says when a gate is missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.output import exit_code
from harness.record import GradeRecord, Score
from tests.cli.command import takehome
from tests.reporting import records


@pytest.mark.parametrize("name", ["nowhere", "x" * 300])
def test_a_folder_that_is_not_there_is_told(name: str, tmp_path: Path) -> None:
    done = takehome("check", name, cwd=tmp_path)
    assert (done.code, "there is no such folder" in done.text) == (2, True)


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("")
    done = takehome("check", "main.py", cwd=tmp_path)
    assert (done.code, "that is a file" in done.text, "name its folder" in done.text) == (2, True, True)


def test_a_broken_pyproject_is_told_with_its_line_and_a_caret(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x\n')
    done = takehome("check", tmp_path)
    assert done.code == 2
    assert f"where: {tmp_path}/pyproject.toml:2\n" in done.err
    line, caret = (text for text in done.err.splitlines() if " | " in text)
    assert (line.strip(), caret.index("^") - line.index("name")) == ('2 | name = "x', len('name = "x'))


def scored(value: float) -> GradeRecord:
    return records.all_passed().model_copy(update={"score": Score(value=value, low=value, high=value, assessed=100)})


@pytest.mark.parametrize(
    ("value", "gate", "says"),
    [
        (55.23, 99, "55.2 points are below --fail-under 99\n"),
        (89.97, 90, "89.97 points are below --fail-under 90\n"),
        (0, 0.5, "0 points are below --fail-under 0.5\n"),
    ],
)
def test_a_gate_that_is_missed_is_told(
    value: float, gate: float, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(scored(value), gate) == 1
    assert capsys.readouterr().err == says
