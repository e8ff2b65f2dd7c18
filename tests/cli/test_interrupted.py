"""Runs that are stopped, killed, or lose their engine: nothing stays, and nobody is blamed who isn't to blame."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.command import takehome
from tests.cli.test_bad_input import TINY

GENEROUS_S = 240.0


def start(runtime: str, out: Path, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Grade a submission that never answers, so that there is time to stop it."""
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            # Where these tests run under nohup it would be ignored.
            "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from harness.cli import main; main()",
            "grade",
            str(TINY / "silent"),
            "-c",
            str(TINY / "challenge"),
            "--out",
            str(out),
            "--runtime",
            runtime,
            "--i-trust-this-code",
            "--no-baseline",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
    )


def until(condition: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    limit = time.monotonic() + GENEROUS_S
    while not condition():
        if run.poll() is not None:
            raise AssertionError(f"ended early: {run.communicate()}")
        assert time.monotonic() < limit
        time.sleep(0.05)


def pods_of(run: subprocess.Popen[str], kind: str = "pod") -> list[Path]:
    found = []
    for folder in Path(tempfile.gettempdir()).glob(f"takehome-{kind}-*"):
        with contextlib.suppress(OSError):
            if (folder / "owner").read_text().split()[0] == str(run.pid):
                found.append(folder)
    return found


def candidate_runs(run: subprocess.Popen[str]) -> bool:
    # Third of three: prober, PostgreSQL, candidate.
    return any((pod / "groups").is_file() and (pod / "groups").read_text().count("\n") >= 3 for pod in pods_of(run))


@pytest.mark.integration
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl-C", "a terminal that is closed"])
def test_being_stopped_removes_everything_of_a_process_pod(how: signal.Signals, tmp_path: Path) -> None:
    run = start("process", tmp_path)
    until(lambda: candidate_runs(run), run)
    groups = [int(line.split()[0]) for pod in pods_of(run) for line in (pod / "groups").read_text().splitlines()]
    run.send_signal(how)
    _, err = run.communicate(timeout=GENEROUS_S)
    assert run.returncode == 130, err
    assert pods_of(run) == []
    for group in groups:
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)


@pytest.mark.integration
def test_what_a_killed_process_run_left_is_swept_by_clean(tmp_path: Path) -> None:
    run = start("process", tmp_path)
    until(lambda: candidate_runs(run), run)
    run.kill()
    run.communicate(timeout=GENEROUS_S)
    assert pods_of(run)
    assert pods_of(run, "snapshot")
    assert takehome("clean").code == 0
    assert pods_of(run) == []
    assert pods_of(run, "snapshot") == []


def made_by(run: subprocess.Popen[str]) -> list[str]:
    from harness.runtime.docker.engine import LABEL, OWNER, connect

    client = connect()
    found = [
        (c.name, c.labels) for c in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    ]
    found += [(v.name, v.attrs.get("Labels") or {}) for v in client.volumes.list(filters={"label": LABEL})]
    return [str(name) for name, labels in found if labels.get(OWNER, "").split(":")[1:2] == [str(run.pid)]]


@pytest.mark.docker
@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGINT, marks=pytest.mark.integration),
        pytest.param(signal.SIGTERM, marks=pytest.mark.extended),
    ],
)
def test_a_stopped_docker_run_leaves_nothing(tmp_path: Path, base_image: str, how: signal.Signals) -> None:
    run = start("docker", tmp_path, {"TAKEHOME_BASE_IMAGE": base_image})
    until(lambda: any(name.endswith("candidate") for name in made_by(run)), run)
    run.send_signal(how)
    _, err = run.communicate(timeout=GENEROUS_S)
    assert run.returncode == 130, err
    assert made_by(run) == []


@pytest.mark.docker
@pytest.mark.extended
def test_what_a_killed_docker_run_left_is_swept_by_clean(tmp_path: Path, base_image: str) -> None:
    run = start("docker", tmp_path, {"TAKEHOME_BASE_IMAGE": base_image})
    until(lambda: any(name.endswith("candidate") for name in made_by(run)), run)
    run.kill()
    run.communicate(timeout=GENEROUS_S)
    assert made_by(run)
    assert takehome("clean").code == 0
    assert made_by(run) == []


class Relay:
    """A socket before the engine's, so that a test can take the engine away without stopping it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen(64)
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect("/var/run/docker.sock")
                self._open += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """The engine is gone, also for connections that are open."""
        self.path.unlink(missing_ok=True)
        self._server.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


@pytest.fixture
def relay() -> Iterator[Relay]:
    if not Path("/var/run/docker.sock").exists() or os.environ.get("DOCKER_HOST"):
        pytest.skip("the engine is not on the local socket")
    with tempfile.TemporaryDirectory() as folder:
        found = Relay(Path(folder) / "engine.sock")
        yield found
        found.cut()


@pytest.mark.docker
@pytest.mark.extended
def test_an_engine_that_goes_away_in_the_middle_is_an_environment_fault(
    tmp_path: Path, base_image: str, relay: Relay
) -> None:
    run = start("docker", tmp_path, {"TAKEHOME_BASE_IMAGE": base_image, "DOCKER_HOST": f"unix://{relay.path}"})
    until(lambda: any(name.endswith("candidate") for name in made_by(run)), run)
    relay.cut()
    _, err = run.communicate(timeout=GENEROUS_S)
    assert run.returncode == 3, err
    assert json.loads((tmp_path / "result.json").read_text())["problem"]["fault"] == "environment"
    assert takehome("clean").code == 0
    assert made_by(run) == []


def stopped(script: str) -> tuple[int, str]:
    """Run a script that interrupts itself; returns its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=GENEROUS_S, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("module", ["harness.cli.app", "harness.cli.grade"])
def test_ctrl_c_while_it_is_imported_is_one_line(module: str) -> None:
    script = f"""
import os, signal, sys
class Finder:
    def find_spec(self, name, *_):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from harness.cli import main
sys.argv = ["takehome", "grade", "--help"]
main()
"""
    assert stopped(script) == (130, "stopped; nothing had been started\n")


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
def test_a_command_that_is_stopped_says_so(how: str) -> None:
    script = f"""
import os, signal, sys
from harness.cli import main
from harness.cli.app import app
app.command("wait")(lambda: os.kill(os.getpid(), signal.{how}))
sys.argv = ["takehome", "wait"]
main()
"""
    assert stopped(script) == (130, "stopped; everything that was started has been removed\n")
