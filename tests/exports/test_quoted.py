"""Nothing that a submission can say is read by GitHub's runner as a workflow command, errors included."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Done, takehome

# So long that a console of 200 columns that breaks lines begins one with what comes after the first words.
LONG = ["x" * 186 + " ::error file=x::forged", "::error::forged " * 40]
ANYWHERE = "x ##[add-mask]forged"
FORGED = [*LONG, ANYWHERE]


def is_command(line: str) -> bool:
    """Whether the runner takes a line for a command: of its second form, or of its first.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    trimmed = line.lstrip()
    return (trimmed.startswith("::") and "::" in trimmed[2:]) or "##[" in line


def obeyed(done: Done) -> list[str]:
    """The lines that the runner obeys. It keeps no order between two streams, so standard error is never stopped."""
    found = [line for line in done.err.splitlines() if is_command(line)]
    token = ""
    for line in done.out.splitlines():
        if token:
            token = "" if line.strip() == f"::{token}::" else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif is_command(line):
            found.append(line)
    return found


@pytest.mark.parametrize("forged", FORGED)
def test_check_says_what_a_project_declares_where_no_command_is_read(tmp_path: Path, forged: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.takehome]\nchallenge = "{forged}"\n')
    done = takehome("check", ".", "--ci", "github", cwd=tmp_path)
    assert (done.code, "forged" in done.text) == (2, True)
    assert obeyed(done) == []


@pytest.mark.parametrize("forged", FORGED)
def test_grade_says_what_a_file_of_the_checkout_holds_where_no_command_is_read(tmp_path: Path, forged: str) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "challenge.toml").write_text(f'"{forged}" = 1\n')
    done = takehome(
        "grade", ".", "-c", "mine/", "--ci", "github", "--runtime", "process", "--i-trust-this-code", cwd=tmp_path
    )
    assert (done.code, "forged" in done.text) == (2, True)
    assert obeyed(done) == []


def test_such_a_text_is_a_command_where_it_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.takehome]\nchallenge = "{ANYWHERE}"\n')
    assert obeyed(takehome("check", ".", cwd=tmp_path)) != []


@pytest.mark.parametrize("forged", LONG)
def test_an_error_is_not_broken_and_so_no_line_of_it_begins_with_a_command(tmp_path: Path, forged: str) -> None:
    assert is_command(forged.partition(" ")[2])
    (tmp_path / "pyproject.toml").write_text(f'[tool.takehome]\nchallenge = "{forged}"\n')
    assert obeyed(takehome("check", ".", cwd=tmp_path)) == []
