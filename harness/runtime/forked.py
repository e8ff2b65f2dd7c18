"""Forked processes: the near side of a fork server, whose processes are handled like any other subprocess."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from harness.errors import EnvironmentFault
from harness.runtime import fork_server
from harness.runtime.subprocesses import Subprocess

_START_S = 60.0
_PRELOAD_S = 120.0


class ForkedPopen:
    """What `subprocess.Popen` is to a child, for a process that the fork server started."""

    def __init__(self, pid: int, stdin: IO[bytes] | None, stdout: IO[bytes] | None, stderr: IO[bytes] | None) -> None:
        self.pid = pid
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.returncode: int | None = None
        self._ended = threading.Event()

    def end(self, code: int) -> None:
        """The server says how it ended."""
        self.returncode = code
        self._ended.set()

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not within `timeout` seconds.
        """
        if not self._ended.wait(timeout) or self.returncode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return self.returncode

    def send_signal(self, sig: int) -> None:
        """Send a signal; nothing when it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sig)


class ForkServer:
    """An interpreter that has imported what its processes need. Its owner closes it; they end by themselves."""

    def __init__(self, python: str, folder: Path, environment: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = Subprocess(
                [python, "-P", fork_server.__file__, str(theirs.fileno())],
                cwd=str(folder),
                env=dict(environment),
                pass_fds=(theirs.fileno(),),
            )
        self.pid = self._process.popen.pid
        self._socket = ours
        self._lock = threading.Lock()
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._running: dict[int, ForkedPopen] = {}
        # A process may end before whoever started it has heard of its start.
        self._early: dict[int, int] = {}
        self._state = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="fork-server", daemon=True)
        self._reader.start()

    def preload(
        self, modules: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None, *, path: bool
    ) -> str:
        """Import what `modules` import, but for what lies in `folder` where `path` puts it on the path.

        Returns what could not be imported; the processes will say more about it.

        Raises:
            EnvironmentFault: the server is gone or doesn't answer.
        """
        request = {
            "modules": list(modules),
            "folder": str(folder),
            "environment": dict(environment or {}),
            "path": path,
        }
        return str(self._ask({"kind": "preload", **request}, [], _PRELOAD_S)["problem"])

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        path: bool,
        piped: bool,
    ) -> Subprocess:
        """Run a module as `python -m` does; with `piped`, its stdin and stdout are pipes and stderr is what it logs.

        Raises:
            EnvironmentFault: the server is gone or doesn't answer.
        """
        log, log_end = os.pipe()
        stdin_end, stdin = os.pipe() if piped else (os.open(os.devnull, os.O_RDONLY), -1)
        stdout, stdout_end = os.pipe() if piped else (-1, os.dup(log_end))
        request = {
            "module": module,
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(environment),
            "path": path,
        }
        try:
            answer = self._ask({"kind": "start", **request}, [stdin_end, stdout_end, log_end], _START_S)
        except EnvironmentFault:
            for file in (log, stdin, stdout):
                if file >= 0:
                    os.close(file)
            raise
        finally:
            for file in (stdin_end, stdout_end, log_end):
                os.close(file)
        source = os.fdopen(log, "rb")
        popen = ForkedPopen(
            int(answer["pid"]),
            os.fdopen(stdin, "wb", buffering=0) if piped else None,
            os.fdopen(stdout, "rb", buffering=0) if piped else None,
            source,
        )
        with self._state:
            if popen.pid in self._early:
                popen.end(self._early.pop(popen.pid))
            else:
                self._running[popen.pid] = popen
        return Subprocess.around(popen, source)

    def _ask(self, request: Mapping[str, Any], files: Sequence[int], deadline_s: float) -> dict[str, Any]:
        with self._lock:
            try:
                socket.send_fds(self._socket, [json.dumps(request).encode() + b"\n"], list(files))
                answer = self._answers.get(timeout=deadline_s)
            except (OSError, queue.Empty) as error:
                raise self._gone(str(error)) from error
        if answer is None:
            raise self._gone("it has ended")
        return answer

    def _gone(self, why: str) -> EnvironmentFault:
        detail = "\n".join([why, *list(self._process.lines)[-10:]])
        return EnvironmentFault("the server that starts processes does not answer", detail=detail)

    def _read(self) -> None:
        with suppress(OSError, ValueError), self._socket.makefile("rb") as lines:
            for line in lines:
                answer = json.loads(line)
                if answer["kind"] == "ended":
                    self._ended(int(answer["pid"]), int(answer["code"]))
                else:
                    self._answers.put(answer)
        self._answers.put(None)
        with self._state:
            orphans = list(self._running.values())
            self._running.clear()
        for popen in orphans:
            popen.end(-signal.SIGKILL)

    def _ended(self, pid: int, code: int) -> None:
        with self._state:
            popen = self._running.pop(pid, None)
            if popen is None:
                self._early[pid] = code
        if popen is not None:
            popen.end(code)

    def close(self) -> None:
        """End the server; never raises."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._process.kill()
        self._reader.join(2)
        self._socket.close()
