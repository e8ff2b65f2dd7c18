"""Worker: one grade in a process of its own, on a leash: when this process ends, so does that, and cleans up."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from harness.errors import UsageError
from harness.record import GradeRecord, Problem
from harness.stored import REFUSED, RESULT, read_record

# The stages that have no deadline of the challenge's own: fetching, installing, the candidate's own tests.
_AROUND_S = 2400.0
_ENDING_S = 90.0
_MOST_LINE, _LINES, _MOST_REFUSED = 4096, 40, 1 << 20
_ENVIRONMENT = 3


@dataclass(frozen=True)
class Attempt:
    """What came of one try. `record` is there when `kind` is graded; `what` says why it isn't otherwise."""

    kind: Literal["graded", "unreadable", "fault", "stopped"]
    record: GradeRecord | None = None
    what: str = ""
    fault: str = ""


def run_grade(
    arguments: Sequence[str],
    out: Path,
    *,
    deadline_s: float,
    say: Callable[[str], None],
    cancelled: threading.Event,
) -> Attempt:
    """`takehome grade ARGUMENTS --out OUT`; `say` gets each line that it prints while it works."""
    command = [sys.executable, "-c", "from harness.cli import main; main()", "grade", "--leash", "--out", str(out)]
    process = subprocess.Popen(
        [*command, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    last: deque[str] = deque(maxlen=_LINES)
    reader = threading.Thread(target=_listen, args=(process, last, say), daemon=True)
    reader.start()
    try:
        late = _wait(process, deadline_s + _AROUND_S, cancelled)
    finally:
        _end(process)
        reader.join(5)
        if process.stderr is not None and not reader.is_alive():
            process.stderr.close()
    if cancelled.is_set():
        return Attempt("stopped")
    if late:
        return Attempt("fault", fault="harness", what=f"the grade had not ended after {deadline_s + _AROUND_S:.0f} s")
    return _outcome(process.returncode, out, "\n".join(last))


def _listen(process: subprocess.Popen[bytes], last: deque[str], say: Callable[[str], None]) -> None:
    while process.stderr is not None and (line := process.stderr.readline(_MOST_LINE)):
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            last.append(text)
            say(text)


def _wait(process: subprocess.Popen[bytes], deadline_s: float, cancelled: threading.Event) -> bool:
    """Until it ends or is to end; whether its time was up."""
    waited = 0.0
    while not cancelled.is_set():
        try:
            process.wait(0.2)
            return False
        except subprocess.TimeoutExpired:
            waited += 0.2
            if waited > deadline_s:
                return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let go of the leash, wait for the clean-up, and kill what doesn't end."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_ENDING_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _outcome(code: int, out: Path, said: str) -> Attempt:
    if not (out / RESULT).is_file():
        if (refused := _refused(out)) is not None:
            return Attempt("unreadable", what=refused.what)
        return Attempt(
            "fault", fault="environment" if code == _ENVIRONMENT else "harness", what=said or f"ended with {code}"
        )
    try:
        record = read_record(out)
    except UsageError as error:
        return Attempt("fault", fault="harness", what=str(error))
    return attempt_of(record)


def _refused(out: Path) -> Problem | None:
    """Why the submission was refused, where it was: bad usage of ours ends with the same code."""
    try:
        with (out / REFUSED).open("rb") as file:
            return Problem.model_validate_json(file.read(_MOST_REFUSED))
    except (OSError, ValidationError):
        return None


def attempt_of(record: GradeRecord) -> Attempt:
    """What a record is to the batch: a grade, or a fault that is not the submission's."""
    problem = record.problem
    if not record.gradable and (problem is None or problem.fault != "submission"):
        return Attempt(
            "fault", record, problem.what if problem else "not gradable", problem.fault if problem else "harness"
        )
    return Attempt("graded", record)
