"""Grades begin as copies of one process, and are each their own."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from harness.batch import nursery
from harness.batch.nursery import Child
from harness.errors import EnvironmentFault
from harness.sweep import sweep_processes

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


@pytest.mark.integration
def test_a_command_tells_its_lines_and_its_code(tmp_path: Path) -> None:
    text, code = ended(Child(["grade", str(tmp_path / "nowhere"), "-c", "nonsense", "--leash"]))
    assert "no challenge 'nonsense'" in text
    assert code == 2


@pytest.mark.integration
def test_each_has_lines_of_its_own(tmp_path: Path) -> None:
    children = [Child(["show", str(tmp_path / name)]) for name in ("one", "two")]
    (first, _), (second, _) = (ended(child) for child in children)
    assert ("one" in first, "two" in first) == (True, False)
    assert ("one" in second, "two" in second) == (False, True)


@pytest.mark.integration
def test_one_that_is_killed_is_gone_and_tells_by_what(tmp_path: Path) -> None:
    # A challenge that is being read for ever, so that the command can't end by itself.
    pipe = tmp_path / "challenge.toml"
    os.mkfifo(pipe)
    child = Child(["challenge", "show", str(tmp_path)])
    # Opens once the command reads at the other end.
    writer = pipe.open("wb")
    try:
        assert not child.wait(0)
        child.kill()
        assert child.wait(GENEROUS_S)
        assert child.code == -signal.SIGKILL
        with pytest.raises(BrokenPipeError):
            os.write(writer.fileno(), b"x")
    finally:
        child.let_go()
        child.close()
        with suppress(BrokenPipeError):
            writer.close()


@pytest.mark.integration
def test_nothing_of_it_is_printed_where_we_print() -> None:
    work = (
        "from harness.batch.nursery import Child\n"
        "for told in (['show', '/nowhere'], ['--help']):\n    c = Child(told)\n    c.wait(60)\n    c.let_go()"
    )
    done = subprocess.run([sys.executable, "-c", work], capture_output=True, timeout=GENEROUS_S, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.integration
@pytest.mark.parametrize("killed", [False, True])
def test_nothing_is_left_in_the_temporary_folder_once_it_has_ended_and_the_next_run_has_swept(
    killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pytest's own are too long for the path of a socket.
    tmp_path = Path(tempfile.mkdtemp(prefix="nursery-"))
    work = (
        "from harness.batch.nursery import Child; c = Child(['--help']); c.wait(60); print('up', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        assert list(tmp_path.iterdir()) != []
        if killed:
            process.kill()
        else:
            process.communicate("\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sweep_processes()
    left = list(tmp_path.iterdir())
    shutil.rmtree(tmp_path)
    assert left == []


@pytest.mark.integration
def test_a_long_temporary_folder_keeps_no_grade_from_starting(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    work = "from harness.batch.nursery import Child; c = Child(['--help']); c.wait(60); print(c.code)"
    done = subprocess.run(
        [sys.executable, "-c", work], env={**os.environ, "TMPDIR": str(folder)}, capture_output=True, text=True,
        timeout=GENEROUS_S, check=False,
    )  # fmt: skip
    assert done.stdout == "0\n", done.stderr


def test_a_grade_that_cannot_be_started_is_a_fault_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nursery, "_own_folder", refuse)
    with pytest.raises(EnvironmentFault, match="can't be started"):
        Child(["--help"])


@pytest.mark.parametrize("name", nursery.NEEDED)
def test_what_is_prepared_can_be_imported(name: str) -> None:
    # The fork server passes over what it can't import, and each grade would import it again.
    assert importlib.import_module(name).__name__ == name
