"""One run of somebody's tests: a process with a deadline, and what it wrote about itself."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MOST_BYTES = 32 * 1024 * 1024
_TAIL = 2000
_FILE_BYTES = 512 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_PLUGIN = "takehome_trial"
# What is no part of the service.
_OMIT = ("tests/*", "test/*", "*/tests/*", "*/test_*.py", "test_*.py", "*_test.py", "*conftest.py")


@dataclass(frozen=True)
class Outcomes:
    """`tests` by node id: passed, failed, error or skipped. `met` names the faults that some answer could have had."""

    tests: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    met: frozenset[str] = frozenset()
    problem: str = ""


class Runner:
    """Runs pytest as often as wanted, each time in a fresh copy of the submission and on a fresh database."""

    def __init__(
        self, source: Path, python: Path, work: Path, environment: Mapping[str, str], reset: Callable[[], None]
    ) -> None:
        self._source, self._python, self._work, self._reset = source, python, work, reset
        self._copy = work / "source"
        plugins = work / "plugin"
        shutil.copytree(Path(__file__).with_name("plugin"), plugins / _PLUGIN)
        home = work / "home"
        home.mkdir()
        self._environment = {
            "PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "TMPDIR": str(work),
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
            "PYTHONPATH": f"{plugins}:{self._copy}:{self._copy / 'src'}",
        }

    def plain(self, deadline_s: float) -> Outcomes:
        """All tests, with coverage."""
        rc = self._work / "coveragerc"
        rc.write_text(
            "[run]\nsource = .\ndata_file = {}\nconcurrency = {}\nomit =\n    {}\n".format(
                self._work / "coverage.data",
                "thread,greenlet" if self._has("greenlet") else "thread",
                "\n    ".join(_OMIT),
            )
        )
        return self._pytest(["-m", "coverage", "run", f"--rcfile={rc}", "-m", "pytest"], {}, deadline_s)

    def with_fault(self, fault: str, only: list[str], deadline_s: float) -> Outcomes:
        """The tests `only`, until the first that fails, while the app answers with a fault."""
        listed = self._work / "only.json"
        listed.write_text(json.dumps(only))
        return self._pytest(["-m", "pytest", "-x"], {"TAKEHOME_FAULT": fault, "TAKEHOME_ONLY": str(listed)}, deadline_s)

    def coverage(self, deadline_s: float) -> dict[str, tuple[list[int], list[int]]]:
        """By file: the lines that ran in `plain`, and those that didn't."""
        target = self._work / "coverage.json"
        rc = self._work / "coveragerc"
        _run(
            [str(self._python), "-m", "coverage", "json", f"--rcfile={rc}", "-q", "-o", str(target)],
            self._copy,
            self._environment,
            deadline_s,
        )
        files = _read(target).get("files")
        if not isinstance(files, dict):
            return {}
        return {
            path: (_lines(found, "executed_lines"), _lines(found, "missing_lines")) for path, found in files.items()
        }

    def _has(self, module: str) -> bool:
        code, _ = _run([str(self._python), "-c", f"import {module}"], self._work, self._environment, 60)
        return code == 0

    def _pytest(self, how: list[str], environment: Mapping[str, str], deadline_s: float) -> Outcomes:
        result = self._work / "result.json"
        result.unlink(missing_ok=True)
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(self._source, self._copy, symlinks=True)
        self._reset()
        command = [str(self._python), *how, "-q", "--no-header", "-p", _PLUGIN]
        code, output = _run(
            command, self._copy, {**self._environment, **environment, "TAKEHOME_RESULT": str(result)}, deadline_s
        )
        found = _read(result)
        tests = {str(k): str(v) for k, v in _table(found.get("outcomes")).items()}
        messages = {str(k): str(v) for k, v in _table(found.get("messages")).items()}
        problem = ""
        if code is None:
            problem = f"they were stopped after {deadline_s:.0f} s"
        elif not tests:
            problem = "no test was found" if code == 5 else output[-_TAIL:].strip() or f"pytest ended with code {code}"
        met = found.get("met")
        return Outcomes(tests, messages, frozenset(map(str, met)) if isinstance(met, list) else frozenset(), problem)


def _table(value: Any) -> dict[Any, Any]:  # noqa: ANN401 - JSON of a stranger
    return value if isinstance(value, dict) else {}


def _lines(found: Any, key: str) -> list[int]:  # noqa: ANN401
    listed = _table(found).get(key)
    return [line for line in listed if isinstance(line, int)] if isinstance(listed, list) else []


def _read(path: Path) -> dict[str, Any]:
    """A JSON object that a stranger's process wrote; empty when it is none."""
    with suppress(OSError, ValueError, RecursionError):
        if path.stat().st_size <= _MOST_BYTES:
            return _table(json.loads(path.read_text("utf-8")))
    return {}


def _bounded() -> None:
    """In the child: it ends with us, however we end, and no file that it writes grows without end."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _run(command: list[str], cwd: Path, env: Mapping[str, str], deadline_s: float) -> tuple[int | None, str]:
    """The exit code, None after the deadline, and the end of what was printed; nothing of it is left running."""
    log = cwd.parent / "output.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_bounded,  # noqa: PLW1509 - the driver has no threads
        )
        try:
            code: int | None = process.wait(max(deadline_s, 0.1))
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    with log.open("rb") as source:
        source.seek(max(log.stat().st_size - _TAIL, 0))
        return code, source.read(_TAIL).decode("utf-8", "replace")
