"""Runs schemathesis against the service in a process of its own: it can be stopped, and its memory has an end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

_DEADLINE_S = 110.0
_SCRIPT = Path(__file__).with_name("fuzzer.py")


@dataclass(frozen=True)
class Order:
    """What to test. `user_id` is a user that is there, for paths that name one."""

    base_url: str
    token: str
    seed: int
    user_id: str
    examples: int = 5


@dataclass(frozen=True)
class Failure:
    """An answer that the document doesn't know; `request` is a curl command without the token."""

    operation: str
    title: str
    message: str
    request: str = ""


@dataclass
class Result:
    """`unable` says why nothing could be tested, `refused` why the document can't be used."""

    operations: int = 0
    cases: int = 0
    silent: int = 0
    failures: list[Failure] = field(default_factory=list)
    unable: str = ""
    refused: str = ""


class Fuzzer:
    """One fuzzing process, for one order. It loads schemathesis from the start on: seconds, while other checks run.

    A context manager, which ends the process whatever became of the order.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        self._process: subprocess.Popen[bytes] | None = None
        self._trouble = ""
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": self._folder.name,
            "PYTHONHASHSEED": "0",
            "HYPOTHESIS_STORAGE_DIRECTORY": self._folder.name,
        }
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                cwd=self._folder.name,
            )
        except OSError as error:
            self._trouble = str(error)

    def __enter__(self) -> Fuzzer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._folder.cleanup()

    async def run(self, order: Order) -> Result:
        """All operations of the served document; nothing is raised, trouble of our own is `unable`."""
        process = self._process
        if process is None:
            return Result(unable=f"schemathesis could not be started: {self._trouble}")
        told = json.dumps(asdict(order)).encode()
        try:
            out, err = await anyio.to_thread.run_sync(
                lambda: process.communicate(told, timeout=_DEADLINE_S), abandon_on_cancel=True
            )
        except subprocess.TimeoutExpired:
            return Result(unable=f"schemathesis did not end within {_DEADLINE_S:.0f} s")
        except (OSError, ValueError) as error:
            return Result(unable=f"schemathesis could not be asked: {error}")
        return _read(out, err)


def _read(out: bytes, err: bytes) -> Result:
    try:
        told: dict[str, Any] = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        return Result(unable="schemathesis ended without a result: " + err.decode(errors="replace")[-1500:])
    failures = [Failure(**one) for one in told.pop("failures")]
    return Result(failures=failures, **told)
