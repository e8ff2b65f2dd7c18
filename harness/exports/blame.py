"""Blame: whether a record may be held against the submission. Pure."""

from __future__ import annotations

from harness.errors import EnvironmentFault, HarnessFault
from harness.record import GradeRecord, Problem
from harness.reporting.text import one_line

_GRADABLE = "gradable"


def whole_id(record: GradeRecord) -> str:
    """The name under which a submission that can't be graded is told beside its checks: of none of them."""
    taken = {check.id for check in record.checks}
    name = _GRADABLE
    while name in taken:
        name += "-at-all"
    return name


def their_problem(record: GradeRecord) -> Problem | None:
    """Why there is no grade, where the submission is to blame."""
    problem = record.problem
    return problem if not record.gradable and problem is not None and problem.fault == "submission" else None


def ours(record: GradeRecord) -> bool:
    """Whether there is no grade through a fault of the harness or its environment: nothing is told as failed then."""
    return not record.gradable and their_problem(record) is None


def refusal(record: GradeRecord, kind: str) -> EnvironmentFault | HarnessFault:
    """What to raise where a format has no word for that: whatever it said would be held against the submission."""
    fault = HarnessFault if record.problem is not None and record.problem.fault == "harness" else EnvironmentFault
    return fault(
        f"there is nothing to say as {kind}: it was not graded, through no fault of the submission",
        where=f"--format {kind}",
        detail=one_line(record.problem.what) if record.problem else "",
        next_step="grade it again",
    )
