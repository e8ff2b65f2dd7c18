"""Nursery: grades begin as copies of one process in which all that they need is imported already.

Importing costs a second of a processor, and each grade of a batch wants it again. The process is the fork server of
`multiprocessing`: it has one thread and none of our locks, and ends when we do.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection, wait
from multiprocessing.util import Finalize, get_temp_dir
from pathlib import Path

from harness.errors import EnvironmentFault
from harness.runtime.processes import POD_PREFIX, sign

# By name: the layers above are imported there, not here. Nothing that looks at its streams when it is imported.
NEEDED = ["typer", "rich.progress", "harness.grade", "harness.runtime.docker", "harness.reporting.warm"]
_COMMAND = "harness.cli"
_MOST_LINE = 4096
_MOST_FOLDER = 40

_CONTEXT = multiprocessing.get_context("forkserver")
# Whoever begins a process asks after the others too, and an exit code can be read only once.
_ASKING = threading.Lock()


class Child:
    """A command in a session of its own, which ends, cleaning up, when it is let go of or this process is gone.

    Raises:
        EnvironmentFault: it can't be started.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        _CONTEXT.set_forkserver_preload(NEEDED)
        leash, self._leash = _CONTEXT.Pipe(duplex=False)
        self._said, says = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_command, args=(list(arguments), leash, says))
        try:
            with _ASKING:
                _own_folder()
                self._process.start()
        except (OSError, EOFError) as error:
            self._leash.close()
            self._said.close()
            raise EnvironmentFault(
                "a grade can't be started",
                where=tempfile.gettempdir(),
                detail=str(error) or "the process that grades begin from has ended",
                next_step="make room there and in memory; the same command goes on",
            ) from error
        finally:
            leash.close()
            says.close()

    def lines(self) -> Iterator[str]:
        """What it prints on standard error, until it ends."""
        with open(os.dup(self._said.fileno()), "rb") as said:
            while line := said.readline(_MOST_LINE):
                yield line.decode("utf-8", "replace").rstrip()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, within so many seconds."""
        return bool(wait([self._process.sentinel], seconds))

    @property
    def code(self) -> int:
        """Its exit code, once it has ended; negative for the signal that ended it."""
        with _ASKING:
            self._process.join()
            return self._process.exitcode or 0

    def let_go(self) -> None:
        """Let go of the leash: it cleans up and ends."""
        self._leash.close()

    def kill(self) -> None:
        """End it at once."""
        with _ASKING:
            self._process.kill()
            self._process.join()

    def close(self) -> None:
        """Free what is held for it, once it has ended and its lines are read."""
        self._said.close()
        with _ASKING, suppress(ValueError):
            self._process.close()


@cache
def _own_folder() -> Path:
    """A folder of ours for the files of multiprocessing, so that the next run sweeps them when we are killed."""
    # The path of a socket may have a hundred characters: the shortest of our names, and in a short folder.
    where = None if len(tempfile.gettempdir()) <= _MOST_FOLDER else "/tmp"  # noqa: S108 - made by mkdtemp, for us alone
    folder = Path(tempfile.mkdtemp(prefix=POD_PREFIX, dir=where))
    sign(folder)
    # After multiprocessing has removed what it has in there (at -100).
    Finalize(None, shutil.rmtree, args=(folder,), kwargs={"ignore_errors": True}, exitpriority=-101)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        get_temp_dir()
    finally:
        tempfile.tempdir = before
    return folder


def _command(arguments: list[str], leash: Connection, says: Connection) -> None:
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream, target in ((leash.fileno(), 0), (nowhere, 1), (says.fileno(), 2)):
        os.dup2(stream, target)
    leash.close()
    says.close()
    os.close(nowhere)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - multiprocessing has put another in its place
    sys.argv = ["takehome", *arguments]
    importlib.import_module(_COMMAND).main()
