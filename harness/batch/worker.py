"""Worker: one grade in a process of its own, on a leash: when this process ends, so does that, and cleans up."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from harness.batch.nursery import Child
from harness.errors import EnvironmentFault, UsageError
from harness.events import BEGINS
from harness.record import GradeRecord, Problem
from harness.stored import REFUSED, RESULT, read_record

# The stages that have no deadline of the challenge's own: fetching, installing, the candidate's own tests.
_AROUND_S = 2400.0
_ENDING_S = 90.0
_LINES, _MOST_REFUSED = 40, 1 << 20
_ENVIRONMENT = 3
# SIGKILL, as this process or its fork server sees it, and a fork server that is gone itself.
_LOST = (-9, 137, 255)


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
    """`takehome grade ARGUMENTS --out OUT`; `say` gets each line that it prints while it works, without its mark."""
    try:
        child = Child(["grade", "--leash", "--out", str(out), *arguments])
    except EnvironmentFault as error:
        return Attempt("fault", fault="environment", what=f"{error.what} ({error.where}) - {error.detail}")
    said = Said()
    reader = threading.Thread(target=_listen, args=(child, said, say), daemon=True)
    reader.start()
    try:
        late = _wait(child, deadline_s + _AROUND_S, cancelled)
    finally:
        _end(child)
        reader.join(5)
        code = child.code
        if not reader.is_alive():
            child.close()
    # A result is written when all else is: it counts, whoever stopped us meanwhile.
    if cancelled.is_set() and not (out / RESULT).is_file():
        return Attempt("stopped")
    if late:
        what = f"the grade had not ended after {deadline_s + _AROUND_S:.0f} s; {said.where}"
        return Attempt("fault", fault="harness", what=what)
    return _outcome(code, out, said)


@dataclass
class Said:
    """What a grade has said: what it is at, and the last lines that are no progress: why it ended, where it failed."""

    at: str = ""
    errors: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES))

    @property
    def where(self) -> str:
        return f"it was at: {self.at or 'its start'}"

    def why(self, code: int) -> str:
        """Why it ended with `code`, and no result."""
        last = "\n".join(self.errors)
        if code in _LOST:
            how = f"the grade was killed ({code}), by somebody or for want of memory; {self.where}"
            return f"{how}; last: {last[-300:]}" if last else how
        return last or f"ended with {code}; {self.where}"


def _listen(child: Child, said: Said, say: Callable[[str], None]) -> None:
    for line in filter(None, child.lines()):
        text = line.removeprefix(BEGINS)
        if text == line:
            said.errors.append(text)
        else:
            said.at = text
        # It must be read whatever becomes of who listens, or it would stand still.
        with suppress(Exception):
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


def _outcome(code: int, out: Path, said: Said) -> Attempt:
    if not (out / RESULT).is_file():
        if (refused := _refused(out)) is not None:
            if refused.fault == "submission":
                return Attempt("unreadable", what=told(refused))
            return Attempt("fault", fault=refused.fault, what=told(refused))
        fault = "environment" if code == _ENVIRONMENT or code in _LOST else "harness"
        return Attempt("fault", fault=fault, what=said.why(code))
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
    """What a record is to the batch: a grade, or a fault that isn't the submission's, however much it left to judge."""
    problem = record.problem
    if problem is None:
        return Attempt("graded", record) if record.gradable else Attempt("fault", record, "not gradable", "harness")
    return Attempt("graded" if problem.fault == "submission" else "fault", record, told(problem), problem.fault)


def told(problem: Problem) -> str:
    """A problem in one line: what, where, and the first of its details, which says most."""
    detail = problem.detail.strip().partition("\n")[0]
    parts = [problem.what, f"({problem.where})" if problem.where else "", f"- {detail}" if detail else ""]
    return " ".join(" ".join(part.split()) for part in parts if part)
