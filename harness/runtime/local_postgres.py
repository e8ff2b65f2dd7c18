"""PostgreSQL of a pod of processes: our supervisor as a subprocess, its data in the pod's folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness import postgres
from harness.errors import EnvironmentFault
from harness.runtime.cache import cache_folder
from harness.runtime.subprocesses import Subprocess
from harness.version import __version__

_SERVE = ("-P", "-m", "harness.postgres", "serve")
_CONTROL = ("-P", "-m", "harness.postgres", "control")
# PostgreSQL refuses to be root; anybody's other user will do.
_NOBODY = 65534
_READY_S = 60.0
_CONTROL_S = 90.0


class LocalPostgres:
    """A server on `port` of 127.0.0.1, for the pod in `folder`. Who starts it ends it."""

    def __init__(self, folder: Path, port: int, environment: Mapping[str, str]) -> None:
        self._folder, self._port, self._environment = folder, port, dict(environment)
        self._uid = _NOBODY if os.geteuid() == 0 else None
        self._install: Path | None = None

    def server(self, max_connections: int) -> list[str]:
        """The arguments of a server like this one: from an initialised cluster, by a user that can run it.

        Raises:
            EnvironmentFault: the cluster can't be made.
        """
        template = ["--template", str(self._template()), "--max-connections", str(max_connections)]
        install = ["--install", str(self._install)] if self._install else []
        return [*template, *install, *(["--uid", str(self._uid)] if self._uid is not None else [])]

    def start(self, max_connections: int) -> Subprocess:
        """Start the supervisor, which waits for what `ready` tells it.

        Raises:
            EnvironmentFault: the cluster can't be made.
        """
        server = self.server(max_connections)
        if self._uid is not None:
            self._folder.chmod(0o755)
        command = [sys.executable, *_SERVE, *server, *self._place()]
        return Subprocess(command, cwd="/", env=self._environment, stdin=subprocess.PIPE)

    def ready(self, process: Subprocess, settings: Mapping[str, Any]) -> None:
        """Tell it its settings, passwords among them, and wait until it answers.

        Raises:
            EnvironmentFault: it has ended, or does not answer within a minute.
        """
        assert process.popen.stdin is not None  # noqa: S101
        process.popen.stdin.write(json.dumps(settings).encode() + b"\n")
        process.popen.stdin.flush()
        limit = time.monotonic() + _READY_S
        while True:
            try:
                postgres.wait_ready(self._data, self._port, deadline_s=0.5)
                return
            except EnvironmentFault:
                if process.popen.poll() is not None or time.monotonic() > limit:
                    raise EnvironmentFault(
                        "PostgreSQL did not start",
                        where=f"port {self._port}",
                        detail="\n".join(list(process.lines)[-10:]),
                    ) from None

    def control(self, what: str) -> None:
        """Start, stop or restart the server under its supervisor.

        Raises:
            EnvironmentFault: it could not, or not in time.
        """
        command = [sys.executable, *_CONTROL, what, *self._place()]
        try:
            done = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, timeout=_CONTROL_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise EnvironmentFault(f"PostgreSQL could not {what}", detail=f"{_CONTROL_S:.0f} s") from error
        if done.returncode:
            raise EnvironmentFault(f"PostgreSQL could not {what}", detail=done.stderr[-1000:])

    @property
    def _data(self) -> Path:
        return self._folder / "postgres"

    def _place(self) -> list[str]:
        return ["--data", str(self._data), "--port", str(self._port)]

    def _template(self) -> Path:
        suffix = "" if self._uid is None else "-any-user"
        root = cache_folder("postgres") if self._uid is None else _shared_folder()
        template = root / f"template-{__version__}{suffix}"
        try:
            if self._uid is not None:
                self._install = postgres.readable_copy(root / f"server-{__version__}")
            postgres.make_template(template, install=self._install, uid=self._uid)
        except OSError as error:
            raise EnvironmentFault("PostgreSQL can't be prepared", where=str(root), detail=str(error)) from error
        return template


def _shared_folder() -> Path:
    """Where an unprivileged user can reach the server when we are root."""
    folder = Path("/var/cache/takehome")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder
