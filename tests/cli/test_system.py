"""What the system refuses, and what goes away: told in words, with the code that it deserves."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.output import results_alone
from harness.cli.system import told_of
from tests.cli.command import takehome

NO_TEMPORARY = "import tempfile; tempfile._candidate_tempdir_list = lambda: ['/proc']; "
COMMAND = "from harness.cli import main; main()"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "a"), 2),
        (OSError(errno.ENOSPC, "No space left on device"), 3),
        (OSError(errno.EROFS, "Read-only file system", "a"), 3),
    ],
)
def test_what_the_system_refuses_is_no_bug(error: OSError, code: int) -> None:
    told = told_of(error)
    assert told is not None
    assert told.exit_code == code


def test_what_may_be_a_bug_is_told_as_one() -> None:
    assert told_of(FileNotFoundError(errno.ENOENT, "No such file or directory", "a")) is None


@pytest.mark.parametrize("command", [["check", ".", "-c", "users_api"], ["show", "nowhere"]])
def test_without_a_folder_for_temporary_files_there_is_no_traceback(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_TEMPORARY + COMMAND, *command],
        cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == (3 if command[0] == "check" else 2), done.stderr
    assert "Traceback" not in done.stderr
    assert ("TMPDIR" in done.stderr) == (command[0] == "check")


def test_a_bug_is_told_where_no_file_can_be_written() -> None:
    work = "import harness.cli.app as a; a.app = lambda **_: 1 / 0; a.main()"
    done = subprocess.run(
        [sys.executable, "-c", NO_TEMPORARY + work],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert (done.returncode, "ZeroDivisionError: division by zero" in done.stderr) == (4, True)


@pytest.mark.parametrize("command", ["schema", "--help", "challenge list", "explain create-user -c users_api"])
def test_a_pipe_that_nobody_reads_is_neither_a_missed_gate_nor_one_that_was_met(command: str) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *command.split()],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdout is not None
    run.stdout.close()
    assert run.stderr is not None
    said = run.stderr.read()
    assert (run.wait(600), said) == (141, b"")


def test_a_folder_of_results_is_set_aside_unless_it_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "result.json").touch()
    (tmp_path / "earlier").mkdir()
    assert results_alone(tmp_path) == tmp_path
    (tmp_path / "main.py").touch()
    assert results_alone(tmp_path) is None
    assert results_alone(tmp_path / "nowhere") is None


def test_a_challenge_that_a_project_names_wrong_is_told_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.takehome]\nchallenge = "user_api"\n')
    done = takehome("check", cwd=tmp_path)
    assert (done.code, "where: pyproject.toml: tool.takehome.challenge" in done.text) == (2, True)
    (tmp_path / "pyproject.toml").write_text("[tool.takehome]\nchallenge = 5\n")
    assert "a challenge's id is a text" in takehome("check", cwd=tmp_path).text
