"""Running git so that it obeys us alone: its own environment, configuration, deadline, size and memory."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO

from harness.errors import EnvironmentFault
from harness.submission.intake import CHUNK, Intake, size

_MEMORY_KIB = 4 * 1024 * 1024
_POLL_S = 0.05
# How to reach a remote is the user's business; everything else about git's environment is ours.
_KEPT = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
)
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.commitGraph=false",
    "core.bigFileThreshold=5m",
    "fetch.unpackLimit=1",
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "fetch.writeCommitGraph=false",
    "transfer.bundleURI=false",
    "credential.helper=",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.http.allow=always",
    "protocol.ssh.allow=always",
    "pack.threads=1",
    "init.defaultBranch=main",
    "advice.detachedHead=false",
)


def environment(protocols: str) -> dict[str, str]:
    """The environment of a git that may speak `protocols` (colon-separated) and reads no configuration."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_ALLOW_PROTOCOL": protocols or "none",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20",
    }


class Process:
    """A running git whose output is read piece by piece."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("started without pipes")
        self._process = process
        self._in = process.stdin
        self._out = process.stdout

    def write(self, data: bytes) -> None:
        """Send; a git that has died shows in what is read next."""
        with suppress(BrokenPipeError):
            self._in.write(data)
            self._in.flush()

    def read(self, count: int) -> bytes:
        """At most `count` bytes; empty at the end."""
        return self._out.read(count)

    def line(self) -> bytes:
        """One line of at most 1,000 bytes."""
        return self._out.readline(1_000)

    def wait(self) -> int:
        """The exit code, once it has said everything."""
        self._in.close()
        return self._process.wait()


class Git:
    """git on an empty bare repository of ours. `secrets` join its environment.

    Raises:
        EnvironmentFault: git is missing or can't make the repository.
    """

    def __init__(
        self, folder: Path, intake: Intake, protocols: str, secrets: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        program = shutil.which("git")
        if program is None:
            raise EnvironmentFault(
                "git is not installed", where=intake.origin, next_step="install git, or hand in a folder or an archive"
            )
        self.folder = folder
        self._intake = intake
        self._environment = {**environment(protocols), **secrets}
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        # The shell only sets a memory limit, where the system has one, and is replaced by git.
        limited = ["/bin/sh", "-c", f'ulimit -v {_MEMORY_KIB} 2>/dev/null; exec "$@"', "sh", program]
        self._command = [*limited, "--git-dir", str(folder), "--no-pager", *settings]
        self._errors = folder.with_suffix(".err")
        if self.run("init", "--quiet", "--bare", "--template="):
            raise EnvironmentFault(
                "git could not make a repository", where=str(folder.parent), detail=self.errors(), next_step="run again"
            )

    @contextmanager
    def start(self, *arguments: str) -> Iterator[Process]:
        """Run with pipes; killed at the deadline and on leaving the context."""
        with self._popen(arguments, subprocess.PIPE, subprocess.DEVNULL) as process:
            timer = threading.Timer(self._intake.remaining() + 0.05, _kill, (process,))
            timer.daemon = True
            timer.start()
            try:
                yield Process(process)
            finally:
                timer.cancel()
                _kill(process)

    def ask(self, *arguments: str) -> str:
        """What a quick command prints, or nothing when it fails."""
        with self.start(*arguments) as process:
            output, code = process.read(CHUNK), process.wait()
        self._intake.check_time()
        return output.decode(errors="replace").strip() if code == 0 else ""

    def run(self, *arguments: str) -> int:
        """The exit code; `errors()` tells more.

        Raises:
            UsageError: the repository outgrew what may be fetched.
            EnvironmentFault: the time is up.
        """
        cap = self._intake.limits.git_bytes
        with self._errors.open("wb") as errors, self._popen(arguments, subprocess.DEVNULL, errors) as process:
            try:
                while process.poll() is None:
                    self._intake.check_time()
                    if _bytes_below(self.folder) + self._errors.stat().st_size > cap:
                        raise self._intake.refused(
                            f"the repository is larger than {size(cap)}",
                            next_step="hand in a branch with a short history, or an archive",
                        )
                    time.sleep(_POLL_S)
            finally:
                _kill(process)
        return process.returncode

    def errors(self) -> str:
        """The end of what the last run printed to stderr, printable."""
        text = self._errors.read_bytes()[-2_000:].decode(errors="replace")
        return "".join(c if c.isprintable() or c == "\n" else "?" for c in text).strip()

    def _popen(self, arguments: tuple[str, ...], pipes: int, errors: int | IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*self._command, *arguments],
            env=self._environment,
            cwd=self.folder.parent,
            stdin=pipes,
            stdout=pipes,
            stderr=errors,
            start_new_session=True,
        )


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The whole group: git starts helpers for http and ssh. Not once it has been waited for, when the
    # number may be another's.
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _bytes_below(folder: Path) -> int:
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            with suppress(FileNotFoundError):
                total += os.lstat(os.path.join(parent, name)).st_size
    return total
