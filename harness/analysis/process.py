"""Running a tool: with a deadline, a cap on its output and an environment of our own making."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_CHUNK = 65536
_LAST_S = 5.0


@dataclass(frozen=True)
class Done:
    """`problem` says why the tool was ended; empty when it ended by itself or was `costly`: out of processor time."""

    code: int
    output: str
    errors: str
    problem: str = ""
    costly: bool = False


class _Reader(threading.Thread):
    """Reads a pipe to its end and keeps the first `cap` bytes."""

    def __init__(self, pipe: IO[bytes], cap: int) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._cap = cap
        self.kept = bytearray()
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self._pipe.fileno(), _CHUNK):
                self.kept += chunk[: max(self._cap - len(self.kept), 0)]


def run(
    command: list[str], *, cwd: Path, deadline_s: float, cap: int = 16 * 1024 * 1024, cpu_s: int | None = None
) -> Done:
    """Run `command` in `cwd` for at most `deadline_s` seconds; of each output `cap` bytes are kept.

    `cpu_s`: seconds of processor time, where the system can limit it.
    """
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": tempfile.gettempdir(),
        "TMPDIR": tempfile.gettempdir(),
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
    }
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return Done(127, "", "", f"{Path(command[0]).name} could not be started: {error.strerror}")
    assert process.stdout is not None and process.stderr is not None  # noqa: S101 - both are pipes
    if cpu_s is not None and sys.platform == "linux":
        with contextlib.suppress(ProcessLookupError, PermissionError, ValueError):
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    output, errors = _Reader(process.stdout, cap), _Reader(process.stderr, cap)
    problem = ""
    try:
        process.wait(deadline_s)
    except subprocess.TimeoutExpired:
        problem = f"{Path(command[0]).name} ran out of time after {deadline_s:g} s"
    finally:
        # The whole session: a tool may have started the candidate's interpreter.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    output.join(_LAST_S)
    errors.join(_LAST_S)
    return Done(
        process.returncode,
        output.kept.decode("utf-8", "replace"),
        errors.kept.decode("utf-8", "replace"),
        problem,
        costly=process.returncode == -signal.SIGXCPU,
    )
