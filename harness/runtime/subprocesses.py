"""Subprocesses of a pod: each in a session of its own, its last lines kept, its whole group ended with it."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import threading
from collections import deque
from contextlib import suppress
from typing import IO, Protocol

import psutil

LINE_CAP = 2000


def allow_files(count: int) -> None:
    """Let what this process starts have as many files open as a container may, where this machine lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def free_ports(count: int) -> list[int]:
    """Ports that are free now, all held at once so that no two are the same."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def resident(pid: int) -> int | None:
    """The resident bytes of a process and all its children; None when it is gone."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return None
    total = 0
    for member in family:
        with suppress(psutil.Error):
            total += member.memory_info().rss
    return total


class Handle(Protocol):
    """What we need of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    @property
    def stdin(self) -> IO[bytes] | None: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...


class Subprocess:
    """A subprocess in a session of its own, whose last output lines are kept and whose group dies with it."""

    def __init__(
        self,
        command: list[str],
        *,
        cwd: str,
        env: dict[str, str],
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.STDOUT,
        pass_fds: tuple[int, ...] = (),
    ) -> None:
        keep_stdout = stdout == subprocess.PIPE
        popen = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=stdin,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if keep_stdout else subprocess.STDOUT,
            pass_fds=pass_fds,
        )
        source = popen.stderr if keep_stdout else popen.stdout
        assert source is not None  # noqa: S101 - asked for above
        self._attach(popen, source)

    @classmethod
    def around(cls, popen: Handle, source: IO[bytes]) -> Subprocess:
        """A process that runs already, in a session of its own; `source` is what it logs."""
        process = cls.__new__(cls)
        process._attach(popen, source)
        return process

    def _attach(self, popen: Handle, source: IO[bytes]) -> None:
        self.popen = popen
        self.lines: deque[str] = deque(maxlen=2000)
        self._reader = threading.Thread(target=self._keep, args=(source,), daemon=True)
        self._reader.start()

    def _keep(self, source: IO[bytes]) -> None:
        with suppress(OSError, ValueError):
            while chunk := source.readline(LINE_CAP):
                self.lines.append(chunk.decode("utf-8", "replace").rstrip("\r\n"))

    def stop(self, grace_s: float) -> tuple[int | None, bool]:
        killed = False
        if self.popen.poll() is None:
            with suppress(ProcessLookupError):
                self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(grace_s)
            except subprocess.TimeoutExpired:
                killed = True
        self.kill()
        return self.popen.returncode, killed

    def kill(self) -> None:
        """End the whole group; also what the process left behind in it."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(10)
        self._reader.join(2)
