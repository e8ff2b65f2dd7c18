"""Python processes that start with their modules already imported.

Starting `takehome` or the prober from nothing takes most of a second, nearly all of it imports. A fork server imports
them once for each pytest process. Every process that it starts is a real one: its own pid, signals, file descriptors,
environment, working directory and exit code. Modules that read the environment when they are imported are forgotten
after the warm-up, so that each process imports them itself.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NoReturn

ROOT = Path(__file__).parents[1]
_LENGTH = struct.Struct("!I")
# Python reads these when it starts, so a process that gets others has to start from nothing.
_READ_AT_START = ("PYTHON", "LC_", "LANG", "LANGUAGE")


@dataclass(frozen=True)
class Warmth:
    """What a fork server imports before it forks, and what it forgets again (by prefix of the name)."""

    modules: tuple[str, ...]
    forget: tuple[str, ...] = ()


@dataclass(frozen=True)
class Start:
    """One process to start: a module as `python -m` runs it, or `module:function`."""

    target: str
    arguments: list[str]
    cwd: str
    environment: dict[str, str] = field(repr=False)


class ForkedProcess:
    """A process that a fork server has started; the part of `subprocess.Popen` that the tests use."""

    def __init__(self, connection: socket.socket, command: Sequence[str]) -> None:
        self._connection = connection
        self._command = list(command)
        self.returncode: int | None = None
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self.stderr: IO[bytes] | None = None
        self.pid = self._receive(60)

    def _receive(self, timeout_s: float | None) -> int:
        self._connection.settimeout(timeout_s)
        number = self._connection.recv(_LENGTH.size, socket.MSG_WAITALL)
        if len(number) < _LENGTH.size:
            raise RuntimeError(f"the fork server has lost {self._command}")
        return int.from_bytes(number, "big", signed=True)

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait for its end and return its exit code, negative for a signal.

        Raises:
            subprocess.TimeoutExpired: it still runs after `timeout_s`.
        """
        if self.returncode is None:
            try:
                self.returncode = self._receive(timeout_s)
            except TimeoutError:
                raise subprocess.TimeoutExpired(self._command, timeout_s or 0) from None
            self._connection.close()
        return self.returncode

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        try:
            return self.wait(0.000_001)
        except (subprocess.TimeoutExpired, BlockingIOError):
            return None

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """A process that imports modules once and then starts copies of itself."""

    def __init__(self, warmth: Warmth, by: Sequence[str] = ()) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            code = f"from tests.forkserver import _serve; _serve({theirs.fileno()})"
            self._process = subprocess.Popen(
                [*by, sys.executable, "-P", "-c", code, json.dumps(asdict(warmth))],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def start(self, start: Start, stdin: int, stdout: int, stderr: int) -> ForkedProcess:
        """Start a process with these three file descriptors as its standard streams."""
        ours, theirs = socket.socketpair()
        with theirs:
            body = json.dumps(asdict(start)).encode()
            socket.send_fds(self._control, [_LENGTH.pack(len(body))], [theirs.fileno(), stdin, stdout, stderr])
            self._control.sendall(body)
        return ForkedProcess(ours, [start.target, *start.arguments])

    def close(self) -> None:
        """End the server, and count the processor time of all that it has started as this process's children's."""
        self._control.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(30)


@cache
def server_for(warmth: Warmth, by: tuple[str, ...], _pid: int) -> ForkServer:
    """The server of this process, started by way of another command if one is named; it ends with this process."""
    server = ForkServer(warmth, by)
    atexit.register(server.close)
    return server


def can_fork(environment: Mapping[str, str]) -> bool:
    """Whether a copy of a running Python can stand for one that starts with these additional variables."""
    return not any(name.startswith(_READ_AT_START) for name in environment)


def start_forked(
    warmth: Warmth,
    target: str,
    arguments: Sequence[str],
    *,
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    streams: tuple[int, int, int] | None = None,
    by: Sequence[str] = (),
) -> ForkedProcess:
    """Start `target`, with the streams given or with three pipes."""
    start = Start(target, list(arguments), os.path.abspath(cwd or os.curdir), dict(os.environ if env is None else env))
    server = server_for(warmth, tuple(by), os.getpid())
    if streams is not None:
        return server.start(start, *streams)
    (their_in, in_), (out, their_out), (error, their_error) = os.pipe(), os.pipe(), os.pipe()
    try:
        process = server.start(start, their_in, their_out, their_error)
    finally:
        for theirs in (their_in, their_out, their_error):
            os.close(theirs)
    process.stdin, process.stdout, process.stderr = open(in_, "wb"), open(out, "rb"), open(error, "rb")  # noqa: SIM115
    return process


def run_forked(
    warmth: Warmth,
    target: str,
    arguments: Sequence[str],
    *,
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 600,
    by: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run `target` to its end without input, and return its exit code and what it printed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error, open(os.devnull, "rb") as nothing:
        streams = (nothing.fileno(), out.fileno(), error.fileno())
        process = start_forked(warmth, target, arguments, cwd=cwd, env=env, streams=streams, by=by)
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        printed = []
        for file in (out, error):
            file.seek(0)
            printed.append(file.read().decode())
    return subprocess.CompletedProcess([target, *arguments], code, *printed)


# In the server from here on.


def _serve(descriptor: int) -> None:
    warmth = Warmth(**json.loads(sys.argv[1]))
    for name in warmth.modules:
        import_module(name)
    for name in list(sys.modules):
        if name.startswith(tuple(warmth.forget)):
            del sys.modules[name]
    # So that no process looks at what all of them share, not even in its end.
    gc.collect()
    gc.freeze()
    # Ctrl-C in a terminal reaches the whole group; the server ends with the pytest process that it belongs to.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    while True:
        header, descriptors, _, _ = socket.recv_fds(control, _LENGTH.size, 4)
        _reap(0 if not header else os.WNOHANG)
        if not header:
            return
        body = b""
        while len(body) < _LENGTH.unpack(header)[0]:
            body += control.recv(_LENGTH.unpack(header)[0] - len(body))
        if os.fork() == 0:
            control.close()
            _keep(Start(**json.loads(body)), *descriptors)
        for number in descriptors:
            os.close(number)


def _reap(options: int) -> None:
    """Take note of the keepers that have ended, so that their processor time is counted."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, options)[0] != 0:
            pass


def _keep(start: Start, connection: int, *streams: int) -> NoReturn:
    """Between the server and the process: waits for its end and reports it."""
    pid = os.fork()
    if pid == 0:
        os.close(connection)
        _become(start, streams)
        # Returns to the interpreter's own end, as a process that ran from the start would.
        sys.exit(0)
    for number in streams:
        os.close(number)
    os.write(connection, pid.to_bytes(_LENGTH.size, "big", signed=True))
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):
        # Nobody may be waiting any more.
        os.write(connection, os.waitstatus_to_exitcode(status).to_bytes(_LENGTH.size, "big", signed=True))
    os._exit(0)


def _become(start: Start, streams: Sequence[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 256)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(start.environment)
    os.chdir(start.cwd)
    tempfile.tempdir = None
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    for name in ("stdin", "stdout", "stderr"):
        setattr(sys, f"__{name}__", getattr(sys, name))
    module, _, function = start.target.partition(":")
    sys.argv = [module, *start.arguments]
    if function:
        found: Any = getattr(import_module(module), function)
        found()
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
