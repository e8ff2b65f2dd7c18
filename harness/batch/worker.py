"""Worker: one grade in a process of its own, on a leash: when this process ends, so does that, and cleans up."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from harness.batch.nursery import Child
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
    child = Child(["grade", "--leash", "--out", str(out), *arguments])
    last: deque[str] = deque(maxlen=_LINES)
    reader = threading.Thread(target=_listen, args=(child, last, say), daemon=True)
    reader.start()
    try:
        late = _wait(child, deadline_s + _AROUND_S, cancelled)
    finally:
        _end(child)
        reader.join(5)
        code = child.code
        if not reader.is_alive():
            child.close()
    if cancelled.is_set():
        return Attempt("stopped")
    if late:
        return Attempt("fault", fault="harness", what=f"the grade had not ended after {deadline_s + _AROUND_S:.0f} s")
    return _outcome(code, out, "\n".join(last))


def _listen(child: Child, last: deque[str], say: Callable[[str], None]) -> None:
    for text in filter(None, child.lines()):
        last.append(text)
        say(text)


def _wait(child: Child, deadline_s: float, cancelled: threading.Event) -> bool:
    """Until it ends or is to end; whether its time was up."""
    limit = time.monotonic() + deadline_s
    while not cancelled.is_set():
        if child.wait(0.2):
            return False
        if time.monotonic() > limit:
            return True
    return False


def _end(child: Child) -> None:
    """Let go of the leash, wait for the clean-up, and kill what doesn't end."""
    child.let_go()
    if not child.wait(_ENDING_S):
        child.kill()


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
