"""Grades one submission of the catalogue by the command line, in a process of its own, and reads what came of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from harness.record import GradeRecord

CHALLENGE = Path(__file__).with_name("catalogue") / "target"
# More than the challenge's ready_s and budget_s, what the harness adds to them and the analysis together: 510 s.
_DEADLINE_S = 600
_TRACE = re.compile(r"TRACE ([^\n]*)")


@dataclass
class FinishedGrade:
    """What came of one grade.

    `printed` is what the command printed, `document` and `report` are the files that it wrote, `memory` is the most
    that the harness held, in bytes. `left` names temporary files that it didn't remove. `requests` are those that the
    test's package index got meanwhile.
    """

    code: int
    printed: str
    pid: int
    seconds: float
    memory: int
    left: list[str]
    document: str = ""
    report: str = ""
    record: GradeRecord | None = None
    requests: list[str] = field(default_factory=list)


class GradeProcess:
    """A running `takehome grade`; whatever happens, it has ended when the context is left.

    `prelude` is Python code that is run before the command line.
    """

    def __init__(self, source: str, out: Path, base_image: str, *arguments: str, prelude: str = "") -> None:
        self._out = out
        self._owned = ExitStack()
        self._scratch = Path(self._owned.enter_context(tempfile.TemporaryDirectory()))
        # Of the program itself: what wait() reports counts from the fork on, when it was as large as pytest.
        status = str(self._scratch / "status")
        peak = f"import atexit, shutil; atexit.register(shutil.copy, '/proc/self/status', {status!r}); "
        command = [
            *(sys.executable, "-c", f"{peak}{prelude}from harness.cli import main; main()", "grade"),
            *("-c", str(CHALLENGE), "--out", str(out), "--base-image", base_image, "--no-baseline", "--quiet"),
            *arguments,
            *("--", source),
        ]
        environment = {**os.environ, "TMPDIR": str(self._scratch), "COLUMNS": "200", "NO_COLOR": "1"}
        self._begin = time.monotonic()
        with (self._scratch / "printed").open("wb") as printed:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed, env=environment
            )

    def __enter__(self) -> GradeProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._owned.close()

    def finish(self) -> FinishedGrade:
        """Wait for the end, and read what there is to read."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_DEADLINE_S)
        if self._process.poll() is None:
            self._process.kill()
        grade = FinishedGrade(
            code=self._process.wait(),
            printed=(self._scratch / "printed").read_bytes().decode("utf-8", "replace"),
            pid=self._process.pid,
            seconds=time.monotonic() - self._begin,
            memory=_read_peak(self._scratch / "status"),
            left=[f"file {p.name}" for p in self._scratch.iterdir() if p.name not in ("printed", "status")],
        )
        with suppress(FileNotFoundError):
            grade.document = (self._out / "result.json").read_text()
            grade.record = GradeRecord.model_validate(json.loads(grade.document))
            grade.report = (self._out / "report.html").read_text()
        return grade


def _read_peak(status: Path) -> int:
    """The most that a process held, in bytes, by its /proc/PID/status; 0 for one that was killed and so wrote none."""
    lines = status.read_text().splitlines() if status.exists() else []
    return max((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), default=0)


def list_traces(grade: FinishedGrade) -> str:
    """Everything that may show that an attack was tried, a labelled line each.

    An attack's own source is not in it, though tracebacks with lines of it may be: a trace has to have something that
    stands in no source, such as a number that was counted.
    """
    lines = [f"printed: {line}" for line in grade.printed.splitlines()]
    lines += [f"index: {request}" for request in grade.requests]
    if grade.record is not None:
        lines += _list_record(grade.record)
    return "\n".join(lines)


def _list_record(record: GradeRecord) -> list[str]:
    submission, own = record.submission, record.own_tests
    lines = [f"submission: {submission.files} files, {submission.bytes} bytes, from {submission.source}"]
    lines += [f"source: {source.path}" for source in record.sources]
    lines += [f"package: {name} {version}" for name, version in record.environment.packages.items()]
    logs = [record.problem.detail] if record.problem else []
    for check in record.checks:
        lines.append(f"check {check.id}: {check.outcome}, {check.actual}")
        logs += check.evidence.log
        if check.id == "trace":
            lines += [f"trace: {text}" for text in check.evidence.numbers.values()]
    if own is not None:
        lines.append(f"own tests: {own.passed} passed, {own.failed} failed; {own.problem}")
        logs += [f"{failure.id} {failure.message}" for failure in own.failures]
    return lines + [f"trace: {text}" for log in logs for text in _TRACE.findall(log)]
