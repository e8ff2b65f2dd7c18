"""A process that a fork server starts is as good as one that starts from nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.version import __version__
from tests.cli.command import takehome
from tests.forkserver import Warmth, can_fork, run_forked, start_forked

PLAIN = Warmth(("json",))


def run(source: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PROGRAM": f"import os, sys\n{source}", **more}
    return run_forked(PLAIN, "tests.forked_program", ["one", "two"], cwd=cwd, env=environment)


def test_it_gets_arguments_environment_and_folder(tmp_path: Path) -> None:
    done = run("print(sys.argv[1:], os.environ['WORD'], os.getcwd(), sys.stdin.read())", tmp_path, WORD="w")
    assert (done.returncode, done.stdout) == (0, f"['one', 'two'] w {tmp_path} \n")


def test_variables_that_it_is_not_given_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    run("")
    monkeypatch.setenv("TEST_ONLY_NOW", "1")
    assert run("print('TEST_ONLY_NOW' in os.environ)").stdout == "True\n"
    monkeypatch.delenv("TEST_ONLY_NOW")
    assert run("print('TEST_ONLY_NOW' in os.environ)").stdout == "False\n"


@pytest.mark.parametrize(
    ("source", "code"), [("", 0), ("sys.exit(3)", 3), ("raise ValueError", 1), ("os.kill(os.getpid(), 9)", -9)]
)
def test_its_exit_code_is_its_own(source: str, code: int) -> None:
    assert run(source).returncode == code


def test_what_it_registers_for_its_end_is_run() -> None:
    assert run("import atexit; atexit.register(print, 'the end')").stdout == "the end\n"


def test_its_streams_are_apart_and_no_other_descriptor_is_open() -> None:
    done = run("print('out')\nprint('err', file=sys.stderr)\nprint(sorted(os.listdir('/proc/self/fd')))")
    # The fourth is the folder that is being listed.
    assert (done.stdout, done.stderr) == ("out\n['0', '1', '2', '3']\n", "err\n")


def test_no_process_sees_what_another_has_changed() -> None:
    assert run("import json\njson.mark = 1").returncode == 0
    assert run("import json\nprint(hasattr(json, 'mark'))").stdout == "False\n"


def test_it_can_be_talked_to_and_stopped() -> None:
    environment = {
        **os.environ,
        "PROGRAM": "import sys, time; print(sys.stdin.readline(), flush=True); time.sleep(600)",
    }
    process = start_forked(PLAIN, "tests.forked_program", [], env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"hello\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"hello\n"
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == -signal.SIGTERM


def test_one_that_runs_too_long_is_killed() -> None:
    environment = {**os.environ, "PROGRAM": "import time; time.sleep(600)"}
    with pytest.raises(subprocess.TimeoutExpired):
        run_forked(PLAIN, "tests.forked_program", [], env=environment, timeout_s=0.2)


@pytest.mark.parametrize(("name", "can"), [("DOCKER_HOST", True), ("PYTHONIOENCODING", False), ("LC_ALL", False)])
def test_what_python_reads_when_it_starts_needs_a_start_from_nothing(name: str, can: bool) -> None:
    assert can_fork({name: "x"}) is can


@pytest.mark.parametrize("arguments", [["--version"], ["grade"], ["explain", "create-user", "-c", "users_api"]])
def test_the_command_line_says_the_same_from_nothing(arguments: list[str], tmp_path: Path) -> None:
    assert takehome(*arguments, cwd=tmp_path) == takehome(*arguments, cwd=tmp_path, from_nothing=True)


def test_the_installed_command_tells_its_version() -> None:
    command = Path(sys.executable).with_name("takehome")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"takehome {__version__}\n"
