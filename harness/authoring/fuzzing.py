"""Runs schemathesis against the service in a process of its own: it can be stopped, and its memory has an end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from harness.authoring.outcomes import Fail, Inconclusive, Partial

_DEADLINE_S = 110.0
_SHOWN = 12
_HALF = 0.5
_SCRIPT = Path(__file__).with_name("fuzzer.py")


@dataclass(frozen=True)
class _Order:
    base_url: str
    seed: int
    headers: Mapping[str, str]
    known: Mapping[str, str] | str
    examples: int


@dataclass(frozen=True)
class Undocumented:
    """An answer that the document doesn't know; `request` is a curl command without the headers of the order."""

    operation: str
    title: str
    message: str
    request: str = ""


@dataclass
class Fuzzed:
    """What was tested. `unable` says why nothing could be, `refused` why the document can't be used."""

    operations: int = 0
    cases: int = 0
    silent: int = 0
    failures: list[Undocumented] = field(default_factory=list)
    unable: str = ""
    refused: str = ""

    def expect_documented(self) -> None:
        """Each answer was one that the document knows.

        Raises:
            Fail: the document can't be used, or more than half of the operations answer something else.
            Partial: some do.
            Inconclusive: nothing could be tested.
        """
        if self.unable:
            raise Inconclusive(self.unable)
        if self.refused:
            raise Fail("The OpenAPI document can't be used", expected="a valid document", actual=self.refused)
        if not self.failures:
            return
        told = [f"{f.operation}: {f.message}\n  {f.request}" for f in self.failures]
        wrong = len({f.operation for f in self.failures})
        first = self.failures[0]
        summary = (
            f"{wrong} of {self.operations} operations answer what the document doesn't say, "
            f"for one {first.operation}: {first.title}"
        )
        expected, actual = "answers as documented, and no 5xx", "\n".join(told[:_SHOWN])
        share = wrong / max(1, self.operations)
        if share > _HALF:
            raise Fail(summary, expected=expected, actual=actual)
        raise Partial(min(0.8, round(1 - share, 2)), summary, expected=expected, actual=actual)


class Fuzzer:
    """One fuzzing process, for one run. It loads schemathesis from the start on: seconds, while other checks run.

    A context manager, which ends the process whatever became of the run.
    """

    def __init__(self, base_url: str, seed: int) -> None:
        self._base_url, self._seed = base_url, seed % 2**32
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

    async def run(
        self, *, headers: Mapping[str, str] | None = None, known: Mapping[str, str] | str = "", examples: int = 5
    ) -> Fuzzed:
        """Requests of every operation of the served document; the same seed sends the same ones.

        `headers` go with each request (a token). `known` has values of path parameters for things that are there, by
        the parameters' names, or one value for all of them. `examples` of each kind are made for an operation.
        Nothing is raised: trouble of our own is `unable`.
        """
        process = self._process
        if process is None:
            return Fuzzed(unable=f"schemathesis could not be started: {self._trouble}")
        order = _Order(
            self._base_url, self._seed, dict(headers or {}), known if isinstance(known, str) else dict(known), examples
        )
        told = json.dumps(asdict(order)).encode()
        try:
            out, err = await anyio.to_thread.run_sync(
                lambda: process.communicate(told, timeout=_DEADLINE_S), abandon_on_cancel=True
            )
        except subprocess.TimeoutExpired:
            return Fuzzed(unable=f"schemathesis did not end within {_DEADLINE_S:.0f} s")
        except (OSError, ValueError) as error:
            return Fuzzed(unable=f"schemathesis could not be asked: {error}")
        return _read(out, err)


def _read(out: bytes, err: bytes) -> Fuzzed:
    try:
        told: dict[str, Any] = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        return Fuzzed(unable="schemathesis ended without a result: " + err.decode(errors="replace")[-1500:])
    failures = [Undocumented(**one) for one in told.pop("failures")]
    return Fuzzed(failures=failures, **told)
