"""The host's part of `harness.prober.local`: a candidate and a PostgreSQL run by commands of the caller."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_COMMAND_S = 120.0


class _CannotDo(Exception):
    """The caller gave no command for it."""


class LocalHost:
    """Answers the prober's lifecycle requests."""

    def __init__(
        self,
        *,
        candidate: str | None = None,
        postgres: str | None = None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        static: Path | None = None,
    ) -> None:
        self._candidate = candidate
        self._postgres = postgres
        self._environment = dict(environment or {})
        self._folder = folder
        self._static = static
        self._process: subprocess.Popen[str] | None = None
        self._lines: deque[str] = deque(maxlen=1000)

    def start(self) -> None:
        """Start the candidate, if there is a command for that."""
        if self._candidate is None:
            return
        self._process = subprocess.Popen(
            shlex.split(self._candidate),
            env={**os.environ, **self._environment},
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._keep, args=(self._process,), daemon=True).start()

    def _keep(self, process: subprocess.Popen[str]) -> None:
        with suppress(OSError, ValueError):
            for line in process.stdout or ():
                self._lines.append(line.rstrip("\n")[:2000])

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer frame's members for a request frame."""
        op, arguments = str(request["op"]), request.get("args") or {}
        try:
            if request.get("target") == "postgres":
                return {"ok": True, "value": self._do_postgres(op)}
            return {"ok": True, "value": self._do(op, arguments)}
        except _CannotDo as error:
            return {"ok": False, "fault": "environment", "error": str(error)}
        except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
            return {"ok": False, "fault": "environment", "error": repr(error)}

    def logs(self, tail: int) -> list[str]:
        """The last lines that the candidate printed."""
        return list(self._lines)[-tail:] if tail > 0 else []

    def close(self) -> None:
        """End the candidate, with all that it started."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _do(self, op: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if op == "static":
            if self._static is None:
                raise _CannotDo("no static evidence here: give --static")
            return dict(json.loads(self._static.read_text()))
        process = self._process
        if process is None:
            raise _CannotDo(f"can't {op} the candidate here: give --candidate-command")
        value: dict[str, Any] = {}
        match op:
            case "logs":
                value["lines"] = self.logs(int(arguments.get("tail", 50)))
            case "state":
                code = process.poll()
                value = {"running": code is None, "exit_code": code, "oom": False}
            case "signal" | "kill":
                process.send_signal(signal.Signals[str(arguments.get("signal", "SIGKILL"))])
            case "stop":
                value = self._stop(process, float(arguments.get("grace_s", 10)))
            case "restart" | "start":
                self._stop(process, 10)
                self.start()
            case _:
                raise _CannotDo(f"no such operation: {op}")
        return value

    def _stop(self, process: subprocess.Popen[str], grace_s: float) -> dict[str, Any]:
        killed = False
        process.terminate()
        try:
            process.wait(grace_s)
        except subprocess.TimeoutExpired:
            killed = True
            process.kill()
            process.wait(10)
        return {"exit_code": process.returncode, "killed": killed}

    def _do_postgres(self, op: str) -> dict[str, Any]:
        if self._postgres is None:
            raise _CannotDo(f"can't {op} PostgreSQL here: give --postgres-command")
        if op == "state":
            return {"running": True, "exit_code": None, "oom": False}
        command = shlex.split(self._postgres)
        filled = [part.replace("{op}", op) for part in command]
        if filled == command:
            filled.append(op)
        subprocess.run(filled, check=True, timeout=_COMMAND_S, stdout=subprocess.DEVNULL)
        return {}
