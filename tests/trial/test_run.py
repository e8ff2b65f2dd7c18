"""One run of somebody's tests is bounded, whatever they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from harness.trial.run import Runner

pytestmark = pytest.mark.integration


def nothing() -> None:
    """There is no database."""


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    (tmp_path / "submission").mkdir()
    return tmp_path / "submission"


def runner(submission: Path, tmp_path: Path) -> Runner:
    (tmp_path / "work").mkdir()
    return Runner(submission, Path(sys.executable), tmp_path / "work", {}, nothing)


def test_tests_that_never_end_are_stopped_with_what_they_started(submission: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    (submission / "test_hang.py").write_text(
        "import os, subprocess, sys, time\n"
        "def test_hang():\n"
        f"    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"    open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "    time.sleep(600)\n"
    )
    run = runner(submission, tmp_path)
    found = run.with_fault("row", ["test_hang.py::test_hang"], 8)
    assert found.problem == "they were stopped after 8 s"
    # On a very slow machine they had not begun.
    started = pids.read_text().split() if pids.exists() else []
    assert [pid for pid in map(int, started) if alive(pid)] == []


def test_without_tests_it_is_said(submission: Path, tmp_path: Path) -> None:
    assert runner(submission, tmp_path).with_fault("row", [], 60).problem == "no test was found"


def test_a_result_that_is_no_json_is_none(submission: Path, tmp_path: Path) -> None:
    (submission / "conftest.py").write_text(
        "import atexit, os\natexit.register(lambda: open(os.environ['TAKEHOME_RESULT'], 'w').write('[[[['))\n"
    )
    (submission / "test_a.py").write_text("def test_a(): pass\n")
    found = runner(submission, tmp_path).with_fault("row", ["test_a.py::test_a"], 60)
    assert found.tests == {}
    assert found.problem != ""


def test_each_run_starts_from_a_fresh_copy(submission: Path, tmp_path: Path) -> None:
    (submission / "test_a.py").write_text(
        "from pathlib import Path\ndef test_a():\n    assert not Path('left').exists()\n    Path('left').touch()\n"
    )
    run = runner(submission, tmp_path)
    for _ in range(2):
        assert run.with_fault("row", ["test_a.py::test_a"], 60).tests == {"test_a.py::test_a": "passed"}
    assert not (submission / "left").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a signal at the parent's death is Linux's")
def test_they_end_with_a_driver_that_is_killed(submission: Path, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    (submission / "test_hang.py").write_text(
        f"import os, time\ndef test_hang():\n    open({str(pid)!r}, 'w').write(str(os.getpid()))\n    time.sleep(600)\n"
    )
    (tmp_path / "work").mkdir()
    drive = (
        "from pathlib import Path; import sys; from harness.trial.run import Runner\n"
        "runner = Runner(Path(sys.argv[1]), Path(sys.executable), Path(sys.argv[2]), {}, lambda: None)\n"
        "runner.with_fault('row', ['test_hang.py::test_hang'], 300)\n"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", drive, str(submission), str(tmp_path / "work")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    until(lambda: pid.is_file() and pid.read_text() != "")
    driver.send_signal(signal.SIGKILL)
    driver.wait(60)
    until(lambda: not alive(int(pid.read_text())))


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(condition: Callable[[], bool]) -> None:
    """Generous, since it only bounds a hang."""
    limit = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)
